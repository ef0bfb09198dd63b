"""Lets an ingestion take effect: run table and graph together, then the passages."""

from __future__ import annotations

from collections.abc import Callable, Container, Mapping
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

from ingest.graph import GraphChanges, graph_changes
from ingest.preparing import Ready
from ingest.report import ItemCounts
from kg.model import Iri, Passage
from kg.passages import PassageTable
from kg.runs import RunTable
from kg.store import KnowledgeStore


@dataclass(frozen=True)
class Made:
    """What became of the items and passages of a source."""

    counts: Mapping[str, ItemCounts]
    """Kind of item, or ``passage`` -> its counts."""
    elsewhere: tuple[Iri, ...] = ()
    """What it says that another source had said first."""


def take_effect(ready: Ready, table: RunTable, store: KnowledgeStore | None, progress: Callable[[str], None]) -> Made:
    """Let the run table, the graph and the passage table hold what a source says now, and nothing else of it.

    Hold the source's lock, and withdraw its note before.

    Raises:
        StoreError: Something cannot be written: then the run table and the graph are as they were.
    """
    progress(f"{ready.source}: writing {len(ready.items):,} items to the graph")
    passages = _passage_counts(table.home, ready)
    # The graph commits last: until it has, the run table can go back.
    with (
        table.replacing(ready.source, ready.manifest),
        nullcontext() if store is None else store.transaction(),
    ):
        changes = graph_changes(store, ready.source, ready.items)
        if store is not None:
            changes.apply(store)
    if passages:
        PassageTable(table.home).write(ready.source, ready.passages)
    return _made(changes, passages)


def would_be(ready: Ready, home: Path, store: KnowledgeStore | None, *, taken: Container[Iri]) -> Made:
    """Return what `take_effect` would do.

    Args:
        ready: What a source says now.
        home: The home whose passage table is looked at.
        store: The graph.
        taken: What other sources will have said first.
    """
    return _made(graph_changes(store, ready.source, ready.items, taken=taken), _passage_counts(home, ready))


def _made(changes: GraphChanges, passages: Mapping[str, ItemCounts]) -> Made:
    return Made({**changes.counts, **passages}, changes.elsewhere)


def _passage_counts(home: Path, ready: Ready) -> dict[str, ItemCounts]:
    """Return the counts of passages under ``passage``; nothing where there are none, now or before."""
    before, now = _passages_before(home, ready.source), {one.iri: one for one in ready.passages}
    if not before and not now:
        return {}
    both = before.keys() & now.keys()
    same = sum(before[iri].text == now[iri].text for iri in both)
    return {
        "passage": ItemCounts(
            added=len(now) - len(both), updated=len(both) - same, unchanged=same, removed=len(before) - len(both)
        )
    }


def _passages_before(home: Path, source: str) -> dict[Iri, Passage]:
    return {one.iri: one for one in PassageTable(home).of(source)}
