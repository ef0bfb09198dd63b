"""The tables of reStructuredText: grids, simple ones between rulers of ``=``, lists of lists, comma-separated values.

What they look like: https://docutils.sourceforge.io/docs/ref/rst/restructuredtext.html, section *Tables*, and
https://docutils.sourceforge.io/docs/ref/rst/directives.html, sections *CSV Table* and *List Table*.
"""

from __future__ import annotations

import contextlib
import csv
import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from ingest.documents.building import row_reading
from ingest.documents.model import Edit, squeezed

_GRID = re.compile(r"\s*\+(?:[-=]+\+)+\s*$")
_SIMPLE = re.compile(r"\s*={2,}(?:\s+={2,})+\s*$")
_BARS = re.compile(r"[\s|+-]*")


@dataclass(frozen=True)
class Row:
    """A row of a table."""

    text: str
    """Its lines as they stand, white space squeezed."""
    reading: str
    """Its cells, joined by bars."""
    is_header: bool = False

    @property
    def edits(self) -> tuple[Edit, ...]:
        """The edit that leads from the lines to the cells, where they differ."""
        return () if self.text == self.reading else (Edit(start=0, end=len(self.text), to=self.reading),)


def is_grid_border(line: str) -> bool:
    """Say whether a line is the border of a grid table."""
    return bool(_GRID.match(line))


def is_simple_border(line: str) -> bool:
    """Say whether a line is the ruler of a simple table."""
    return bool(_SIMPLE.match(line))


def grid_rows(lines: Sequence[str], start: int) -> tuple[list[Row], int]:
    """Return the rows of the grid table that begins at line `start`, and the line behind it."""
    end = start
    while end < len(lines) and lines[end].strip()[:1] in ("+", "|"):
        end += 1
    rows: list[Row] = []
    held: list[str] = []
    for line in lines[start:end]:
        if line.strip().startswith("+") and (is_grid_border(line) or _BARS.fullmatch(line)):
            if held:
                rows.append(_grid_row(held, is_header="=" in line and not rows))
            held = []
        else:
            held.append(line)
    if held:
        rows.append(_grid_row(held, is_header=False))
    return rows, end


def _grid_row(lines: Sequence[str], *, is_header: bool) -> Row:
    text = squeezed(" ".join(lines))
    if len(lines) == 1:
        return Row(text, text, is_header)
    bars = [
        n for n, char in enumerate(lines[0]) if char == "|" and all(line[n : n + 1] in ("|", "+") for line in lines)
    ]
    cells = [squeezed(" ".join(line[a + 1 : b] for line in lines)) for a, b in itertools.pairwise(bars)]
    reading = f"| {' | '.join(cells)} |" if cells else text
    return Row(text, reading, is_header)


def simple_rows(lines: Sequence[str], start: int) -> tuple[list[Row], int]:
    """Return the rows of the simple table that begins at line `start`, and the line behind it; none without an end."""
    columns = [match.span() for match in re.finditer(r"=+", lines[start])]
    rulers = [start]
    end = start + 1
    while end < len(lines):
        if is_simple_border(lines[end]):
            rulers.append(end)
            if not lines[end + 1 : end + 2] or not lines[end + 1].strip():
                break
        elif not lines[end].strip() and len(rulers) > 1 and not lines[end + 1 : end + 2]:
            break
        end += 1
    if len(rulers) < 2:
        return [], start
    ends = [begin for begin, _ in columns[1:]] + [max(map(len, lines[start : rulers[-1]])) + 1]
    rows: list[tuple[list[str], bool]] = []
    for at in range(start + 1, rulers[-1]):
        line, is_header = lines[at], len(rulers) > 2 and at < rulers[1]
        if not line.strip() or is_simple_border(line) or re.fullmatch(r"[\s-]+", line):
            continue
        goes_on = rows and rows[-1][1] is is_header and not line[columns[0][0] : ends[0]].strip()
        if goes_on:
            rows[-1][0].append(line)
        else:
            rows.append(([line], is_header))
    spans = [(begin, end) for (begin, _), end in zip(columns, ends, strict=True)]
    return [_simple_row(held, spans, is_header=is_header) for held, is_header in rows], rulers[-1] + 1


