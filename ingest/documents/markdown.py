"""Markdown -> blocks: CommonMark with tables, front matter, HTML comments and HTML tables, by markdown-it-py.

The parser says which lines a block has; the text of a block is these lines, as they stand.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from ingest.documents.building import Blocks, prefixed
from ingest.documents.model import BlockKind

if TYPE_CHECKING:
    from markdown_it.token import Token

_FRONT_MATTER = re.compile(r"\A\ufeff?---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|\Z)", re.DOTALL)
#: Inner nesting of lists and quotations that is still told apart.
_NESTING = 20
_QUOTED = re.compile(r"\s*((?:>\s?)+)?(.*)", re.DOTALL)
#: A fence of MyST (https://mystmd.org/guide/admonitions) that holds text, and its options.
_NOTE = re.compile(r"\{(?:note|tip|hint|important|warning|caution|attention|danger|seealso|admonition|dropdown)\}")
_NOTE_OPTION = re.compile(r"\A(?::[\w-]+:[^\n]*\n)+")
_CAPTION = re.compile(r"\W*(?:Table|Figure)\W{0,3}\d", re.IGNORECASE)


def read_markdown(text: str, blocks: Blocks) -> dict[str, str]:
    """Add the blocks of a Markdown text.

    Args:
        text: The text, lines ended by line feeds.
        blocks: What they are added to.

    Returns:
        The plain entries of the front matter, such as ``title`` and ``license``.
    """
    from markdown_it import MarkdownIt

    front = _FRONT_MATTER.match(text)
    if front:
        text = "\n" * front.group(0).count("\n") + text[front.end() :]
    parser = MarkdownIt("commonmark", {"maxNesting": _NESTING}).enable("table").disable("inline")
    _Reader(text.split("\n"), blocks).read(parser.parse(text))  # what else ends a line ends none for the parser
    return front_matter(front.group(1)) if front else {}


def front_matter(text: str) -> dict[str, str]:
    """Return the entries of a front matter that have one plain value; it is not taken as YAML, which could do more."""
    found = re.findall(r"^([A-Za-z][\w-]*):[ \t]*(\S.*?)[ \t]*$", text, re.MULTILINE)
    return {key.lower(): value.strip("\"'") for key, value in found}


class _Reader:
    """Walks over the tokens of a text."""

    def __init__(self, lines: Sequence[str], blocks: Blocks) -> None:
        self._lines = lines
        self._blocks = blocks
        self._items = 0
        self._header = ""
        self._caption = ""
        self._html = ""
        """The start of a table whose end is behind a blank line."""

    def read(self, tokens: Sequence[Token]) -> None:
        """Add the blocks of `tokens`."""
        for number, token in enumerate(tokens):
            method = getattr(self, f"_{token.type}", None)
            if method is not None:
                method(token, tokens[number + 1] if number + 1 < len(tokens) else token)

    def _of(self, token: Token) -> list[str]:
        start, end = token.map or (0, 0)
        return list(self._lines[start:end])

    def _heading_open(self, token: Token, inline: Token) -> None:
        self._blocks.heading(int(token.tag[1:]), inline.content)

    def _list_item_open(self, _: Token, __: Token) -> None:
        self._items += 1

    def _list_item_close(self, _: Token, __: Token) -> None:
        self._items -= 1

    def _paragraph_open(self, token: Token, _: Token) -> None:
        text, edits = prefixed((quoted or "", rest) for quoted, rest in map(_unquoted, self._of(token)))
        kind = BlockKind.ITEM if self._items else BlockKind.PARAGRAPH
        if _CAPTION.match(text) and len(text) < 500:
            kind, self._caption = BlockKind.CAPTION, text
        self._blocks.add(kind, text, edits=edits)
        if kind is not BlockKind.CAPTION:
            self._caption = ""

    def _fence(self, token: Token, _: Token) -> None:
        if _NOTE.match(token.info):
            read_markdown(_NOTE_OPTION.sub("", token.content), self._blocks)
        else:
            self._blocks.add(BlockKind.CODE, token.content)

    def _code_block(self, token: Token, _: Token) -> None:
        self._blocks.add(BlockKind.CODE, token.content)

    def _tr_open(self, token: Token, _: Token) -> None:
        row, edits = prefixed((quoted or "", rest) for quoted, rest in map(_unquoted, self._of(token)))
        header, self._header = self._header, self._header or row
        self._blocks.add(BlockKind.ROW, row, header=header, caption=self._caption, edits=edits)

    def _table_open(self, _: Token, __: Token) -> None:
        self._header = ""

    def _html_block(self, token: Token, following: Token) -> None:
        from ingest.documents.html import read_html_block

        html, self._html = self._html + token.content, ""
        if following is not token and following.type == "html_block" and html.count("<table") > html.count("</table"):
            self._html = html
            return
        for comment, part in _comments(html):
            if comment:
                for paragraph in re.split(r"\n[ \t]*\n", part):
                    self._blocks.add(BlockKind.COMMENT, paragraph)
            else:
                read_html_block(part, self._blocks)


def _unquoted(line: str) -> tuple[str | None, str]:
    match = _QUOTED.match(line)
    return (match.group(1), match.group(2)) if match else (None, line)


def _comments(html: str) -> Iterator[tuple[bool, str]]:
    """Yield the parts of a piece of HTML, each with whether it is a comment (without its marks)."""
    for number, part in enumerate(re.split(r"<!--(.*?)(?:-->|\Z)", html, flags=re.DOTALL)):
        if part.strip():
            yield number % 2 == 1, part
