"""What an ingestion did: source by source, nothing left out."""

from __future__ import annotations

from collections.abc import Iterator

from kg.model.base import FrozenMapping, Value


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
    """Reason -> records that could not be read."""
    examples: FrozenMapping[str, str] = FrozenMapping({})
    """Rule or reason -> one case in words, with its place and figures."""
    unmapped: FrozenMapping[str, int] = FrozenMapping({})
    """Names of learners, metrics or columns that we have no canonical name for -> records that have them."""
    items: FrozenMapping[str, int] = FrozenMapping({})
    """Kind of graph item (``dataset``, ``study_summary``, ...) -> how many there are."""
    items_unchanged: bool = False
    """Whether no item had to be added to the graph: it held them all, or there is no graph to add to."""
    problem: str = ""
    """Why the source could not be read; empty where it could."""

    @property
    def is_unchanged(self) -> bool:
        """Whether the ingestion changed nothing."""
        items = bool(self.items) and not self.items_unchanged
        return not (self.added or self.updated or self.removed or self.problem or items)


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


def _lines(report: SourceReport) -> Iterator[str]:
    counts = [(report.added, "added"), (report.updated, "updated"), (report.unchanged, "unchanged")]
    counts += [(report.removed, "removed")]
    said = ", ".join(f"{n:,} {what}" for n, what in counts if n) or "no rows"
    yield f"{report.source}: {said}"
    if report.problem:
        yield f"  not read: {report.problem}"
    if report.items:
        state = " (nothing added)" if report.items_unchanged else ""
        yield "  graph: " + ", ".join(f"{n:,} {kind}" for kind, n in report.items.items()) + state
    for title, table in (
        ("set aside", report.quarantined),
        ("rejected", report.rejected),
        ("no canonical name", report.unmapped),
    ):
        for name, n in sorted(table.items(), key=lambda pair: -pair[1]):
            example = report.examples.get(name, "")
            yield f"  {title}: {n:,} {name}" + (f", e.g. {example}" if example else "")
