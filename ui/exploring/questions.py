"""Questions in SPARQL: examples that run, and answers as rows."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from kg.rdf_terms import PREFIXES

if TYPE_CHECKING:
    from kg.sparql.answering import Answer

#: What tables and graphs are answered in.
ROWS, GRAPH = "application/sparql-results+json", "text/turtle"


@dataclass(frozen=True)
class Example:
    """A question to begin with."""

    title: str
    query: str


EXAMPLES: Final = (
    Example(
        "Data sets with fewer than 500 rows",
        "SELECT ?name ?rows ?dataset WHERE {\n"
        "  ?dataset a mls:Dataset ; dcterms:title ?name ; quality:NumberOfInstances ?rows .\n"
        "  FILTER(?rows < 500)\n}\nORDER BY ?rows ?name LIMIT 50",
    ),
    Example(
        "How much is known of each learner",
        "SELECT ?learner (COUNT(?piece) AS ?pieces) (COUNT(DISTINCT ?data) AS ?datasets) WHERE {\n"
        "  ?piece tg:learner ?learner ; tg:dataset ?data .\n}\nGROUP BY ?learner ORDER BY DESC(?pieces)",
    ),
    Example(
        "Published ranges of a learning rate",
        "SELECT ?space ?learner ?low ?high ?log WHERE {\n"
        "  ?evidence a tg:PublishedSpace ; dcterms:title ?space ; tg:learner ?learner ;\n"
        "    tg:space/tg:parameterRange ?range .\n"
        '  ?range rdfs:label "learning_rate" ; tg:low ?low ; tg:high ?high ; tg:log ?log .\n}\n'
        "ORDER BY ?learner ?space",
    ),
    Example(
        "What texts say of random forests, word for word",
        "SELECT ?states ?quote ?document WHERE {\n"
        "  ?claim a tg:Claim ; tg:learner <https://w3id.org/tunegraph/learner/random_forest> ;\n"
        "    tg:statement ?states ; tg:quote ?quote ; tg:document ?document .\n}\nORDER BY ?document LIMIT 50",
    ),
    Example("Is there any run at all?", "ASK { ?run a mls:Run }"),
)


@dataclass(frozen=True)
class Answered:
    """What came of a question."""

    rows: tuple[dict[str, Any], ...] = ()
    """One dict a row: variable -> text or number; None where it is not bound."""
    text: str = ""
    """The answer of ASK, or the triples of CONSTRUCT and DESCRIBE."""


def read_answer(answer: Answer) -> Answered:
    """Return an answer as plain values."""
    if answer.media_type != ROWS:
        return Answered(text=answer.body.decode("utf-8"))
    found = json.loads(answer.body)
    if "boolean" in found:
        return Answered(text="Yes." if found["boolean"] else "No.")
    names = found["head"]["vars"]
    return Answered(rows=tuple({name: _plain(row.get(name)) for name in names} for row in found["results"]["bindings"]))


def as_csv(rows: tuple[dict[str, Any], ...]) -> str:
    """Return rows as CSV; a cell that a spreadsheet would take for a formula is led by an apostrophe."""
    import csv
    import io

    file = io.StringIO()
    writer = csv.DictWriter(file, fieldnames=list(rows[0]) if rows else [])
    writer.writeheader()
    writer.writerows({name: _harmless(value) for name, value in row.items()} for row in rows)
    return file.getvalue()


def prefix_text() -> str:
    """Return the prefixes that need no declaration."""
    return "\n".join(f"PREFIX {name}: <{iri}>" for name, iri in PREFIXES.items())


def _plain(term: dict[str, Any] | None) -> Any:
    if term is None:
        return None
    kind, value = str(term.get("datatype", "")).rpartition("#")[2], term["value"]
    if term["type"] == "literal" and kind in ("integer", "double", "float", "decimal", "long", "int"):
        return float(value) if kind in ("double", "float", "decimal") else int(value)
    return value if isinstance(value, str) else json.dumps(value)


def _harmless(value: Any) -> Any:
    return f"'{value}" if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")) else value
