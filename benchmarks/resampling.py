"""Run tables of any size, made of the real ones: the same files, learners and data sets, with as many runs as wanted.

A table that must shrink keeps whole data sets, from its head. A table that must grow keeps all of its data sets and
repeats its runs, each copy with scores, costs and fractional hyper-parameters of its own:

- a score moves by a normal draw of `SCORE_JITTER` of its size, seconds and megabytes by a factor of that kind;
- a fractional hyper-parameter shrinks by a share of up to `VALUE_JITTER`, so that it stays inside any bound that it
  kept; whole numbers, words and the grids of PMLB stay.

So there are about as many distinct configurations for the number of runs as a random search has, and repetitions of a
grid under other seeds.
"""

from __future__ import annotations

import csv
import gzip
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import TextIO

import numpy as np
import numpy.typing as npt

SCORE_JITTER = 1e-3
VALUE_JITTER = 1e-2

Rows = list[list[str]]


@dataclass(frozen=True)
class Table:
    """How a table of the data folder is laid out."""

    path: str
    dataset: str
    """Column of the data set."""
    kept: tuple[str, ...] = ()
    """Columns of fractions that a copy leaves as they are: levels of fidelity."""
    scaled: tuple[str, ...] = ()
    """Scores and costs without an upper bound; all others are clipped to [0, `top`]."""
    scores: tuple[str, ...] = ()
    top: float = 1.0

    @property
    def delimiter(self) -> str:
        """What stands between the fields."""
        return "\t" if ".tsv" in self.path else ","


def _rbv2(learner: str) -> Table:
    return Table(
        f"yahpo-derived/rbv2_{learner}.csv.gz",
        "task_id",
        kept=("trainsize",),
        scaled=("logloss", "timetrain", "timepredict", "memory"),
        scores=("acc", "bac", "auc", "brier", "f1"),
    )


#: The tables of runs, in the order of the sources.
TABLES = (
    Table("openml-pimp/adaboost.arff", "task_id", scores=("predictive_accuracy",)),
    Table("openml-pimp/random_forest.arff", "task_id", scores=("predictive_accuracy",)),
    Table("sklearn-bot/svc__area_under_roc_curve.arff", "task_id", scores=("area_under_roc_curve",)),
    Table("sklearn-bot/svc__predictive_accuracy.arff", "task_id", scores=("predictive_accuracy",)),
    Table(
        "pmlb-knowledgebase/sklearn-benchmark5-data-knowledgebase.tsv.gz",
        "dataset",
        scores=("accuracy", "macrof1", "bal_accuracy"),
    ),
    Table(
        "yahpo-derived/lcbench_curves.csv.gz",
        "OpenML_task_id",
        scaled=("time", "val_cross_entropy", "test_cross_entropy"),
        scores=("val_balanced_accuracy", "test_balanced_accuracy", "val_accuracy"),
        top=100.0,
    ),
    _rbv2("rpart"),
    _rbv2("xgboost"),
)


def resample(data: Path, folder: Path, runs: int, *, seed: int = 0) -> int:
    """Write tables with about `runs` runs in all to `folder`, laid out as `data` is, and return how many there are.

    What describes data sets is linked, not copied.
    """
    read = [(table, *_read(data / table.path, table)) for table in TABLES]
    share = runs / sum(len(rows) for _, _, rows in read)
    written, due = 0, 0.0
    for number, (table, head, rows) in enumerate(read):
        names = _names(head, table)
        due += share * len(rows)
        wanted = round(due) - written
        draw = np.random.default_rng([seed, number])
        part = _whole_datasets(rows, names.index(table.dataset), wanted) if share < 1 else rows
        copies = _copies(table, names, part, max(wanted, len(part)) if share >= 1 else len(part), draw)
        written += _write(folder / table.path, head, table, copies)
    _link_the_rest(data, folder)
    return written


def _copies(table: Table, names: Sequence[str], rows: Rows, wanted: int, draw: np.random.Generator) -> Iterator[Rows]:
    """Yield the rows as they are, then changed copies of them, data sets together, until there are `wanted`."""
    at = names.index(table.dataset)
    parts = [list(part) for _, part in groupby(rows, key=lambda row: row[at])]
    for part in parts:
        size = round(wanted * len(part) / len(rows))
        yield part[:size]
        for start in range(len(part), size, len(part)):
            yield _changed(table, names, part[: size - start], draw)


