"""Notebooks -> blocks: cells of Markdown are text, the others code."""

from __future__ import annotations

import json
from collections.abc import Iterator

from ingest.documents.building import Blocks
from ingest.documents.encoding import with_line_feeds
from ingest.documents.model import BlockKind
from kg.errors import InputError


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
            yield str(cell.get("cell_type")), with_line_feeds(source)
        else:
            blocks.problems.append(("broken cell", f"cell {number} has no text"))
