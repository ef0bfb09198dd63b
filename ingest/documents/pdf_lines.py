"""Characters of a PDF page -> words -> lines, cut at the gaps between columns and cells.

The geometry is measured in ems: the size of the font at hand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ingest.documents.pdf_glyphs import Glyph, GlyphPage
from ingest.documents.pdf_words import SMALL, Line, Segment, Word

#: Between two characters of a word there is less than this.
_WORD_GAP = 0.13
#: Between two words of a line there is less than this; what is wider separates cells or columns.
_CELL_GAP = 0.95


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
    for word in sorted(words, key=lambda word: (-word.size, -word.baseline)):
        row = _row_of(word, rows)
        if row is not None:
            row.words.append(word)
        elif rows and (near := _raising(word, rows)) is not None:
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
        if not (word.size < SMALL * row.size and -0.4 * row.size < word.baseline - row.baseline < 0.7 * row.size):
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
