"""Ingestion: sources -> canonical runs -> quality -> run table, and items -> graph; a whole source at a time.

Each source takes effect at once, when it is complete. An ingestion that is killed leaves the run table as it was, and
the next one goes on with the first page that is missing. A source is not read again while its files, the code that
reads them, and what is known of its data sets are as they were.
"""

from __future__ import annotations

import tempfile
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import TypeAlias

from ingest.checkpoint import Staging
from ingest.done import Done, all_done, content_of, facts_of, read_done, write_done
from ingest.loading import Changes, Loaded, changes, load_runs
from ingest.normalize import normalize
from ingest.quality_survey import UNKNOWN, DatasetFacts
from ingest.records import Items, Rejected, Texts
from ingest.report import IngestReport, SourceReport
from ingest.sources.base import Source
from kg.errors import InputError, RecordError
from kg.model import Dataset, Evidence, Iri, Passage, Run
from kg.model.base import FrozenMapping
from kg.runs import Manifest, RunTable
from kg.store import KnowledgeStore

Progress: TypeAlias = Callable[[str], None]
"""Called with a short text at each step."""


def ingest(
    sources: Iterable[Source],
    folder: Path,
    home: Path,
    *,
    store: KnowledgeStore | None = None,
    retrieved: date | None = None,
    dry_run: bool = False,
    progress: Progress | None = None,
) -> IngestReport:
    """Ingest `sources`, in the order given: data sets should come before the runs on them.

    Args:
        sources: What to read (see `ingest.sources.registry`).
        folder: The data folder that the sources' files are below.
        home: Where the run table, the checkpoints and the rejected records are.
        store: The graph that items go to. Without it, items are only counted and used to judge runs.
        retrieved: The day to put into provenance; today by default.
        dry_run: Whether to leave everything as it is, and only say what would be done.
        progress: Called with a short text at each step.

    Returns:
        What was added, changed, set aside and rejected; a source that cannot be read is reported, and the rest goes on.

    Raises:
        StoreError: The run table or the graph cannot be written.
    """
    with tempfile.TemporaryDirectory(prefix="tunegraph-") as scratch:
        ingestion = _Ingestion(
            folder=Path(folder),
            table=RunTable(home),
            target=RunTable(Path(scratch) if dry_run else home),
            store=store,
            retrieved=retrieved or datetime.now(UTC).date(),
            progress=progress or (lambda _: None),
        )
        if store is not None:
            ingestion.learn(store.datasets())
        for done in all_done(Path(home)):
            ingestion.know(done.described.root)
        return IngestReport(sources=tuple(ingestion.of(source) for source in sources), dry_run=dry_run)


@dataclass(frozen=True)
class _Found:
    """What a source has beside runs."""

    items: list[Dataset | Run | Evidence] = field(default_factory=list)
    passages: list[Passage] = field(default_factory=list)
    rejected: list[Rejected] = field(default_factory=list)
    unmapped: Counter[str] = field(default_factory=Counter)


