"""One thing of the graph as a page: what is said of it, and what refers to it. No script, nothing from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from kg.iris import BASE
from kg.rdf_terms import PREFIXES

#: Where things of the graph are answered.
PATH: Final = "/id/"
#: What a page may load: nothing but the style that it brings.
POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
#: Longest literal that is shown whole.
_LONGEST: Final = 2_000
_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse;width:100%}td,th{border-top:1px solid #ccc;padding:.3rem .6rem;text-align:left;"
    "vertical-align:top;overflow-wrap:anywhere}th{font-weight:600;width:16rem}small{color:#555}"
)
_NAMES: Final = ("http://www.w3.org/2000/01/rdf-schema#label", "http://purl.org/dc/terms/title")


@dataclass(frozen=True)
class Statement:
    """One line of a page: a property, and the thing or text on its other side."""

    property: str
    value: str
    is_iri: bool
    name: str = ""
    """What the thing is called, where it is known."""
    graph: str = ""
    """The named graph that says so."""


def statements_of(answer: bytes, other: str) -> tuple[Statement, ...]:
    """Return the lines in an answer as SPARQL JSON.

    Args:
        answer: With the variables ``property`` and `other`, and perhaps ``name`` and ``graph``.
        other: The variable of the other side.
    """
    rows = json.loads(answer)["results"]["bindings"]
    return tuple(_statement(row, other) for row in rows)


def page_of(iri: str, said: Iterable[Statement], mentions: Iterable[Statement]) -> str:
    """Return the page of the thing `iri`; all that stands on it is escaped.

    Args:
        iri: The thing.
        said: What is said of it.
        mentions: What refers to it.
    """
    said, mentions = tuple(said), tuple(mentions)
    name = next((s.value for s in said if s.property in _NAMES), iri.removeprefix(BASE))
    path = escape(path_of(iri))
    parts = [
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(name)} - Tunegraph</title>',
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>',
        f'<link rel="alternate" type="text/turtle" href="{path}?format=turtle">',
        f'<link rel="alternate" type="application/ld+json" href="{path}?format=jsonld"></head><body>',
        f"<h1>{escape(name)}</h1><p><code>{escape(iri)}</code></p>",
        f'<p>Also as <a href="{path}?format=turtle">Turtle</a>, <a href="{path}?format=jsonld">JSON-LD</a>, '
        f'<a href="{path}?format=ntriples">N-Triples</a>.</p>',
        _table("What is said of it", said, iri),
        _table("What refers to it", mentions, iri),
        "</body></html>",
    ]
    return "\n".join(part for part in parts if part)


def path_of(iri: str) -> str:
    """Return where `iri` is answered: on this server where it is one of ours, else where it says."""
    return PATH + iri.removeprefix(BASE) if iri.startswith(BASE) else iri


def short(iri: str) -> str:
    """Return `iri` with one of the known prefixes, or as it is."""
    for prefix, start in PREFIXES.items():
        if iri.startswith(start) and len(iri) > len(start):
            return f"{prefix}:{iri.removeprefix(start)}"
    return iri.removeprefix(BASE)


def _table(title: str, statements: tuple[Statement, ...], iri: str) -> str:
    if not statements:
        return ""
    rows = "\n".join(
        f"<tr{_anchor(s, iri)}><th>{_link(s.property, short(s.property))}</th><td>{_value(s)}</td></tr>"
        for s in statements
    )
    return f"<h2>{escape(title)}</h2>\n<table>\n{rows}\n</table>"


def _anchor(statement: Statement, iri: str) -> str:
    """Return what lets the address of a term, ``ns#Evidence``, lead to its line on the page of its vocabulary."""
    start = f"{iri}#"
    if not (statement.is_iri and statement.value.startswith(start)):
        return ""
    return f' id="{escape(statement.value.removeprefix(start))}"'


def _value(statement: Statement) -> str:
    if statement.is_iri:
        name = f" <small>{escape(statement.name)}</small>" if statement.name else ""
        shown = _link(statement.value, short(statement.value)) + name
    else:
        cut = statement.value[:_LONGEST]
        rest = len(statement.value) - len(cut)
        shown = escape(cut) + (f" <small>... and {rest} characters more</small>" if rest else "")
    origin = f" <small>({escape(short(statement.graph))})</small>" if statement.graph else ""
    return shown + origin


def _link(iri: str, text: str) -> str:
    # An IRI may begin with javascript: as well as with http:.
    if urlsplit(iri).scheme not in {"http", "https"}:
        return escape(text)
    return f'<a href="{escape(path_of(iri))}" rel="nofollow noreferrer">{escape(text)}</a>'


def _statement(row: Mapping[str, Mapping[str, Any]], other: str) -> Statement:
    return Statement(
        property=row["property"]["value"],
        value=row[other]["value"],
        is_iri=row[other]["type"] == "uri",
        name=row.get("name", {}).get("value", ""),
        graph=row.get("graph", {}).get("value", ""),
    )
