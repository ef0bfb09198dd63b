"""Bring the values of columns into the few forms that the rest works with: float, category of text, datetime.

Every value that cannot be kept is named in a warning.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

import numpy as np
import pandas as pd

from kg.errors import TableError

#: A column of words becomes numeric (or dates) where at least this share of its known values reads as such.
PARSED_SHARE = 0.95

_PLAIN_NUMBER = re.compile(r"\s*[-+]?\d+(\.\d+)?\s*")
#: Numbers as people write them: in thousands, with a decimal comma, with a currency or a percent sign.
_WRITTEN_NUMBER = re.compile(
    r"\s*(?:[€$£¥]|EUR|USD|GBP|CHF)?\s*[-+]?(?:\d+|\d{1,3}(?:[.,'’ \u00a0\u202f]\d{3})+)(?:[.,]\d+)?"  # noqa: RUF001
    r"\s*(?:[€$£¥%]|EUR|USD|GBP|CHF)?\s*"
)
_WRITTEN_DATE = re.compile(
    r"\s*(?:\d{1,2}([./-])\d{1,2}\1\d{2,4}|\d{4}([./])\d{1,2}\2\d{1,2})(?:,?[ T]+\d{1,2}:\d{2}.*)?\s*"
)
#: So many distinct values of a column are looked at to tell how they are written.
_LOOKED_AT = 200
_ISO_DATE = re.compile(r"^\s*\d{4}-\d{1,2}-\d{1,2}([ T]\d{1,2}:\d{2}.*)?\s*$")


def plain_columns(frame: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Return `frame` with plain columns and text names, and what had to be given up, in words.

    Truth values and words become categories of text, whole numbers and decimals numbers, dates datetime64.

    Raises:
        TableError: A column name occurs twice, or a value is of a type that nothing can be learnt from.
    """
    names = [str(name) for name in frame.columns]
    if twice := sorted({name for name in names if names.count(name) > 1}) if len(set(names)) < len(names) else []:
        raise TableError(
            f"Column names occur twice: {', '.join(map(repr, twice))}.",
            where="table",
            allowed="a name of its own for each",
        )
    warnings: list[str] = []
    columns = {}
    for position, name in enumerate(names):
        columns[name], lost = plain_column(frame.iloc[:, position], name)
        warnings += lost
    return pd.DataFrame(columns, index=frame.index), tuple(warnings)


def plain_column(column: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    """Return `column` in its plain form, and what had to be given up, in words.

    Raises:
        TableError: It holds complex numbers.
    """
    if isinstance(column.dtype, pd.SparseDtype):
        column = pd.Series(column.to_numpy(), index=column.index)
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.rename_categories(_texts(column.cat.categories)), []
    if pd.api.types.is_bool_dtype(column.dtype):
        return _categories(column), []
    if pd.api.types.is_numeric_dtype(column.dtype):
        return _numeric(column, name), []
    if pd.api.types.is_datetime64_any_dtype(column.dtype):
        return column, []
    if pd.api.types.is_timedelta64_dtype(column.dtype):
        return pd.Series(column.dt.total_seconds()), []
    return _from_words(column, name)


def _numeric(column: pd.Series, name: str) -> pd.Series:
    if pd.api.types.is_complex_dtype(column.dtype):
        raise TableError("The column holds complex numbers.", where=f"column {name!r}", allowed="real numbers")
    if pd.api.types.is_signed_integer_dtype(column.dtype) and not column.hasnans:
        return column.astype("int64")
    return pd.Series(column.to_numpy(dtype=float, na_value=np.nan), index=column.index)


def infinite_columns(frame: pd.DataFrame) -> tuple[str, ...]:
    """Return the names of the numeric columns that hold infinite values."""
    numeric = frame.select_dtypes("number")
    return tuple(str(name) for name in numeric.columns if np.isinf(numeric[name].to_numpy(dtype=float)).any())


def written_as(column: pd.Series) -> str:
    """Return what the words of a column in plain form are to people: ``numbers``, ``dates``, or nothing.

    What is written as 1.234,50 or 31.03.2026 is not read: a guess which sign is which would be wrong in silence.
    """
    if not isinstance(column.dtype, pd.CategoricalDtype):
        return ""
    words = [str(word) for word in column.cat.categories[:_LOOKED_AT]]
    if _share(words, _PLAIN_NUMBER) < 0.5 and _share(words, _WRITTEN_NUMBER) >= PARSED_SHARE:
        return "numbers"
    return "dates" if _share(words, _WRITTEN_DATE) >= PARSED_SHARE else ""


def _share(words: list[str], pattern: re.Pattern[str]) -> float:
    return sum(bool(pattern.fullmatch(word)) for word in words) / max(1, len(words))


def _from_words(column: pd.Series, name: str) -> tuple[pd.Series, list[str]]:
    known = column.dropna()
    if known.empty:
        return pd.Series(np.nan, index=column.index, dtype=float), []
    if all(isinstance(value, bool) for value in known):
        return _categories(column), []
    numbers = pd.to_numeric(known.where(~known.map(lambda v: isinstance(v, bool))), errors="coerce")
    if numbers.notna().mean() >= PARSED_SHARE:
        return numbers.astype(float).reindex(column.index), _lost(known[numbers.isna()], name, "number")
    if _ISO_DATE.match(str(known.iloc[0])):
        dates = pd.to_datetime(known.astype(str), errors="coerce", format="ISO8601", utc=True)
        if dates.notna().mean() >= PARSED_SHARE:
            return dates.reindex(column.index), _lost(known[dates.isna()], name, "date")
    return _categories(column), []


def _categories(column: pd.Series) -> pd.Series:
    codes, values = pd.factorize(column, sort=False, use_na_sentinel=True)
    texts = _texts(values)
    if len(set(texts)) < len(texts):  # 1 and "1" in one column are one category
        return _categories(pd.Series([None if c < 0 else texts[c] for c in codes], index=column.index, dtype=object))
    order = np.argsort(np.array(texts, dtype=object))
    rank = np.empty(len(order) + 1, dtype=int)
    rank[order], rank[-1] = np.arange(len(order)), -1
    categories = pd.Categorical.from_codes(rank[codes], categories=pd.Index([texts[i] for i in order]))
    return pd.Series(categories, index=column.index)


def _texts(values: Iterable[object]) -> list[str]:
    """Return `values` as text; whole numbers without a decimal point."""
    return [str(int(v)) if isinstance(v, float) and v.is_integer() else str(v) for v in values]


def _lost(values: pd.Series, name: str, wanted: str) -> list[str]:
    if values.empty:
        return []
    examples = ", ".join(repr(value) for value in values.unique()[:3])
    return [f"Column {name!r}: {len(values)} values are no {wanted} and count as missing ({examples})."]