@dataclass(frozen=True)
class _Ingestion:
    """One call of `ingest`."""

    folder: Path
    table: RunTable
    target: RunTable
    """Where is written to: the same home, or scratch for a dry run."""
    store: KnowledgeStore | None
    retrieved: date
    progress: Progress
    facts: dict[Iri, DatasetFacts] = field(default_factory=dict)
    """What is known of data sets; grows with every source that describes some."""

    def of(self, source: Source) -> SourceReport:
        """Ingest one source."""
        if not source.paths(self.folder):
            return SourceReport(
                source=source.name, problem=f"no file in {self.folder} matches {', '.join(source.files)}"
            )
        with self.target.locked(source.name):
            content = content_of(source, self.folder)
            if (done := self._done(source, content)) is not None:
                self.progress(f"{source.name}: unchanged")
                self.know(done.described.root)
                return done.unchanged_report()
            try:
                return self._read(source, content)
            except (InputError, RecordError) as error:
                return SourceReport(source=source.name, problem=str(error))

    def learn(self, items: Iterable[Dataset | Run | Evidence]) -> dict[Iri, DatasetFacts]:
        """Take in what data sets among `items` are like, and return that."""
        described = {
            item.iri: DatasetFacts.of(item.meta_features)
            for item in items
            if isinstance(item, Dataset) and len(item.meta_features)
        }
        self.know(described)
        return described

    def know(self, described: dict[Iri, DatasetFacts]) -> None:
        """Take in what data sets are like; what is known already fills what is not said."""
        for iri, facts in described.items():
            self.facts[iri] = facts.filled_from(self.facts.get(iri, UNKNOWN))

    def _done(self, source: Source, content: str) -> Done | None:
        """Return what was noted of a source where ingesting it again would change nothing."""
        done = read_done(self.table.home, source.name)
        if done is None or done.content != content or done.facts != facts_of(done.datasets, self.facts):
            return None
        manifest = self.table.manifest(source.name)
        in_place = all((self.table.home / file.path).is_file() for file in (manifest.runs if manifest else ()))
        in_graph = self.store is not None and all(self.store.has(iri) for iri in done.sample)
        return done if in_place and bool(manifest) == bool(done.datasets) and (in_graph or not done.sample) else None

    def _read(self, source: Source, content: str) -> SourceReport:
        staging = Staging(self.target.home / "staging" / source.name, content)
        found = self._collect(source, staging)
        described = self.learn(found.items)
        self.progress(f"{source.name}: judging runs on {len(staging.datasets)} data sets")
        loaded = load_runs(staging, self.target, source.name, self.facts)
        difference = self._difference(source.name, loaded)
        rejected = [*found.rejected, *staging.rejected]
        found.unmapped.update(staging.unmapped)
        report = _report(source.name, difference, loaded, rejected, found).replace(items_unchanged=self.store is None)
        if self.target.home == self.table.home:
            datasets = tuple(Iri(iri) for iri in staging.datasets)
            done = Done(
                content=content,
                facts=facts_of(datasets, self.facts),
                datasets=datasets,
                described=FrozenMapping[Iri, DatasetFacts](described),
                sample=tuple(item.iri for item in (*found.items[:1], *found.items[-1:])),
                report=report,
            )
            self._commit(source, loaded, found, done, rejected)
        staging.clear()
        return report

    def _collect(self, source: Source, staging: Staging) -> _Found:
        """Read all pages; runs go to `staging`, unless they are there already."""
        found = _Found()
        for number, page in enumerate(source.read(self.folder, retrieved=self.retrieved)):
            if isinstance(page, Items):
                found.items.extend(page.items)
                found.rejected.extend(page.rejected)
                found.unmapped.update(page.unmapped)
            elif isinstance(page, Texts):
                found.passages.extend(page.passages)
                found.rejected.extend(page.rejected)
            elif not staging.has(number):
                staging.put(number, normalize(page, source))
                self.progress(f"{source.name}: {page.file}, {len(page.frame):,} runs more")
        return found

    def _difference(self, source: str, loaded: Loaded) -> Changes:
        old = self.table.manifest(source)
        before = [self.table.home / file.path for file in (old.runs if old else ())]
        return changes(before, [self.target.home / file.path for file in loaded.runs])

    def _commit(self, source: Source, loaded: Loaded, found: _Found, done: Done, rejected: Iterable[Rejected]) -> None:
        """Make everything take effect: the graph, the run table, and the note that it is done."""
        if self.store is not None and found.items:
            self.progress(f"{source.name}: adding {len(found.items):,} items to the graph")
            with self.store.transaction():
                self.store.add(found.items)
        if done.datasets or self.table.manifest(source.name) is not None:
            self.target.commit(
                Manifest(
                    provenance=source.provenance(self.retrieved),
                    content=done.content,
                    runs=loaded.runs,
                    quarantine=loaded.quarantine,
                )
            )
        write_done(self.target.home, source.name, done, rejected)


def _report(source: str, difference: Changes, loaded: Loaded, rejected: list[Rejected], found: _Found) -> SourceReport:
    examples = dict(loaded.examples)
    for record in rejected:
        examples.setdefault(record.reason, f"{record.locator}: {record.detail}")
    kinds = Counter(getattr(item, "kind", type(item).__name__.lower()) for item in found.items)
    return SourceReport(
        source=source,
        added=difference.added,
        updated=difference.updated,
        unchanged=difference.unchanged,
        removed=difference.removed,
        quarantined=FrozenMapping[str, int](dict(sorted(loaded.set_aside.items()))),
        rejected=FrozenMapping[str, int](dict(Counter(record.reason for record in rejected))),
        examples=FrozenMapping[str, str](examples),
        unmapped=FrozenMapping[str, int](dict(sorted(found.unmapped.items()))),
        items=FrozenMapping[str, int](dict(sorted(kinds.items()))),
    )
