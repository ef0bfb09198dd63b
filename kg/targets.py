"""What a target column asks for: classification or regression, which rows count, and what is wrong with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from kg.column_values import written_as
from kg.errors import TableError
from kg.model import TaskType

#: Whole numbers with at most this many distinct values are classes, ...
MAX_PLAIN_CLASSES = 20
#: ... and up to this many, where they count up without a gap, ...
MAX_COUNTED_CLASSES = 200
#: ... with at least this many rows a class.
MIN_ROWS_A_COUNTED_CLASS = 10
#: A class needs a row to learn from and a row to test on.
MIN_CLASS_ROWS = 2
#: A class of this many rows or fewer is dropped where it is less than this share: learners that stop early (on large
#: tables by default) hold one of its rows back and refuse a class that has no other.
FEW_ROWS, FEW_SHARE = 2, 0.001


@dataclass(frozen=True, eq=False)
class Target:
    """A target that can be learnt.

    Attributes:
        values: float64 or category, index 0, 1, ...
        rows: Which rows of the table it has kept, as a mask.
        task_type: Classification or regression.
        reason: Why that task type.
        warnings: What was dropped, in words.
    """

    values: pd.Series
    rows: np.ndarray[Any, np.dtype[np.bool_]]
    task_type: TaskType
    reason: str
    warnings: tuple[str, ...]


def plain_target(column: pd.Series, task_type: TaskType | None, *, min_rows: int) -> Target:
    """Check the target `column` (in plain form, see `column_values`) and say what it asks for.

    Rows without a target are dropped, and so are classes with one row (two, in a large table), each with a warning.

    Args:
        column: The target.
        task_type: What was asked for; None to guess it (`guess_task_type`).
        min_rows: Fewer rows than this are refused.

    Raises:
        TableError: Too few rows, all missing, one class, infinite values, or `task_type` does not fit the values.
    """
    where = f"target {str(column.name)!r}"
    rows = np.array(column.notna(), dtype=bool)
    if len(rows) and not rows.any():
        raise TableError("All values are missing.", where=where, allowed=f"a known value in at least {min_rows} rows")
    warnings = []
    if dropped := int((~rows).sum()):
        warnings.append(f"{dropped} rows have no target: dropped.")
    _check_rows(int(rows.sum()), len(rows), where, min_rows)
    known = column[rows]
    guessed, reason = guess_task_type(known)
    task_type, reason = (guessed, reason) if task_type is None else (task_type, "it was given")
    if task_type is TaskType.REGRESSION:
        return Target(_numbers(known, where), rows, task_type, reason, tuple(warnings))
    labels = _labels(known, where)
    counts = labels.value_counts()
    few = MIN_CLASS_ROWS if FEW_SHARE * len(labels) <= FEW_ROWS else FEW_ROWS + 1
    rare = counts[counts < few].index
    if len(rare):
        kept = ~labels.isin(rare).to_numpy(dtype=bool)
        warnings.append(
            f"{len(rare)} classes have fewer than {few} rows, too few to be learnt and tested: rows dropped"
            f" ({', '.join(map(repr, sorted(rare)[:5]))}{', ...' if len(rare) > 5 else ''})."
        )
        rows[np.flatnonzero(rows)[~kept]] = False
        labels = labels[kept].cat.remove_unused_categories()
    _check_labels(labels, len(rare), where, min_rows)
    return Target(labels.reset_index(drop=True), rows, task_type, reason, tuple(warnings))


def guess_task_type(known: pd.Series) -> tuple[TaskType, str]:
    """Return the task type that the known values of a target ask for, and why.

    Words, truth values and two values are classes. Fractions are quantities. Whole numbers are classes where they
    are few, or count up without a gap with enough rows each (26 letters coded 0 to 25); otherwise quantities.
    """
    distinct = known.nunique()
    if not pd.api.types.is_numeric_dtype(known.dtype):
        if pd.api.types.is_datetime64_any_dtype(known.dtype):
            raise TableError("The values are dates.", where=f"target {str(known.name)!r}", allowed="numbers or classes")
        return TaskType.CLASSIFICATION, f"the target has {distinct} distinct values, which are words"
    if distinct <= 2:
        return TaskType.CLASSIFICATION, f"the target has {distinct} distinct values"
    values = np.unique(known.to_numpy(dtype=float))
    if not np.all(np.isfinite(values)) or np.any(values != np.floor(values)):
        return TaskType.REGRESSION, f"the target has fractions ({distinct} distinct values)"
    counted = bool(np.all(np.diff(values) == 1)) and distinct <= MAX_COUNTED_CLASSES
    if counted and len(known) >= MIN_ROWS_A_COUNTED_CLASS * distinct:
        return TaskType.CLASSIFICATION, f"the target counts {distinct} classes without a gap"
    if distinct <= MAX_PLAIN_CLASSES and len(known) >= 2 * distinct:
        return TaskType.CLASSIFICATION, f"the target has {distinct} distinct whole numbers"
    return TaskType.REGRESSION, f"the target has {distinct} distinct whole numbers, too many for classes"


def _check_rows(known: int, total: int, where: str, min_rows: int) -> None:
    if known < min_rows:
        gaps = "" if known == total else f" with a known target (of {total})"
        raise TableError(
            f"The table has {known} rows{gaps}.",
            where=where,
            allowed=f"at least {min_rows}: with fewer, no split into folds says anything",
        )


def _numbers(known: pd.Series, where: str) -> pd.Series:
    if not pd.api.types.is_numeric_dtype(known.dtype):
        raise TableError(
            f"The values are words, such as {str(known.iloc[0])!r}.", where=where, allowed="numbers, for regression"
        )
    values = known.to_numpy(dtype=float)
    if np.isinf(values).any():
        raise TableError(f"{int(np.isinf(values).sum())} values are infinite.", where=where, allowed="finite numbers")
    if np.all(values == values[0]):
        raise TableError(f"All values are {values[0]:g}.", where=where, allowed="values that differ")
    return pd.Series(values, name=known.name)


def _labels(known: pd.Series, where: str) -> pd.Series:
    if isinstance(known.dtype, pd.CategoricalDtype):
        labels = known.cat.remove_unused_categories()
        if len(labels.cat.categories) > MAX_PLAIN_CLASSES and (form := written_as(labels)):
            raise TableError(f"The values look like {form}, in words.", where=where, allowed="numbers as in 1234.5")
        return labels
    if not pd.api.types.is_numeric_dtype(known.dtype):
        raise TableError("The values are dates.", where=where, allowed="classes, for classification")
    values = np.unique(known.to_numpy(dtype=float))
    if len(values) > max(MAX_PLAIN_CLASSES, len(known) // 2) or not np.all(np.isfinite(values)):
        raise TableError(
            f"{len(values)} distinct numbers in {len(known)} rows are no classes.",
            where=where,
            allowed="fewer classes, or --task-type regression",
        )
    names = [str(int(v)) if v.is_integer() else repr(float(v)) for v in values]
    codes = np.searchsorted(values, known.to_numpy(dtype=float))
    return pd.Series(pd.Categorical.from_codes(codes, categories=pd.Index(names)), index=known.index, name=known.name)


def _check_labels(labels: pd.Series, rare: int, where: str, min_rows: int) -> None:
    classes = list(labels.cat.categories)
    if len(classes) == 1:
        raise TableError(f"There is one class, {classes[0]!r}.", where=where, allowed="at least two classes")
    if len(labels) < min_rows or (rare and rare >= len(classes) and rare > len(labels) / 10):
        raise TableError(
            f"{rare} of {rare + len(classes)} classes have hardly a row: the column looks like a name.",
            where=where,
            allowed="classes that repeat",
        )
