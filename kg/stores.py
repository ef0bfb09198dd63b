"""Opens a graph by where it is: a folder (the embedded store), or the URL of a Neo4j database."""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.errors import InputError
from kg.home import graph_path
from kg.migrations import migrate

if TYPE_CHECKING:
    from kg.store import KnowledgeStore

#: Environment variable that names the graph; where it is not set, it is below the user's home.
STORE_VARIABLE: Final = "TUNEGRAPH_STORE"
#: Stands for the graph below the user's home, where a graph is named.
HOME: Final = "home"


def store_named(named: str | None = None) -> str | None:
    """Return the URL of the graph that is used: `named`, else ``$TUNEGRAPH_STORE``; None is the one below the home.

    Raises:
        InputError: It is no URL.
    """
    url = named or os.environ.get(STORE_VARIABLE)
    if not url or url == HOME:
        return None
    if not is_url(url):
        raise InputError(f"{url!r} is no URL.", where=STORE_VARIABLE, allowed="neo4j://host:7687/database, or not set")
    return url


def is_url(where: str) -> bool:
    """Say whether `where` is a URL, not a folder."""
    return "://" in where


def open_graph(
    where: str | None, home: Path, *, new: bool = False, progress: Callable[[str], None] | None = None
) -> KnowledgeStore:
    """Open a graph.

    Args:
        where: A URL, a folder that is the home of a graph, or ``home``; None is ``home``.
        home: The user's home; its graph is made of the starter on first use.
        new: Whether the graph of another folder may be made, empty.
        progress: Told when something takes seconds.

    Raises:
        InputError: There is no such folder, it is no URL of a database, or the driver is not installed.
        StoreError: It cannot be opened.
    """
    if where is not None and is_url(where):
        from kg.neo4j_store import Neo4jStore

        return Neo4jStore.open(where, cache=home / "cache" / "neo4j")
    if where is None or where == HOME:
        from kg.rdf_starter import open_store

        return open_store(home, progress=progress)
    folder = graph_path(Path(where).expanduser().absolute())
    if not new and not folder.is_dir():
        raise InputError("There is no graph.", where=where, allowed=f"the home of a graph, a URL, or {HOME!r}")
    from kg.rdf_store import RdfStore

    with ExitStack() as opened:
        store = opened.enter_context(RdfStore(folder))
        migrate(store)
        opened.pop_all()
    return store
