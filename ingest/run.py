"""Ingestion: sources -> canonical runs -> quality -> run table -> evidence -> graph; a whole source at a time.

    pages --normalise, judge--> files of runs --distil--> evidence --shapes--> what changes in the graph

Up to here nothing has taken effect, and an error leaves everything as it was. Then the run table and the graph change,
both or neither, and passages and the note that the source is done follow (`ingest.done`). An ingestion that is killed
at any point is completed by the next one, which goes on with the first page that is missing. A source is not read again
while its files, the code that reads them, what is known of its data sets, and what the graph has of it stay the same.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TypeAlias

from ingest.checkpoint import Staging
from ingest.done import Done, all_done, content_of, facts_of, read_done, withdraw, write_done
from ingest.effect import Made, take_effect, would_be
from ingest.graph import Item
from ingest.preparing import Preparation, Ready
from ingest.quality_survey import UNKNOWN, DatasetFacts
from ingest.report import IngestReport, SourceReport
from ingest.sources.base import Source, checked_name
from kg.engines import RunEngine
from kg.errors import InputError, RecordError
from kg.model import Activity, Dataset, Iri
from kg.model.base import FrozenMapping
from kg.runs import RunTable
from kg.store import KnowledgeStore
from kg.versions import own_version

#: Folder below the home that raw files are fetched to; they go with their source.
RAW = "raw"

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
    engine: RunEngine | None = None,
) -> IngestReport:
    """Ingest `sources`, in the order given: data sets should come before the runs on them.

    Args:
        sources: What to read (see `ingest.sources.registry`).
        folder: The data folder that the sources' files are below.
        home: Where the run table, the passages, the checkpoints and the rejected records are.
        store: The graph that items and evidence go to. Without it, items are only counted and used to judge runs, and
            nothing is distilled.
        retrieved: The day to put into provenance; the ingestion is then said to have begun with that day, so that the
            same data and day give the same graph. By default it is now.
        dry_run: Whether to leave everything as it is, and only say what would be done.
        progress: Called with a short text at each step.
        engine: What is asked about many runs when they are distilled; DuckDB by default.

    Returns:
        What was added, changed, set aside and rejected; a source that cannot be read is reported, and the rest goes on.

    Raises:
        StoreError: The run table or the graph cannot be written.
    """
    started = datetime.now(UTC) if retrieved is None else datetime.combine(retrieved, time(), UTC)
    with tempfile.TemporaryDirectory(prefix="tunegraph-") as scratch:
        ingestion = _Ingestion(
            folder=Path(folder),
            table=RunTable(home, engine=engine),
            target=RunTable(Path(scratch) if dry_run else home, engine=engine),
            store=store,
            started=started,
            progress=progress or (lambda _: None),
        )
        if store is not None:
            ingestion.learn(store.datasets())
        for done in all_done(Path(home)):
            ingestion.know(done.described.root)
        return IngestReport(sources=tuple(ingestion.of(source) for source in sources), dry_run=dry_run)


@dataclass(frozen=True)
class _Ingestion:
    """One call of `ingest`."""

    folder: Path
    table: RunTable
    target: RunTable
    """Where is written to: the same home, or scratch for a dry run."""
    store: KnowledgeStore | None
    started: datetime
    progress: Progress
    facts: dict[Iri, DatasetFacts] = field(default_factory=dict)
    """What is known of data sets; grows with every source that describes some."""
    datasets: dict[Iri, Dataset] = field(default_factory=dict)
    """The data sets that were met so far."""
    taken: set[Iri] = field(default_factory=set)
    """What earlier sources of a dry run would have said first."""

    def of(self, source: Source) -> SourceReport:
        """Ingest one source."""
        try:
            checked_name(source.name)
            if source.paths(self.folder):
                with self.target.locked(source.name):
                    return self._of(source)
            problem = f"no file in {self.folder} matches {', '.join(source.files)}"
        except (InputError, RecordError) as error:
            problem = str(error)
        return SourceReport(source=source.name, problem=problem)

    def learn(self, items: Iterable[Item]) -> dict[Iri, DatasetFacts]:
        """Take in what data sets among `items` are like, and return that."""
        datasets = [item for item in items if isinstance(item, Dataset)]
        for dataset in datasets:
            self.datasets.setdefault(dataset.iri, dataset)
        described = {one.iri: DatasetFacts.of(one.meta_features) for one in datasets if len(one.meta_features)}
        self.know(described)
        return described

    def know(self, described: dict[Iri, DatasetFacts]) -> None:
        """Take in what data sets are like; what is known already fills what is not said."""
        for iri, facts in described.items():
            self.facts[iri] = facts.filled_from(self.facts.get(iri, UNKNOWN))

    def _of(self, source: Source) -> SourceReport:
        files = source.digest(self.folder)
        content = content_of(source, files)
        if (done := self._done(source, content)) is not None:
            self.progress(f"{source.name}: unchanged")
            self.know(done.described.root)
            return done.report.settled()
        if not self._is_dry:
            withdraw(self.target.home, source.name, raw=self._raw(source))
        staging = Staging(self.target.home / "staging" / source.name, content)
        preparation = Preparation(
            source=source,
            content=content,
            staging=staging,
            table=self.table,
            target=self.target,
            store=self.store,
            activity=self._activity(source, files),
            progress=self.progress,
        )
        found = preparation.collect(self.folder)
        described = self.learn(found.items)
        ready = preparation.ready(found, self.facts, self.datasets.values())
        if self._is_dry:
            made = would_be(ready, self.table.home, self.store, taken=self.taken)
            self.taken.update(item.iri for item in ready.items)
        else:
            made = take_effect(ready, self.target, self.store, self.progress)
            self._note(content, described, ready, made)
            staging.clear()
        return ready.report(made.counts)

    def _done(self, source: Source, content: str) -> Done | None:
        """Return what was noted of a source where ingesting it again would change nothing."""
        done = read_done(self.table.home, source.name)
        if done is None or done.content != content or done.facts != facts_of(done.datasets, self.facts):
            return None
        return done if done.holds_in(self.table.home, self.store) else None

    def _note(self, content: str, described: dict[Iri, DatasetFacts], ready: Ready, made: Made) -> None:
        datasets = ready.datasets
        done = Done(
            content=content,
            facts=facts_of(datasets, self.facts),
            datasets=datasets,
            described=FrozenMapping[Iri, DatasetFacts](described),
            graph=None if self.store is None else self.store.sources().get(ready.source, ""),
            elsewhere=made.elsewhere,
            raw=withdraw(self.target.home, ready.source).raw,
            report=ready.report(made.counts),
        )
        write_done(self.target.home, ready.source, done, ready.rejected)

    @property
    def _is_dry(self) -> bool:
        return self.target.home != self.table.home

    def _activity(self, source: Source, files: str) -> Activity:
        return Activity(
            source=source.name,
            digest=files,
            version=source.version,
            licence=source.licence,
            started=self.started,
            software=f"tunegraph {own_version()}",
        )

    def _raw(self, source: Source) -> tuple[str, ...]:
        """Return what of the source's raw files is below the home, and goes with it."""
        home, folder = self.target.home.resolve(), self.folder.resolve()
        if not folder.is_relative_to(home / RAW):  # what a user put elsewhere stays theirs
            return ()
        own = [folder / source.raw_folder] if source.raw_folder else source.paths(folder)
        return tuple(path.relative_to(home).as_posix() for path in own)
