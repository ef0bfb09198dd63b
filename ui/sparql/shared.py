"""The processes of one graph, shared by all routes that ask it."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Callable
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

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
    """Return what says in which folder the graph lies: all of it, or the public copy, brought up to date."""
    whole = tunegraph.store
    if not isinstance(whole, RdfStore) or whole.path is None:
        raise RequestError(
            "This store answers no SPARQL.", status=HTTPStatus.NOT_IMPLEMENTED, allowed="the embedded store, on disk"
        )
    path, public = whole.path, PublicCopy(whole, tunegraph.settings.home / "cache" / "public-graph")

    def folder(private: bool) -> Path:
        if private:
            return path
        copy = public.current().path
        assert copy is not None  # noqa: S101  # what is on disk is copied to disk
        return copy

    return folder


def close_pool(tunegraph: Tunegraph) -> None:
    """End the processes of the pool, if there is one."""
    with _MUTEX:
        pool = _POOLS.pop(tunegraph, None)
    if pool is not None:
        pool.close()
