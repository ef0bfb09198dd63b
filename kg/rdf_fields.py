"""Fields: the codec that a field's annotation asks for, and the layout of a whole type.

A field whose annotation has no codec is an error when the table is built, never a silent loss.
"""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import lru_cache
from typing import Any, Final

from pydantic_core import PydanticUndefined
from pyoxigraph import NamedNode

from kg.iris import TERMS, hyperparameter_iri, learner_iri, metric_iri, software_iri, source_iri
from kg.model.base import FrozenMapping, Iri, Value
from kg.rdf_codecs import ABSENT, Atom, Codec, Entries, Json, Sequence
from kg.rdf_nodes import Nested, NestedMany, Place, ValueLayout
from kg.rdf_terms import (
    PROV,
    date_term,
    float_term,
    integer_term,
    last_segment,
    node,
    text_term,
    tg,
    time_term,
    to_value,
    value_term,
)


def _literal(to: Callable[[Any], Any], back: Callable[[str], Any]) -> Atom:
    return Atom(lambda value, _: to(value), lambda term: back(term.value))


def _named(iri: Callable[[str], str]) -> Atom:
    """Return the atom of a canonical name that the graph knows as a node."""
    cached = lru_cache(maxsize=4096)(lambda name: NamedNode(iri(name)))
    return _literal(cached, lru_cache(maxsize=4096)(last_segment))


@lru_cache(maxsize=4096)
def _hyperparameter(name: str, learner: str | None) -> NamedNode:
    if learner is not None:
        return NamedNode(hyperparameter_iri(learner, name))
    return NamedNode(learner_iri(name).replace("/learner/", "/hyperparameter/", 1))


TEXT: Final = _literal(text_term, str)
INTEGER: Final = _literal(integer_term, int)
REAL: Final = _literal(float_term, float)
FLAG: Final = _literal(value_term, lambda text: text == "true")
REFERENCE: Final = _literal(node, Iri)
LEARNER: Final = _named(learner_iri)
METRIC: Final = _named(metric_iri)
SOURCE: Final = _named(source_iri)
SOFTWARE: Final = _named(software_iri)
VALUE: Final = Atom(lambda value, _: value_term(value), to_value)
#: A hyper-parameter of the item's learner.
HYPERPARAMETER: Final = Atom(_hyperparameter, lambda term: last_segment(term.value))

_ATOMS: Final[dict[Any, Atom]] = {
    str: TEXT,
    int: INTEGER,
    float: REAL,
    bool: FLAG,
    date: _literal(date_term, date.fromisoformat),
    datetime: _literal(time_term, datetime.fromisoformat),
    Iri: REFERENCE,
}
_VALUE_TYPES: Final = {bool, int, float, str, types.NoneType}

#: Terms that a field of that name has in every type.
COMMON_TERMS: Final = {"provenance": NamedNode(PROV + "wasDerivedFrom")}


def term_of(enumeration: type[StrEnum]) -> Atom:
    """Return the atom of an enumeration: each member is one of our own terms."""
    return _literal(lambda member: tg(member.value), lambda iri: enumeration(iri[len(TERMS) :]))


@dataclass(frozen=True)
class Entity:
    """How a value type is said in RDF: what its annotations do not tell."""

    cls: type[Value]
    types: tuple[NamedNode, ...] = ()
    """Classes of its node; the first tells which type it is."""
    terms: Mapping[str, NamedNode] = field(default_factory=dict)
    """Predicates that are not ``tg:<fieldInCamelCase>``."""
    codecs: Mapping[str, Codec] = field(default_factory=dict)
    omit: frozenset[str] = frozenset({"kind", "iri"})
    """Fields that are not written: the class of the node says the kind, the node is the IRI."""
    dump: Callable[[Any], Mapping[str, Any]] = vars
    """Gives the fields to write."""
    load: Callable[[dict[str, Any]], dict[str, Any]] = dict
    """Makes fields of what was read."""
    extra: tuple[Place, ...] = ()
    """Places that are no field of the type; `dump` and `load` know them."""


