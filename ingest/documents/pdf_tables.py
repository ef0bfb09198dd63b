"""The tables of a PDF page: lines that are cut by wide gaps, one below the other."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from ingest.documents.pdf_words import Line

#: Lines of one cell (a heading within the table, a cell of several lines) that may stand between its rows.
_MOST_BETWEEN = 2
_NUMBER = re.compile(r"(?:[A-Z]|\d{1,2})(?:\.\d{1,2})*\.?|[•‣◦▪–∗·*-]|\(?\w{1,2}[.)]|\[\d+\]")


@dataclass(frozen=True)
class Table:
    """A table, or tables side by side."""

    places: tuple[int, ...]
    """The numbers of its lines."""
    parts: tuple[tuple[Line, ...], ...]
    """Its rows; of tables side by side, those of the left one first."""


def tables_in(lines: Sequence[Line]) -> list[Table]:
    """Return the tables among the lines of a region, from the top."""
    found = []
    at = 0
    while at < len(lines):
        end = _end(lines, at)
        if sum(map(_is_row, lines[at:end])) >= 2:
            found.append(Table(tuple(range(at, end)), tuple(_parts(lines[at:end]))))
            at = end
        else:
            at += 1
    return found


def _is_row(line: Line) -> bool:
    """Say whether a line has several cells; a number or bullet before a text is none."""
    cells = line.segments
    if len(cells) == 2 and _NUMBER.fullmatch(cells[0].text):
        return False
    return len(cells) > 1


def _end(lines: Sequence[Line], start: int) -> int:
    """Return the place behind the last row of the table that begins at `start`; `start` where there is none."""
    if not _is_row(lines[start]):
        return start
    row = lines[start]
    end = at = start + 1
    while at < len(lines) and at - end <= _MOST_BETWEEN:
        if (
            lines[at - 1].baseline - lines[at].baseline > 3 * lines[at].size
            or lines[at].baseline > lines[at - 1].baseline
        ):
            break
        row = lines[at] if _is_row(lines[at]) else row
        if row is lines[at] or (at == end and _goes_on(row, lines[at])):
            end = at + 1
        elif len(lines[at].text) > 60:
            break
        at += 1
    return end


def _goes_on(row: Line, line: Line) -> bool:
    """Say whether a line is a further one of a cell that is not the first of its row."""
    return any(abs(cell.left - line.left) < line.size for cell in row.segments[1:])


def _parts(lines: Sequence[Line]) -> Iterator[tuple[Line, ...]]:
    """Yield the rows of a table, or of several side by side: these have lines of their own, at different heights."""
    while lines:
        beside = next((end for end in range(len(lines), 3, -1) if _gutter(lines[:end]) is not None), 0)
        gutter = _gutter(lines[:beside])
        if gutter is None:
            yield tuple(lines)
            return
        for is_right in (False, True):
            cells = [tuple(c for c in line.segments if (c.left >= gutter) is is_right) for line in lines[:beside]]
            yield tuple(Line(kept, lines[0].page) for kept in cells if kept)
        lines = lines[beside:]


def _gutter(lines: Sequence[Line]) -> float | None:
    """Return what parts tables side by side; None where there is one table only.

    It is crossed by no cell, and lines on one side of it overlap in height with those on the other.
    """
    if not any(above.baseline - below.baseline < 0.8 * below.size for above, below in pairwise(lines)):
        return None
    best: tuple[int, float] | None = None
    for x in sorted({round(cell.left) for line in lines for cell in line.segments})[1:]:
        gutter = x - 1
        if any(cell.left < gutter < cell.right for line in lines for cell in line.segments):
            continue
        left = sum(line.right < gutter and len(line.segments) > 1 for line in lines)
        right = sum(line.left > gutter and len(line.segments) > 1 for line in lines)
        enough = min(left, right) >= 1 and left + right >= max(3, 0.3 * len(lines))
        if enough and (best is None or left + right > best[0]):
            best = (left + right, gutter)
    return best[1] if best else None
