"""A report as one HTML file that loads nothing. Every text is escaped, whoever it comes from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import escape

from recommender.report.model import Figures
from recommender.report.pictures import Shown
from recommender.report.sections import Part, parts_of, title_of
from recommender.report.tables import Table

_STYLE = """
body { font: 16px/1.5 sans-serif; color: #1b1f24; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; display: block; overflow-x: auto; }
th, td { border: 1px solid #d8dee4; padding: .3rem .6rem; text-align: left; vertical-align: top; }
figure { margin: 1rem 0; } svg { max-width: 100%; height: auto; } figcaption { color: #57606a; }
code { background: #f3f4f6; padding: 0 .2rem; overflow-wrap: anywhere; }
"""
#: Nothing may be loaded or run, whatever a browser is made to think that it reads.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:"


def to_html(figures: Figures) -> str:
    """Return the report as a whole HTML document."""
    title = title_of(figures)
    body = "\n".join(_part(part) for part in parts_of(figures))
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{escape(_POLICY)}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{escape(title.replace('`', ''))}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{_words(title)}</h1>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _part(part: Part) -> str:
    pieces = [f"<h2>{_words(part.title)}</h2>"]
    if part.text:
        pieces.append(f"<p>{_words(part.text)}</p>")
    pieces += [_figure(shown) for shown in part.pictures]
    pieces += [table for one in part.tables if one.rows for table in _table(one)]
    return "<section>\n" + "\n".join(pieces) + "\n</section>"


def _figure(shown: Shown) -> str:
    return f"<figure>\n{shown.svg}\n<figcaption>{_words(shown.caption)}</figcaption>\n</figure>"


def _table(table: Table) -> Iterator[str]:
    header = "".join(f'<th scope="col">{_words(text)}</th>' for text in table.header)
    yield f"<table>\n<thead><tr>{header}</tr></thead>\n<tbody>"
    for row in table.rows:
        yield "<tr>" + "".join(f"<td>{_words(text)}</td>" for text in row) + "</tr>"
    yield "</tbody>\n</table>"


def _words(text: str) -> str:
    """Return `text` escaped, what stands between backticks as code."""
    return re.sub(r"`([^`]*)`", r"<code>\1</code>", escape(text))
