"""What an ingestion changes in the graph: what a source says now, against what it has said before.

An item that says the same as before stays as it was, with the day and the ingestion that wrote it. What the source does
not say any more goes, unless another source refers to it. A name belongs to the source that used it first: where two
sources describe one data set, the second one leaves it as it is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias, TypeVar, cast

from ingest.records import Rejected
from ingest.report import ItemCounts
from kg.model import Activity, Dataset, Evidence, Iri, Passage, Run
from kg.store import KnowledgeStore, Violation

Item: TypeAlias = Dataset | Run | Evidence
_Stamped = TypeVar("_Stamped", bound=Dataset | Run | Evidence | Passage)

#: Runs of one learner that are held to the shapes; the rest of them only where one of these breaks a shape.
CHECKED_RUNS = 20


@dataclass(frozen=True)
class GraphChanges:
    """What has to be done for the graph to hold what a source says now."""

    add: tuple[Item, ...] = ()
    """What is new, or says something else than before."""
    remove: tuple[Iri, ...] = ()
    """What the source does not say any more."""
    elsewhere: tuple[Iri, ...] = ()
    """What another source has said first."""
    counts: Mapping[str, ItemCounts] = field(default_factory=dict)
    """Kind -> what became of its items."""

    def apply(self, store: KnowledgeStore) -> None:
        """Do it, within the store's open transaction.

        Raises:
            StoreError: The store cannot be written.
        """
        store.remove(self.remove)
        store.add(self.add)


def kind_of(item: Item) -> str:
    """Return the kind of an item as the graph counts it: ``dataset``, ``run``, ``run_summary``, ..."""
    return str(getattr(item, "kind", type(item).__name__.lower()))


def stamped(items: Iterable[_Stamped], activity: Activity) -> Iterator[_Stamped]:
    """Yield `items` (or passages), each saying that it was written by `activity`."""
    for item in items:
        provenance = item.provenance.model_copy(update={"activity": activity})
        yield cast("_Stamped", item.model_copy(update={"provenance": provenance}))


def graph_changes(
    store: KnowledgeStore | None, source: str, items: Iterable[Item], *, taken: Container[Iri] = ()
) -> GraphChanges:
    """Return what has to be done for `store` to hold `items` as all that `source` says.

    Args:
        store: The graph; without it nothing is to be done.
        source: Name of the source.
        items: What it says now; of two with one name, the last counts.
        taken: Names that other sources will have used first, beside those in the graph.
    """
    said = {item.iri: item for item in items}
    if store is None:
        return GraphChanges(counts=_counts((kind_of(item), "unchanged") for item in said.values()))
    before = store.items_of(source)
    stale = [iri for iri in before if iri not in said]
    cited = store.cited(stale, beside=source)
    fates = {iri: _fate(store, item, before, taken) for iri, item in said.items()}
    gone = [(before[iri], "cited" if iri in cited else "removed") for iri in stale]
    return GraphChanges(
        add=tuple(item for iri, item in said.items() if fates[iri] in {"added", "updated"}),
        remove=tuple(iri for iri in stale if iri not in cited),
        elsewhere=tuple(iri for iri, fate in fates.items() if fate == "elsewhere"),
        counts=_counts([*((kind_of(said[iri]), fate) for iri, fate in fates.items()), *gone]),
    )


def sound(store: KnowledgeStore | None, items: Sequence[Item]) -> tuple[list[Item], list[Rejected]]:
    """Return the `items` that break no shape of the graph, and for each other one a record that says why.

    All data sets and evidence are held to the shapes, and of the runs of each learner the first `CHECKED_RUNS`; where
    one of those breaks a shape, all of them. What cites a run that is rejected is rejected, too.
    """
    if store is None:
        return list(items), []
    found = store.violations(_to_check(items))
    runs = {item.iri for item in items if isinstance(item, Run)}
    if any(violation.iri in runs for violation in found):
        found = store.violations(items)
    faults: dict[Iri, list[Violation]] = defaultdict(list)
    for violation in found:
        faults[violation.iri].append(violation)
    rejected = [_rejected(item, faults[item.iri]) for item in items if item.iri in faults]
    kept = [item for item in items if item.iri not in faults]
    orphans = [item for item in kept if any(run in faults for run in getattr(item, "top_runs", ()))]
    rejected += [Rejected(item.provenance.locator, "cites a rejected run", item.iri) for item in orphans]
    lost = {item.iri for item in orphans}
    return [item for item in kept if item.iri not in lost], rejected


def _fate(store: KnowledgeStore, item: Item, before: Container[Iri], taken: Container[Iri]) -> str:
    if item.iri in before:
        return "unchanged" if _says_the_same(store.get(item.iri), item) else "updated"
    return "elsewhere" if item.iri in taken or store.has(item.iri) else "added"


def _says_the_same(old: Item, new: Item) -> bool:
    """Say whether two items differ in nothing but the day and the ingestion that wrote them."""
    read = {"retrieved": old.provenance.retrieved, "activity": old.provenance.activity}
    return bool(old == new.model_copy(update={"provenance": new.provenance.model_copy(update=read)}))


def _to_check(items: Iterable[Item]) -> Iterator[Item]:
    seen: Counter[str] = Counter()
    for item in items:
        if isinstance(item, Run):
            seen[item.learner] += 1
            if seen[item.learner] > CHECKED_RUNS:
                continue
        yield item


def _rejected(item: Item, faults: Sequence[Violation]) -> Rejected:
    what = "; ".join(f"{fault.path or 'it'} is {fault.value!r}: {fault.message}" for fault in faults)
    return Rejected(item.provenance.locator or item.iri, faults[0].message, f"{item.iri}: {what}")


def _counts(fates: Iterable[tuple[str, str]]) -> dict[str, ItemCounts]:
    by_kind: dict[str, Counter[str]] = defaultdict(Counter)
    for kind, fate in fates:
        by_kind[kind][fate] += 1
    return {kind: ItemCounts(**by_kind[kind]) for kind in sorted(by_kind)}
