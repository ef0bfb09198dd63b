"""Notebooks and Python tutorials -> blocks: cells, docstrings and long comments are text, the rest is code."""

from __future__ import annotations

import io
import json
import re
import textwrap
import tokenize
from collections.abc import Iterator

from ingest.documents.building import Blocks
from ingest.documents.model import BlockKind
from kg.errors import InputError

#: Lines of comments that follow each other from which they are text of their own, not a remark on code.
_TEXT_LINES = 2


def read_notebook(text: str, blocks: Blocks) -> str:
    """Add the blocks of a notebook.

    Args:
        text: Its JSON.
        blocks: What they are added to.

    Returns:
        The sources of its cells, a blank line between them.

    Raises:
        InputError: It is no notebook.
    """
    from ingest.documents.markdown import read_markdown

    sources = []
    for cell_type, source in _cells(text, blocks):
        sources.append(source)
        if cell_type == "markdown":
            read_markdown(source, blocks)
        elif cell_type == "code":
            blocks.add(BlockKind.CODE, source)
        else:
            blocks.add(BlockKind.PARAGRAPH, source)
    return "\n\n".join(sources)


def _cells(text: str, blocks: Blocks) -> Iterator[tuple[str, str]]:
    try:
        notebook = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"It is no notebook: {error}", allowed="JSON with a list of cells") from error
    cells = notebook.get("cells") if isinstance(notebook, dict) else None
    if not isinstance(cells, list):
        raise InputError("It is no notebook: it has no list of cells.", allowed="notebooks of format 4")
    for number, cell in enumerate(cells, start=1):
        source = cell.get("source") if isinstance(cell, dict) else None
        if isinstance(source, list) and all(isinstance(part, str) for part in source):
            source = "".join(source)
        if isinstance(source, str):
            yield str(cell.get("cell_type")), source
        else:
            blocks.problems.append(("broken cell", f"cell {number} has no text"))


def read_python(text: str, blocks: Blocks) -> None:
    """Add the blocks of a Python file: docstrings and comment blocks as reStructuredText, the rest as code.

    Args:
        text: The file. It is never executed; where it is no Python, all of it is code.
        blocks: What they are added to.
    """
    from ingest.documents.rst import read_rst

    lines = text.splitlines()
    at = 0
    for start, end, mark in _texts(text):
        if start < at:
            continue
        blocks.add(BlockKind.CODE, "\n".join(lines[at:start]))
        if mark:
            read_rst("\n".join(_uncommented(line) for line in lines[start:end]), blocks, mark=mark)
        else:
            read_rst(_undocstring(lines[start:end]), blocks)
        at = end
    blocks.add(BlockKind.CODE, "\n".join(lines[at:]))


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
    return textwrap.dedent(match.group(2)) if match else text
