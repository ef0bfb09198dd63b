r"""LaTeX -> blocks: sections, paragraphs, items, the rows of tables, listings and the bibliography.

No command is executed and no file is read: who puts the files of a paper together (`ingest.documents.bundle`) resolves
``\input``. Definitions with ``\newcommand`` are not applied.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from ingest.documents.building import Blocks
from ingest.documents.latex_words import latex_words
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
_TABLES = ("tabular", "tabularx", "tabular*", "longtable", "tabulary", "array", "supertabular", "tblr")
_BEGIN = re.compile(r"\\begin\s*\{([A-Za-z]+\*?)\}")
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
    preamble, body = _parts(text)
    said = {}
    title = re.search(r"\\title\s*(?:\[[^\]]{0,500}\])?\s*\{", text)
    if title:
        said["title"] = _reading(_braced(text, title.end() - 1)[0])
    del preamble
    _Reader(blocks).read(body)
    return said


def _parts(text: str) -> tuple[str, str]:
    """Return what stands before the document begins, and the document."""
    start = re.search(r"\\begin\s*\{document\}", text)
    if start is None:
        return "", text
    end = re.search(r"\\end\s*\{document\}", text)
    return text[: start.start()], text[start.end() : end.start() if end else len(text)]


class _Reader:
    """Cuts a source into blocks."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks
        self._caption = ""

    def read(self, body: str) -> None:
        """Add the blocks of `body`: what stands in environments of their own, and the text between."""
        at = 0
        for name, start, inner, end in _environments(body):
            self._text(body[at:start])
            if name in _TABLES:
                self._table(body, start, inner, end)
            else:
                kind = BlockKind.COMMENT if name == "comment" else BlockKind.CODE
                self._blocks.add(kind, inner)
            at = end
        self._text(body[at:])

    def _text(self, source: str) -> None:
        at = 0
        for match in _SECTION.finditer(source):
            if match.start() < at:
                continue
            self._paragraphs(source[at : match.start()])
            title, at = _braced(source, match.end() - 1)
            self._blocks.heading(_LEVELS[match.group(1)], _reading(title), verbatim=title)
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
        found = re.search(r"\\caption\*?\s*(?:\[[^\]]{0,500}\])?\s*\{", source)
        if found is not None:
            caption, end = _braced(source, found.end() - 1)
            text, edits = latex_words(caption)
            self._caption = _reading(caption)
            self._blocks.add(BlockKind.CAPTION, text, edits=edits)
            source = source[: found.start()] + source[end:]
        if r"\bibitem" in source:
            kind = BlockKind.REFERENCE
        text, edits = latex_words(source)
        if re.search(r"\w", Block(kind=kind, text=text, edits=edits).reading):
            self._blocks.add(kind, text, edits=edits)

    def _table(self, body: str, start: int, inner: str, end: int) -> None:
        caption = self._nearest_caption(body, start, end)
        header = ""
        for row in re.split(r"\\\\(?:\[[^\]]{0,500}\])?|\\tabularnewline", inner):
            text, edits = latex_words(_RULES.sub(" ", row).strip())
            reading = Block(kind=BlockKind.ROW, text=text, edits=edits).reading
            if not re.search(r"\w", reading):
                continue
            self._blocks.add(BlockKind.ROW, text, header=header, caption=caption, edits=edits)
            header = header or reading

    def _nearest_caption(self, body: str, start: int, end: int) -> str:
        """Return the caption of the float that a table stands in."""
        opened = max(body.rfind(r"\begin{table", 0, start), body.rfind(r"\begin{longtable", 0, start))
        closed = body.find(r"\end{table", end)
        if opened < 0 or closed < 0 or body.find(r"\end{table", opened, start) >= 0:
            return ""
        found = re.search(r"\\caption\*?\s*(?:\[[^\]]{0,500}\])?\s*\{", body[opened:closed])
        return _reading(_braced(body, opened + found.end() - 1)[0]) if found else ""


def _items(paragraph: str) -> Iterator[tuple[BlockKind, str]]:
    starts = [match.start() for match in _ITEM.finditer(paragraph)]
    yield BlockKind.PARAGRAPH, paragraph[: starts[0]] if starts else paragraph
    for start, end in pairwise([*starts, len(paragraph)]):
        yield BlockKind.ITEM, paragraph[start:end]


def _environments(body: str) -> Iterator[tuple[str, int, str, int]]:
    """Yield the tables and listings of a source: name, start, what is inside, end."""
    at = 0
    while (match := _BEGIN.search(body, at)) is not None:
        name = match.group(1)
        at = match.end()
        if name not in _CODE and name not in _TABLES:
            continue
        closing = f"\\end{{{name}}}"
        end = body.find(closing, at)
        if end < 0:
            continue
        inner = body[at:end]
        if name in _TABLES:
            inner = _without_columns(inner)
        yield name, match.start(), inner, end + len(closing)
        at = end + len(closing)


def _without_columns(inner: str) -> str:
    """Return the inside of a table without the arguments that say how wide and aligned its columns are."""
    rest = inner.lstrip()
    while rest[:1] in ("{", "["):
        if rest[0] == "[":
            rest = rest[rest.find("]") + 1 :].lstrip() if "]" in rest[:200] else rest[1:]
        else:
            _, end = _braced(rest, 0)
            rest = rest[end:].lstrip()
    return rest


def _braced(text: str, start: int) -> tuple[str, int]:
    """Return what stands between the brace at `start` and its partner, and where the text goes on behind it."""
    depth = 0
    for match in re.finditer(r"\\.|[{}]", text[start : start + 20_000], re.DOTALL):
        depth += {"{": 1, "}": -1}.get(match.group(), 0)
        if depth == 0 and match.group() == "}":
            return text[start + 1 : start + match.start()], start + match.end()
    return text[start + 1 : start + 200], min(len(text), start + 200)


def _reading(source: str) -> str:
    text, edits = latex_words(source)
    return Block(kind=BlockKind.PARAGRAPH, text=text, edits=edits).reading.strip()
