"""The functions that every exported study holds a copy of.

They use the standard library, numpy and pandas alone. `recommender.export` copies their source, so that a script reads
a table as `kg.tables` does and needs nothing of this package.
"""

from __future__ import annotations

import gzip
import re
from typing import Any

import numpy as np
import pandas as pd


def as_text(value: Any) -> Any:
    """Return a category as text; whole numbers without a decimal point, gaps as they are."""
    if pd.isna(value):
        return np.nan
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


def as_categories(column: pd.Series) -> pd.Series:
    """Return the column as text, gaps as NaN."""
    return pd.Series([as_text(value) for value in column.astype(object)], index=column.index, dtype=object)


def as_numbers(column: pd.Series) -> pd.Series:
    """Return the column as numbers; what is no number counts as missing."""
    return pd.to_numeric(column, errors="coerce").astype(float)


def as_days(column: pd.Series) -> pd.Series:
    """Return dates as days since 1970."""
    dates = pd.to_datetime(column, errors="coerce", utc=True)
    return (dates - pd.Timestamp("1970-01-01", tz="UTC")) / pd.Timedelta(days=1)


def read_arff(path: str) -> pd.DataFrame:
    """Read an ARFF file: dense or sparse rows, quoted names and values, ``?`` for missing."""
    with open(path, "rb") as file:  # noqa: PTH123
        data = file.read()
    lines = (gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data).decode("utf-8-sig").split("\n")
    header: list[tuple[str, list[str], bool]] = []  # name, declared values, whether numeric
    rows: list[list[str | None]] = []
    in_data = False
    for line in map(str.strip, lines):
        if in_data and line and not line.startswith("%"):
            rows.append(arff_row(line, header))
        elif line.lower().startswith("@attribute"):
            header.append(arff_attribute(line))
        in_data = in_data or line.lower().startswith("@data")
    frame = pd.DataFrame(rows, columns=range(len(header)), dtype=object)
    for index, (_, _, is_number) in enumerate(header):
        frame[index] = pd.to_numeric(frame[index]) if is_number else frame[index]
    frame.columns = pd.Index([name for name, _, _ in header])
    return frame


def arff_attribute(line: str) -> tuple[str, list[str], bool]:
    """Return the name, the declared values and whether it is numeric, of an ``@attribute`` line."""
    pattern = r"""@attribute\s*('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^\s{]+)\s*(.*)"""
    name, kind = re.findall(pattern, line, re.IGNORECASE | re.DOTALL)[0]
    values = [arff_text(text) for text in arff_split(kind.strip()[1:-1])] if kind.startswith("{") else []
    return arff_text(name), values, kind.lower().startswith(("numeric", "real", "integer", "float", "double"))


def arff_row(line: str, header: list[tuple[str, list[str], bool]]) -> list[str | None]:
    """Return the cells of a dense or sparse row, None where missing."""
    sparse = line.startswith("{")
    cells = [values[0] if values else "0" for _, values, _ in header]
    if sparse:
        for entry in filter(None, arff_split(line.strip("{} \t"))):
            index, text = entry.split(maxsplit=1)
            cells[int(index)] = text
    else:
        cells = arff_split(line) if "," in line else line.split("\t")
    plain = [(arff_text(cell), values) for cell, (_, values, _) in zip(cells, header, strict=False)]
    return [None if cell == "" or (cell == "?" and "?" not in values) else cell for cell, values in plain]


def arff_split(line: str) -> list[str]:
    """Return the parts between the commas of a line, but not those in quotes."""
    return [part.strip() for part in re.findall(r"""((?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|[^,])*),""", line + ",")]


def arff_text(text: str) -> str:
    """Return a name or value without its quotes and escapes."""
    text = text.strip()
    is_quoted = len(text) > 1 and text[0] == text[-1] and text[0] in "'\""
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if is_quoted else text


class CalibrationFolds:
    """Three stratified folds for calibrating a classifier that has no probabilities.

    scikit-learn refuses a splitter that has a number of folds above the rows of the rarest class; this one tells none.
    """

    def split(self, features: Any, target: Any, groups: Any = None) -> Any:
        """Return the rows to train and to test on."""
        import warnings

        from sklearn.model_selection import StratifiedKFold

        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
            return list(StratifiedKFold(3, shuffle=True, random_state=0).split(features, target, groups))

    def get_n_splits(self, features: Any = None, target: Any = None, groups: Any = None) -> int:  # noqa: ARG002
        """Return the number of folds."""
        return 3
