"""HTML -> blocks, by the parser of the standard library: no scripts, no network, no entities but the named ones."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from html.parser import HTMLParser

from ingest.documents.building import Blocks, assembled, bordered
from ingest.documents.model import Block, BlockKind, squeezed

#: Elements whose content nobody reads; of the title it is kept apart.
_SKIPPED = frozenset({"script", "style", "template", "noscript", "svg", "iframe", "object", "title", "nav", "select"})
#: Elements that begin a new block.
_BREAKS = frozenset({
    "address", "article", "aside", "blockquote", "body", "br", "center", "dd", "details", "div", "dl", "dt",
    "fieldset", "figcaption", "figure", "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html",
    "li", "main", "nav", "ol", "p", "pre", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
    "ul", "caption",
})  # fmt: skip
#: Elements that do not end the cell of a table that they are in.
_IN_CELLS = frozenset(["br", "p", "div", "ul", "ol", "li", "pre", "center", "dl", "dt", "dd", "blockquote"])
_CELLS = frozenset({"td", "th"})
#: Elements that do not change what kind of block it is.
_INNER = frozenset({"p", "div", "br", "span"})
#: Elements that are set in the font of code.
_CODE = frozenset({"code", "tt", "kbd", "samp"})
_KINDS = {
    "li": BlockKind.ITEM,
    "dt": BlockKind.ITEM,
    "dd": BlockKind.ITEM,
    "pre": BlockKind.CODE,
    "caption": BlockKind.CAPTION,
    "figcaption": BlockKind.CAPTION,
}
_HEADING = re.compile(r"h([1-6])")


def read_html(text: str, blocks: Blocks) -> tuple[str, dict[str, str]]:
    """Add the blocks of an HTML page.

    Args:
        text: The page.
        blocks: What they are added to.

    Returns:
        The text of the page: tags taken away, entities resolved; and what its head says (``title``, ``license``).
    """
    reader = _Reader(blocks)
    reader.feed(text)
    reader.close()
    reader.finish()
    return "".join(reader.text), reader.said


def read_html_block(text: str, blocks: Blocks) -> None:
    """Add the blocks of a piece of HTML within another format; their text keeps its tags, for there it is verbatim."""
    reader = _Reader(blocks, tags=True)
    reader.feed(text)
    reader.close()
    reader.finish()


@dataclass
class _Table:
    """A table being read."""

    caption: str = ""
    header: str = ""
    cells: int = 0
    """Cells of the row so far."""
    heads: int = 0
    """Those of them that are headers."""


class _Reader(HTMLParser):
    """Collects what stands between elements that begin a block."""

    def __init__(self, blocks: Blocks, *, tags: bool = False) -> None:
        super().__init__(convert_charrefs=not tags)
        self.text: list[str] = []
        self.said: dict[str, str] = {}
        self._tags = tags
        self._blocks = blocks
        self._pieces: list[tuple[str, str]] = []
        self._kind = BlockKind.PARAGRAPH
        self._level = 0
        self._skipping: list[str] = []
        self._tables: list[_Table] = []
        self._unread: list[str] = []
        """Elements being read whose text a reader passes over: the mark of a footnote, the link beside a heading."""
        self._linked_from = -1
        """Where in the text the link begins that is being read; -1 outside of links."""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        self._said(tag, dict(attrs))
        if tag in _SKIPPED:
            self._skipping.append(tag)
        elif self._skipping:
            return
        elif tag in _CELLS and self._tables:
            self._cell(tag)
        elif tag in _BREAKS and not (self._tables and self._tables[-1].cells and tag in _IN_CELLS):
            self._end()
            self._begin(tag)
        self._tag(self._shown(tag, (dict(attrs).get("class") or "").split()))

    def _shown(self, tag: str, classes: list[str]) -> str:
        """Return what the start of an element adds to the reading; note where what is in it is not read."""
        is_raised = bool(self._pieces) and self._pieces[-1][1] == "^"
        begins_link = tag == "sup" and self._linked_from == len(self.text)
        is_note = begins_link or (tag == "a" and (is_raised or "headerlink" in classes))
        if tag == "a":
            self._linked_from = len(self.text)
        if is_note:
            self._unread.append(tag)
            if is_raised:
                self._pieces[-1] = (self._pieces[-1][0], "")
            return ""
        if tag in _CODE:
            return "`" if self._kind is not BlockKind.CODE else ""
        if tag == "span" and "classifier" in classes:  # Sphinx: the type of what a list defines
            return " : "
        return "^" if tag == "sup" else " " if tag in _IN_CELLS else ""

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        if self._skipping:
            if tag == self._skipping[-1]:
                self._skipping.pop()
            return
        if tag == "a":
            self._linked_from = -1
        if self._unread and tag == self._unread[-1]:
            self._unread.pop()
        if tag in _BREAKS and tag not in _CELLS and not (self._tables and self._tables[-1].cells and tag in _IN_CELLS):
            self._tag_end(tag)
            self._end()
            self._kind = BlockKind.PARAGRAPH
        else:
            self._tag_end(tag)
        if tag == "table" and self._tables:
            self._tables.pop()

    def handle_data(self, data: str) -> None:
        """Take text."""
        if self._skipping == ["title"]:
            self.said["title"] = squeezed(self.said.get("title", "") + data)
        self._put(data, data)

    def handle_entityref(self, name: str) -> None:
        """Take a named character where the text stays as it is."""
        self._put(f"&{name};", html.unescape(f"&{name};"))

    def handle_charref(self, name: str) -> None:
        """Take a numbered character where the text stays as it is."""
        self._put(f"&#{name};", html.unescape(f"&#{name};"))

    def handle_comment(self, data: str) -> None:
        """Take a comment; it is a block of its own."""
        if not self._skipping and squeezed(data) and not data.lstrip().startswith("["):
            self.text.append(f"\n{data}\n")
            self._blocks.add(BlockKind.COMMENT, data)

    def parse_marked_section(self, i: int, report: bool = True) -> int:
        """Return the place behind a marked section (``<![if ...]>``), of a keyword that nobody knows as well."""
        try:
            return super().parse_marked_section(i, report)
        except AssertionError:  # which is how the standard library says that it does not know it
            return self.rawdata.find(">", i) + 1 or -1

    def finish(self) -> None:
        """End the last block."""
        self._skipping.clear()
        self._end()

    def _said(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag in ("a", "link") and "license" in (attributes.get("rel") or "").split():
            self.said.setdefault("license", attributes.get("href") or "")
        if tag == "link" and attributes.get("rel") == "canonical":
            self.said.setdefault("url", attributes.get("href") or "")

    def _put(self, verbatim: str, shown: str) -> None:
        if not self._skipping:
            self.text.append(verbatim)
            self._pieces.append((verbatim, "" if self._unread else shown))

    def _tag(self, shown: str) -> None:
        """Take a start tag: within another format it is part of the text."""
        if self._skipping:
            return
        raw = self.get_starttag_text() or ""
        if self._tags and (self._pieces or self._tables):
            self._pieces.append((raw, shown))
        elif shown and (self._pieces or shown == "`"):
            self._pieces.append(("", shown))

    def _tag_end(self, tag: str) -> None:
        shown = "`" if tag in _CODE and self._kind is not BlockKind.CODE else ""
        if self._tags and self._pieces:
            self._pieces.append((f"</{tag}>", shown))
        elif shown and self._pieces:
            self._pieces.append(("", shown))

    def _cell(self, tag: str) -> None:
        table = self._tables[-1]
        if table.cells:
            self._pieces.append(("", " | "))
        table.cells += 1
        table.heads += tag == "th"

    def _begin(self, tag: str) -> None:
        heading = _HEADING.fullmatch(tag)
        if heading:
            self._kind, self._level = BlockKind.HEADING, int(heading.group(1))
        elif tag in ("table", "tr"):
            if tag == "table":
                self._tables.append(_Table())
            self._kind = BlockKind.ROW
        else:
            self._kind = _KINDS.get(tag, self._kind if tag in _INNER else BlockKind.PARAGRAPH)

    def _end(self) -> None:
        """Add what was collected as a block."""
        pieces, self._pieces = self._pieces, []
        self._unread.clear()
        self._linked_from = -1
        if not any(shown.strip(" |\n\t") for _, shown in pieces):
            if self._tables:
                self._tables[-1].cells = self._tables[-1].heads = 0
            return
        if self._kind is BlockKind.HEADING:
            text, edits = assembled(pieces)
            reading = Block(kind=BlockKind.HEADING, text=text, edits=edits).reading
            self._blocks.heading(self._level, reading, verbatim=text)
        elif self._kind is BlockKind.CODE and not self._tags:
            self._blocks.add(BlockKind.CODE, "".join(verbatim for verbatim, _ in pieces))
        elif self._tables and self._tables[-1].cells:
            self._row(self._tables[-1], pieces)
        else:
            text, edits = assembled(pieces)
            if self._kind is BlockKind.CAPTION and self._tables:
                self._tables[-1].caption = Block(kind=self._kind, text=text, edits=edits).reading.strip()
            self._blocks.add(self._kind, text, edits=edits)

    def _row(self, table: _Table, pieces: list[tuple[str, str]]) -> None:
        text, edits = assembled(pieces)
        edits = bordered(text, edits)
        block = Block(kind=BlockKind.ROW, text=text, edits=edits)
        self._blocks.add(BlockKind.ROW, text, header=table.header, caption=table.caption, edits=edits)
        if not table.header and table.heads == table.cells:
            table.header = squeezed(block.reading)
        table.cells = table.heads = 0
