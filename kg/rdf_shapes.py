"""The shapes that items must have before they are written: SHACL, as laid down in ``kg/ontology/shapes.ttl``.

The types of `kg.model` hold each value to its rules already. The shapes hold what is about to be written to what the
graph promises its readers, whatever wrote it: provenance complete, figures typed, citations there.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any, TypeAlias

from pyoxigraph import Quad

from kg.errors import RecordError
from kg.model import Dataset, Evidence, Iri, Run
from kg.rdf_convert import to_quads
from kg.store import Violation

if TYPE_CHECKING:
    import rdflib

#: Items that are checked at once: pyshacl's time grows faster than the graph it is given.
_CHUNK = 200


_Item: TypeAlias = tuple[Iri, list[Quad]]


def validate(items: Iterable[Dataset | Run | Evidence]) -> tuple[Violation, ...]:
    """Return what keeps `items` from being written, by IRI; empty where nothing does.

    Every item is held to every shape. A fault of a node that several items share is one of each of them.
    """
    found: list[Violation] = []
    chunk: list[_Item] = []
    for item in items:
        iri = Iri(str(getattr(item, "iri", "")))
        try:
            chunk.append((iri, to_quads(item)))
        except RecordError as error:
            found.append(Violation(iri, "", str(error)))
        if len(chunk) == _CHUNK:
            found += _violations(chunk)
            chunk = []
    found += _violations(chunk)
    return tuple(sorted(set(found), key=lambda one: (one.iri, one.path, one.message, one.value)))


def _violations(items: list[_Item]) -> list[Violation]:
    if not items:
        return []
    import pyshacl
    import rdflib

    graph, named = rdflib.Graph(), _named()
    for _, quads in items:
        for quad in quads:
            if quad.predicate.value in named:
                graph.add((_rdflib(quad.subject), _rdflib(quad.predicate), _rdflib(quad.object)))
    conforms, report, _ = pyshacl.validate(graph, shacl_graph=_shapes(), inference="none", meta_shacl=False)
    return [] if conforms else _by_item(_results(report), items)


def _by_item(found: list[Violation], items: list[_Item]) -> list[Violation]:
    """Return violations of nodes as violations of the items that the nodes belong to."""
    owners: dict[str, list[Iri]] = {}
    for iri, quads in items:
        for subject in {quad.subject.value for quad in quads}:  # type: ignore[union-attr]
            owners.setdefault(subject, []).append(iri)
    return [Violation(iri, one.path, one.message, one.value) for one in found for iri in owners[one.iri]]


def _results(report: rdflib.Graph) -> list[Violation]:
    from rdflib import URIRef
    from rdflib.namespace import RDF, SH

    def path(result: Any) -> str:
        found = report.value(result, SH.resultPath)
        return str(found) if isinstance(found, URIRef) else ""

    def text(term: Any) -> str:
        return "" if term is None else str(term)  # a literal 0 is false

    return [
        Violation(
            Iri(str(report.value(result, SH.focusNode))),
            path(result),
            text(report.value(result, SH.resultMessage)),
            text(report.value(result, SH.value)),
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


@cache
def _named() -> frozenset[str]:
    """Return the IRIs that the shapes name, and that of ``a``: any other property is nothing to them."""
    import rdflib

    return frozenset(str(term) for term in (*_shapes().all_nodes(), rdflib.RDF.type) if isinstance(term, rdflib.URIRef))
