"""Items as rows for Neo4j: nodes by their labels, relationships by their type.

One node an IRI. An item's node has its source and the digest of its content, a part of it the item as its owner;
nodes that are shared by content (spaces, provenance) own their parts in the same way and have no source.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Final, TypeAlias

from pyoxigraph import Literal, Quad

from kg.model import Dataset, Evidence, Iri, Run
from kg.neo4j_terms import DIGEST, MEMBER, OWNER, RESOURCE, SOURCE, name_of, to_property
from kg.rdf_convert import is_shared, to_quads
from kg.rdf_items import item_digest
from kg.rdf_mapping import SHARED_PREFIXES
from kg.rdf_terms import RDF, TYPE

Labels: TypeAlias = tuple[str, ...]
Row: TypeAlias = dict[str, Any]

_MEMBER: Final = RDF + "_"


@dataclass(frozen=True)
class Staged:
    """An item that is about to be written."""

    iri: Iri
    source: str
    digest: int
    """Names its content: the same number as the embedded store's, so that fingerprints agree."""
    quads: tuple[Quad, ...]


@dataclass
class Rows:
    """What a batch of items is made of."""

    nodes: dict[Labels, dict[str, Row]] = field(default_factory=lambda: defaultdict(dict))
    """Labels -> IRI -> all properties of the node."""
    links: dict[str, dict[tuple[str, str, int | None], None]] = field(default_factory=lambda: defaultdict(dict))
    """Type of relationship -> (from, to, place in a sequence), in order."""


def staged(item: Dataset | Run | Evidence) -> Staged:
    """Convert an item.

    Raises:
        RecordError: It has no place in the graph, or an IRI in it is none.
    """
    quads = tuple(to_quads(item))
    own = {quad for quad in quads if not is_shared(quad.subject)}
    return Staged(item.iri, item.provenance.source, item_digest(own), quads)


def rows_of(items: Iterable[Staged]) -> Rows:
    """Return the rows of `items`; what they share comes once."""
    rows = Rows()
    for item in items:
        _take(item, rows)
    return rows


def shared_root(iri: str) -> str | None:
    """Return the shared node that `iri` is or is a part of; None where it is neither."""
    for prefix in SHARED_PREFIXES:
        if iri.startswith(prefix):
            return prefix + iri[len(prefix) :].split("/", 1)[0]
    return None


def _take(item: Staged, rows: Rows) -> None:
    labels: dict[str, set[str]] = defaultdict(set)
    properties: dict[str, Row] = {}
    for quad in item.quads:
        subject: str = quad.subject.value  # type: ignore[union-attr]
        if subject not in properties:
            properties[subject] = _keeping(subject, item)
        if quad.predicate == TYPE:
            labels[subject].add(name_of(quad.object.value))  # type: ignore[union-attr]
        elif isinstance(quad.object, Literal):
            name, value = to_property(quad.predicate.value, quad.object)
            properties[subject][name] = value
        else:
            kind, place = _link(quad.predicate.value)
            rows.links[kind][subject, quad.object.value, place] = None  # type: ignore[union-attr]
    for subject, row in properties.items():
        rows.nodes[RESOURCE, *sorted(labels[subject])][subject] = row


def _keeping(subject: str, item: Staged) -> Row:
    """Return what a node says of whom it belongs to."""
    root = shared_root(subject)
    if root is not None:
        return {"iri": subject} if root == subject else {"iri": subject, OWNER: root}
    if subject == item.iri:
        return {"iri": subject, SOURCE: item.source, DIGEST: f"{item.digest:032x}"}
    return {"iri": subject, SOURCE: item.source, OWNER: item.iri}


def _link(predicate: str) -> tuple[str, int | None]:
    if predicate.startswith(_MEMBER):
        return MEMBER, int(predicate[len(_MEMBER) :])
    return name_of(predicate), None
