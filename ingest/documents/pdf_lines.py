"""Characters of a PDF page -> words -> lines, with superscripts, columns and the gaps between cells.

The geometry is measured in ems: the size of the font at hand.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise

from ingest.documents.building import assembled
from ingest.documents.pdf_glyphs import Glyph, GlyphPage

#: Between two characters of a word there is less than this.
_WORD_GAP = 0.13
#: Between two words of a line there is less than this; what is wider separates cells or columns.
_CELL_GAP = 0.95
#: Characters smaller than this share of their neighbour, and higher, are superscripts.
_SMALL = 0.86
#: Lines side by side from which there are columns.
_COLUMN_LINES = 4


@dataclass(frozen=True)
class Word:
    """Characters without a gap."""

    glyphs: tuple[Glyph, ...]

    @cached_property
    def size(self) -> float:
        """Size of the font of its largest character."""
        return max(glyph.size for glyph in self.glyphs)

    @cached_property
    def baseline(self) -> float:
        """Baseline of its largest character."""
        return next(glyph.baseline for glyph in self.glyphs if glyph.size == self.size)

    @property
    def left(self) -> float:
        """Left end."""
        return self.glyphs[0].left

    @cached_property
    def right(self) -> float:
        """Right end."""
        return max(glyph.right for glyph in self.glyphs)

    @cached_property
    def text(self) -> str:
        """Its characters."""
        return "".join(glyph.text for glyph in self.glyphs)

    @cached_property
    def pieces(self) -> tuple[tuple[str, str], ...]:
        """Its characters and how they are read: a power has a caret."""
        raised = [self._is_raised(at) for at in range(len(self.glyphs))]
        pieces: list[tuple[str, str]] = []
        for at, glyph in enumerate(self.glyphs):
            if raised[at] and at and not raised[at - 1] and _is_base("".join(g.text for g in self.glyphs[:at])):
                pieces.append(("", "^"))
            pieces.append((glyph.text, glyph.text))
        return tuple(pieces)

    def _is_raised(self, at: int) -> bool:
        glyph = self.glyphs[at]
        return glyph.size < _SMALL * self.size and glyph.baseline > self.baseline + 0.15 * self.size

    @property
    def is_bold(self) -> bool:
        """Whether most of it is bold."""
        return 2 * sum(glyph.bold for glyph in self.glyphs) > len(self.glyphs)


def _is_base(before: str) -> bool:
    """Say whether a superscript after `before` is a power; after a word it is a footnote."""
    return bool(re.search(r"(?:^|[^A-Za-z0-9.])(?:\d+(?:\.\d+)?|\w|[)\]}])$", before))


@dataclass(frozen=True)
class Segment:
    """Words of a line with no wide gap between them: a line of a column, or a cell."""

    words: tuple[Word, ...]

    @property
    def left(self) -> float:
        """Left end."""
        return self.words[0].left

    @property
    def right(self) -> float:
        """Right end."""
        return self.words[-1].right

    @cached_property
    def pieces(self) -> tuple[tuple[str, str], ...]:
        """Its words, one space between them, and how they are read."""
        found: list[tuple[str, str]] = []
        for word in self.words:
            found += [(" ", " "), *word.pieces] if found else word.pieces
        return tuple(found)

    @cached_property
    def text(self) -> str:
        """Its words, one space between them."""
        return " ".join(word.text for word in self.words)


@dataclass(frozen=True)
class Line:
    """Words on one baseline, left to right, cut at wide gaps."""

    segments: tuple[Segment, ...]
    page: int = 0

    @property
    def words(self) -> tuple[Word, ...]:
        """All its words."""
        return tuple(word for segment in self.segments for word in segment.words)

    @cached_property
    def size(self) -> float:
        """Size of the font of most of its characters."""
        sizes = Counter[float]()
        for word in self.words:
            sizes[round(word.size, 1)] += len(word.glyphs)
        return sizes.most_common(1)[0][0]

    @cached_property
    def baseline(self) -> float:
        """Its baseline."""
        return Counter(round(word.baseline, 1) for word in self.words).most_common(1)[0][0]

    @property
    def left(self) -> float:
        """Left end."""
        return self.segments[0].left

    @property
    def right(self) -> float:
        """Right end."""
        return self.segments[-1].right

    @cached_property
    def text(self) -> str:
        """Its words, one space between them."""
        return " ".join(segment.text for segment in self.segments)

    @property
    def layout(self) -> str:
        """Its segments, three spaces between them."""
        return "   ".join(segment.text for segment in self.segments)

    @property
    def pieces(self) -> tuple[tuple[str, str], ...]:
        """Its words, and how they are read: cells have a bar between them."""
        found: list[tuple[str, str]] = []
        for segment in self.segments:
            found += [(" ", " "), ("", "| "), *segment.pieces] if found else segment.pieces
        return tuple(found)

    @property
    def is_bold(self) -> bool:
        """Whether all of it is bold."""
        return all(word.is_bold for word in self.words if re.search(r"\w", word.text))


@dataclass
class _Row:
    """A line that is being collected."""

    baseline: float
    size: float
    words: list[Word] = field(default_factory=list)


def words_of(glyphs: Iterable[Glyph]) -> list[Word]:
    """Return the words, in the order of the file."""
    words: list[Word] = []
    held: list[Glyph] = []
    for glyph in glyphs:
        if held and (glyph.text.isspace() or not _continues(held[-1], glyph)):
            words.append(Word(tuple(held)))
            held = []
        if not glyph.text.isspace():
            held.append(glyph)
    return [*words, Word(tuple(held))] if held else words


def _continues(before: Glyph, glyph: Glyph) -> bool:
    size = max(before.size, glyph.size)
    if (glyph.left, glyph.right, glyph.baseline) == (before.left, before.right, before.baseline):
        return True  # The second letter of a ligature.
    return (
        -0.5 * size < glyph.left - before.right < _WORD_GAP * size
        and abs(glyph.baseline - before.baseline) < 0.6 * size
        and (abs(glyph.baseline - before.baseline) < 0.1 * size or glyph.size != before.size)
    )


def lines_of(page: GlyphPage) -> list[Line]:
    """Return the lines of a page from the top, across all columns."""
    words = words_of(page.glyphs)
    rows: list[_Row] = []
    small: list[Word] = []
    for word in sorted(words, key=lambda word: (-word.size, -word.baseline)):
        row = _row_of(word, rows)
        if row is not None:
            row.words.append(word)
        elif rows and (near := _raising(word, rows)) is not None:
            small.append(word)
            near.words.append(word)
        else:
            rows.append(_Row(word.baseline, word.size, [word]))
    rows.sort(key=lambda row: -row.baseline)
    return [Line(_segments(_joined(row.words)), page.number) for row in rows]


def _row_of(word: Word, rows: Sequence[_Row]) -> _Row | None:
    """Return the line on whose baseline a word stands."""
    near = [row for row in rows if abs(row.baseline - word.baseline) < 0.2 * row.size]
    return min(near, key=lambda row: abs(row.baseline - word.baseline), default=None)


def _raising(word: Word, rows: Sequence[_Row]) -> _Row | None:
    """Return the line that a small word is a superscript or subscript of: it touches one of its words."""
    for row in rows:
        if not (word.size < _SMALL * row.size and -0.4 * row.size < word.baseline - row.baseline < 0.7 * row.size):
            continue
        if any(-0.3 * row.size < word.left - other.right < 0.3 * row.size for other in row.words):
            return row
    return None


def _joined(words: Iterable[Word]) -> list[Word]:
    """Return words from the left; those without a gap (a number and its power) become one."""
    ordered = sorted(words, key=lambda word: word.left)
    joined: list[Word] = []
    for word in ordered:
        last = joined[-1] if joined else None
        size = max(last.size, word.size) if last else 0.0
        if last and last.size != word.size and -0.3 * size < word.left - last.right < _WORD_GAP * size:
            joined[-1] = Word(last.glyphs + word.glyphs)
        else:
            joined.append(word)
    return joined


def _segments(words: Sequence[Word]) -> tuple[Segment, ...]:
    found: list[list[Word]] = [[words[0]]]
    for before, word in pairwise(words):
        if word.left - before.right > _CELL_GAP * max(before.size, word.size):
            found.append([])
        found[-1].append(word)
    return tuple(Segment(tuple(part)) for part in found)


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


def line_text(lines: Sequence[Line]) -> str:
    """Return the words of lines as they stand, a line each."""
    return "\n".join(assembled(line.pieces)[0] for line in lines)
