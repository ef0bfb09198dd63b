"""reStructuredText -> blocks, in one light pass over the lines.

No directive is executed: nothing is included, no raw content is inserted, no role is resolved. What a directive holds
is read as text (notes, table directives) or as code; its options are left out.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from ingest.documents.building import Blocks, prefixed
from ingest.documents.model import BlockKind, squeezed
from ingest.documents.rst_directives import CODE, DIRECTIVE, SILENT, parted
from ingest.documents.rst_tables import (
    Row,
    csv_rows,
    grid_rows,
    is_grid_border,
    is_simple_border,
    list_rows,
    simple_rows,
)

_ADORNMENT = re.compile(r"([!-/:-@\[-`{-~])\1{2,}\s*$")
_TARGET = re.compile(r"\s*\.\.\s+(_[^:]+:|\[[^\]]+\]|__)")
_BULLET = re.compile(r"(\s*)(?:[-*+•]|\(?(?:\d{1,3}|[a-zA-Z#])[.)])\s+\S")
_FIELD = re.compile(r"\s*:[^:`\s][^:`]*:(\s|$)")
_DOCTEST = re.compile(r"\s*>>> ")


def read_rst(text: str, blocks: Blocks, *, mark: str = "", below: int = 0) -> None:
    """Add the blocks of a reStructuredText.

    Args:
        text: The text, lines ended by line feeds.
        blocks: What they are added to.
        mark: What stood before each line in the document and was taken off, such as the ``#`` of a comment.
        below: Level of the heading that its own headings are below; 0 for none.
    """
    _Reader(text.expandtabs(8).splitlines(), blocks, [""] * below, mark=mark).read()


class _Reader:
    """Walks over the lines; heading styles rank by their first use."""

    def __init__(
        self, lines: Sequence[str], blocks: Blocks, styles: list[str] | None = None, *, mark: str = ""
    ) -> None:
        self._lines = lines
        self._mark = mark
        self._blocks = blocks
        self._styles = [] if styles is None else styles
        self._caption = ""
        self._at = 0
        self._literal = False
        """Whether an indented block that follows is code."""

    def read(self) -> None:
        """Add the blocks of all lines."""
        while self._at < len(self._lines):
            if not self._lines[self._at].strip():
                self._at += 1
                continue
            for step in (self._indented_code, self._heading, self._table, self._directive, self._doctest):
                if step():
                    break
            else:
                self._text()

    def _line(self, at: int) -> str:
        return self._lines[at] if 0 <= at < len(self._lines) else ""

    def _heading(self) -> bool:
        line, below, after = (self._line(self._at + offset) for offset in range(3))
        overlined = bool(_ADORNMENT.match(line)) and below.strip() and line.strip() == after.strip()
        if overlined and len(line.strip()) >= len(below.strip()):
            self._add_heading(line.strip()[0] * 2, below, 3)
            return True
        under = _ADORNMENT.match(below)
        if not under or line[:1].isspace() or len(below.strip()) < min(4, len(line.strip())) or _ADORNMENT.match(line):
            return False
        self._add_heading(under.group(1), line, 2)
        return True

    def _add_heading(self, style: str, title: str, lines: int) -> None:
        if style not in self._styles:
            self._styles.append(style)
        self._blocks.heading(self._styles.index(style) + 1, title.strip())
        self._at += lines

    def _table(self) -> bool:
        line = self._line(self._at)
        if is_grid_border(line):
            rows, end = grid_rows(self._lines, self._at)
        elif is_simple_border(line):
            rows, end = simple_rows(self._lines, self._at)
        else:
            return False
        if end == self._at:
            return False
        self._rows(rows, caption=self._caption)
        self._caption = ""
        self._at = end
        return True

    def _directive(self) -> bool:
        line = self._line(self._at)
        match = DIRECTIVE.match(line)
        if match is None:
            if not line.lstrip().startswith(".. ") and line.strip() != "..":
                return False
            if line.strip() == ".." and not self._line(self._at + 1).strip():
                self._at += 1  # an empty comment, to which what follows does not belong
                return True
            body = self._body(len(line) - len(line.lstrip()))
            if _TARGET.match(line) is None:
                self._blocks.add(BlockKind.COMMENT, "\n".join([line.strip().removeprefix(".."), *body]))
            elif "[" in line[: line.find("]") + 1]:
                self._blocks.add(BlockKind.REFERENCE, "\n".join([line.strip().removeprefix(".."), *body]))
            return True
        self._run(match.group(2), match.group(3) or "", self._body(len(match.group(1))))
        return True

    def _run(self, name: str, argument: str, body: list[str]) -> None:
        """Add the content of a directive as text, as code, or as rows."""
        kind = name.rsplit(":", 1)[-1]
        begun, options, content = parted(body)
        if kind in SILENT:
            return
        if kind in CODE:
            self._blocks.add(BlockKind.CODE, "\n".join([*begun, *content]))
        elif kind == "math":
            self._blocks.add(BlockKind.PARAGRAPH, " ".join([argument, *begun, *content]))
        elif kind == "figure":
            self._blocks.add(BlockKind.CAPTION, "\n".join(content))
        elif kind in ("csv-table", "list-table", "table"):
            caption = " ".join([argument, *begun])
            self._blocks.add(BlockKind.CAPTION, caption)
            if kind == "table":
                self._inner(content, caption=squeezed(caption))
            else:
                rows = csv_rows(content, options) if kind == "csv-table" else list_rows(content, options)
                self._rows(rows, caption=squeezed(caption))
        else:
            self._inner([argument, *_dedented([*begun, *content])] if argument else [*begun, *content])

    def _inner(self, lines: Sequence[str], *, caption: str = "") -> None:
        """Add the blocks of what stands in a directive."""
        inner = _Reader(_dedented(lines), self._blocks, self._styles, mark=self._mark)
        inner._caption = caption
        inner.read()

    def _rows(self, rows: Sequence[Row], *, caption: str) -> None:
        header = next((row.reading for row in rows if row.is_header), "")
        for row in rows:
            above = "" if row.is_header else header
            self._blocks.add(BlockKind.ROW, row.text, header=above, caption=caption, edits=row.edits)

    def _body(self, indent: int) -> list[str]:
        """Take the lines that belong to what begins here: blank, or indented more than it."""
        start = self._at + 1
        end = start
        while end < len(self._lines) and (not self._lines[end].strip() or _indent(self._lines[end]) > indent):
            end += 1
        while end > start and not self._lines[end - 1].strip():
            end -= 1
        self._at = end
        return list(self._lines[start:end])

    def _indented_code(self) -> bool:
        if not self._literal or not self._line(self._at)[:1].isspace():
            self._literal = False
            return False
        self._literal = False
        first = self._lines[self._at]
        body = [first, *self._body(_indent(first) - 1)]
        self._blocks.add(BlockKind.CODE, "\n".join(body))
        return True

    def _doctest(self) -> bool:
        if not _DOCTEST.match(self._line(self._at)):
            return False
        start = self._at
        while self._line(self._at).strip():
            self._at += 1
        self._blocks.add(BlockKind.CODE, "\n".join(self._lines[start : self._at]))
        return True

    def _text(self) -> None:
        """Take a paragraph, or an item with the lines that belong to it."""
        start = self._at
        first = self._lines[start]
        is_item = bool(_BULLET.match(first) or _FIELD.match(first)) or self._is_term(start)
        self._at += 1
        while self._line(self._at).strip() and not self._breaks(self._at):
            self._at += 1
        taken = self._lines[start : self._at]
        text, edits = prefixed((self._mark + bar, line) for bar, line in map(_unbarred, taken))
        self._blocks.add(BlockKind.ITEM if is_item else BlockKind.PARAGRAPH, text, edits=edits)
        self._literal = taken[-1].rstrip().endswith("::")

    def _breaks(self, at: int) -> bool:
        """Whether something new begins at a line without a blank line before it."""
        line = self._lines[at]
        return bool(_BULLET.match(line) or _FIELD.match(line) or DIRECTIVE.match(line) or is_grid_border(line))

    def _is_term(self, at: int) -> bool:
        below = self._line(at + 1)
        return bool(below.strip()) and _indent(below) > _indent(self._lines[at])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _dedented(lines: Sequence[str]) -> list[str]:
    common = min((_indent(line) for line in lines if line.strip()), default=0)
    return [line[common:] for line in lines]


def _unbarred(line: str) -> tuple[str, str]:
    """Return the mark of a line block, if any, and the rest of the line."""
    stripped = line.lstrip()
    return ("|", stripped[2:]) if stripped.startswith("| ") else ("", line)
