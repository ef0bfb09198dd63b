"""A document as a sequence of blocks, whatever format it came in."""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from kg.model.base import Value


class BlockKind(StrEnum):
    """What a block of text is."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    ITEM = "item"
    """An item of a list, or a term with its definition."""
    ROW = "row"
    """A row of a table: cells joined by `` | ``, or, where the document has no cells, its line."""
    CODE = "code"
    CAPTION = "caption"
    COMMENT = "comment"
    """What a reader of the finished page does not see, such as an HTML comment."""
    REFERENCE = "reference"
    """An entry of the bibliography."""


class Edit(Value):
    """A place where what is meant differs from what stands there."""

    start: int
    """First character of `Block.text` that is replaced."""
    end: int
    """The one behind the last; equal to `start` where something is only inserted."""
    to: str
    """What is meant, such as ``^`` before a superscript, or a bar between two cells."""


class Block(Value):
    """A paragraph, an item, a row: the smallest unit that a quote is taken from.

    `text` stands so in the document. `reading` is what a reader sees: there superscripts have a caret (``2^9`` for
    ``29``), the cells of a table have bars between them, and the marks of comments and quotations are gone. Read the
    one, quote the other: `verbatim` finds the words of the document for a part of the reading.
    """

    kind: BlockKind
    text: str
    """Verbatim, runs of white space as one space (of code: line by line)."""
    section: str = ""
    """Headings above it, outermost first, joined by `` > ``."""
    page: int | None = None
    """From 1; None where the format has no pages."""
    header: str = ""
    """For a row: the header row of its table, in the same form. Empty where there is none."""
    caption: str = ""
    """For a row: the caption of its table. Empty where there is none."""
    edits: tuple[Edit, ...] = ()
    """Where `reading` differs from `text`, in order, without overlap."""

    @property
    def reading(self) -> str:
        """What a reader sees; equal to `text` in most blocks."""
        parts, done = [], 0
        for edit in self.edits:
            parts += [self.text[done : edit.start], edit.to]
            done = edit.end
        return "".join((*parts, self.text[done:]))

    @property
    def cells(self) -> tuple[str, ...]:
        """For a row: its cells, from the left; the whole of it where its table has no columns."""
        return cells_of(self.reading)

    def verbatim(self, start: int, end: int) -> str:
        """Return the part of `text` that ``reading[start:end]`` is the reading of."""
        return self.text[self._place(start, last=False) : self._place(end, last=True)].strip()

    def words_for(self, quote: str) -> str | None:
        """Return the words of the document that `quote` is of: its own, or what it is the reading of; None if neither.

        Args:
            quote: Taken from the text or the reading, with any white space.
        """
        if not quote.strip():
            return None
        if squeezed(quote) in squeezed(self.text):
            return quote
        found = re.search(r"\s+".join(re.escape(word) for word in quote.split()), self.reading) if self.edits else None
        return self.verbatim(*found.span()) if found else None

    def _place(self, at: int, *, last: bool) -> int:
        """Return where the character `at` of the reading stands in the text; the outer end of an edit."""
        shift = 0
        for edit in self.edits:
            begins = edit.start + shift
            if at < begins or (last and at == begins):
                break
            if at < begins + len(edit.to) or (last and at == begins + len(edit.to)):
                return edit.end if last else edit.start
            shift += len(edit.to) - (edit.end - edit.start)
        return at - shift


class Document(Value):
    """A document that has been read."""

    name: str
    """File name or arXiv id; what claims and passages call it."""
    title: str = ""
    blocks: tuple[Block, ...]
    text: str
    """All of it, as extracted: a quote must stand in here, runs of white space taken as one space."""
    layout: str = ""
    """For a PDF: its lines with columns kept apart by spaces, in which the rows of tables hold together."""
    licence: str = ""
    url: str = ""
    version: str = ""
    """Digest of the file."""
    problems: tuple[tuple[str, str], ...] = ()
    """What of it could not be read: (reason, detail); reasons are few and stable, to be counted by."""

    def quotes(self, words: str) -> bool:
        """Say whether `words` stand in the document, runs of white space taken as one space."""
        wanted = squeezed(words)
        return bool(wanted) and (wanted in _whole(self.text) or wanted in _whole(self.layout))


@lru_cache(maxsize=8)
def _whole(text: str) -> str:
    """Return `squeezed(text)` of a document, which is asked for again and again."""
    return squeezed(text)


def cells_of(row: str) -> tuple[str, ...]:
    """Return the cells of a row that are joined by bars, whether or not there are bars at its ends."""
    inner = re.sub(r"^\s*\|(?=\s|$)|^\|", "", row.strip())
    inner = re.sub(r"(?<!\\)\|$", "", inner)
    return tuple(cell.strip() for cell in re.split(r"(?<!\\)\|", inner))


def squeezed(text: str) -> str:
    """Return `text` with every run of white space as one space, none at the ends."""
    return re.sub(r"\s+", " ", text).strip()
