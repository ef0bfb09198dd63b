"""Items as lines of N-Quads, for files that others read."""

from __future__ import annotations

from collections.abc import Iterable

from kg.model import Dataset, Evidence, Run
from kg.rdf_convert import is_shared, to_quads


def nquads(items: Iterable[Dataset | Run | Evidence]) -> tuple[list[str], frozenset[str]]:
    """Return the lines of `items`, each item's in order, and apart from them those of nodes that items share.

    Raises:
        RecordError: An item has no place in the graph.
    """
    own: list[str] = []
    shared: set[str] = set()
    for item in items:
        lines: set[str] = set()
        for quad in to_quads(item):
            (shared if is_shared(quad.subject) else lines).add(f"{quad} .\n")
        own.extend(sorted(lines))
    return own, frozenset(shared)
