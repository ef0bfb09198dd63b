"""A report as Markdown (CommonMark with tables): one file, its pictures within it."""

from __future__ import annotations

import base64
import re

from recommender.report.model import Figures
from recommender.report.pictures import Shown
from recommender.report.sections import Part, parts_of, title_of
from recommender.report.tables import Table

#: What would be read as markup outside of code.
_MARKUP = re.compile(r"([\\*_\[\]<>&#|~!])")


def to_markdown(figures: Figures) -> str:
    """Return the report as Markdown."""
    parts = "\n\n".join(_part(part) for part in parts_of(figures))
    return f"# {_words(title_of(figures))}\n\n{parts}\n"


def _part(part: Part) -> str:
    pieces = [f"## {part.title}", _words(part.text), *map(_picture, part.pictures), *map(_table, part.tables)]
    return "\n\n".join(piece for piece in pieces if piece)


def _picture(shown: Shown) -> str:
    data = base64.b64encode(shown.svg.encode()).decode()
    return f"![{_words(shown.alt.replace('`', ''))}](data:image/svg+xml;base64,{data})\n\n{_words(shown.caption)}"


def _table(table: Table) -> str:
    if not table.rows:
        return ""
    lines = [_row(table.header), _row(("---",) * len(table.header)), *map(_row, table.rows)]
    return "\n".join(lines)


def _row(cells: tuple[str, ...]) -> str:
    return f"| {' | '.join(map(_words, cells))} |"


def _words(text: str) -> str:
    """Return `text` in one line with its markup taken literally; code stays code, and a bar in it is no new cell."""
    pieces = re.split(r"(`[^`]*`)", " ".join(text.split()))
    return "".join(p.replace("|", "\\|") if p.startswith("`") else _MARKUP.sub(r"\\\1", p) for p in pieces)
