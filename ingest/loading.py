"""From staged pages to files of the run table: survey, judge, lay out; and what that changes."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow.parquet as pq

from ingest.checkpoint import Part, Staging
from ingest.quality import View, divide, judge, mark
from ingest.quality_rows import NAMES_ONLY
from ingest.quality_survey import DatasetFacts, Survey
from kg.model import Iri
from kg.run_columns import to_hp_columns
from kg.run_files import RunFile
from kg.runs import RunTable

if TYPE_CHECKING:
    from ibis.backends.duckdb import Backend as BaseBackend
    from ibis.expr.types import Table

#: Runs that are judged with all of their columns at hand; of more, on one data set, only what the rules look at.
LARGE_ROWS = 60_000


@dataclass(frozen=True)
class Loaded:
    """Files that are written, and do not count yet."""

    runs: tuple[RunFile, ...] = ()
    quarantine: tuple[RunFile, ...] = ()
    set_aside: Mapping[str, int] = field(default_factory=dict)
    """Quality rule -> scores it set aside."""
    examples: Mapping[str, str] = field(default_factory=dict)
    """Quality rule -> one of its cases: where, and with which figures."""


@dataclass(frozen=True)
class Changes:
    """How rows in use differ from those before."""

    added: int = 0
    updated: int = 0
    unchanged: int = 0
    removed: int = 0


def load_runs(staging: Staging, table: RunTable, source: str, facts: Mapping[Iri, DatasetFacts]) -> Loaded:
    """Judge all runs of a source, group by group, and write them as files of `table`."""
    staging.gather()
    survey = Survey(facts)
    for part in staging.parts():
        survey.add(staging.read(part, _is_surveyed))
    view = View.of(survey)
    written = _Written(table, source)
    for part in staging.parts():
        for kept, aside in _judged(staging, part, view):
            written.add(kept, aside)
    return Loaded(tuple(written.runs), tuple(written.quarantine), dict(written.counts), written.examples)


@dataclass
class _Written:
    """What is written so far."""

    table: RunTable
    source: str
    runs: list[RunFile] = field(default_factory=list)
    quarantine: list[RunFile] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)
    examples: dict[str, str] = field(default_factory=dict)

    def add(self, kept: pd.DataFrame, aside: pd.DataFrame) -> None:
        self.runs += self.table.write("runs", self.source, to_rows(kept, self.source))
        self.quarantine += self.table.write("quarantine", self.source, to_rows(aside, self.source))
        self.counts.update(aside["rule"])
        for row in aside.drop_duplicates("rule").itertuples():
            self.examples.setdefault(str(row.rule), f"{row.locator} ({row.learner}, {row.metric}): {row.reason}")


def _judged(staging: Staging, part: Part, view: View) -> Iterator[tuple[pd.DataFrame, pd.DataFrame]]:
    """Yield the runs of a part, split into those that are evidence and those that are not."""
    if part.rows <= LARGE_ROWS:
        yield judge(staging.read(part), view)
        return
    # A group is judged as a whole; without names and texts, a run takes a tenth of its space.
    marks, start = mark(_narrow(staging, part), view), 0
    for piece in staging.pieces(part):
        yield divide(piece, marks.of(start, start + len(piece)))
        start += len(piece)


def _narrow(staging: Staging, part: Part) -> pd.DataFrame:
    """Return the runs of a part without their names, and with a number of 64 bits in place of each configuration."""
    digests = [pd.util.hash_pandas_object(piece["configuration"], index=False) for piece in staging.pieces(part)]
    frame = staging.read(part, lambda name: name not in (*NAMES_ONLY, "configuration"))
    texts = [name for name in frame.columns if isinstance(frame[name].dtype, pd.StringDtype)]
    return frame.astype(dict.fromkeys(texts, "category")).assign(configuration=pd.concat(digests, ignore_index=True))


def _is_surveyed(column: str) -> bool:
    return column not in (*NAMES_ONLY, "configuration", "standing")


def to_rows(scores: pd.DataFrame, source: str) -> pd.DataFrame:
    """Return scores as rows of the run table: the configuration, JSON text so far, becomes a column a parameter."""
    parts = []
    for _, rows in scores.groupby("learner", sort=True):
        codes, texts = pd.factorize(rows["configuration"])
        columns = to_hp_columns([json.loads(text) for text in texts]).take(codes).set_axis(rows.index)
        parts.append(pd.concat([rows.drop(columns="configuration"), columns], axis=1))
    return (pd.concat(parts) if parts else scores.drop(columns="configuration")).assign(source=source)


def changes(old: Sequence[Path], new: Sequence[Path]) -> Changes:
    """Compare the rows in two sets of files, by run and metric; in DuckDB, so that memory does not grow with them."""
    import ibis

    if not old or not new:
        rows = sum(pq.read_metadata(path).num_rows for path in (*old, *new))
        return Changes(removed=rows) if old else Changes(added=rows)
    connection = ibis.duckdb.connect()
    before, after = (_told(connection, paths) for paths in (old, new))
    both = before.join(after, ["run_id", "metric"], rname="new_{name}")
    same = both.score.identical_to(both.new_score) & both.seconds.identical_to(both.new_seconds)
    counted = both.aggregate(joined=both.count(), same=same.sum()).execute().iloc[0]
    joined, unchanged = int(counted["joined"]), int(counted["same"]) if counted["joined"] else 0
    return Changes(
        added=int(after.count().execute()) - joined,
        updated=joined - unchanged,
        unchanged=unchanged,
        removed=int(before.count().execute()) - joined,
    )


def _told(connection: BaseBackend, paths: Sequence[Path]) -> Table:
    files = [str(path) for path in paths]
    table = connection.read_parquet(files, union_by_name=True, hive_partitioning=False)
    return table.select("run_id", "metric", "score", "seconds")
