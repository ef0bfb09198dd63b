"""Codecs: how one field of a value type becomes triples of its subject, and back.

An `Atom` turns one plain value into one term. The others lay out what has structure: nested values, sequences and
mappings, as nodes named after their parent (``<parent>/<segment>/<key>``).
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Final, Protocol, TypeAlias
from urllib.parse import unquote

from pyoxigraph import NamedNode, Quad
from typing_extensions import override

from kg.errors import RecordError
from kg.rdf_terms import RDF, TYPE, Term, child, json_term, to_plain

Properties: TypeAlias = Mapping[str, list[Term]]
"""What is said of one subject: predicate IRI -> objects."""

#: What reading gives where nothing was written.
ABSENT: Final = object()

_MEMBER = RDF + "_"


class Layout(Protocol):
    """How a whole value type is written at a node and read from it."""

    @property
    def types(self) -> tuple[NamedNode, ...]:
        """Classes of the node; the first tells the type."""

    def write(self, writer: Writer, subject: NamedNode, value: Any) -> None:
        """Write `value` at `subject`."""

    def read(self, reader: Reader, subject: NamedNode, said: Properties | None = None) -> Any:
        """Return the value at `subject`."""


@dataclass(frozen=True)
class Writer:
    """Where an item's triples go, and what they need to know of the item."""

    layouts: Mapping[type, Layout]
    graph: NamedNode
    learner: str | None = None
    quads: list[Quad] = field(default_factory=list)

    def add(self, subject: NamedNode, predicate: NamedNode, value: Term) -> None:
        """Take a triple."""
        self.quads.append(Quad(subject, predicate, value, self.graph))


@dataclass(frozen=True)
class Reader:
    """Where triples come from. `shared` keeps values that many items refer to (spaces, provenance)."""

    layouts: Mapping[type, Layout]
    properties: Callable[[NamedNode], Properties]
    shared: dict[str, Any] = field(default_factory=dict)


class Codec(ABC):
    """How a field is written and read. `owns` says whether it makes nodes that live and die with the subject."""

    owns: ClassVar[bool] = False

    @abstractmethod
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write `value` as what `predicate` says of `subject`."""

    @abstractmethod
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the value, or `ABSENT`, from what is `said` of `subject`."""


@dataclass(frozen=True)
class Atom(Codec):
    """One plain value, one term. `to` is given the value and the item's learner (for names that need it)."""

    to: Callable[[Any, str | None], Term]
    back: Callable[[Any], Any]

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write one triple."""
        writer.add(subject, predicate, self.to(value, writer.learner))

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the one value that is no node of the subject's own."""
        found = said.get(predicate.value, ())
        if len(found) > 1:
            own = subject.value + "/"
            found = [term for term in found if not term.value.startswith(own)]
        if not found:
            return ABSENT
        if len(found) > 1:
            raise RecordError(f"{subject}: {len(found)} values of {predicate}. Allowed: one.")
        return self.back(found[0])


@dataclass(frozen=True)
class Several(Codec):
    """A tuple whose order means nothing: one triple each, read back in order of value."""

    atom: Atom

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write a triple for each."""
        for one in value:
            self.atom.write(writer, subject, predicate, one)

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the values, sorted."""
        found = said.get(predicate.value)
        return tuple(sorted(self.atom.back(term) for term in found)) if found else ABSENT


@dataclass(frozen=True)
class Sequence(Codec):
    """A tuple in order: an rdf:Seq with its members ``rdf:_1``, ``rdf:_2``, ..."""

    atom: Atom
    segment: str
    owns: ClassVar[bool] = True

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write the sequence's node and a triple for each member."""
        if not value:
            return
        sequence = child(subject, self.segment)
        writer.add(subject, predicate, sequence)
        writer.add(sequence, TYPE, NamedNode(RDF + "Seq"))
        for i, one in enumerate(value, start=1):
            self.atom.write(writer, sequence, NamedNode(f"{_MEMBER}{i}"), one)

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the members in order."""
        nodes = said.get(predicate.value)
        if not nodes:
            return ABSENT
        members = reader.properties(as_node(nodes[0]))
        places = sorted(int(p[len(_MEMBER) :]) for p in members if p.startswith(_MEMBER))
        return tuple(self.atom.back(members[f"{_MEMBER}{place}"][0]) for place in places)


@dataclass(frozen=True)
class Json(Codec):
    """A value that is a payload, not something to ask about: one rdf:JSON literal."""

    build: Callable[[Any], Any]
    """Makes the field's value from plain JSON (lists are tuples already)."""

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write one literal."""
        writer.add(subject, predicate, json_term(dict(value.items()) if hasattr(value, "items") else value))

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the payload."""
        found = said.get(predicate.value)
        return self.build(_tuples(to_plain(found[0]))) if found else ABSENT


@dataclass(frozen=True)
class Keyed(Codec):
    """Number -> number or name -> number as one property a key: ``quality:NumberOfInstances 150.0``."""

    namespace: str
    pairs: Callable[[Any], Any]
    """Gives (key, number) of a value."""
    key: Callable[[str], Any]
    """Makes the key from its text."""
    build: Callable[[list[tuple[Any, float]]], Any]
    atom: Atom

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write a triple for each pair."""
        base = NamedNode(self.namespace.rstrip("/"))
        pairs = list(self.pairs(value))
        if len(dict(pairs)) != len(pairs):
            raise RecordError(f"{subject}: a key of {self.namespace} is given twice. Allowed: each key once.")
        for key, number in pairs:
            self.atom.write(writer, subject, child(base, str(key)), number)

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return what was built from the pairs, in order of key."""
        start = len(self.namespace)
        pairs = [
            (self.key(unquote(p[start:])), self.atom.back(o[0]))
            for p, o in said.items()
            if p.startswith(self.namespace)
        ]
        return self.build(sorted(pairs)) if pairs else ABSENT


@dataclass(frozen=True)
class Entries(Codec):
    """A mapping as a node an entry: ``<run>/setting/max_depth mls:specifiedBy <...>; mls:hasValue 3``."""

    segment: str
    key_predicate: NamedNode
    value_predicate: NamedNode
    key: Atom
    value: Atom
    build: Callable[[dict[Any, Any]], Any]
    type: NamedNode | None = None
    owns: ClassVar[bool] = True

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write a node for each entry."""
        for name, one in value.items():
            entry = child(subject, self.segment, name)
            writer.add(subject, predicate, entry)
            if self.type is not None:
                writer.add(entry, TYPE, self.type)
            self.key.write(writer, entry, self.key_predicate, name)
            self.value.write(writer, entry, self.value_predicate, one)

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the mapping, in order of key."""
        own = f"{subject.value}/{self.segment}/"
        entries = sorted(term.value for term in said.get(predicate.value, ()) if term.value.startswith(own))
        found = {}
        for entry in entries:
            properties = reader.properties(NamedNode(entry))
            name = self.key.back(properties[self.key_predicate.value][0])
            found[name] = self.value.back(properties[self.value_predicate.value][0])
        return self.build(found) if found else ABSENT


def as_node(term: Term) -> NamedNode:
    """Return `term` as a node.

    Raises:
        RecordError: It is a literal.
    """
    if isinstance(term, NamedNode):
        return term
    raise RecordError(f"{term} stands where a node is needed. Allowed: an IRI.")


def _tuples(value: Any) -> Any:
    """Return JSON lists as tuples, however deep."""
    if isinstance(value, list):
        return tuple([_tuples(one) if isinstance(one, list | dict) else one for one in value])
    if isinstance(value, dict):
        return {key: _tuples(one) for key, one in value.items()}
    return value
