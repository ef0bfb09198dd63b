"""Constraints and indexes of the graph in Neo4j, made on first use, and the version of its layout."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kg.errors import StoreError
from kg.neo4j_terms import OWNER, RESOURCE, SOURCE

if TYPE_CHECKING:
    from kg.neo4j_connection import Neo4jConnection, Tx

#: Version of the layout that this code reads and writes; `kg.migrations` brings older ones to it.
LAYOUT_VERSION: Final = 1

_STATEMENTS: Final = (
    f"CREATE CONSTRAINT tunegraph_iri IF NOT EXISTS FOR (n:{RESOURCE}) REQUIRE n.iri IS UNIQUE",
    "CREATE CONSTRAINT tunegraph_source IF NOT EXISTS FOR (n:TunegraphSource) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT tunegraph_store IF NOT EXISTS FOR (n:TunegraphStore) REQUIRE n.name IS UNIQUE",
    f"CREATE INDEX tunegraph_owner IF NOT EXISTS FOR (n:{RESOURCE}) ON (n.{OWNER})",
    f"CREATE INDEX tunegraph_items IF NOT EXISTS FOR (n:{RESOURCE}) ON (n.{SOURCE})",
)
_VERSION = "MATCH (s:TunegraphStore {name: 'store'}) RETURN s.layout AS layout"
_SET_VERSION = "MERGE (s:TunegraphStore {name: 'store'}) SET s.layout = $layout"


def make_ready(connection: Neo4jConnection) -> None:
    """Make an empty database ready for a graph, and hold one that is there to the layout of this version.

    Raises:
        StoreError: The graph has a later layout.
    """
    found = layout_version(connection)
    if found is None:
        for statement in _STATEMENTS:
            connection.run_alone(statement)
        connection.write(lambda tx: tx.run(_SET_VERSION, layout=LAYOUT_VERSION).consume())
        return
    if found != LAYOUT_VERSION:
        raise StoreError(
            f"The graph in {connection.address} has layout {found}, which this version of Tunegraph (layout "
            f"{LAYOUT_VERSION}) does not know: pip install --upgrade tunegraph."
        )


def layout_version(connection: Neo4jConnection) -> int | None:
    """Return the version of the layout of what is there; None in a database that has never held a graph of ours."""

    def read(tx: Tx) -> int | None:
        row = tx.run(_VERSION).single()
        return None if row is None else row["layout"]

    return connection.read(read)
