"""The columns of a PDF page: where it is parted, and its lines in reading order."""

from __future__ import annotations

from collections.abc import Sequence

from ingest.documents.pdf_words import Line

#: Lines side by side from which there are columns.
_COLUMN_LINES = 4


def regions_of(lines: Sequence[Line], width: float) -> list[list[Line]]:
    """Return the lines in reading order: of each part of the page the left column, then the right one.

    Args:
        lines: From the top, across all columns.
        width: Of the page, in points.
    """
    gutter = _gutter(lines, width)
    if gutter is None:
        return [list(lines)]
    regions: list[list[Line]] = []
    left: list[Line] = []
    right: list[Line] = []
    across: list[Line] = []
    for line in lines:
        if any(segment.left < gutter - 2 and segment.right > gutter + 2 for segment in line.segments):
            regions += [part for part in (left, right) if part]
            left, right = [], []
            across.append(line)
            continue
        if across:
            regions.append(across)
            across = []
        for side, column in ((True, left), (False, right)):
            kept = tuple(segment for segment in line.segments if (segment.right <= gutter + 2) is side)
            if kept:
                column.append(Line(kept, line.page))
    return [*regions, *(part for part in (across, left, right) if part)]


def _gutter(lines: Sequence[Line], width: float) -> float | None:
    """Return where the page is parted in two columns of prose; None where it is not."""
    segments = [segment for line in lines for segment in line.segments]
    wide = [segment for segment in segments if 0.25 * width < segment.right - segment.left < 0.52 * width]
    middles = [at * width for at in (0.5, 0.49, 0.51, 0.48, 0.52, 0.47, 0.53)]
    for middle in middles:
        left = [segment for segment in wide if segment.right <= middle + 2]
        right = [segment for segment in wide if segment.left >= middle - 2]
        crossing = [segment for segment in segments if segment.left < middle - 2 and segment.right > middle + 2]
        if min(len(left), len(right)) >= _COLUMN_LINES and len(crossing) < 0.5 * (len(left) + len(right)):
            return middle
    return None
