"""Python files -> blocks: docstrings and long comments are text, the rest is code."""

from __future__ import annotations

import inspect
import io
import re
import tokenize
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from ingest.documents.building import Blocks
from ingest.documents.model import BlockKind
from ingest.documents.rst import read_rst

#: Lines of comments that follow each other from which they are text of their own, not a remark on code.
_TEXT_LINES = 2
#: Levels and titles of headings, outermost first.
Headings: TypeAlias = tuple[tuple[int, str], ...]


def read_python(text: str, blocks: Blocks) -> None:
    """Add the blocks of a Python file: docstrings and comment blocks as reStructuredText, the rest as code.

    Args:
        text: The file. It is never executed; where it is no Python, all of it is code.
        blocks: What they are added to.
    """
    lines = text.splitlines()
    scopes = _Scopes(blocks)
    at = 0
    for start, end, mark in _texts(text):
        if start < at:
            continue
        blocks.add(BlockKind.CODE, "\n".join(lines[at:start]))
        scopes.leave(_indent(lines[start]))
        if mark:
            read_rst("\n".join(_uncommented(line) for line in lines[start:end]), blocks, mark=mark)
        else:
            below = scopes.enter(lines[at:start], _indent(lines[start]))
            read_rst(_undocstring(lines[start:end]), blocks, below=below)
            scopes.leave(_indent(lines[start]))
        at = end
    blocks.add(BlockKind.CODE, "\n".join(lines[at:]))


#: The head of a class or function.
_DEFINED = re.compile(r"(?P<indent>[ \t]*)(?:async[ \t]+)?(?:class|def)[ \t]+(?P<name>\w+)")


@dataclass
class _Scopes:
    """The documented classes and functions that a place of a file is in: each is a heading of what stands in it."""

    blocks: Blocks
    _open: list[tuple[int, Headings, Headings]] = field(default_factory=list)
    """Of each its indent, and the headings outside and inside of it."""

    def leave(self, indent: int) -> None:
        """Go on below the headings of what a line with this indent is in; outside of all, headings stay as they are."""
        while self._open and self._open[-1][0] >= indent:
            self.blocks.path = self._open.pop()[1]
        if self._open:
            self.blocks.path = self._open[-1][2]

    def enter(self, before: Sequence[str], indent: int) -> int:
        """Begin what a docstring with this indent describes, and return the level of its heading; 0 where it is none.

        Args:
            before: The code before the docstring.
            indent: Of the docstring.
        """
        heads = [match for line in before if (match := _DEFINED.match(line))]
        said = [line for line in before if line.strip()]
        if not heads or len(heads[-1]["indent"]) >= indent or not said[-1].partition("#")[0].rstrip().endswith(":"):
            return self.blocks.path[-1][0] if self._open and self.blocks.path else 0
        own = len(heads[-1]["indent"])
        self.leave(own)
        outside = self.blocks.path
        level = outside[-1][0] if outside else 0
        if not heads[-1]["name"].startswith("__"):  # ``__init__`` tells of its class
            level += 1
            self.blocks.heading(level, heads[-1]["name"])
        self._open.append((own, outside, self.blocks.path))
        return level


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip())


def _texts(text: str) -> Iterator[tuple[int, int, str]]:
    """Yield docstrings and comment blocks: first line (from 0), the line behind the last, the mark of comments."""
    comments: list[int] = []
    fresh = True
    try:
        for token in tokenize.generate_tokens(io.StringIO(text).readline):
            line = token.start[0] - 1
            if token.type == tokenize.COMMENT and not token.line[: token.start[1]].strip():
                if comments and comments[-1] != line - 1:
                    yield from _block_of(comments)
                    comments = []
                comments.append(line)
            elif token.type == tokenize.STRING and fresh:
                yield from _block_of(comments)
                comments = []
                yield line, token.end[0], ""
            if token.type not in _BLANK:
                fresh = token.type == tokenize.NEWLINE
    except (tokenize.TokenError, SyntaxError):
        pass  # What cannot be told apart any more is code.
    yield from _block_of(comments)


#: Tokens that do not begin a statement.
_BLANK = frozenset({tokenize.COMMENT, tokenize.NL, tokenize.INDENT, tokenize.DEDENT, tokenize.ENCODING})


def _block_of(lines: list[int]) -> Iterator[tuple[int, int, str]]:
    if len(lines) >= _TEXT_LINES:
        yield lines[0], lines[-1] + 1, "#"


def _uncommented(line: str) -> str:
    """Return a line of a comment without its mark; a line of nothing but marks, or of ``# %%``, is blank."""
    words = re.sub(r"^\s*#+ ?", "", line)
    return "" if words.strip() == "%%" else words


def _undocstring(lines: list[str]) -> str:
    text = "\n".join(lines)
    match = re.fullmatch(r"\s*[rRuUbBfF]*(\"{3}|'{3}|\"|')(.*)\1[^\n]*", text, re.DOTALL)
    return inspect.cleandoc(match.group(2)) if match else text
