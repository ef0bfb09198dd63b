"""Items in a view of the quads: finding, reading and comparing them, and what is left over when one goes."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Variable

from kg.errors import RecordError, StoreError, UnknownNameError
from kg.model import Dataset, Iri, Run
from kg.rdf_cache import AnswerCache
from kg.rdf_codecs import Properties, Reader
from kg.rdf_convert import is_part, is_shared, item_class
from kg.rdf_mapping import ITEMS, LAYOUTS
from kg.rdf_terms import PREFIXES, TYPE, Term, tg

#: Says of a named graph what its fingerprint is; a fact of the store itself.
FINGERPRINT: Final = tg("fingerprint")
#: Fingerprints are sums modulo this.
MODULUS: Final = 1 << 128

#: Items that a reader keeps: more than any recommendation reads, and still a small part of memory.
_KEPT: Final = 20_000
_DATASETS: Final = "SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s a mls:Dataset . ?s ?p ?o } }"
_CLASSES: Final = {ITEMS[iri].cls: iri for iri in ITEMS}
#: Kind of item -> IRI of its class: ``dataset``, ``run``, and every tag of evidence.
KIND_CLASSES: Final[dict[str, str]] = {
    "dataset": _CLASSES[Dataset],
    "run": _CLASSES[Run],
    **{cls.model_fields["kind"].default: iri for cls, iri in _CLASSES.items() if "kind" in cls.model_fields},
}


class ItemReader:
    """Reads items from one view of the quads, each once: items never change, and share what they have in common."""

    def __init__(self, view: Store, answers: AnswerCache) -> None:
        self.view = view
        self.answers = answers
        self._shared: dict[str, Any] = {}
        self._readers: dict[NamedNode, Reader] = {}
        self._items: dict[tuple[NamedNode, NamedNode], Any] = {}
        self._known: set[tuple[str | None, ...]] = set()
        self._by_name: dict[str, Any] = {}
        self._places: dict[NamedNode, tuple[NamedNode, NamedNode]] = {}
        self._fingerprints: dict[str, int] | None = None

    def fingerprints(self) -> dict[str, int]:
        """Return the fingerprint of each named graph that has one, by its IRI."""
        if self._fingerprints is None:
            found = self.view.quads_for_pattern(None, FINGERPRINT, None, DefaultGraph())
            self._fingerprints = {quad.subject.value: int(quad.object.value, 16) for quad in found}  # type: ignore[union-attr]
        return self._fingerprints

    def answered(self, question: tuple[str | None, ...], read: Callable[[], tuple[Any, ...]]) -> tuple[Any, ...]:
        """Return the items that answer `question`; from then on, each is what its name gives, if nothing was before."""
        found = self.answers.answer(question, read)
        if question not in self._known:
            self._known.add(question)
            if len(self._by_name) + len(found) <= _KEPT:
                for item in found:
                    self._by_name.setdefault(item.iri, item)
        return found

    def named(self, iri: str) -> Any:
        """Return the item that `iri` names, where it was an answer; None where it was none so far."""
        return self._by_name.get(iri)

    def place(self, subject: NamedNode) -> tuple[NamedNode, NamedNode] | None:
        """Return `subject` and the named graph in which it is an item; None where it is none."""
        known = self._places.get(subject)
        if known is None and (graphs := graphs_of(self.view, subject)):
            known = (subject, graphs[0])
            if len(self._places) < _KEPT:
                self._places[subject] = known
        return known

    def item(self, subject: NamedNode) -> Any:
        """Return the item at `subject`, in whichever named graph; None where there is none."""
        found = self.place(subject)
        return None if found is None else self.read(*found)

    def read(self, subject: NamedNode, graph: NamedNode) -> Any:
        """Return the item at `subject` in `graph`; None where there is none."""
        known = self._items.get((subject, graph))
        if known is not None:
            return known
        reader = self._readers.get(graph) or self._reader(graph)
        return self._item(subject, graph, reader.properties(subject))

    def datasets(self) -> tuple[Any, ...]:
        """Return all data sets, by IRI; faster than one by one, for they have no parts."""
        graphs = dict(subjects_of(self.view, KIND_CLASSES["dataset"]))
        said: dict[NamedNode, dict[str, list[Term]]] = {subject: {} for subject in graphs}
        for subject, predicate, value in self.view.query(_DATASETS, prefixes=PREFIXES):  # type: ignore[union-attr]
            said[subject].setdefault(predicate.value, []).append(value)
        order = sorted(said, key=lambda subject: subject.value)
        return tuple(self._items.get((one, graphs[one])) or self._item(one, graphs[one], said[one]) for one in order)

    def _item(self, subject: NamedNode, graph: NamedNode, said: Properties) -> Any:
        cls = item_class(said)
        if cls is None:
            return None
        reader = self._readers.get(graph) or self._reader(graph)
        try:
            item = ITEMS[cls].read(reader, subject, said)
        except RecordError as error:
            raise StoreError(
                f"The graph holds something that this version of Tunegraph does not write: {error}"
                " Build it anew: move its folder away, and ingest again what was yours."
            ) from error
        if len(self._items) < _KEPT:
            self._items[subject, graph] = item
        return item

    def _reader(self, graph: NamedNode) -> Reader:
        view = self.view

        def properties(subject: NamedNode) -> Properties:
            said: dict[str, list[Term]] = {}
            for quad in view.quads_for_pattern(subject, None, None, graph):
                said.setdefault(quad.predicate.value, []).append(quad.object)  # type: ignore[arg-type]
            return said

        self._readers[graph] = Reader(LAYOUTS, properties, self._shared)
        return self._readers[graph]


def class_of_evidence(kind: str) -> str:
    """Return the IRI of the class of a kind of evidence, by its tag.

    Raises:
        UnknownNameError: There is no such kind; names those there are.
    """
    known = [name for name in KIND_CLASSES if name not in {"dataset", "run"}]
    if kind not in known:
        raise UnknownNameError("kind of evidence", kind, known)
    return KIND_CLASSES[kind]


def graphs_of(view: Store, subject: NamedNode) -> list[NamedNode]:
    """Return the named graphs in which `subject` is an item."""
    return [
        quad.graph_name
        for quad in view.quads_for_pattern(subject, TYPE, None, None)
        if quad.object.value in ITEMS and isinstance(quad.graph_name, NamedNode)  # type: ignore[union-attr]
    ]


def own_quads(view: Store, subject: NamedNode, graph: NamedNode) -> set[Quad]:
    """Return the quads of the item at `subject`: its own and those of its parts, not of what it shares."""
    found: set[Quad] = set()
    waiting = [subject]
    while waiting:
        owner = waiting.pop()
        for quad in view.quads_for_pattern(owner, None, None, graph):
            found.add(quad)
            if is_part(quad.object, owner, quad.predicate.value):
                waiting.append(quad.object)  # type: ignore[arg-type]
    return found


def shared_of(quads: Iterable[Quad]) -> set[NamedNode]:
    """Return the shared nodes that `quads` point to."""
    return {quad.object for quad in quads if is_shared(quad.object)}  # type: ignore[misc]


def unused_quads(view: Store, shared: NamedNode, graph: NamedNode) -> set[Quad]:
    """Return the quads of a shared node that nothing in `graph` points to any more; none where something does."""
    if next(iter(view.quads_for_pattern(None, None, shared, graph)), None) is not None:
        return set()
    return own_quads(view, shared, graph)


def subjects_of(view: Store, cls: str) -> Iterator[tuple[NamedNode, NamedNode]]:
    """Yield (subject, named graph) of every item of a class."""
    for quad in view.quads_for_pattern(None, TYPE, NamedNode(cls), None):
        if isinstance(quad.graph_name, NamedNode):
            yield quad.subject, quad.graph_name  # type: ignore[misc]


def kinds_in(view: Store, graph: NamedNode) -> dict[Iri, str]:
    """Return the kind of every item in a named graph, by IRI."""
    found = {
        Iri(quad.subject.value): kind  # type: ignore[union-attr]
        for kind, cls in KIND_CLASSES.items()
        for quad in view.quads_for_pattern(None, TYPE, NamedNode(cls), graph)
    }
    return dict(sorted(found.items()))


def is_cited(view: Store, subject: NamedNode, *, beside: NamedNode) -> bool:
    """Say whether anything in another named graph than `beside` points to `subject`."""
    return any(quad.graph_name != beside for quad in view.quads_for_pattern(None, None, subject, None))


def item_digest(quads: Iterable[Quad]) -> int:
    """Return a number below `MODULUS` that names the content of an item by its own quads, in any order."""
    text = "\n".join(sorted(map(str, quads)))
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:16], "big")


class Change:
    """What a transaction did so far, beyond the quads of items."""

    def __init__(self) -> None:
        self.sums: dict[NamedNode, int] = {}
        """Named graph -> change of its fingerprint."""
        self.loose: set[tuple[NamedNode, NamedNode]] = set()
        """(Named graph, shared node) that an item no longer points to."""

    def add(self, graph: NamedNode, change: int) -> None:
        """Change the fingerprint of `graph`."""
        self.sums[graph] = self.sums.get(graph, 0) + change


#: Fixed pieces of the query for evidence: property -> pattern. Values are bound as terms, never written in.
_PATTERNS: Final = {
    "class": "?s rdf:type ?class .",
    "learner": "?s tg:learner ?learner .",
    "metric": "?s tg:metric ?metric .",
    "dataset": "?s tg:dataset ?dataset .",
}


def find_evidence(view: Store, wanted: dict[str, NamedNode]) -> list[tuple[NamedNode, NamedNode]]:
    """Return (subject, named graph) of the evidence that has all the properties `wanted`, by IRI."""
    # The class of all evidence is asked for last of all: joining with it costs more than the rest together.
    patterns = " ".join(_PATTERNS[name] for name in wanted) or "?s rdf:type tg:Evidence ."
    names = " ".join(f"?{name}" for name in wanted)
    query = f"SELECT ?s ?g {names} WHERE {{ GRAPH ?g {{ {patterns} }} }}"
    bound = {Variable(name): term for name, term in wanted.items()}
    rows = view.query(query, prefixes=PREFIXES, substitutions=bound)  # type: ignore[arg-type]
    return sorted(((row["s"], row["g"]) for row in rows), key=lambda pair: pair[0].value)  # type: ignore
