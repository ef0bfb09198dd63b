"""RDF terms as a property graph says them, and back: names of labels, relationships and properties, and values.

    mls:Run, tg:Evidence     labels `mls__Run`, `Evidence`      (our own terms are bare, others carry their prefix)
    ?run mls:executes ?l     (run)-[:mls__executes]->(l)
    ?e tg:score 0.9          e.score = 0.9
    ?p tg:retrieved "..."    p.`retrieved@date` = "2026-11-01"  (what the property types lose is said after the @)

The prefixes are those that the RDF side declares (`kg.rdf_terms.PREFIXES`), in the manner of Neo4j's neosemantics.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from typing import Any, Final

from pyoxigraph import Literal, NamedNode

from kg.errors import RecordError
from kg.rdf_terms import PREFIXES, RDF, XSD, Term, float_term, integer_term

#: Every node of ours has this label; its `iri` is unique.
RESOURCE: Final = "Resource"
#: Property of an item and of its parts: the name of the source that it came from.
SOURCE: Final = "_source"
#: Property of an item alone: the digest of its content.
DIGEST: Final = "_digest"
#: Property of a part: the IRI of the item, or of the shared node, that it lives and dies with.
OWNER: Final = "_owner"
#: Relationship from a sequence to a member that is a node; its `place` counts from 1.
MEMBER: Final = "rdf__member"

_OWN: Final = "tg"
_JOIN: Final = "__"
_PLAIN: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
#: Begins the text of a whole number that the property types cannot hold, and of a text that begins so itself.
_MARK: Final = "\ue000"
_LIMIT: Final = 1 << 63

#: Datatype -> what stands after the @ in the name of a property whose value is the literal's text.
_WRITTEN_OUT: Final = {XSD + "date": "date", XSD + "dateTime": "dateTime", RDF + "JSON": "JSON"}
_DATATYPES: Final = {suffix: NamedNode(datatype) for datatype, suffix in _WRITTEN_OUT.items()}
#: What stands after the @ in the name of a column -> how its text becomes a plain value; other text stays text.
_COLUMNS: Final[dict[str, Callable[[str], Any]]] = {"date": date.fromisoformat}


def name_of(iri: str) -> str:
    """Return the name of a class or property: ``sampleSize``, ``mls__Run``, ``quality__NumberOfInstances``.

    Raises:
        RecordError: It is of no vocabulary that the graph uses.
    """
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            local = iri[len(namespace) :]
            return local if prefix == _OWN else f"{prefix}{_JOIN}{local}"
    raise RecordError(f"{iri} is of no known vocabulary. Allowed: {', '.join(PREFIXES)}.")


def iri_of(name: str) -> str:
    """Return the IRI of the class or property that `name_of` gave that name."""
    prefix, join, local = name.partition(_JOIN)
    return PREFIXES[prefix] + local if join and prefix in PREFIXES else PREFIXES[_OWN] + name


def quoted(*names: str) -> str:
    """Return names of labels or of a relationship as Cypher says them: ``:`mls__Run`:`Evidence```.

    Raises:
        RecordError: A name has other characters than letters, digits and _: it cannot be ours.
    """
    for name in names:
        if not _PLAIN.fullmatch(name):
            raise RecordError(f"{name!r} is no name of a class or relationship. Allowed: letters, digits and _.")
    return "".join(f":`{name}`" for name in names)


def to_property(predicate: str, literal: Literal) -> tuple[str, Any]:
    """Return the name and the value of the property that says that `predicate` is `literal`.

    Raises:
        RecordError: The literal's datatype is none that the graph uses.
    """
    name, datatype, text = name_of(predicate), literal.datatype.value, literal.value
    if datatype in _WRITTEN_OUT:
        return f"{name}@{_WRITTEN_OUT[datatype]}", text
    if datatype not in _VALUES:
        raise RecordError(f"{literal} has a datatype that the graph has no place for.")
    return name, _VALUES[datatype](text)


def from_property(name: str, value: Any) -> tuple[str, Literal]:
    """Return the predicate and the literal of a property that `to_property` made."""
    bare, _, suffix = name.partition("@")
    if suffix:
        return iri_of(bare), Literal(value, datatype=_DATATYPES[suffix])
    return iri_of(bare), _literal(to_plain_value(value))


def to_plain_value(value: Any) -> Any:
    """Return the plain value that a property stands for: whole numbers of any size, text as it was."""
    if isinstance(value, str) and value.startswith(_MARK):
        rest = value[1:]
        return rest if rest.startswith(_MARK) else int(rest)
    return value


def to_column(name: str, value: Any) -> tuple[str, Any]:
    """Return the name and the plain value of a column: ``retrieved@date`` is a `date` named ``retrieved``."""
    bare, _, suffix = name.partition("@")
    if suffix in _COLUMNS and value is not None:
        return bare, _COLUMNS[suffix](value)
    return bare, to_plain_value(value)


def to_parameter(term: Term) -> Any:
    """Return a term as the value of a parameter: IRIs as text, literals as in a property."""
    return term.value if isinstance(term, NamedNode) else to_property(PREFIXES[_OWN], term)[1]


def _integer(text: str) -> int | str:
    number = int(text)
    return number if -_LIMIT <= number < _LIMIT else f"{_MARK}{number}"


def _literal(value: Any) -> Literal:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return Literal(value)
    return integer_term(value) if isinstance(value, int) else float_term(value)


_VALUES: Final[dict[str, Callable[[str], Any]]] = {
    XSD + "string": lambda text: _MARK + text if text.startswith(_MARK) else text,
    XSD + "boolean": lambda text: text == "true",
    XSD + "integer": _integer,
    XSD + "double": float,
}
