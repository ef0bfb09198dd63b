"""Puts the blocks of a document together: keeps the path of headings, squeezes white space, drops what is empty."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from ingest.documents.model import Block, BlockKind, Edit, squeezed

#: Longest text of one block, in characters. What is longer is cut into several: no text of that length is a sentence.
LONGEST = 20_000
#: Longest heading, in characters, that becomes part of a section's path.
_LONGEST_HEADING = 200
#: Characters of a heading whose markup is taken off; no heading is longer.
_LONGEST_MARKUP = 2_000


@dataclass
class Blocks:
    """The blocks of a document so far."""

    page: int | None = None
    """Page of what is added next."""
    references: bool = False
    """Whether what is added next is the bibliography."""
    done: list[Block] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)
    """What could not be read: (reason, detail)."""
    _headings: list[tuple[int, str]] = field(default_factory=list)

    @property
    def section(self) -> str:
        """The path of headings of what is added next."""
        return " > ".join(title for _, title in self._headings)

    @property
    def title(self) -> str:
        """The first heading; empty where there is none."""
        return next((plain(block.text) for block in self.done if block.kind is BlockKind.HEADING), "")

    @property
    def path(self) -> tuple[tuple[int, str], ...]:
        """The headings of what is added next, outermost first, with their levels."""
        return tuple(self._headings)

    @path.setter
    def path(self, headings: Sequence[tuple[int, str]]) -> None:
        self._headings = list(headings)

    def heading(self, level: int, text: str, *, verbatim: str = "") -> None:
        """Begin a section.

        Args:
            level: 1 for the outermost.
            text: The heading; its markup is taken off for the path.
            verbatim: How it stands in the document, where that is different.
        """
        title = plain(text)[:_LONGEST_HEADING]
        if not title:
            return
        self.references = bool(_REFERENCES.fullmatch(title))
        level = 1 if self.references else level
        self._headings = [(depth, above) for depth, above in self._headings if depth < level]
        self.add(BlockKind.HEADING, verbatim or text)
        self._headings.append((level, title))

    def add(
        self, kind: BlockKind, text: str, *, header: str = "", caption: str = "", edits: Sequence[Edit] = ()
    ) -> None:
        """Add a block, unless it is empty; what is too long is cut at white space.

        Args:
            kind: What it is; a paragraph or an item of the bibliography becomes a reference.
            text: Verbatim. White space is squeezed, in code only at the ends of lines.
            header: The header row of its table.
            caption: The caption of its table.
            edits: As `Block.edits`. With edits, `text` must be squeezed already.
        """
        if self.references and kind in _ENTRIES:
            kind = BlockKind.REFERENCE
        tidy = text if edits else (_code(text) if kind is BlockKind.CODE else squeezed(text))
        rest = {"section": self.section, "page": self.page, "header": header, "caption": caption}
        if len(tidy) <= LONGEST:
            if tidy:
                self.done.append(Block.model_validate({"kind": kind, "text": tidy, "edits": tuple(edits), **rest}))
            return
        self.done.extend(Block.model_validate({"kind": kind, "text": part, **rest}) for part in _cut(tidy))


#: Headings of a bibliography.
_REFERENCES = re.compile(r"(?:\W|\d)*(?:references|bibliography|literature cited|works cited)\W*", re.IGNORECASE)
_ENTRIES = frozenset({BlockKind.PARAGRAPH, BlockKind.ITEM})


def assembled(pieces: Iterable[tuple[str, str]]) -> tuple[str, tuple[Edit, ...]]:
    """Return pieces of a document as one text, with the edits that lead to what is meant.

    Args:
        pieces: Of each how it stands in the document, and how it is read; the same for plain words.

    Returns:
        The text, white space squeezed, and the edits.
    """
    found = _Assembly()
    for verbatim, shown in pieces:
        if verbatim == shown:
            found.words(verbatim)
        else:
            found.edit(verbatim, shown)
    return found.result()


class _Assembly:
    """A text and its edits so far."""

    def __init__(self) -> None:
        self._text = ""
        self._edits: list[tuple[int, int, str]] = []
        self._spaced = True
        """Whether the reading is empty or ends with a space."""

    def words(self, words: str) -> None:
        """Add words that are read as they stand."""
        tidy = re.sub(r"\s+", " ", words)
        if tidy.startswith(" ") and (self._spaced or self._text.endswith(" ")):
            tidy = tidy[1:]
            if not self._text.endswith(" "):
                self.edit(" ", "")
            elif not self._spaced:
                self.edit("", " ")
        if tidy:
            self._text += tidy
            self._spaced = tidy.endswith(" ")

    def edit(self, verbatim: str, shown: str) -> None:
        """Add what is read otherwise than it stands."""
        tidy = re.sub(r"\s+", " ", verbatim)
        if not self._text or self._text.endswith(" "):
            tidy = tidy.removeprefix(" ")
        start, end = len(self._text), len(self._text) + len(tidy)
        self._text += tidy
        if self._edits and self._edits[-1][1] == start:
            first, _, before = self._edits.pop()
            start, shown = first, before + shown
        self._edits.append((start, end, shown))
        self._spaced = shown.endswith(" ") if shown else self._spaced

    def result(self) -> tuple[str, tuple[Edit, ...]]:
        """Return the text and its edits."""
        text = self._text.rstrip(" ")
        edits = [(min(start, len(text)), min(end, len(text)), to) for start, end, to in self._edits]
        return text, tuple(Edit(start=a, end=b, to=to) for a, b, to in edits if text[a:b] != to)


def bordered(text: str, edits: Sequence[Edit]) -> tuple[Edit, ...]:
    """Return the edits of a row; with bars at its ends where the first or last cell is blank, so that it still counts.

    Args:
        text: The row as it stands.
        edits: What leads to its cells, with bars between them.
    """
    reading = Block(kind=BlockKind.ROW, text=text, edits=tuple(edits)).reading.strip()
    if not reading.startswith("|") and not reading.endswith("|"):
        return tuple(edits)
    return (Edit(start=0, end=0, to="| "), *edits, Edit(start=len(text), end=len(text), to=" |"))


def row_reading(cells: Sequence[str]) -> str:
    """Return the reading of a row: its cells joined by bars; with bars at its ends where the first or last is blank."""
    inner = " | ".join(cells)
    return inner if cells and cells[0] and cells[-1] else f"| {inner} |"


def prefixed(lines: Iterable[tuple[str, str]]) -> tuple[str, tuple[Edit, ...]]:
    """Return lines as one text, with the edits that take the marks before them away.

    Args:
        lines: Of each line the mark before it (``# ``, ``> ``; empty for none) and the rest. That of the first line is
            left out of the text.
    """
    pieces: list[tuple[str, str]] = []
    for mark, rest in lines:
        if pieces:
            pieces += [(" ", " "), (mark.strip(), ""), (" ", " ")] if mark.strip() else [(" ", " ")]
        pieces.append((rest, rest))
    return assembled(pieces)


def plain(text: str) -> str:
    """Return a heading without its markup: no back-quotes, stars, links, roles or anchors."""
    text = text[:_LONGEST_MARKUP]
    text = re.sub(r":[\w:.+-]+:`~?([^`<]*?)\s*(?:<[^`>]*>)?`", r"\1", text)
    text = re.sub(r"!?\[([^\]\[]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"`+([^`<]*?)\s*(?:<[^`>]*>)?`+_{0,2}", r"\1", text)
    text = re.sub(r"\{#[^}]*\}|<[^<>]*>|\*\*|(?<!\w)[*_](?=\S)|(?<=\S)[*_](?!\w)", "", text)
    return squeezed(text.removesuffix("¶"))


def _code(text: str) -> str:
    lines = [line.rstrip() for line in text.replace("\t", "    ").splitlines()]
    indents = [len(line) - len(line.lstrip()) for line in lines if line]
    common = min(indents, default=0)
    return "\n".join(line[common:] for line in lines).strip("\n")


def _cut(text: str) -> Iterable[str]:
    while len(text) > LONGEST:
        at = max(text.rfind("\n", 0, LONGEST), text.rfind(" ", LONGEST // 2, LONGEST))
        at = at if at > 0 else LONGEST
        yield text[:at].strip()
        text = text[at:].lstrip()
    if text:
        yield text
