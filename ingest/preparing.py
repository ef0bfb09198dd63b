"""Reads one source up to the point at which something would take effect: pages, runs, evidence, shapes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from ingest.checkpoint import Staging
from ingest.graph import Item, sound, stamped
from ingest.loading import Changes, Loaded, changes, load_runs
from ingest.normalize import normalize
from ingest.quality_survey import DatasetFacts
from ingest.records import Items, Rejected, Texts
from ingest.report import ItemCounts, SourceReport
from ingest.sources.base import Source
from kg.model import Activity, Dataset, Iri, Passage
from kg.model.base import FrozenMapping
from kg.runs import Manifest, RunTable
from kg.store import KnowledgeStore


@dataclass(frozen=True)
class Found:
    """What a source has beside runs."""

    items: list[Item] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class Ready:
    """All that ingesting a source amounts to; nothing of it has taken effect."""

    source: str
    manifest: Manifest | None
    """What is to count of its runs; None where it has none."""
    rows: Changes
    """How its rows differ from those before."""
    loaded: Loaded
    datasets: tuple[Iri, ...]
    """The data sets that have runs in it."""
    items: tuple[Item, ...]
    """All that the graph is to hold of it."""
    passages: tuple[Passage, ...]
    rejected: tuple[Rejected, ...]
    unmapped: Mapping[str, int]
    """Name without a canonical one -> records that have it."""

    def report(self, items: Mapping[str, ItemCounts]) -> SourceReport:
        """Return what became of the source, given what became of its items by kind."""
        examples = dict(self.loaded.examples)
        for record in self.rejected:
            examples.setdefault(record.reason, f"{record.locator}: {record.detail}")
        return SourceReport(
            source=self.source,
            added=self.rows.added,
            updated=self.rows.updated,
            unchanged=self.rows.unchanged,
            removed=self.rows.removed,
            quarantined=FrozenMapping[str, int](dict(sorted(self.loaded.set_aside.items()))),
            rejected=FrozenMapping[str, int](dict(Counter(record.reason for record in self.rejected))),
            examples=FrozenMapping[str, str](examples),
            unmapped=FrozenMapping[str, int](dict(sorted(self.unmapped.items()))),
            items=FrozenMapping[str, ItemCounts](dict(items)),
        )


@dataclass(frozen=True)
class Preparation:
    """One source, and where it is read to.

    The steps are `collect`, then `ready`; between them, what the source says of data sets can be taken in.
    """

    source: Source
    content: str
    """Digest of all that decides what becomes of its records (`ingest.done.content_of`)."""
    staging: Staging
    table: RunTable
    """The run table as it is."""
    target: RunTable
    """Where files of runs are written to, which do not count yet."""
    store: KnowledgeStore | None
    activity: Activity
    progress: Callable[[str], None]

    def collect(self, folder: Path) -> Found:
        """Read all pages; runs go to the staging area, unless they are there already.

        Raises:
            InputError: A file is not what the source reads.
        """
        found = Found()
        for number, page in enumerate(self.source.read(folder, retrieved=self._day)):
            if isinstance(page, Items):
                found.items.extend(page.items)
                found.unmapped.update(page.unmapped)
            elif isinstance(page, Texts):
                found.passages.extend(page.passages)
            elif not self.staging.has(number):
                self.staging.put(number, normalize(page, self.source))
                self.progress(f"{self.source.name}: {page.file}, {len(page.frame):,} runs more")
            if isinstance(page, Items | Texts):
                found.rejected.extend(page.rejected)
        return found

    def ready(self, found: Found, facts: Mapping[Iri, DatasetFacts], datasets: Iterable[Dataset]) -> Ready:
        """Judge and distil the runs, and hold everything to the shapes of the graph.

        Args:
            found: What was collected.
            facts: What is known of data sets.
            datasets: The data sets, for their names.
        """
        name = self.source.name
        self.progress(f"{name}: judging runs on {len(self.staging.datasets)} data sets")
        loaded = load_runs(self.staging, self.target, name, facts)
        manifest = self._manifest(loaded)
        evidence = self._distilled(manifest, datasets) if manifest is not None else ()
        items, rejected = sound(self.store, tuple(stamped([*found.items, *evidence], self.activity)))
        return Ready(
            source=name,
            manifest=manifest,
            rows=self._difference(loaded),
            loaded=loaded,
            datasets=tuple(Iri(iri) for iri in self.staging.datasets),
            items=tuple(items),
            passages=tuple(stamped(found.passages, self.activity)),
            rejected=(*found.rejected, *self.staging.rejected, *rejected),
            unmapped=found.unmapped + Counter(self.staging.unmapped),
        )

    @property
    def _day(self) -> date:
        return self.activity.started.date()

    def _manifest(self, loaded: Loaded) -> Manifest | None:
        if not loaded.runs and not loaded.quarantine:
            return None
        provenance = self.source.provenance(self._day)
        return Manifest(provenance=provenance, content=self.content, runs=loaded.runs, quarantine=loaded.quarantine)

    def _distilled(self, manifest: Manifest, datasets: Iterable[Dataset]) -> tuple[Item, ...]:
        if self.store is None:
            return ()
        from threadpoolctl import threadpool_limits

        from ingest.distil import distil

        runs = self.target.only(manifest)
        # One thread: sums of floats depend on how many share them, and so would the last digits of fitted figures.
        with threadpool_limits(1):
            return tuple(distil(runs, datasets, retrieved=self._day, progress=self.progress))

    def _difference(self, loaded: Loaded) -> Changes:
        old = self.table.manifest(self.source.name)
        before = [self.table.home / file.path for file in (old.runs if old else ())]
        return changes(before, [self.target.home / file.path for file in loaded.runs])
