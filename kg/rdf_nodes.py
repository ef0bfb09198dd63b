"""Nodes: how a whole value type is laid out, nested in its owner, or shared between owners by its content."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from pyoxigraph import NamedNode
from typing_extensions import override

from kg.errors import RecordError
from kg.iris import BASE, digest
from kg.model import Provenance
from kg.model.base import Value
from kg.rdf_codecs import ABSENT, Codec, Layout, Properties, Reader, Writer, as_node
from kg.rdf_terms import TYPE, child


@dataclass(frozen=True)
class Place:
    """Where a field goes."""

    name: str
    predicate: NamedNode
    codec: Codec
    required: bool
    """Whether the field has no default, so that it is always written."""
    empty: Any
    """What the field is where nothing was written: its default, or the empty container; `ABSENT` where it must be."""


@dataclass(frozen=True)
class ValueLayout:
    """The layout of a value type, field by field."""

    cls: type[Value]
    types: tuple[NamedNode, ...]
    places: tuple[Place, ...]
    dump: Callable[[Any], Mapping[str, Any]]
    load: Callable[[dict[str, Any]], dict[str, Any]]

    def write(self, writer: Writer, subject: NamedNode, value: Any) -> None:
        """Write the classes of the node and each field that says something."""
        for cls in self.types:
            writer.add(subject, TYPE, cls)
        fields = self.dump(value)
        for place in self.places:
            one = fields[place.name]
            if place.required or (one is not None and one != place.empty):
                place.codec.write(writer, subject, place.predicate, one)

    def read(self, reader: Reader, subject: NamedNode, said: Properties | None = None) -> Any:
        """Return the value, without validating again what was valid when it was written."""
        said = reader.properties(subject) if said is None else said
        fields = {}
        for place in self.places:
            one = place.codec.read(reader, subject, place.predicate, said)
            if one is ABSENT:
                one = place.empty
                if one is ABSENT:
                    raise RecordError(f"{subject} has no {place.predicate}. A {self.cls.__name__} needs one.")
            fields[place.name] = one
        if "iri" in self.cls.model_fields:
            fields["iri"] = subject.value
        return self.cls.model_construct(**self.load(fields))


@dataclass(frozen=True)
class Nested(Codec):
    """One value as a node of its own: ``<parent>/<segment>``."""

    classes: tuple[type, ...]
    segment: str
    owns: ClassVar[bool] = True

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write the link and the node."""
        nested = child(subject, self.segment)
        writer.add(subject, predicate, nested)
        writer.layouts[type(value)].write(writer, nested, value)

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the value."""
        found = said.get(predicate.value)
        return _read(reader, self.classes, as_node(found[0])) if found else ABSENT


@dataclass(frozen=True)
class NestedMany(Codec):
    """Values in order, a node each: ``<parent>/<segment>/0``, ``<parent>/<segment>/1``, ..."""

    classes: tuple[type, ...]
    segment: str
    owns: ClassVar[bool] = True

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write the links and the nodes."""
        for i, one in enumerate(value):
            nested = child(subject, self.segment, str(i))
            writer.add(subject, predicate, nested)
            writer.layouts[type(one)].write(writer, nested, one)

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the values in order."""
        start = len(f"{subject.value}/{self.segment}/")
        nodes = sorted((as_node(t) for t in said.get(predicate.value, ())), key=lambda n: int(n.value[start:]))
        return tuple(_read(reader, self.classes, one) for one in nodes) if nodes else ABSENT


@dataclass(frozen=True)
class Inline(Codec):
    """A value whose fields are said of the owner itself."""

    cls: type[Value]

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write the fields at the owner."""
        writer.layouts[self.cls].write(writer, subject, value)

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the value; its fields all have defaults."""
        return reader.layouts[self.cls].read(reader, subject, said)


@dataclass(frozen=True)
class Shared(Codec):
    """A value that many items have: one node, named by its content (``<base>space/<digest>``)."""

    cls: type[Value]
    name: str

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write the link and the node; the same value gives the same triples."""
        shared = NamedNode(f"{BASE}{self.name}/{digest(self.name, value.model_dump(mode='json'))}")
        writer.add(subject, predicate, shared)
        writer.layouts[self.cls].write(writer, shared, value)

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the value, read once for all items of a reader."""
        found = said.get(predicate.value)
        if not found:
            return ABSENT
        shared = as_node(found[0])
        if shared.value not in reader.shared:
            reader.shared[shared.value] = reader.layouts[self.cls].read(reader, shared)
        return reader.shared[shared.value]


@dataclass(frozen=True)
class Origin(Codec):
    """Provenance: the snapshot of the source is shared; locator and activity are the item's own."""

    shared: Shared
    own: Mapping[str, tuple[NamedNode, Codec]]
    """Field -> predicate and codec of what is said of the item itself."""

    @override
    def write(self, writer: Writer, subject: NamedNode, predicate: NamedNode, value: Any) -> None:
        """Write the link to the snapshot, and the item's own fields."""
        bare = {name: Provenance.model_fields[name].default for name in self.own}
        self.shared.write(writer, subject, predicate, value.model_copy(update=bare))
        for name, (term, codec) in self.own.items():
            if getattr(value, name) != bare[name]:
                codec.write(writer, subject, term, getattr(value, name))

    @override
    def read(self, reader: Reader, subject: NamedNode, predicate: NamedNode, said: Properties) -> Any:
        """Return the snapshot's provenance with the item's own fields."""
        shared = self.shared.read(reader, subject, predicate, said)
        if shared is ABSENT:
            return ABSENT
        found = {name: codec.read(reader, subject, term, said) for name, (term, codec) in self.own.items()}
        return shared.model_copy(update={name: one for name, one in found.items() if one is not ABSENT})


def _read(reader: Reader, classes: tuple[type, ...], subject: NamedNode) -> Any:
    if len(classes) == 1:
        return reader.layouts[classes[0]].read(reader, subject)
    said = reader.properties(subject)
    known: dict[str, Layout] = {layout.types[0].value: layout for layout in map(reader.layouts.__getitem__, classes)}
    for term in said.get(TYPE.value, ()):
        if term.value in known:
            return known[term.value].read(reader, subject, said)
    raise RecordError(f"{subject} is of no known class. Allowed: {', '.join(sorted(known))}.")
