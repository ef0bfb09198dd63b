"""All runs of the run table as ML-Schema in N-Quads: the terms that the graph has for the runs that evidence cites.

A part of the data sets is in memory at a time. Where the run table's engine is a cluster, its executors make the lines.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

import pandas as pd

from ingest.distil.reading import LearnerRuns
from kg.iris import run_iri
from kg.model import Configuration, Cost, FidelityKind, FidelitySetting, Iri, Run, Standing
from kg.model.base import Value
from kg.rdf_lines import nquads
from kg.run_columns import values_of
from kg.runs import RunTable


class ExportReport(Value):
    """What was written."""

    runs: int
    lines: int

    def to_text(self) -> str:
        """Return the report for people."""
        return f"{self.runs:,} runs in {self.lines:,} quads"


def export_runs(
    runs: RunTable, out: BinaryIO, *, source: str | None = None, progress: Callable[[str], None] | None = None
) -> ExportReport:
    """Write every run in use to `out`, by source, learner, data set and run; the same runs give the same bytes.

    Args:
        runs: The run table.
        out: A file, open for bytes.
        source: Name of the only source wanted.
        progress: Called with what is being done.

    Raises:
        StoreError: A file of runs cannot be read.
    """
    say = progress or (lambda _: None)
    written, lines = 0, 0
    known: set[str] = set()
    for one in _learners(runs, source):
        say(f"Writing {one.scores:,} scores of {one.learner} from {one.source}")
        for n, own, shared in runs.engine.map(lines_of, ((one, part) for part in one.parts())):
            new = sorted(shared - known)
            known.update(new)
            out.writelines(line.encode() for line in (*own, *new))
            written, lines = written + n, lines + len(own) + len(new)
    return ExportReport(runs=written, lines=lines)


def lines_of(runs: LearnerRuns, part: tuple[Iri, ...]) -> tuple[int, list[str], frozenset[str]]:
    """Return how many runs there are on some data sets, their lines, and the lines of what they share."""
    rows = runs.table.filter(runs.table.dataset.isin([str(iri) for iri in part])).to_pyarrow().to_pandas()
    found = list(_runs(runs, rows))
    return len(found), *nquads(found)


def _learners(runs: RunTable, source: str | None) -> Iterator[LearnerRuns]:
    for manifest in runs.manifests():
        if source in (None, manifest.source):
            for learner in sorted({file.learner for file in manifest.runs if file.rows}):
                yield LearnerRuns(runs, manifest.source, learner, manifest.provenance)


def _runs(runs: LearnerRuns, rows: pd.DataFrame) -> Iterator[Run]:
    """Yield the runs of rows, by data set and id."""
    rows = rows.sort_values(["dataset", "run_id", "metric"], ignore_index=True)
    firsts = rows.drop_duplicates("run_id")
    scores = rows.groupby("run_id", sort=False)[["metric", "score"]]
    said = {name: dict(zip(some["metric"], some["score"], strict=True)) for name, some in scores}
    for first, values in zip(firsts.to_dict("records"), values_of(firsts), strict=True):
        yield Run(
            iri=run_iri(first["run_id"]),
            dataset=Iri(first["dataset"]),
            learner=runs.learner,
            configuration=Configuration(values),
            scores={str(metric): float(score) for metric, score in said[first["run_id"]].items()},
            fidelity=_fidelity(first["fidelity_kind"], first["fidelity_value"], first["fidelity_full"]),
            cost=Cost(seconds=_given(first["seconds"]), memory_mb=_given(first["memory_mb"])),
            standing=Standing(first["standing"]),
            provenance=runs.provenance.replace(locator=first["locator"]),
        )


def _fidelity(kind: str | None, value: float, full: float) -> FidelitySetting | None:
    return None if pd.isna(kind) else FidelitySetting(kind=FidelityKind(kind), value=value, full=full)


def _given(value: float | None) -> float | None:
    return None if pd.isna(value) else value
