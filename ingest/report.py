"""What an ingestion did: source by source, nothing left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from kg.model.base import FrozenMapping, Value


class ItemCounts(Value):
    """What became of the things of one kind that a source says."""

    added: int = 0
    updated: int = 0
    """It says something else of them than before."""
    unchanged: int = 0
    removed: int = 0
    """It does not say them any more."""
    elsewhere: int = 0
    """Another source had said them first, and they are left as it did."""
    cited: int = 0
    """It does not say them any more, but they stay: what another source says refers to them."""

    @property
    def total(self) -> int:
        """How many of what the source says now are in the graph."""
        return self.added + self.updated + self.unchanged + self.elsewhere

    @property
    def changed(self) -> int:
        """How many were added, updated or removed."""
        return self.added + self.updated + self.removed

    def settled(self) -> ItemCounts:
        """Return the counts of the next ingestion, where nothing has changed since."""
        return ItemCounts(
            unchanged=self.added + self.updated + self.unchanged, elsewhere=self.elsewhere, cited=self.cited
        )


class SourceReport(Value):
    """What became of one source. Counts of rows are counts of scores: a run scored by three metrics is three rows."""

    source: str
    added: int = 0
    """Rows that are new in the run table."""
    updated: int = 0
    """Rows whose score, cost or configuration the source has changed."""
    unchanged: int = 0
    """Rows that were there already."""
    removed: int = 0
    """Rows that the source no longer has."""
    quarantined: FrozenMapping[str, int] = FrozenMapping({})
    """Name of the quality rule -> rows it set aside (all of them, not only the new ones)."""
    rejected: FrozenMapping[str, int] = FrozenMapping({})
    """Reason -> records that could not be read, or that broke a shape of the graph."""
    examples: FrozenMapping[str, str] = FrozenMapping({})
    """Rule or reason -> one case in words, with its place and figures."""
    unmapped: FrozenMapping[str, int] = FrozenMapping({})
    """Names of learners, metrics or columns that we have no canonical name for -> records that have them."""
    items: FrozenMapping[str, ItemCounts] = FrozenMapping({})
    """Kind (``dataset``, ``run``, ``study_summary``, ... of the graph; ``passage`` of the passage table) -> its counts.
    Without a graph, all count as unchanged."""
    problem: str = ""
    """Why the source could not be read; empty where it could."""

    @property
    def is_unchanged(self) -> bool:
        """Whether the ingestion changed nothing."""
        changed = self.added + self.updated + self.removed + sum(counts.changed for counts in self.items.values())
        return not (changed or self.problem)

    def settled(self) -> SourceReport:
        """Return the report of the next ingestion, where nothing has changed since."""
        return self.replace(
            added=0,
            updated=0,
            removed=0,
            unchanged=self.added + self.updated + self.unchanged,
            items={kind: counts.settled() for kind, counts in self.items.items() if counts.total or counts.cited},
        )


class IngestReport(Value):
    """What an ingestion did."""

    sources: tuple[SourceReport, ...]
    dry_run: bool = False
    """Whether nothing was written: the counts say what would have been."""

    @property
    def is_unchanged(self) -> bool:
        """Whether the ingestion changed nothing."""
        return all(source.is_unchanged for source in self.sources)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the report as JSON."""
        return self.model_dump_json(indent=indent)

    def to_text(self) -> str:
        """Return the report for people."""
        head = "Nothing was written; this is what would be done.\n" if self.dry_run else ""
        return head + "\n".join(line for source in self.sources for line in _lines(source))


def _said(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{n:,} {_WORDS.get(name, name)}" for name, n in counts.items() if n)


_WORDS = {"elsewhere": "known from another source", "cited": "kept, since another source refers to them"}


def _lines(report: SourceReport) -> Iterator[str]:
    rows = {name: getattr(report, name) for name in ("added", "updated", "unchanged", "removed")}
    yield f"{report.source}: {_said(rows) or 'no'} rows"
    if report.problem:
        yield f"  not read: {report.problem}"
    for kind, counts in report.items.items():
        yield f"  {kind}: {_said(counts.model_dump())}"
    for title, table in (
        ("set aside", report.quarantined),
        ("rejected", report.rejected),
        ("no canonical name", report.unmapped),
    ):
        for name, n in sorted(table.items(), key=lambda pair: -pair[1]):
            example = report.examples.get(name, "")
            yield f"  {title}: {n:,} {name}" + (f", e.g. {example}" if example else "")