def _simple_row(lines: Sequence[str], spans: Sequence[tuple[int, int]], *, is_header: bool) -> Row:
    """Return the row that lines make: one whose first column is blank goes on with the row above it."""
    cells = [squeezed(" ".join(line[begin:end] for line in lines)) for begin, end in spans]
    return Row(squeezed(" ".join(lines)), row_reading(cells), is_header)


_CELL = re.compile(r"(\s*)[*-](\s+)[*-](?:\s|$)")


def list_rows(content: Sequence[str], options: Mapping[str, str]) -> list[Row]:
    """Return the rows of a list of lists.

    Args:
        content: Its lines.
        options: Of the directive: ``header-rows`` says how many rows are the header.
    """
    starts = [at for at, line in enumerate(content) if _CELL.match(line)]
    headers = _count(options.get("header-rows", ""))
    rows = []
    for number, (start, end) in enumerate(itertools.pairwise([*starts, len(content)])):
        lines = content[start:end]
        rows.append(_joined(squeezed(" ".join(lines)), _list_cells(lines), is_header=number < headers))
    return rows


def _list_cells(lines: Sequence[str]) -> list[str]:
    """Return the cells of a row: items at the place of the first one; what is indented more belongs to them."""
    match = _CELL.match(lines[0])
    column = len(match.group(1)) + 1 + len(match.group(2)) if match else 0
    cells = [lines[0][column + 1 :]]
    for line in lines[1:]:
        if line[:column].strip() == "" and line[column : column + 1] in ("-", "*"):
            cells.append(line[column + 1 :])
        else:
            cells[-1] += " " + line
    return [squeezed(cell) for cell in cells]


#: Names that the directive has for separators.
_SEPARATORS = {"tab": "\t", "space": " "}


def csv_rows(content: Sequence[str], options: Mapping[str, str]) -> list[Row]:
    """Return the rows of comma-separated values.

    Args:
        content: Its lines.
        options: Of the directive: ``header`` is a row above the others, ``header-rows`` says how many of them are the
            header, ``delim`` is what separates cells.
    """
    delimiter = _delimiter(options.get("delim", ","))
    headers = _count(options.get("header-rows", ""))
    above = options.get("header", "")
    rows = [_joined(squeezed(above), cells, is_header=True) for cells, _ in _values([above], delimiter) if cells]
    lines = [line.strip() for line in content]
    at = 0
    for number, (cells, end) in enumerate(_values(lines, delimiter)):
        if cells:
            rows.append(_joined(squeezed(" ".join(lines[at:end])), cells, is_header=number < headers))
        at = end
    return rows


def _delimiter(said: str) -> str:
    one = _SEPARATORS.get(said, said[:1])
    return "," if one in ("", '"', "\\") else one


def _values(lines: Sequence[str], delimiter: str) -> list[tuple[list[str], int]]:
    """Return of each row its cells, and the line behind it."""
    spaced = delimiter != " "
    reader = csv.reader((f"{line}\n" for line in lines), delimiter=delimiter, skipinitialspace=spaced)
    found: list[tuple[list[str], int]] = []
    with contextlib.suppress(csv.Error):  # of a cell longer than any: what stands before it is read
        found.extend(([squeezed(cell) for cell in cells], reader.line_num) for cells in reader)
    return found


def _joined(text: str, cells: Sequence[str], *, is_header: bool) -> Row:
    return Row(text, row_reading([cell.replace("|", r"\|") for cell in cells]), is_header)


def _count(text: str) -> int:
    return int(text) if re.fullmatch(r"\d{1,3}", text) else 0
