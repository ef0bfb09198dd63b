"""Items as quads and back, without loss; total over data sets, runs and evidence, and raising on the rest."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, Final

from pydantic import ValidationError
from pyoxigraph import NamedNode, Quad

from kg.errors import RecordError
from kg.iris import source_iri
from kg.model import Dataset, Evidence, Run
from kg.model.base import Value
from kg.rdf_codecs import Properties, Reader, Writer
from kg.rdf_mapping import ITEMS, LAYOUTS, SHARED_PREFIXES
from kg.rdf_terms import TYPE, Term, node

#: Reads what is said of a node.
Fetch = Callable[[NamedNode], Properties]


def to_quads(item: Dataset | Run | Evidence) -> list[Quad]:
    """Return the quads of `item`, in the named graph of its source.

    Raises:
        RecordError: It is no data set, run or evidence, or an IRI in it is none.
    """
    layout = LAYOUTS.get(type(item))
    if layout is None or "iri" not in layout.cls.model_fields:
        allowed = ", ".join(sorted(known.cls.__name__ for known in ITEMS.values()))
        raise RecordError(f"{type(item).__name__} has no place in the graph. Allowed: {allowed}.")
    if isinstance(item, Run) and item.dataset.startswith(f"{item.iri}/"):
        raise RecordError(f"{item.iri}: its data set {item.dataset!r} is named as if it were a part of the run.")
    writer = Writer(LAYOUTS, graph_of(item.provenance.source), getattr(item, "learner", None))
    layout.write(writer, node(item.iri), item)
    return writer.quads


def from_quads(quads: Iterable[Quad]) -> list[Dataset | Run | Evidence]:
    """Return the items that `quads` hold, by IRI, validated.

    Raises:
        RecordError: They do not make valid items; says which node and why.
    """
    said: dict[NamedNode, dict[str, list[Term]]] = {}
    for quad in quads:
        said.setdefault(quad.subject, {}).setdefault(quad.predicate.value, []).append(quad.object)  # type: ignore
    reader = Reader(LAYOUTS, lambda subject: said.get(subject, {}))
    subjects = sorted((one for one in said if item_class(said[one]) is not None), key=lambda one: one.value)
    return [_validated(reader, subject) for subject in subjects]


def read_item(reader: Reader, subject: NamedNode) -> Any:
    """Return the item at `subject`; None where there is none. Trusts the triples: they were valid when written."""
    said = reader.properties(subject)
    cls = item_class(said)
    return None if cls is None else ITEMS[cls].read(reader, subject, said)


def item_class(said: Properties) -> str | None:
    """Return the class, of all that is said of a node, that makes it an item; None where it is none."""
    return next((term.value for term in said.get(TYPE.value, ()) if term.value in ITEMS), None)


def graph_of(source: str) -> NamedNode:
    """Return the named graph that holds all that came from `source`."""
    return NamedNode(source_iri(source))


def is_shared(term: Any) -> bool:
    """Say whether `term` is a node that is named by its content and may belong to many items."""
    return isinstance(term, NamedNode) and term.value.startswith(SHARED_PREFIXES)


def is_part(term: Any, owner: NamedNode, predicate: str) -> bool:
    """Say whether `term` is a node that lives and dies with `owner`."""
    return predicate in OWNING and isinstance(term, NamedNode) and term.value.startswith(owner.value + "/")


def _validated(reader: Reader, subject: NamedNode) -> Dataset | Run | Evidence:
    try:
        item: Value = read_item(reader, subject)
        return type(item).model_validate(item.model_dump(warnings=False))  # type: ignore[return-value]
    except (KeyError, IndexError, ValueError, AttributeError, TypeError) as error:
        reason = "; ".join(e["msg"] for e in error.errors()) if isinstance(error, ValidationError) else str(error)
        raise RecordError(f"{subject}: not a valid item: {reason}") from error


#: Predicates whose objects may be nodes of the subject's own.
OWNING: Final = frozenset(
    place.predicate.value for layout in LAYOUTS.values() for place in layout.places if place.codec.owns
)
