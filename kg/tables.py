"""A table that can be learnt from: features, target, kinds of column, task type, and what was noticed on the way.

table = read_table("churn.csv", target="churn")
table.task_type, table.reason      # classification, "the target has 2 distinct values, which are words"
table.warnings                     # ("Column 'id' counts the rows: left out.", ...)
"""

from __future__ import annotations

import difflib
import types
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from kg.column_values import infinite_columns, plain_columns, written_as
from kg.columns import USABLE_KINDS, ColumnKind, column_kinds, usable_columns
from kg.errors import TableError, UnknownNameError
from kg.model import TaskType
from kg.table_files import check_width, read_frame
from kg.targets import plain_target

#: Fewer rows than this cannot be split into folds that say anything: 5 folds need 4 rows each to test on.
MIN_ROWS = 20
#: Names that a target is looked for under where none is given.
TARGET_NAMES = ("target", "class", "label", "y")

#: What is read, by what it is.
_READ_AS = {"numbers": "1234.5", "dates": "2026-03-31"}
_LEFT_OUT = {
    ColumnKind.CONSTANT: "has a single value",
    ColumnKind.TEXT: "holds text that hardly repeats",
    ColumnKind.IDENTIFIER: "names or counts the rows",
}


@dataclass(frozen=True, eq=False)
class Table:
    """A table that can be learnt from.

    Attributes:
        features: All columns but the target; numbers, categories of text, dates. Missing values are NaN, NaN, NaT.
        target: float64 for regression; a category of text for classification, classes in natural order.
        kinds: What each column of `features` is; learners are given those of `columns.USABLE_KINDS`.
        task_type: Classification or regression.
        reason: Why that task type.
        name: The file's stem, or what the caller calls it.
        warnings: What was noticed and done, in words.
    """

    features: pd.DataFrame
    target: pd.Series
    kinds: Mapping[str, ColumnKind]
    task_type: TaskType
    reason: str
    name: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def n_rows(self) -> int:
        """Number of rows."""
        return len(self.target)

    @property
    def target_name(self) -> str:
        """Name of the target column."""
        return str(self.target.name)

    @property
    def frame(self) -> pd.DataFrame:
        """All columns, the target last; `prepare_table` makes the same table of it."""
        # A category would tell `prepare_table` that the source calls the column nominal.
        texts = {name: object for name, kind in self.kinds.items() if kind is ColumnKind.TEXT}
        return self.features.astype(texts).assign(**{self.target_name: self.target})

    @property
    def usable(self) -> tuple[str, ...]:
        """Names of the columns that learners are given."""
        return usable_columns(self.kinds)

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes in order, the last one positive where there are two; empty for regression."""
        if self.task_type is TaskType.REGRESSION:
            return ()
        return tuple(self.target.cat.categories)

    @property
    def encoded_target(self) -> np.ndarray[Any, Any]:
        """The target as learners take it: the position of each row's class in `classes`, or the number itself."""
        if self.task_type is TaskType.REGRESSION:
            return self.target.to_numpy(dtype=float)
        return self.target.cat.codes.to_numpy(dtype=np.int64)


def read_table(path: str | Path, *, target: str | None = None, task_type: TaskType | str | None = None) -> Table:
    """Read and check the table in `path`.

    Args:
        path: CSV, TSV, Parquet or ARFF.
        target: The column to predict; where None, one called target, class, label or y, or else the last one,
            and a warning says which.
        task_type: Where None, it is guessed from the target.

    Raises:
        TableError: The file cannot be read, or nothing can be learnt from the table.
        UnknownNameError: There is no such task type.
    """
    return prepare_table(path, target, task_type)


def prepare_table(source: Any, target: Any = None, task_type: TaskType | str | None = None, *, name: str = "") -> Table:
    """Check `source` and bring it into the form that everything else works with.

    Args:
        source: A path, a DataFrame, a numpy array or a scipy sparse matrix (columns are called x0, x1, ...); a `Table`
            is returned as it is.
        target: Name of the target column; or the target itself, one value for each row of `source`. See `read_table`
            for None.
        task_type: Where None, it is guessed from the target.
        name: What to call the table; a file's stem where it is read from one.

    Raises:
        TableError: Nothing can be learnt from it; names the column or value and what is allowed.
        UnknownNameError: There is no such task type.
    """
    if isinstance(source, Table):
        return source
    if isinstance(source, str | Path):
        name = name or _stem(Path(source))
    frame = _frame(source)
    check_width(frame.shape[1], name or "table")
    frame, target_name, noted = _with_target(frame, target)
    declared = {str(n) for n, dtype in frame.dtypes.items() if isinstance(dtype, pd.CategoricalDtype)}
    frame, lost = plain_columns(frame)
    goal = plain_target(frame[target_name], _known(task_type), min_rows=MIN_ROWS)
    features = frame.drop(columns=target_name).loc[goal.rows].reset_index(drop=True)
    # A column that its source calls nominal (ARFF, a pandas category) is no text, however many values it has.
    kinds = {
        name: ColumnKind.CATEGORICAL if kind is ColumnKind.TEXT and name in declared else kind
        for name, kind in column_kinds(features).items()
    }
    _check_features(features, kinds)
    unread = _unread(features, kinds, declared)
    left_out = _left_out({column: kind for column, kind in kinds.items() if column not in unread})
    return Table(
        features=features,
        target=goal.values,
        kinds=types.MappingProxyType(kinds),
        task_type=goal.task_type,
        reason=goal.reason,
        name=name,
        warnings=(*noted, *lost, *goal.warnings, *unread.values(), *left_out),
    )


