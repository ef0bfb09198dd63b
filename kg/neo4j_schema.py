"""Constraints and indexes of the graph in Neo4j, made on first use, and notes that a store keeps about itself."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kg.migrations import LAYOUT, NOTE
from kg.neo4j_terms import OWNER, RESOURCE, SOURCE

if TYPE_CHECKING:
    from kg.neo4j_connection import Neo4jConnection, Tx

_STATEMENTS: Final = (
    f"CREATE CONSTRAINT tunegraph_iri IF NOT EXISTS FOR (n:{RESOURCE}) REQUIRE n.iri IS UNIQUE",
    "CREATE CONSTRAINT tunegraph_source IF NOT EXISTS FOR (n:TunegraphSource) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT tunegraph_store IF NOT EXISTS FOR (n:TunegraphStore) REQUIRE n.name IS UNIQUE",
    "CREATE CONSTRAINT tunegraph_note IF NOT EXISTS FOR (n:TunegraphNote) REQUIRE n.name IS UNIQUE",
    f"CREATE INDEX tunegraph_owner IF NOT EXISTS FOR (n:{RESOURCE}) ON (n.{OWNER})",
    f"CREATE INDEX tunegraph_items IF NOT EXISTS FOR (n:{RESOURCE}) ON (n.{SOURCE})",
)
_NOTE: Final = "MATCH (n:TunegraphNote {name: $name}) RETURN n.text AS text"
_KEEP_NOTE: Final = "MERGE (n:TunegraphNote {name: $name}) SET n.text = $text"


def make_ready(connection: Neo4jConnection) -> None:
    """Make constraints and indexes in a database that has never held a graph of ours, and note its layout."""
    if connection.read(lambda tx: read_note(tx, NOTE)) is None:
        for statement in _STATEMENTS:
            connection.run_alone(statement)
        connection.write(lambda tx: keep_note(tx, NOTE, str(LAYOUT)))


def read_note(tx: Tx, name: str) -> str | None:
    """Return what was kept under `name`; None where nothing was."""
    row = tx.run(_NOTE, name=name).single()
    return None if row is None else str(row["text"])


def keep_note(tx: Tx, name: str, text: str) -> None:
    """Keep a text about the store itself."""
    tx.run(_KEEP_NOTE, name=name, text=text).consume()