def layout_of(entity: Entity, defaults: Mapping[type, Callable[[str], Codec]]) -> ValueLayout:
    """Return the layout of a type.

    Args:
        entity: What its annotations do not tell.
        defaults: Type -> codec for a field of that type and name, where it is not simply nested.

    Raises:
        TypeError: A field has no codec.
    """
    places = [
        _place(entity, name, info.annotation, info.get_default(call_default_factory=True), defaults)
        for name, info in entity.cls.model_fields.items()
        if name not in entity.omit
    ]
    return ValueLayout(entity.cls, entity.types, (*places, *entity.extra), entity.dump, entity.load)


def _place(
    entity: Entity, name: str, annotation: Any, default: Any, defaults: Mapping[type, Callable[[str], Codec]]
) -> Place:
    bare, optional = _without_none(annotation)
    codec = entity.codecs.get(name) or codec_for(bare, name, defaults)
    term = entity.terms.get(name) or COMMON_TERMS.get(name) or tg(_camel(name))
    container = _empty(bare)
    if default is PydanticUndefined:
        return Place(name, term, codec, not optional, None if optional else container)
    if container is not ABSENT and default is not None:
        if len(default) > 0:
            raise TypeError(f"{entity.cls.__name__}.{name}: a container must be empty or None by default")
        return Place(name, term, codec, required=False, empty=container)
    # A default that says something is written too, so that it can be asked about.
    says = isinstance(default, bool | int | float) or (isinstance(default, str) and default != "")
    return Place(name, term, codec, says, default)


def codec_for(annotation: Any, name: str, defaults: Mapping[type, Callable[[str], Codec]]) -> Codec:
    """Return the codec of a field by its annotation.

    Raises:
        TypeError: There is none.
    """
    atom = _atom(annotation)
    if atom is not None:
        return atom
    if annotation in defaults:
        return defaults[annotation](name)
    if classes := _value_classes(annotation):
        return Nested(classes, name)
    if isinstance(annotation, type) and issubclass(annotation, FrozenMapping):
        return _mapping_codec(annotation, name)
    if typing.get_origin(annotation) is tuple:
        return _tuple_codec(typing.get_args(annotation), name)
    raise TypeError(f"{name}: no RDF term is known for {annotation!r}")


def _tuple_codec(arguments: tuple[Any, ...], name: str) -> Codec:
    if arguments[1:] == (...,):
        if classes := _value_classes(arguments[0]):
            return NestedMany(classes, name)
        if atom := _atom(arguments[0]):
            return Sequence(atom, name)
    return Json(tuple)


def _mapping_codec(cls: type[FrozenMapping[Any, Any]], name: str) -> Codec:
    annotation = cls.model_fields["root"].annotation
    atom = _atom(typing.get_args(annotation)[1])
    if atom is None:
        return Json(cls.model_construct)
    return Entries(name, tg("key"), tg("value"), TEXT, atom, cls.model_construct)


def _atom(annotation: Any) -> Atom | None:
    if _members(annotation) == _VALUE_TYPES:
        return VALUE
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return term_of(annotation)
    if typing.get_origin(annotation) is typing.Literal:
        return TEXT
    return _ATOMS.get(annotation)


def _value_classes(annotation: Any) -> tuple[type[Value], ...]:
    if typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    members = typing.get_args(annotation) if _members(annotation) else (annotation,)
    return tuple(members) if all(isinstance(m, type) and issubclass(m, Value) for m in members) else ()


def _members(annotation: Any) -> set[Any]:
    """Return the members of a union; empty for anything else."""
    if typing.get_origin(annotation) in {types.UnionType, typing.Union}:
        return set(typing.get_args(annotation))
    return set()


def _without_none(annotation: Any) -> tuple[Any, bool]:
    members = _members(annotation)
    if types.NoneType not in members or members == _VALUE_TYPES:
        return annotation, False
    kept = [m for m in typing.get_args(annotation) if m is not types.NoneType]
    return (kept[0] if len(kept) == 1 else typing.Union[tuple(kept)]), True  # noqa: UP007  # built at run time


def _empty(annotation: Any) -> Any:
    """Return the empty container of `annotation`; `ABSENT` where it is no container."""
    if typing.get_origin(annotation) is tuple:
        return ()
    if isinstance(annotation, type) and issubclass(annotation, FrozenMapping):
        return annotation.model_construct({})
    return ABSENT


def _camel(name: str) -> str:
    return re.sub(r"_(\w)", lambda match: match[1].upper(), name)
