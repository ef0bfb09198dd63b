"""A document as a sequence of blocks, whatever format it came in."""

from __future__ import annotations

import re
from enum import StrEnum

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


class Block(Value):
    """A paragraph, an item, a row: the smallest unit that a quote is taken from."""

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

    def quotes(self, words: str) -> bool:
        """Say whether `words` stand in the document, runs of white space taken as one space."""
        wanted = squeezed(words)
        return bool(wanted) and (wanted in squeezed(self.text) or wanted in squeezed(self.layout))


def squeezed(text: str) -> str:
    """Return `text` with every run of white space as one space, none at the ends."""
    return re.sub(r"\s+", " ", text).strip()
