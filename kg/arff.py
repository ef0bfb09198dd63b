"""Read ARFF, as Weka defines it and as files in the wild have it.

Quoted names and values (either quote, backslash escapes), nominal values with spaces, ``?`` for missing, sparse rows,
string and date attributes, comments anywhere, KEEL's ``@inputs`` and ``real [low, high]``. A quoted ``'?'`` is a
value, not a gap, where the attribute declares it. Format: Weka manual, chapter "ARFF".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from kg.errors import TableError

# What is not quoted runs to the comma and is stripped afterwards: to match the spaces before it takes quadratic time.
_TOKEN = re.compile(r"""\s*(?:(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")\s*|([^,]*))(?:,|$)""", re.DOTALL)
_NAME = re.compile(r"""\s*(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)"|([^\s{]+))\s*(.*)$""", re.DOTALL)
_SPARSE_ENTRY = re.compile(r"""\s*(\d{1,9})\s+(?:('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")\s*|([^,]*))(?:,|$)""")
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)
_NUMERIC = ("numeric", "real", "integer", "float", "double")

#: A cell: its text, or None where it is missing.
Cell = str | None


@dataclass(frozen=True)
class Attribute:
    """A declared column."""

    name: str
    kind: Literal["numeric", "nominal", "string", "date"]
    values: tuple[str, ...] = ()
    """Declared values of a nominal attribute, in order."""


@dataclass(frozen=True, eq=False)
class ArffFile:
    """What an ARFF file holds."""

    relation: str
    attributes: tuple[Attribute, ...]
    frame: pd.DataFrame
    """Numeric columns as float64, nominal ones as categories, strings as objects, dates as datetime64."""


def read_arff(lines: Iterable[str], *, where: str = "ARFF") -> ArffFile:
    """Read an ARFF file from its lines.

    Args:
        lines: The decoded lines, with or without line ends.
        where: What to call the file in errors.

    Raises:
        TableError: The header or a row cannot be read; names the line, the attribute and the value.
    """
    numbered = iter(enumerate(lines, start=1))
    relation, attributes = _read_header(numbered, where)
    rows: list[list[Cell]] = []
    numbers: list[int] = []
    for number, raw in numbered:
        line = raw.strip()
        if line and not line.startswith("%"):
            rows.append(_read_row(line, attributes, where=f"{where}, line {number}"))
            numbers.append(number)
    columns: list[Sequence[Cell]] = list(zip(*rows, strict=True)) if rows else [()] * len(attributes)
    data = {
        index: _column(attribute, cells, numbers, where)
        for index, (attribute, cells) in enumerate(zip(attributes, columns, strict=True))
    }
    frame = pd.DataFrame(data)
    frame.columns = pd.Index([attribute.name for attribute in attributes])
    return ArffFile(relation, attributes, frame)


def _read_header(numbered: Iterator[tuple[int, str]], where: str) -> tuple[str, tuple[Attribute, ...]]:
    relation, attributes = "", []
    for number, raw in numbered:
        line = raw.strip().removeprefix("\ufeff")
        word, _, rest = line.replace("\t", " ", 1).partition(" ")
        match word.lower():
            case "@relation":
                relation = _unquoted(rest.strip())
            case "@attribute":
                attributes.append(_attribute(line[len("@attribute") :], where=f"{where}, line {number}"))
            case "@data":
                if attributes:
                    return relation, tuple(attributes)
                raise TableError("@data comes before any @attribute.", where=f"{where}, line {number}")
            case _ if not line or line.startswith(("%", "@")):
                continue
            case _:
                raise TableError(
                    f"{line[:60]!r} is no header line.",
                    where=f"{where}, line {number}",
                    allowed="@relation, @attribute, @data, or a comment that begins with %",
                )
    raise TableError("The file has no @data line.", where=where, allowed="an ARFF file with @attribute and @data")


def _attribute(text: str, *, where: str) -> Attribute:
    match = _NAME.match(text)
    if match is None:
        raise TableError(f"@attribute{text[:60]!r} has no name.", where=where)
    name = _unescaped(next((group for group in match.groups()[:3] if group is not None), ""))
    declared = match[4].strip()
    if declared.startswith("{"):
        inside = declared[1 : declared.rfind("}")] if "}" in declared else declared[1:]
        return Attribute(name, "nominal", tuple(text for text, _ in _tokens(inside) if text))
    word = re.split(r"[\s\[]", declared.lower(), maxsplit=1)[0]
    if word in _NUMERIC:
        return Attribute(name, "numeric")
    if word == "string":
        return Attribute(name, "string")
    if word == "date":
        return Attribute(name, "date")
    raise TableError(
        f"attribute {name!r} has type {declared[:40]!r}.",
        where=where,
        allowed=f"{', '.join(_NUMERIC)}, string, date, {{...}}",
    )


