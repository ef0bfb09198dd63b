"""What each column of a table is: a number, a category, text, ... and what keeps it out of modelling.

The kind is guessed from the values alone (and, for identifiers, the name); the rules are data-independent constants.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from enum import StrEnum

import numpy as np
import pandas as pd

#: A text column has at least this many distinct values, ...
TEXT_MIN_DISTINCT = 30
#: ... and at least this share of its known values are distinct, ...
TEXT_DISTINCT_SHARE = 0.5
#: ... or its values have at least this many words on average.
TEXT_MEAN_WORDS = 5.0
#: A share of distinct values from which a column of words only names its rows.
IDENTIFIER_SHARE = 0.95
#: Below this many rows, being distinct says nothing.
IDENTIFIER_MIN_ROWS = 20

_IDENTIFIER_NAME = re.compile(r"(^|[_\-. ])(id|uuid|guid|index|row_?id|instance_?name|unnamed: 0)$", re.IGNORECASE)


class ColumnKind(StrEnum):
    """What the values of a column are."""

    NUMERIC = "numeric"
    CATEGORICAL = "categorical"
    """Words or truth values from a small set."""
    DATETIME = "datetime"
    TEXT = "text"
    """Words that hardly repeat; no learner of the registry can use them as they are."""
    CONSTANT = "constant"
    """One value, or none at all."""
    IDENTIFIER = "identifier"
    """Names or counts the rows, and so says nothing of new ones."""


#: Kinds that learners are given; columns of the other kinds are left out with a warning.
USABLE_KINDS = frozenset({ColumnKind.NUMERIC, ColumnKind.CATEGORICAL, ColumnKind.DATETIME})


def column_kinds(frame: pd.DataFrame) -> dict[str, ColumnKind]:
    """Return the kind of every column of `frame`, by name, in order."""
    return {str(name): kind_of(frame[name]) for name in frame.columns}


def usable_columns(kinds: Mapping[str, ColumnKind]) -> tuple[str, ...]:
    """Return the names of the columns that learners are given, in order."""
    return tuple(name for name, kind in kinds.items() if kind in USABLE_KINDS)


def kind_of(column: pd.Series) -> ColumnKind:
    """Return what the values of `column` are."""
    if is_constant(column):
        return ColumnKind.CONSTANT
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return ColumnKind.DATETIME
    if pd.api.types.is_bool_dtype(column.dtype):
        return ColumnKind.CATEGORICAL
    if pd.api.types.is_numeric_dtype(column.dtype):
        return ColumnKind.IDENTIFIER if _counts_rows(column) else ColumnKind.NUMERIC
    return _kind_of_words(column)


def is_constant(column: pd.Series) -> bool:
    """Say whether `column` has at most one distinct known value and that value, if any, is never missing.

    A column that is either missing or one value still tells rows apart.
    """
    known = column.dropna()
    if known.empty:
        return True
    values = known.to_numpy()
    same = bool((values == values[0]).all()) if values.dtype != object else len(known.unique()) == 1
    return same and len(known) == len(column)


def _counts_rows(column: pd.Series) -> bool:
    """Say whether whole numbers count the rows: 0, 1, 2, ... or distinct under a name such as ``id``."""
    if len(column) < IDENTIFIER_MIN_ROWS or column.isna().any():
        return False
    values = column.to_numpy(dtype=float)
    if np.all(np.diff(values) == 1):
        return True
    named = bool(_IDENTIFIER_NAME.search(str(column.name)))
    return named and bool(np.all(values == np.floor(values))) and column.nunique() >= IDENTIFIER_SHARE * len(column)


def _kind_of_words(column: pd.Series) -> ColumnKind:
    known = column.dropna().astype(str)
    distinct = known.nunique()
    share = distinct / len(known)
    words = float(np.mean([len(str(text).split()) for text in known.unique()[:1000]]))
    if len(known) >= IDENTIFIER_MIN_ROWS and share >= IDENTIFIER_SHARE and words < TEXT_MEAN_WORDS:
        return ColumnKind.IDENTIFIER
    if distinct >= TEXT_MIN_DISTINCT and (share >= TEXT_DISTINCT_SHARE or words >= TEXT_MEAN_WORDS):
        return ColumnKind.TEXT
    return ColumnKind.CATEGORICAL
