"""The tables of reStructuredText: grids drawn with bars, and simple ones between rulers of ``=``."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence
from dataclasses import dataclass

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
    rows: list[Row] = []
    body = range(start + 1, rulers[-1])
    for at in body:
        line = lines[at]
        if not line.strip() or is_simple_border(line) or re.fullmatch(r"[\s-]+", line):
            continue
        rows.append(_simple_row(line, columns, is_header=len(rulers) > 2 and at < rulers[1]))
    return rows, rulers[-1] + 1


def _simple_row(line: str, columns: Sequence[tuple[int, int]], *, is_header: bool) -> Row:
    ends = [begin for begin, _ in columns[1:]] + [len(line) + 1]
    cells = [squeezed(line[begin:end]) for (begin, _), end in zip(columns, ends, strict=True)]
    return Row(squeezed(line), " | ".join(cells), is_header)