def _read_row(line: str, attributes: Sequence[Attribute], *, where: str) -> list[Cell]:
    if line.startswith("{"):
        return _sparse_row(line, attributes, where=where)
    if "'" not in line and '"' not in line and "\\" not in line:
        parts = line.split("," if "," in line or "\t" not in line else "\t")
        cells: list[Cell] = [None if (text := part.strip()) in {"?", ""} else text for part in parts]
    else:
        cells = [None if not quoted and text in {"?", ""} else text for text, quoted in _tokens(line.removesuffix(","))]
    if len(cells) == len(attributes) + 1 and cells[-1] is None:
        cells.pop()
    if len(cells) != len(attributes):
        raise TableError(f"The row has {len(cells)} values.", where=where, allowed=f"{len(attributes)} values")
    return [
        None if cell == "?" and attribute.kind != "string" and "?" not in attribute.values else cell
        for cell, attribute in zip(cells, attributes, strict=True)
    ]


def _sparse_row(line: str, attributes: Sequence[Attribute], *, where: str) -> list[Cell]:
    # What a sparse row leaves out is 0: the number, or the first declared value.
    cells: list[Cell] = [a.values[0] if a.values else "0" if a.kind == "numeric" else None for a in attributes]
    inside = line.strip("{} \t")
    position = 0
    while position < len(inside):
        entry = _SPARSE_ENTRY.match(inside, position)
        if entry is None or int(entry[1]) >= len(attributes):
            raise TableError(
                f"{inside[position : position + 40]!r} is no entry of a sparse row.",
                where=where,
                allowed=f"'index value' with an index from 0 to {len(attributes) - 1}",
            )
        text = entry[2] if entry[2] is not None else entry[3].strip()
        cells[int(entry[1])] = None if text in {"?", ""} else _unquoted(text)
        position = entry.end()
    return cells


def _column(attribute: Attribute, cells: Sequence[Cell], lines: Sequence[int], where: str) -> pd.Series:
    if attribute.kind == "numeric":
        return pd.Series(_numbers(attribute, cells, lines, where), dtype=float)
    values: list[Any] = list(cells)
    if attribute.kind == "date":
        return pd.Series(pd.to_datetime(pd.Series(values, dtype=object), errors="coerce", format="ISO8601"))
    if attribute.kind == "string":
        return pd.Series(values, dtype=object)
    # Files in the wild hold values that they do not declare; they are data all the same.
    extra = sorted({cell for cell in cells if cell is not None} - set(attribute.values))
    return pd.Series(pd.Categorical(values, categories=[*dict.fromkeys(attribute.values), *extra]))


def _numbers(attribute: Attribute, cells: Sequence[Cell], lines: Sequence[int], where: str) -> list[float]:
    try:
        return [np.nan if cell is None else float(cell) for cell in cells]
    except ValueError:
        for cell, line in zip(cells, lines, strict=True):
            if cell is not None and not _is_number(cell):
                raise TableError(
                    f"attribute {attribute.name!r} has the value {cell!r}.",
                    where=f"{where}, line {line}",
                    allowed="a number or ?",
                ) from None
        raise


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _tokens(line: str) -> Iterator[tuple[str, bool]]:
    """Yield each value of a comma-separated `line` and whether it was quoted."""
    position = 0
    while position < len(line):
        match = _TOKEN.match(line, position)
        if match is None:  # an unbalanced quote: take the rest up to the comma as it stands
            end = line.find(",", position)
            end = len(line) if end < 0 else end
            yield line[position:end].strip(), False
            position = end + 1
            continue
        single, double, plain = match.groups()
        quoted = plain is None
        yield _unescaped((single if single is not None else double) if quoted else plain.strip()), quoted
        position = match.end()


def _unquoted(text: str) -> str:
    if len(text) >= 2 and text[0] == text[-1] and text[0] in "'\"":
        return _unescaped(text[1:-1])
    return text


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(r"\1", text) if "\\" in text else text
