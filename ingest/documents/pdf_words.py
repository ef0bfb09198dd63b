"""Words, cells and lines of a PDF page, and how they are read: a power has a caret, cells have a bar between them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from ingest.documents.building import assembled
from ingest.documents.pdf_glyphs import Glyph

#: Characters smaller than this share of their neighbour, and higher, are superscripts.
SMALL = 0.86


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
        return glyph.size < SMALL * self.size and glyph.baseline > self.baseline + 0.15 * self.size

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


def line_text(lines: Sequence[Line]) -> str:
    """Return the words of lines as they stand, a line each."""
    return "\n".join(assembled(line.pieces)[0] for line in lines)
