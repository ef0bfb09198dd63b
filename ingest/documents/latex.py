r"""LaTeX -> blocks: sections, paragraphs, items, the rows of tables, listings and the bibliography.

No command is executed and no file is read: who puts the files of a paper together (`ingest.documents.bundle`) resolves
``\input``. Of the commands that a document defines, those without arguments are read as what they stand for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ingest.documents.building import Blocks, bordered
from ingest.documents.latex_tables import CAPTION, TABLES, braced, captions_of_tables, environments, table_rows
from ingest.documents.latex_words import Macros, latex_words, macros_in, reading
from ingest.documents.model import Block, BlockKind

_LEVELS = {
    "part": 1,
    "chapter": 1,
    "section": 2,
    "subsection": 3,
    "subsubsection": 4,
    "paragraph": 5,
    "subparagraph": 6,
}
_SECTION = re.compile(
    r"\\(part|chapter|section|subsection|subsubsection|paragraph|subparagraph)\*?\s*(?:\[[^\]]{0,500}\])?\s*\{"
)
_CODE = (
    "verbatim",
    "lstlisting",
    "minted",
    "spverbatim",
    "Verbatim",
    "alltt",
    "Sinput",
    "Soutput",
    "Schunk",
    "comment",
)
#: Listings whose environment takes options, and these.
_LISTINGS = ("lstlisting", "minted")
_LISTING_OPTIONS = re.compile(r"\A\s*(?:\[[^\]]{0,500}\])?\s*(?:\{[\w+-]{1,30}\})?[ \t]*\n")
_ITEM = re.compile(r"\\item(?![a-zA-Z])")
_RULES = re.compile(
    r"\\(?:hline|toprule|midrule|bottomrule|endhead|endfirsthead|endfoot|endlastfoot|addlinespace|noalign\{[^}]*\})(?![a-zA-Z])"
)
_COMMENT = re.compile(r"^[ \t]*%+[ \t]?(.*)$")


def read_latex(text: str, blocks: Blocks) -> dict[str, str]:
    """Add the blocks of a LaTeX source.

    Args:
        text: The source, lines ended by line feeds.
        blocks: What they are added to.

    Returns:
        What the preamble says: ``title``.
    """
    macros = macros_in(text)
    title = re.search(r"\\title\s*(?:\[[^\]]{0,500}\])?\s*\{", text)
    said = {"title": reading(braced(text, title.end() - 1)[0], macros)} if title else {}
    _Reader(blocks, macros).read(_body(text))
    return said


def _body(text: str) -> str:
    """Return what stands in the document; all of a text that begins none."""
    start = re.search(r"\\begin\s*\{document\}", text)
    if start is None:
        return text
    end = re.search(r"\\end\s*\{document\}", text)
    return _without_front(text[start.end() : end.start() if end else len(text)])


_FRONT = re.compile(r"\\(?:title|author|date|affiliation|institute)\s*(?:\[[^\]]{0,500}\])?\s*\{")


def _without_front(body: str) -> str:
    """Return a document without its title and authors, which are no text of it."""
    parts, at = [], 0
    for match in _FRONT.finditer(body):
        if match.start() >= at:
            parts.append(body[at : match.start()])
            _, at = braced(body, match.end() - 1)
    return "\n\n".join([*parts, body[at:]])


class _Reader:
    """Cuts a source into blocks."""

    def __init__(self, blocks: Blocks, macros: Macros) -> None:
        self._blocks = blocks
        self._macros = macros

    def read(self, body: str) -> None:
        """Add the blocks of `body`: what stands in environments of their own, and the text between."""
        at = 0
        captions = captions_of_tables(body)
        for name, start, inner, end in environments(body, _CODE):
            self._text(body[at:start])
            if name in TABLES:
                self._table(inner, captions.get(start, ""))
            elif name == "comment":
                self._blocks.add(BlockKind.COMMENT, inner)
            else:
                self._blocks.add(BlockKind.CODE, _LISTING_OPTIONS.sub("", inner) if name in _LISTINGS else inner)
            at = end
        self._text(body[at:])

    def _text(self, source: str) -> None:
        at = 0
        for match in _SECTION.finditer(source):
            if match.start() < at:
                continue
            self._paragraphs(source[at : match.start()])
            title, at = braced(source, match.end() - 1)
            self._blocks.heading(_LEVELS[match.group(1)], self._reading(title), verbatim=title)
        self._paragraphs(source[at:])

    def _paragraphs(self, source: str) -> None:
        for paragraph in re.split(r"\n[ \t]*(?:\n[ \t]*)+", source):
            lines = paragraph.split("\n")
            remarks = [match.group(1) for line in lines if (match := _COMMENT.match(line))]
            if any(remark.strip() for remark in remarks):
                self._blocks.add(BlockKind.COMMENT, "\n".join(remarks))
            for kind, part in _items("\n".join(line for line in lines if not _COMMENT.match(line))):
                self._add(kind, part)

    def _add(self, kind: BlockKind, source: str) -> None:
        found = CAPTION.search(source)
        if found is not None:
            caption, end = braced(source, found.end() - 1)
            text, edits = latex_words(caption, self._macros)
            self._blocks.add(BlockKind.CAPTION, text, edits=edits)
            source = source[: found.start()] + source[end:]
        if r"\bibitem" in source:
            kind = BlockKind.REFERENCE
        text, edits = latex_words(source, self._macros)
        if re.search(r"\w", Block(kind=kind, text=text, edits=edits).reading):
            self._blocks.add(kind, text, edits=edits)

    def _table(self, inner: str, caption: str) -> None:
        said = self._reading(caption)
        header = ""
        for row in table_rows(inner):
            text, edits = latex_words(_RULES.sub(" ", row).strip(), self._macros)
            shown = Block(kind=BlockKind.ROW, text=text, edits=edits).reading
            if not re.search(r"\w", shown):
                continue
            edits = bordered(text, edits)
            self._blocks.add(BlockKind.ROW, text, header=header, caption=said, edits=edits)
            header = header or Block(kind=BlockKind.ROW, text=text, edits=edits).reading

    def _reading(self, source: str) -> str:
        return reading(source, self._macros)


def _items(paragraph: str) -> Iterator[tuple[BlockKind, str]]:
    starts = [match.start() for match in _ITEM.finditer(paragraph)]
    yield BlockKind.PARAGRAPH, paragraph[: starts[0]] if starts else paragraph
    for start, end in pairwise([*starts, len(paragraph)]):
        yield BlockKind.ITEM, paragraph[start:end]
