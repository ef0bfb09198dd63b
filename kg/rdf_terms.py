"""RDF terms: the vocabularies in use, and plain Python values as terms and back.

Nothing but the `kg.rdf_*` modules knows an RDF term.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, Final, TypeAlias
from urllib.parse import quote, unquote

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.errors import RecordError
from kg.iris import BASE, TERMS
from kg.model import ParameterValue

Term: TypeAlias = NamedNode | Literal
"""What the graph holds: there are no blank nodes, so that every node can be named, cited and removed."""

MLS: Final = "http://www.w3.org/ns/mls#"
PROV: Final = "http://www.w3.org/ns/prov#"
DCAT: Final = "http://www.w3.org/ns/dcat#"
DCTERMS: Final = "http://purl.org/dc/terms/"
RDF: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
RDFS: Final = "http://www.w3.org/2000/01/rdf-schema#"
XSD: Final = "http://www.w3.org/2001/XMLSchema#"

#: One property a meta-feature: ``?dataset quality:NumberOfInstances ?rows``.
QUALITY: Final = BASE + "quality/"
#: One property a quantile level: ``?quantiles quantile:0.5 ?median``.
QUANTILE: Final = BASE + "quantile/"
#: One property a number of random trials: ``?summary after:10 ?expected_best``.
AFTER: Final = BASE + "after/"

#: Prefixes that every query may use without declaring them.
PREFIXES: Final[dict[str, str]] = {
    "tg": TERMS,
    "mls": MLS,
    "prov": PROV,
    "dcat": DCAT,
    "dcterms": DCTERMS,
    "rdf": RDF,
    "rdfs": RDFS,
    "xsd": XSD,
    "quality": QUALITY,
    "quantile": QUANTILE,
    "after": AFTER,
}

TYPE: Final = NamedNode(RDF + "type")
LABEL: Final = NamedNode(RDFS + "label")
_JSON: Final = NamedNode(RDF + "JSON")
_DATE: Final = NamedNode(XSD + "date")
_TIME: Final = NamedNode(XSD + "dateTime")
_INTEGER: Final = NamedNode(XSD + "integer")
_FLOAT_TYPES: Final = frozenset(XSD + name for name in ("double", "float", "decimal"))


def tg(name: str) -> NamedNode:
    """Return one of our own terms."""
    return NamedNode(TERMS + name)


def mls(name: str) -> NamedNode:
    """Return a term of ML-Schema."""
    return NamedNode(MLS + name)


#: The value ``None`` of a hyper-parameter (as in ``max_depth=None``), which is not the absence of a value.
NONE: Final = tg("none")


def node(text: str) -> NamedNode:
    """Return the node that the IRI `text` names.

    Raises:
        RecordError: `text` is no absolute IRI.
    """
    try:
        return NamedNode(text)
    except ValueError as error:
        raise RecordError(f"{text!r} is no absolute IRI: {error}. Allowed: such as {BASE}dataset/iris.") from error


def child(parent: NamedNode, *segments: str) -> NamedNode:
    """Return the node that belongs to `parent` under `segments`: ``<parent>/setting/max_depth``."""
    return NamedNode("/".join((parent.value, *(quote(s, safe="-._~") for s in segments))))


def last_segment(iri: str) -> str:
    """Return the name that the last segment of `iri` quotes."""
    return unquote(iri.rsplit("/", 1)[-1])


def text_term(value: str) -> Literal:
    """Return `value` as xsd:string."""
    return Literal(value)


def integer_term(value: int) -> Literal:
    """Return `value` as xsd:integer, whatever its size."""
    return Literal(str(int(value)), datatype=_INTEGER)


def float_term(value: float) -> Literal:
    """Return `value` as xsd:double, in the form that the store gives back (so that equal values are equal terms)."""
    return Literal(float(value))


def date_term(value: date) -> Literal:
    """Return `value` as xsd:date."""
    return Literal(value.isoformat(), datatype=_DATE)


def time_term(value: datetime) -> Literal:
    """Return a time in UTC as xsd:dateTime, in the form that the store gives back."""
    return Literal(value.isoformat().replace("+00:00", "Z"), datatype=_TIME)


def json_term(value: Any) -> Literal:
    """Return a JSON value as rdf:JSON, the same text for the same value."""
    text = json.dumps(value, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return Literal(text, datatype=_JSON)


def value_term(value: ParameterValue) -> Term:
    """Return a hyper-parameter's value as a term; ``True``, ``1``, ``1.0``, ``"1"`` and ``None`` stay apart."""
    if value is None:
        return NONE
    if isinstance(value, bool):
        return Literal(value)
    if isinstance(value, int):
        return integer_term(value)
    if isinstance(value, float):
        return float_term(value)
    return Literal(value)


#: Datatype -> how its text becomes a Python value; other datatypes stay text.
_DECODERS: Final[dict[str, Callable[[str], Any]]] = {
    XSD + "boolean": lambda text: text in {"true", "1"},
    XSD + "integer": int,
    XSD + "date": date.fromisoformat,
    RDF + "JSON": json.loads,
    **dict.fromkeys(_FLOAT_TYPES, float),
}


def to_value(term: Term) -> ParameterValue:
    """Return the hyper-parameter's value that `term` stands for.

    Raises:
        RecordError: `term` is no such value.
    """
    if isinstance(term, Literal):
        value: ParameterValue = _DECODERS.get(term.datatype.value, str)(term.value)
        return value
    if term == NONE:
        return None
    raise RecordError(f"{term} is no value of a hyper-parameter. Allowed: a literal, or {NONE}.")


def to_plain(term: Term | BlankNode | Triple | None) -> Any:
    """Return any term of an answer as a plain Python value: literals by datatype, IRIs as text, unbound as None."""
    if term is None or term == NONE:
        return None
    if isinstance(term, Literal):
        try:
            return _DECODERS.get(term.datatype.value, str)(term.value)
        except ValueError:
            # A literal that contradicts its datatype is legal RDF: show its text.
            return term.value
    return term.value if isinstance(term, NamedNode) else str(term)
