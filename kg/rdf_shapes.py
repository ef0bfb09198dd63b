"""The shapes that items must have before they are written: SHACL, as laid down in ``kg/ontology/shapes.ttl``.

The types of `kg.model` hold each value to its rules already. The shapes hold what is about to be written to what the
graph promises its readers, whatever wrote it: provenance complete, figures typed, citations there.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from kg.errors import RecordError
from kg.model import Dataset, Evidence, Iri, Run
from kg.rdf_convert import to_quads

if TYPE_CHECKING:
    import rdflib

#: Items that are checked at once: pyshacl's time grows faster than the graph it is given.
_CHUNK = 200


@dataclass(frozen=True)
class Violation:
    """What is wrong with one item."""

    iri: Iri
    """The item, or the node of it that is wrong."""
    path: str
    """The property that is wrong; empty where it is the item as a whole, or a chain of properties."""
    message: str
    value: str = ""
    """What stands there; empty where nothing does."""


def validate(items: Iterable[Dataset | Run | Evidence]) -> tuple[Violation, ...]:
    """Return what keeps `items` from being written, by IRI; empty where nothing does.

    Takes one to eight thousandths of a second an item: check all evidence, and of very many like runs a sample.
    """
    found: list[Violation] = []
    chunk: list[Any] = []
    for item in items:
        try:
            chunk.append(to_quads(item))
        except RecordError as error:
            found.append(Violation(Iri(str(getattr(item, "iri", ""))), "", str(error)))
        if len(chunk) == _CHUNK:
            found += _violations(chunk)
            chunk = []
    found += _violations(chunk)
    return tuple(sorted(set(found), key=lambda one: (one.iri, one.path, one.message)))


def _violations(quads: list[Any]) -> list[Violation]:
    if not quads:
        return []
    import pyshacl
    import rdflib

    graph = rdflib.Graph()
    for item in quads:
        for quad in item:
            graph.add((_rdflib(quad.subject), _rdflib(quad.predicate), _rdflib(quad.object)))
    conforms, report, _ = pyshacl.validate(graph, shacl_graph=_shapes(), inference="none", meta_shacl=False)
    return [] if conforms else _results(report)


def _results(report: rdflib.Graph) -> list[Violation]:
    from rdflib import URIRef
    from rdflib.namespace import RDF, SH

    def path(result: Any) -> str:
        found = report.value(result, SH.resultPath)
        return str(found) if isinstance(found, URIRef) else ""

    return [
        Violation(
            Iri(str(report.value(result, SH.focusNode))),
            path(result),
            str(report.value(result, SH.resultMessage) or ""),
            str(report.value(result, SH.value) or ""),
        )
        for result in report.subjects(RDF.type, SH.ValidationResult)
    ]


def _rdflib(term: Any) -> Any:
    import rdflib
    from pyoxigraph import NamedNode

    if isinstance(term, NamedNode):
        return rdflib.URIRef(term.value)
    return rdflib.Literal(term.value, datatype=rdflib.URIRef(term.datatype.value))


@cache
def _shapes() -> rdflib.Graph:
    import rdflib

    text = resources.files("kg.ontology").joinpath("shapes.ttl").read_text("utf-8")
    return rdflib.Graph().parse(data=text, format="turtle")
