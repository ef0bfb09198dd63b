"""The files of the AutoML benchmark, of all releases: a line a fold."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from ingest.sources._pages import bounded_lines
from kg.errors import InputError, UnknownNameError
from kg.model import Metric, TaskType, metric_named

#: Columns that every release has; `result` was once to be called `score`.
NEEDED = ("task", "framework", "fold")
RESULTS = ("result", "score")
#: Columns that each hold a score of the fold, by the benchmark's name of the metric -> canonical metric.
SCORES = {
    "acc": "accuracy",
    "auc": "roc_auc",
    "balacc": "balanced_accuracy",
    "logloss": "log_loss",
    "mae": "mae",
    "r2": "r2",
    "rmse": "rmse",
}
TYPES = {"binary": TaskType.CLASSIFICATION, "multiclass": TaskType.CLASSIFICATION, "regression": TaskType.REGRESSION}
_TASK = re.compile(r"(?:https?://)?(?:www\.)?openml\.org/t/(\d+)")


@dataclass(frozen=True)
class Fold:
    """A line of the file that has a result."""

    key: str
    """Of the data set."""
    task: str
    openml_task: int | None
    task_type: TaskType | None
    framework: str
    constraint: str
    scores: Mapping[str, float]
    """Canonical metric -> score, in its own direction."""
    seconds: float | None


def lines_of(path: Path, file: str) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each line and its fields; a line that has too few or too many is read as far as it goes.

    Raises:
        InputError: The file is no CSV of the benchmark.
    """
    allowed = "a results.csv of the AutoML benchmark: id, task, framework, constraint, fold, result, metric, ..."
    try:
        with path.open(encoding="utf-8-sig", newline="") as handle:
            reader = csv.DictReader(bounded_lines(handle, file, allowed=allowed))
            columns = reader.fieldnames or ()
            missing = [name for name in NEEDED if name not in columns]
            if missing or not any(name in columns for name in RESULTS):
                lacking = ", ".join(missing or RESULTS[:1])
                raise InputError(f"It has no column {lacking}.", where=file, allowed=allowed)
            for row in reader:
                fields = {name: (value or "").strip() for name, value in row.items() if isinstance(name, str)}
                yield reader.line_num, fields
    except (UnicodeDecodeError, csv.Error) as error:
        raise InputError(f"It cannot be read: {error}", where=file, allowed=allowed) from error


def fold_of(row: Mapping[str, str], *, default_constraint: str) -> tuple[Fold, str]:
    """Return the fold of a line, without scores where it failed; and the name of its metric where that is unknown."""
    found = _TASK.search(row.get("id", ""))
    task_id = int(found[1]) if found else None
    scores, unknown = _scores(row)
    metric = next(iter(scores), None)
    task_type = TYPES.get(row.get("type", ""), metric_named(metric).task_type if metric else None)
    fold = Fold(
        key=f"openml-task-{task_id}" if task_id is not None else f"amlb-{row['task'] or row.get('id') or 'unnamed'}",
        task=row["task"] or row.get("id") or "unnamed",
        openml_task=task_id,
        task_type=task_type,
        framework=row["framework"] or "unnamed",
        constraint=row.get("constraint") or default_constraint,
        scores=scores,
        seconds=_positive(row.get("training_duration")) or _positive(row.get("duration")),
    )
    return fold, unknown


def _scores(row: Mapping[str, str]) -> tuple[dict[str, float], str]:
    """Return the scores of a line, by canonical metric; none where it has no result. See `fold_of` for the rest."""
    result = next((value for name in RESULTS if (value := _number(row.get(name))) is not None), None)
    if result is None:
        return {}, ""
    found = {canonical: value for name, canonical in SCORES.items() if (value := _number(row.get(name))) is not None}
    named = row.get("metric", "")
    if not named:  # the release of 2019: the result is one of the scores
        return found, "" if found else "not named"
    is_negated = named.startswith("neg_")
    metric = _metric(named.removeprefix("neg_"))
    if metric is None:
        return found, named
    return {**found, metric.name: -result if is_negated else result}, ""


def _metric(name: str) -> Metric | None:
    try:
        return metric_named(SCORES.get(name, name))
    except UnknownNameError:
        return None


def _number(text: str | None) -> float | None:
    try:
        value = float(text or "nan")
    except ValueError:
        return None
    return value if math.isfinite(value) else None


def _positive(text: str | None) -> float | None:
    value = _number(text)
    return value if value is not None and value > 0 else None