def _changed(table: Table, names: Sequence[str], rows: Rows, draw: np.random.Generator) -> Rows:
    fixed = {table.dataset, *table.kept, "_id", "parameters"}
    columns: list[Sequence[str]] = []
    for name, column in zip(names, zip(*rows, strict=True), strict=True):
        if name in fixed:
            columns.append(column)
        elif name in table.scores or name in table.scaled:
            columns.append(_jittered(column, draw, table.top if name in table.scores else None))
        else:
            columns.append(_shrunk(column, draw))
    return [list(row) for row in zip(*columns, strict=True)]


def _jittered(column: Sequence[str], draw: np.random.Generator, top: float | None) -> Sequence[str]:
    numbers = np.array([float(text or "nan") for text in column])
    moved = numbers * (1 + SCORE_JITTER * draw.standard_normal(len(numbers)))
    bounded = moved if top is None else np.minimum(moved, np.where(numbers > 1, top, 1.0))
    return [f"{new:.8g}" if text else "" for text, new in zip(column, bounded.tolist(), strict=True)]


def _shrunk(column: Sequence[str], draw: np.random.Generator) -> Sequence[str]:
    factors: npt.NDArray[np.float64] = 1 - VALUE_JITTER * draw.random(len(column))
    return [_times(text, factor) for text, factor in zip(column, factors.tolist(), strict=True)]


def _times(text: str, factor: float) -> str:
    """Return a fraction times `factor`; any other text as it is."""
    if "." not in text and "e-" not in text:
        return text
    try:
        number = float(text)
    except ValueError:
        return text
    return text if number.is_integer() else repr(number * factor)


def _whole_datasets(rows: Rows, at: int, wanted: int) -> Rows:
    """Return the first data sets that have `wanted` rows in all; at least one."""
    kept: Rows = []
    for _, part in groupby(rows, key=lambda row: row[at]):
        if kept and len(kept) >= wanted:
            break
        kept.extend(part)
    return kept


def _read(path: Path, table: Table) -> tuple[list[str], Rows]:
    """Return the lines before the records, and the records, sorted so that the runs of a data set lie together."""
    data = path.read_bytes()
    lines = (gzip.decompress(data) if path.suffix == ".gz" else data).decode().splitlines()
    marks = [number for number, line in enumerate(lines) if line.upper().startswith("@DATA")]
    first = marks[0] + 1 if marks else 1
    quote = "'" if marks else '"'
    records = [line for line in lines[first:] if line.strip() and not line.startswith("%")]
    rows = list(csv.reader(records, delimiter=table.delimiter, quotechar=quote))
    head = lines[:first]
    at = _names(head, table).index(table.dataset)
    return head, sorted(rows, key=lambda row: row[at])


def _names(head: Sequence[str], table: Table) -> list[str]:
    attributes = [line.split()[1].strip("'") for line in head if line.upper().startswith("@ATTRIBUTE")]
    return attributes or head[0].split(table.delimiter)


def _write(path: Path, head: Sequence[str], table: Table, parts: Iterable[Rows]) -> int:
    path.parent.mkdir(parents=True, exist_ok=True)
    written = 0
    with _opened(path) as handle:
        handle.write("\n".join([*head, ""]))
        quote = "'" if path.suffix == ".arff" else '"'
        writer = csv.writer(handle, delimiter=table.delimiter, lineterminator="\n", quotechar=quote)
        for rows in parts:
            writer.writerows(rows)
            written += len(rows)
    return written


def _opened(path: Path) -> TextIO:
    if path.suffix == ".gz":
        return gzip.open(path, "wt", compresslevel=1, newline="")
    return path.open("w", newline="")


def _link_the_rest(data: Path, folder: Path) -> None:
    tables = {table.path for table in TABLES}
    for path in data.rglob("*"):
        name = path.relative_to(data).as_posix()
        if path.is_file() and name not in tables:
            link = folder / name
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(path.resolve())
