"""The processes of one graph, shared by all routes that ask it."""

from __future__ import annotations

import threading
import weakref
from typing import TYPE_CHECKING

from kg.errors import StoreError
from ui.sparql.limits import ServiceLimits
from ui.sparql.pool import QueryPool

if TYPE_CHECKING:
    from ui.compose import Tunegraph

_POOLS: weakref.WeakKeyDictionary[Tunegraph, QueryPool] = weakref.WeakKeyDictionary()
_MUTEX = threading.Lock()


def pool_of(tunegraph: Tunegraph, limits: ServiceLimits) -> QueryPool:
    """Return the pool that answers queries on the graph of `tunegraph`, made with `limits` where there is none yet.

    Raises:
        StoreError: The graph is not one on disk that speaks SPARQL.
    """
    with _MUTEX:
        pool = _POOLS.get(tunegraph)
        if pool is None or pool.is_closed:
            path = getattr(tunegraph.store, "path", None)
            if path is None:
                raise StoreError("This store answers no SPARQL: only the embedded one on disk does.")
            pool = _POOLS[tunegraph] = QueryPool(path, limits)
        return pool


def close_pool(tunegraph: Tunegraph) -> None:
    """End the processes of the pool, if there is one."""
    with _MUTEX:
        pool = _POOLS.pop(tunegraph, None)
    if pool is not None:
        pool.close()
