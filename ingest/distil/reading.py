"""All runs of one learner from one source, left on disk: a first look over them, then some data sets at a time.

What is held in memory grows with a batch, not with the runs: the questions to all of them are asked of the Parquet
files, in Ibis.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ingest.distil.batch import Batch, Scope, spec_of
from ingest.distil.spaces import MOST_CHOICES, Seen, searched_space
from kg.model import METRICS, Dataset, Iri, ParameterValue, Provenance
from kg.run_columns import HP_PREFIX
from kg.runs import RunTable

if TYPE_CHECKING:
    from ibis.expr.types import Table

#: Scores that are looked at together, where data sets are smaller.
BATCH_SCORES = 60_000
#: Scores of one data set that are looked at; of more, a sample is.
MOST_SCORES = 200_000
#: Best runs of each metric that a sample has beside those that were drawn: nothing cites a worse one.
BEST_RUNS = 10


@dataclass(frozen=True)
class LearnerRuns:
    """The runs of `learner` that came from `source`."""

    runs: RunTable
    source: str
    learner: str
    provenance: Provenance
    names: Mapping[Iri, str] = field(default_factory=dict)
    """IRI of a data set -> its name, for people."""

    @cached_property
    def table(self) -> Table:
        """The rows of the run table."""
        return self.runs.table(self.learner, source=self.source)

    @cached_property
    def sizes(self) -> Mapping[Iri, int]:
        """IRI of a data set -> how many scores there are, by IRI."""
        counted = self.table.group_by("dataset").aggregate(n=self.table.count()).order_by("dataset").to_pandas()
        return {Iri(iri): int(n) for iri, n in zip(counted["dataset"], counted["n"], strict=True)}

    @property
    def scores(self) -> int:
        """How many scores there are in all."""
        return sum(self.sizes.values())

    def __getstate__(self) -> dict[str, object]:
        """Return what goes to another process: what was found out, without the connection to ask more."""
        return {name: value for name, value in self.__dict__.items() if name != "table"}

    @cached_property
    def scope(self) -> Scope:
        """What all data sets have in common."""
        first = self.table.filter(self.table.dataset == next(iter(self.sizes)))
        task_type = METRICS[str(first.metric.min().to_pyarrow().as_py())].task_type
        return Scope(
            source=self.source,
            learner=self.learner,
            provenance=self.provenance,
            names=self.names,
            space=searched_space(self._seen(), spec_of(self.learner), task_type),
            samples={iri: _sampling(size) for iri, size in self.sizes.items() if size > MOST_SCORES},
        )

    def parts(self, datasets: Iterable[Iri] | None = None, *, scores: int = BATCH_SCORES) -> Iterator[tuple[Iri, ...]]:
        """Yield `datasets`, or all by IRI, as many together as have about so many scores."""
        part: list[Iri] = []
        held = 0
        for iri in self.sizes if datasets is None else datasets:
            if part and held + self.sizes[iri] > scores:
                yield tuple(part)
                part, held = [], 0
            part.append(iri)
            held += self.sizes[iri]
        if part:
            yield tuple(part)

    def batch(self, datasets: Sequence[Iri]) -> Batch:
        """Read the runs on `datasets`."""
        return Batch.of(self.scope, self.rows(datasets).to_pyarrow())

    def rows(self, datasets: Sequence[Iri]) -> Table:
        """Return the rows on `datasets` that are looked at: all, or a sample where they are more than `MOST_SCORES`."""
        large = [iri for iri in datasets if self.sizes[iri] > MOST_SCORES]
        rows = self.table.filter(self.table.dataset.isin([str(iri) for iri in datasets if iri not in large]))
        for iri in large:
            rows = rows.union(self._sample(iri))
        return rows

    def _sample(self, dataset: Iri) -> Table:
        """Return runs drawn by a digest of their names, so always the same ones, and the best of each metric."""
        rows = self.table.filter(self.table.dataset == dataset)
        share = MOST_SCORES / self.sizes[dataset]
        drawn = rows.run_id.hexdigest("md5") < f"{int(share * 16**12):012x}"
        full = with_gain(rows)
        best = []
        for metric in rows.select("metric").distinct().order_by("metric").to_pyarrow()["metric"].to_pylist():
            ranked = full.filter(full.metric == metric).order_by(full.gain.desc(), "run_id")
            best += ranked.limit(BEST_RUNS).to_pyarrow()["run_id"].to_pylist()
        return rows.filter(drawn | rows.run_id.isin(best))

    def _seen(self) -> dict[str, Seen]:
        """Return what values each hyper-parameter had."""
        columns = [name for name in self.table.columns if name.startswith(HP_PREFIX)]
        if not columns:
            return {}
        asked: dict[str, Any] = {}
        for at, column in enumerate(columns):
            number = self.table[column].try_cast("float64")
            asked |= {f"low{at}": number.min(), f"high{at}": number.max(), f"numbers{at}": number.count()}
            asked |= {f"whole{at}": (number == number.floor()).all(), f"all{at}": self.table[column].count()}
        said = self.table.aggregate(**asked).to_pyarrow().to_pylist()[0]
        seen = {}
        for at, column in enumerate(columns):
            few = _few(self.table, column)
            numbers, known = said[f"numbers{at}"], said[f"all{at}"]
            bounds = (said[f"low{at}"], said[f"high{at}"]) if numbers else None
            whole = bool(said[f"whole{at}"])
            seen[column.removeprefix(HP_PREFIX)] = (
                Seen.of(few) if few is not None else Seen(None, bounds, whole=whole, only_numbers=numbers == known)
            )
        return seen


def learner_runs(
    runs: RunTable, datasets: Iterable[Dataset], *, retrieved: date, sources: Collection[str] | None = None
) -> Iterator[LearnerRuns]:
    """Yield each source (of `sources`, where given) and learner that the run table has rows of, by name."""
    names = {dataset.iri: dataset.name for dataset in datasets}
    for manifest in runs.manifests():
        if sources is not None and manifest.source not in sources:
            continue
        provenance = manifest.provenance.replace(retrieved=retrieved)
        for learner in sorted({file.learner for file in manifest.runs if file.rows}):
            yield LearnerRuns(runs, manifest.source, learner, provenance, names)


def with_gain(rows: Table) -> Table:
    """Return the rows at full fidelity, with their score turned so that greater is better as ``gain``."""
    import ibis

    losses = [name for name, metric in METRICS.items() if not metric.greater_is_better]
    full = rows.filter(rows.fidelity_kind.isnull())  # Ibis, not pandas
    return full.mutate(gain=ibis.ifelse(full.metric.isin(losses), -full.score, full.score))


def _few(table: Table, column: str) -> list[ParameterValue] | None:
    """Return the distinct values of a hyper-parameter; None where they are certainly more than `MOST_CHOICES`."""
    most = 2 * MOST_CHOICES  # one value may be written in two ways, 1 and 1.0
    texts = table.filter(table[column].notnull()).select(column).distinct().limit(most + 1)  # Ibis
    found = texts.to_pyarrow()[column].to_pylist()
    return None if len(found) > most else [json.loads(text) for text in sorted(found)]


def _sampling(size: int) -> str:
    return f"the {BEST_RUNS} best and about {MOST_SCORES:,} of {size:,} scores, drawn by run"
