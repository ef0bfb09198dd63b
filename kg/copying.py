"""Copies a graph from one store to another, source by source, and checks that nothing is missing or different.

A source takes effect as a whole. One that the target has already as it should be is skipped, so a copy that was
interrupted is completed by doing it again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from kg.errors import InputError, StoreError
from kg.model import Dataset, Evidence, Iri, Run
from kg.model.base import FrozenMapping, Value
from kg.store import KnowledgeStore

Item = Dataset | Run | Evidence

#: Runs that are read at once.
_CHUNK: Final = 1_000


class CopyReport(Value):
    """What a copy did."""

    copied: FrozenMapping[str, int] = FrozenMapping({})
    """Source -> how many items it has, where the target lacked it or had something else."""
    unchanged: tuple[str, ...] = ()
    """Sources that the target had already."""
    removed: FrozenMapping[str, int] = FrozenMapping({})
    """Source that only the target had -> how many items were taken out."""
    counts: FrozenMapping[str, int] = FrozenMapping({})
    """Kind -> how many items both stores have now."""
    fingerprint: str
    """Of both graphs."""
    compared: int
    """Items that were read from both stores and found equal."""

    def to_text(self) -> str:
        """Return the report for people."""
        lines = [f"copied   {source}: {n:,} items" for source, n in self.copied.items()]
        lines += [f"removed  {source}: {n:,} items" for source, n in self.removed.items()]
        lines += [f"as is    {source}" for source in self.unchanged]
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in self.counts.items() if n)
        lines.append(
            f"Equal: {self.compared:,} items read from both ({kinds or 'none'}); fingerprint {self.fingerprint}."
        )
        return "\n".join(lines)


def copy_graph(
    source: KnowledgeStore,
    target: KnowledgeStore,
    *,
    replace: bool = False,
    progress: Callable[[str], None] | None = None,
) -> CopyReport:
    """Make `target` hold what `source` holds.

    Args:
        source: Is only read.
        target: Is changed, one source at a time.
        replace: Whether what only the target has is taken out.
        progress: Told what is being done.

    Raises:
        InputError: The target has sources of its own, and `replace` is false.
        StoreError: One of them cannot be read or written, changes meanwhile, or they are not equal at the end.
    """
    told = progress or (lambda _: None)
    wanted = source.sources()
    extra = [name for name in target.sources() if name not in wanted]
    if extra and not replace:
        raise InputError(
            f"The target has what is not to be copied: {', '.join(extra)}.",
            where="copy",
            allowed="an empty target, or one with the same sources, or --replace",
        )
    told("Reading the graph")
    items = by_source(all_items(source))
    removed = {name: target.remove_source(name) for name in extra}
    copied: dict[str, int] = {}
    for name, fingerprint in wanted.items():
        # Asked anew each time: an item that moves to another source changes both.
        if target.sources().get(name) != fingerprint:
            batch = items.get(name, {})  # none where the source was taken out just now, which is found below
            told(f"Copying {name}: {len(batch):,} items")
            _put(target, name, batch)
            copied[name] = len(batch)
    if source.sources() != wanted:
        raise StoreError("The graph changed while it was copied. Copy it again: what is there already is skipped.")
    told("Comparing")
    compared = assert_equal(source, target, {iri: item for batch in items.values() for iri, item in batch.items()})
    return CopyReport(
        copied=FrozenMapping[str, int](copied),
        unchanged=tuple(name for name in wanted if name not in copied),
        removed=FrozenMapping[str, int](removed),
        counts=FrozenMapping[str, int](target.counts()),
        fingerprint=target.fingerprint(),
        compared=compared,
    )


def all_items(store: KnowledgeStore) -> Iterator[Item]:
    """Yield every item of a graph."""
    yield from store.datasets()
    yield from store.evidence()
    runs = [iri for name in store.sources() for iri, kind in store.items_of(name).items() if kind == "run"]
    for start in range(0, len(runs), _CHUNK):
        yield from store.runs(runs[start : start + _CHUNK])


def by_source(items: Iterable[Item]) -> dict[str, dict[Iri, Item]]:
    """Return items by source and IRI."""
    found: dict[str, dict[Iri, Item]] = {}
    for item in items:
        found.setdefault(item.provenance.source, {})[item.iri] = item
    return found


def assert_equal(source: KnowledgeStore, target: KnowledgeStore, items: dict[Iri, Item]) -> int:
    """Compare two stores by fingerprint, count and item; return how many items were compared.

    Args:
        source: One store.
        target: The other.
        items: Every item of `source`, by IRI.

    Raises:
        StoreError: They differ; names what.
    """
    if source.sources() != target.sources():
        differing = dict(set(source.sources().items()) ^ set(target.sources().items()))
        raise StoreError(f"The copy is not equal: fingerprints differ for {', '.join(sorted(differing))}.")
    counts = Counter(source.counts()), Counter(target.counts())
    if counts[0] != counts[1]:
        raise StoreError(
            f"The copy is not equal: {counts[0] - counts[1]} are missing, {counts[1] - counts[0]} too many."
        )
    compared = 0
    for item in all_items(target):
        if items.get(item.iri) != item:
            raise StoreError(f"The copy is not equal: {item.iri} is another item there.")
        compared += 1
    if compared != len(items):
        raise StoreError(f"The copy is not equal: {len(items):,} items became {compared:,}.")
    return compared


def _put(target: KnowledgeStore, name: str, items: dict[Iri, Item]) -> None:
    with target.transaction():
        target.remove([iri for iri in target.items_of(name) if iri not in items])
        target.add(items.values())