def _known(task_type: TaskType | str | None) -> TaskType | None:
    if task_type is not None and task_type not in set(TaskType):
        raise UnknownNameError("task type", str(task_type), TaskType)
    return None if task_type is None else TaskType(task_type)


def _stem(path: Path) -> str:
    return Path(path.stem).stem if path.suffix.lower() == ".gz" else path.stem


def _frame(source: Any) -> pd.DataFrame:
    if isinstance(source, str | Path):
        return read_frame(source)
    if isinstance(source, pd.DataFrame):
        return source.reset_index(drop=True)
    if hasattr(source, "toarray"):  # scipy sparse; dense, because learners and imputers differ in what they take
        source = source.toarray()
    array = np.asarray(source)
    if array.ndim != 2:
        raise TableError(f"The array has {array.ndim} dimensions.", where="table", allowed="2: rows and columns")
    return pd.DataFrame(array, columns=[f"x{i}" for i in range(array.shape[1])]).infer_objects()


def _with_target(frame: pd.DataFrame, target: Any) -> tuple[pd.DataFrame, str, list[str]]:
    frame = frame.rename(columns=str)
    if target is None:
        names = [n for wanted in TARGET_NAMES for n in frame.columns if n.lower() == wanted] or [*frame.columns[-1:]]
        if not names:
            raise TableError("The table has no columns.", where="table", allowed="a target and at least one feature")
        return frame, names[0], [f"No target was named: {names[0]!r} was taken."]
    if isinstance(target, str | int):
        return frame, _existing(frame, str(target)), []
    values = _values(target)
    if len(values) != len(frame):
        raise TableError(f"The target has {len(values)} values.", where="target", allowed=f"{len(frame)}, one a row")
    name = str(values.name or "target")
    if name in frame.columns:
        raise TableError(f"A feature has the target's name {name!r}.", where="target", allowed="a target apart")
    return frame.assign(**{name: values}), name, []


def _values(target: Any) -> pd.Series:
    """Return a target that is not in the table; one column of a table is one, too."""
    if getattr(target, "ndim", 1) == 2 and target.shape[1] == 1:
        target = target.iloc[:, 0] if isinstance(target, pd.DataFrame) else np.asarray(target)[:, 0]
    try:
        return pd.Series(target).reset_index(drop=True)
    except (ValueError, TypeError) as error:
        raise TableError(f"It is no column: {error}", where="target", allowed="one value a row") from error


def _existing(frame: pd.DataFrame, target: str) -> str:
    if target in frame.columns:
        return target
    names = [str(name) for name in frame.columns]
    if len(spaced := [name for name in names if name.strip() == target.strip()]) == 1:  # nobody sees a space at an end
        return spaced[0]
    folded = {name.lower(): name for name in names}
    close = [folded[n] for n in difflib.get_close_matches(target.lower(), folded, n=1, cutoff=0.5)]
    hint = f" Did you mean {close[0]!r}?" if close else ""
    shown = ", ".join(names[:20]) + (f", ... ({len(names)} in all)" if len(names) > 20 else "")
    raise TableError(
        f"There is no column {target!r}.{hint}", where="target", allowed=shown or "the table has no columns"
    )


def _check_features(features: pd.DataFrame, kinds: Mapping[str, ColumnKind]) -> None:
    if features.shape[1] == 0:
        raise TableError("There is no column beside the target.", where="table", allowed="at least one feature")
    if infinite := infinite_columns(features):
        shown = ", ".join(map(repr, infinite[:10])) + (", ..." if len(infinite) > 10 else "")
        raise TableError(f"Infinite values in: {shown}.", where="table", allowed="finite numbers, or missing values")
    if not usable_columns(kinds):
        raise TableError(
            "Nothing can be learnt from the features: all are constant, text or identifiers.",
            where="table",
            allowed="at least one numeric, categorical or date column",
        )


def _unread(features: pd.DataFrame, kinds: Mapping[str, ColumnKind], declared: set[str]) -> dict[str, str]:
    """Return a warning for each column that is numbers or dates to people and not nominal to its source."""
    forms = {column: written_as(features[column]) for column in kinds if column not in declared}
    return {
        column: f"Column {column!r} looks like {form}, but is not written as in {_READ_AS[form]}: "
        f"{'taken as categories' if kinds[column] in USABLE_KINDS else 'left out'}."
        for column, form in forms.items()
        if form
    }


def _left_out(kinds: Mapping[str, ColumnKind]) -> list[str]:
    warnings = []
    for kind, reason in _LEFT_OUT.items():
        names = [name for name, found in kinds.items() if found is kind]
        if len(names) > 5:
            warnings.append(f"{len(names)} columns left out, each {reason}: {', '.join(map(repr, names[:5]))}, ...")
        else:
            warnings += [f"Column {name!r} {reason}: left out." for name in names]
    return warnings
