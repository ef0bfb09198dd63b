"""The evaluations of one task, lists of several functions joined to runs.

OpenML lists evaluations by function: a run's accuracy stands in one list, its AUC in another, its training time in a
third. The values of a task are kept as columns of numbers (16 bytes each); the rows are read page by page.

Times: OpenML's ``usercpu_time_millis*`` of a run are sums over its folds, the folds' own in ``values``. Seconds are
those of one fit, so the sum is divided by the number of fits. Runs of mlr give seconds under that name (their figures
have R's resolution of 0.001), or do not, depending on the client's release: they are not used.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.records import SCORE_PREFIX
from ingest.sources.openml.files import Files, is_id

_TRAINING, _TESTING, _BOTH = (f"usercpu_time_millis{part}" for part in ("_training", "_testing", ""))
_TIMES = (_TRAINING, _TESTING, _BOTH)
#: Functions whose OpenML name is ours for something else: OpenML's F measure is weighted by class, ours is not.
_NOT_OURS = {"f_measure": "f_measure (weighted by class)"}
#: The lists in whose order runs are met; the others follow by name, times last.
_FIRST = ("predictive_accuracy", "area_under_roc_curve", "root_mean_squared_error", "mean_absolute_error")

#: No score or time is greater; a whole number of a text may be too great for a float.
_GREATEST = 1e300
_NUMBERS: tuple[str, ...] = ("run_id", "setup_id", "flow_id", "data_id")


@dataclass(frozen=True)
class _Column:
    """One number a run."""

    runs: npt.NDArray[np.int64]
    """Ascending, each once."""
    values: npt.NDArray[np.float64]

    @classmethod
    def of(cls, pairs: Iterable[tuple[int, float]]) -> _Column:
        """Return the column of (run, value); of several values of a run the last one stands."""
        known = dict(pairs)
        runs = np.fromiter(known, dtype=np.int64, count=len(known))
        order = np.argsort(runs)
        return cls(runs[order], np.fromiter(known.values(), dtype=np.float64, count=len(known))[order])

    def at(self, runs: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
        """Return the values of `runs`, NaN where there is none."""
        if not len(self.runs):
            return np.full(len(runs), np.nan)
        place = np.minimum(np.searchsorted(self.runs, runs), len(self.runs) - 1)
        return np.where(self.runs[place] == runs, self.values[place], np.nan)


@dataclass(frozen=True)
class RunsPage:
    """The runs that a page of evaluations is the first to have."""

    path: Path
    frame: pd.DataFrame
    """``run_id``, ``setup_id``, ``flow_id``, ``data_id``, ``flow_name``, ``seconds`` and ``score.<function>``."""
    malformed: int = 0
    """Rows without the ids that make them an evaluation."""


class TaskEvaluations:
    """All that is known of the runs on one task.

    Args:
        files: The mirror's files.
        folder: ``evaluations/<task id>`` in the mirror.
        fits: How many fits a run on the task takes: folds x repeats.
    """

    def __init__(self, files: Files, folder: Path, *, fits: int) -> None:
        self._files, self._fits = files, fits
        self._pages = dict(_lists(folder))
        self._columns = {function: _Column.of(self._values(function, paths)) for function, paths in self._pages.items()}

    def pages(self) -> Iterator[RunsPage]:
        """Yield the runs; each once, in the first list and page that has it."""
        seen: set[int] = set()
        for paths in self._pages.values():
            for path in paths:
                rows = self._files.rows(path)
                whole = [row for row in rows if _is_whole(row)]
                new = [row for row in whole if row["run_id"] not in seen]
                new = list({row["run_id"]: row for row in new}.values())
                seen.update(row["run_id"] for row in new)
                yield RunsPage(path, self._joined(new), len(rows) - len(whole))

    def _values(self, function: str, paths: Iterable[Path]) -> Iterator[tuple[int, float]]:
        for path in paths:
            for row in self._files.rows(path):
                if _is_whole(row):
                    yield row["run_id"], self._per_fit(row) if function in _TIMES else _number(row.get("value"))

    def _per_fit(self, row: Mapping[str, Any]) -> float:
        """Return milliseconds of one fit."""
        values = row.get("values")
        folds = [_number(value) for value in values] if isinstance(values, list) else []
        return float(np.mean(folds)) if folds else _number(row.get("value")) / self._fits

    def _joined(self, rows: list[dict[str, Any]]) -> pd.DataFrame:
        frame = pd.DataFrame({name: [row[name] for row in rows] for name in _NUMBERS}, dtype="int64")
        runs = frame["run_id"].to_numpy()
        found = {function: column.at(runs) for function, column in self._columns.items()}
        names = [str(row.get("flow_name") or "") for row in rows]
        scores = {SCORE_PREFIX + _NOT_OURS.get(f, f): found[f] for f in found if f not in _TIMES}
        return frame.assign(flow_name=names, seconds=_training_seconds(found, len(runs)), **scores)


def _training_seconds(found: Mapping[str, npt.NDArray[np.float64]], n: int) -> npt.NDArray[np.float64]:
    """Return seconds of training: as given, else all but testing, else all there is."""
    unknown = np.full(n, np.nan)
    both = found.get(_BOTH, unknown)
    rest = both - np.nan_to_num(found.get(_TESTING, unknown))
    training = found.get(_TRAINING, unknown)
    seconds: npt.NDArray[np.float64] = np.where(np.isnan(training), rest, training) / 1000
    return np.where(seconds < 0, np.nan, seconds)


def _lists(folder: Path) -> list[tuple[str, list[Path]]]:
    """Return the functions of a task with their pages, in the order in which runs are met.

    A list is a folder: ``<function>``, ``<function>.flow-<id>``, and ``.v2`` where it was asked again.
    """
    found: dict[str, list[Path]] = {}
    for path in sorted(folder.glob("*/page-*.json"), key=_by_number):
        found.setdefault(path.parent.name.partition(".")[0], []).append(path)
    return sorted(found.items(), key=lambda pair: (pair[0] in _TIMES, *_rank(pair[0])))


def _rank(function: str) -> tuple[int, str]:
    return (_FIRST.index(function) if function in _FIRST else len(_FIRST), function)


def _by_number(path: Path) -> tuple[str, list[int]]:
    return path.parent.name, [int(part) for part in path.stem.split("-") if part.isdecimal()]


def _is_whole(row: Any) -> bool:
    return isinstance(row, dict) and all(is_id(row.get(name)) for name in _NUMBERS)


def _number(value: Any) -> float:
    is_number = isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < _GREATEST
    return float(value) if is_number else math.nan
