"""The processes of one graph, shared by all routes that ask it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from kg.public_mirror import PublicMirror
from kg.rdf_public import PublicCopy
from kg.rdf_store import RdfStore
from ui.sparql.limits import ServiceLimits
from ui.sparql.pool import QueryPool
from ui.sparql.problems import RequestError

if TYPE_CHECKING:
    from ui.compose import Tunegraph

_POOLS: weakref.WeakKeyDictionary[Tunegraph, QueryPool] = weakref.WeakKeyDictionary()
_MUTEX = threading.Lock()


def pool_of(tunegraph: Tunegraph, limits: ServiceLimits) -> QueryPool:
    """Return the pool that answers queries on the graph of `tunegraph`, made with `limits` where there is none yet.

    Raises:
        RequestError: The graph is not one on disk that speaks SPARQL.
        StoreError: It cannot be opened.
    """
    with _MUTEX:
        pool = _POOLS.get(tunegraph)
        if pool is None or pool.is_closed:
            pool = _POOLS[tunegraph] = QueryPool(_folders(tunegraph), limits)
        return pool


def _folders(tunegraph: Tunegraph) -> Callable[[bool], Path]:
    """Return what says in which folder the graph lies: all of it, or what is public of it, brought up to date.

    A graph on a server is copied to files, source by source, and those that have changed are copied again.
    """
    whole, cache = tunegraph.store, tunegraph.settings.home / "cache"
    if not isinstance(whole, RdfStore):
        kept = {
            private: PublicMirror(whole, cache / name, with_private=private)
            for private, name in ((False, "public-graph"), (True, "whole-graph"))
        }
        return lambda private: _path(kept[private].current())
    _path(whole)
    public = PublicCopy(whole, cache / "public-graph")
    return lambda private: _path(whole if private else public.current())


def _path(store: RdfStore) -> Path:
    if store.path is None:
        raise RequestError(
            "This store answers no SPARQL.", status=HTTPStatus.NOT_IMPLEMENTED, allowed="a graph that is not in memory"
        )
    return store.path


def close_pool(tunegraph: Tunegraph) -> None:
    """End the processes of the pool, if there is one."""
    with _MUTEX:
        pool = _POOLS.pop(tunegraph, None)
    if pool is not None:
        pool.close()
