"""The graph in an embedded Oxigraph database: in memory, or on disk.

    with RdfStore(path) as store:
        store.add(items)
        store.evidence("response_model", learner="random_forest", metric="accuracy")
        list(store.ask("SELECT ?d WHERE { ?d quality:NumberOfInstances ?n FILTER(?n < 1000) }"))

Every source has a named graph of its own, so that it can be taken out whole. On disk, any number of processes read
while one writes (`kg.rdf_generations`).
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store
from typing_extensions import override

from kg.errors import EvidenceError, RecordError, StoreError
from kg.iris import BASE, digest, learner_iri, metric_iri
from kg.model import Dataset, Evidence, Iri, MetaFeatures, Run
from kg.nesting import Nesting
from kg.rdf_archive import NOTE, items_of, read_archive, write_archive
from kg.rdf_backend import Backend, MemoryBackend
from kg.rdf_cache import AnswerCache
from kg.rdf_convert import graph_of, is_shared, to_quads
from kg.rdf_generations import WRITE_TIMEOUT_S, DiskBackend
from kg.rdf_items import (
    FINGERPRINT,
    KIND_CLASSES,
    MODULUS,
    Change,
    ItemReader,
    class_of_evidence,
    find_evidence,
    graphs_of,
    is_cited,
    item_digest,
    kinds_in,
    own_quads,
    shared_of,
    subjects_of,
    unused_quads,
)
from kg.rdf_terms import QUALITY, child, last_segment, node, text_term
from kg.store import KnowledgeStore

if TYPE_CHECKING:
    import rdflib

_HOUSE: Final = DefaultGraph()
_NOTES: Final = NamedNode(f"{BASE}note")


class RdfStore(KnowledgeStore):
    """The graph in Oxigraph.

    Args:
        path: Folder of the database, made where it is missing; None keeps it in memory.
        write_timeout_s: How long to wait for another process that is writing.

    Raises:
        StoreError: The folder cannot be opened.
    """

    def __init__(self, path: Path | None = None, *, write_timeout_s: float = WRITE_TIMEOUT_S) -> None:
        self.path = path
        self._backend: Backend = MemoryBackend() if path is None else DiskBackend(path, write_timeout_s=write_timeout_s)
        self._nesting = Nesting()
        self._owner: int | None = None
        self._closed = False
        self._change = Change()
        self._memory: ItemReader | None = None

    @contextmanager
    @override
    def transaction(self) -> Iterator[None]:
        with self._nesting.block(self._begin, self._end):
            yield

    @override
    def add(self, items: Iterable[Dataset | Run | Evidence]) -> None:
        # All are converted before any is written: a bad one leaves the transaction as it was.
        staged = {item.iri: to_quads(item) for item in items}
        with self.transaction():
            view = self._backend.writing()
            old: list[Quad] = []
            new: list[Quad] = []
            for iri, quads in staged.items():
                self._stage(view, NamedNode(iri), quads, (old, new))
            self._backend.remove(old)
            self._backend.insert(new)

    @override
    def remove(self, iris: Iterable[Iri]) -> int:
        with self.transaction():
            view = self._backend.writing()
            found = [(subject, where) for subject in map(node, iris) for where in graphs_of(view, subject)]
            old = [(where, own_quads(view, subject, where)) for subject, where in dict.fromkeys(found)]
            for where, quads in old:
                self._drop(where, quads)
            self._backend.remove([quad for _, quads in old for quad in quads])
        return len(old)

    @override
    def items_of(self, source: str) -> dict[Iri, str]:
        return kinds_in(self._view(), graph_of(source))

    @override
    def cited(self, iris: Iterable[Iri], *, beside: str) -> frozenset[Iri]:
        view, graph = self._view(), graph_of(beside)
        return frozenset(iri for iri in iris if is_cited(view, node(iri), beside=graph))

    @override
    def remove_source(self, source: str) -> int:
        graph = graph_of(source)
        with self.transaction():
            view = self._backend.writing()
            count = len(kinds_in(view, graph))
            self._backend.remove(list(view.quads_for_pattern(None, None, None, graph)))
            self._change.sums[graph] = -_fingerprint(view, graph)
        return count

    @override
    def datasets(self) -> tuple[Dataset, ...]:
        reader = self._reader()
        return reader.answered(("datasets",), reader.datasets)

    @override
    def meta_features(self, names: Iterable[str]) -> Mapping[Iri, MetaFeatures]:
        view = self._view()
        found: dict[Iri, dict[str, float]] = {
            Iri(subject.value): {} for subject, _ in subjects_of(view, KIND_CLASSES["dataset"])
        }
        base = NamedNode(QUALITY.rstrip("/"))
        for name in names:
            for quad in view.quads_for_pattern(None, child(base, name), None, None):
                found[Iri(quad.subject.value)][name] = float(quad.object.value)  # type: ignore[union-attr]
        return {iri: MetaFeatures.model_construct(found[iri]) for iri in sorted(found)}

    @override
    def runs(self, iris: Iterable[Iri]) -> tuple[Run, ...]:
        reader = self._reader()
        found = [self._get(reader, iri) for iri in iris]
        wrong = [item.iri for item in found if not isinstance(item, Run)]
        if wrong:
            raise EvidenceError(f"{wrong[0]} is in the graph, but it is no run.")
        return tuple(found)

    @override
    def evidence(
        self,
        kind: str | None = None,
        *,
        learner: str | None = None,
        metric: str | None = None,
        dataset: Iri | None = None,
    ) -> tuple[Evidence, ...]:
        wanted: dict[str, NamedNode] = {}
        if kind is not None:
            wanted["class"] = NamedNode(class_of_evidence(kind))
        if learner is not None:
            wanted["learner"] = NamedNode(learner_iri(learner))
        if metric is not None:
            wanted["metric"] = NamedNode(metric_iri(metric))
        if dataset is not None:
            wanted["dataset"] = node(dataset)
        reader = self._reader()

        def read() -> tuple[Any, ...]:
            return tuple(reader.read(*found) for found in find_evidence(reader.view, wanted))

        return read() if dataset is not None else reader.answered(("evidence", kind, learner, metric), read)

    @override
    def get(self, iri: Iri) -> Dataset | Run | Evidence:
        item: Dataset | Run | Evidence = self._get(self._reader(), iri)
        return item

    @override
    def has(self, iri: Iri) -> bool:
        try:
            return self._reader().place(node(iri)) is not None
        except RecordError:
            return False

    @override
    def find(self, iris: Iterable[Iri]) -> Mapping[Iri, Dataset | Run | Evidence]:
        reader = self._reader()
        found = {iri: self._found(reader, iri) for iri in dict.fromkeys(iris)}
        return {iri: item for iri, item in found.items() if item is not None}

    @override
    def ask(self, question: str, parameters: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        from kg.questions import answer

        reader, given = self._reader(), parameters or {}
        return reader.answers.rows(question, given, lambda: answer(reader.view, question, given))

    @override
    def counts(self) -> dict[str, int]:
        view = self._view()
        return {kind: sum(1 for _ in subjects_of(view, cls)) for kind, cls in KIND_CLASSES.items()}

    @override
    def fingerprint(self) -> str:
        return digest(sorted(self._fingerprints().items()))

    @override
    def sources(self) -> dict[str, str]:
        return dict(sorted((last_segment(graph), text) for graph, text in self._fingerprints().items()))

    def note(self, name: str) -> str | None:
        """Return what was kept under `name` about this store itself; None where nothing was."""
        found = self._view().quads_for_pattern(child(_NOTES, name), NOTE, None, _HOUSE)
        return next((quad.object.value for quad in found), None)  # type: ignore[union-attr]

    def keep_note(self, name: str, text: str) -> None:
        """Keep a text about this store itself; it is no knowledge, and not archived."""
        with self.transaction():
            old = list(self._view().quads_for_pattern(child(_NOTES, name), NOTE, None, _HOUSE))
            self._backend.remove(old)
            self._backend.insert([Quad(child(_NOTES, name), NOTE, text_term(text), _HOUSE)])

    def keep_vocabulary(self) -> None:
        """Write what the graph says of its own terms (`kg.rdf_vocabulary`); it belongs to no source."""
        from kg.rdf_vocabulary import VOCABULARY, vocabulary_quads

        with self.transaction():
            there = set(self._view().quads_for_pattern(None, None, None, VOCABULARY))
            wanted = vocabulary_quads()
            self._backend.remove(there - wanted)
            self._backend.insert(wanted - there)

    def dump(self, path: Path) -> None:
        """Write the graph to an archive (`kg.rdf_archive`); the same content gives the same bytes.

        Raises:
            StoreError: The file cannot be written.
        """
        write_archive(self._view(), path)

    def load(self, path: Path) -> None:
        """Bring in an archive; where there is something already, each source in it replaces what there is of it.

        Raises:
            StoreError: The file is no archive, or the store cannot be written.
        """
        quads = read_archive(path)
        with self.transaction():
            if len(self._backend.writing()) == 0:
                self._backend.load(quads)
                return
            items = items_of(quads)
            for source in {item.provenance.source for item in items}:
                self.remove_source(source)
            self.add(items)

    @property
    def graph(self) -> rdflib.Dataset:
        """The quads as an rdflib dataset, to read from: its default graph is the union of all sources."""
        import oxrdflib
        import rdflib

        return rdflib.Dataset(store=oxrdflib.OxigraphStore(store=self._view()), default_union=True)

    @override
    def close(self) -> None:
        self._closed = True
        self._backend.close()

    def _fingerprints(self) -> dict[str, str]:
        """Return the fingerprint of each named graph; within a transaction, what it would be at its end."""
        sums = dict(self._reader().fingerprints())
        if self._owner == threading.get_ident():
            for graph, change in self._change.sums.items():
                sums[graph.value] = (sums.get(graph.value, 0) + change) % MODULUS
        return {graph: f"{total:032x}" for graph, total in sums.items() if total}

    def _view(self) -> Store:
        """Return what the calling thread may see: its own open transaction, or what was last committed."""
        self._check_open()
        inside = self._owner == threading.get_ident()
        return self._backend.writing() if inside else self._backend.reading()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The graph was closed; open it again to use it.")

    def _begin(self) -> None:
        self._check_open()
        self._backend.begin()
        self._owner = threading.get_ident()
        self._change = Change()

    def _end(self, failed: bool, raised: bool) -> None:
        kept = False
        try:
            if not failed:
                self._settle()
                self._backend.commit()
                kept = True
        finally:
            try:
                if not kept:
                    self._backend.rollback()
            finally:
                # Forgotten last: what another thread read from memory meanwhile may have been undone.
                self._owner = None
                self._memory = None
        if failed and not raised:
            raise StoreError("Nothing was written: a transaction within this one failed, and its error was dropped.")

    def _stage(
        self, view: Store, subject: NamedNode, quads: list[Quad], changes: tuple[list[Quad], list[Quad]]
    ) -> None:
        """Note what has to go and what has to come for the item at `subject` to be what `quads` say."""
        own = {quad for quad in quads if not is_shared(quad.subject)}
        graph: NamedNode = quads[0].graph_name  # type: ignore[assignment]
        there = {where: own_quads(view, subject, where) for where in graphs_of(view, subject)}
        if there == {graph: own}:
            return
        for where, old in there.items():
            self._drop(where, old)
            changes[0].extend(old)
        self._change.add(graph, item_digest(own))
        changes[1].extend(quads)

    def _drop(self, graph: NamedNode, quads: set[Quad]) -> None:
        """Note that an item, which is `quads`, leaves `graph`."""
        self._change.add(graph, -item_digest(quads))
        self._change.loose |= {(graph, shared) for shared in shared_of(quads)}

    def _settle(self) -> None:
        """Take out shared nodes that are not used any more, and write the fingerprints."""
        view = self._backend.writing()
        # A space may be shared by what provenance is not: one pass, for shared nodes do not share.
        for graph, shared in self._change.loose:
            self._backend.remove(unused_quads(view, shared, graph))
        for graph, change in self._change.sums.items():
            before = _fingerprint(view, graph)
            after = (before + change) % MODULUS
            if after != before:
                self._backend.remove([_fingerprint_quad(graph, before)])
                self._backend.insert([_fingerprint_quad(graph, after)] if after else [])

    def _get(self, reader: ItemReader, iri: Iri) -> Any:
        try:
            found = reader.named(iri) or reader.item(node(iri))
        except RecordError as error:
            raise EvidenceError(str(error)) from error
        if found is None:
            raise EvidenceError(f"Nothing in the graph is named {iri}.")
        return found

    @staticmethod
    def _found(reader: ItemReader, iri: Iri) -> Any:
        try:
            return reader.named(iri) or reader.item(node(iri))
        except RecordError:
            return None

    def _reader(self) -> ItemReader:
        """Return a reader of what the calling thread may see; what was read from the same state is not read again."""
        view = self._view()
        if self._owner == threading.get_ident():
            return ItemReader(view, AnswerCache(None))
        # Under a name of its own: a transaction of another thread may end at any moment, and forget it here.
        reader = self._memory
        if reader is None or reader.view is not view:
            reader = self._memory = ItemReader(view, AnswerCache(self._backend.cache_of(view)))
        return reader


def _fingerprint(view: Store, graph: NamedNode) -> int:
    found = next(iter(view.quads_for_pattern(graph, FINGERPRINT, None, _HOUSE)), None)
    return 0 if found is None else int(found.object.value, 16)  # type: ignore[union-attr]


def _fingerprint_quad(graph: NamedNode, value: int) -> Quad:
    return Quad(graph, FINGERPRINT, text_term(f"{value:032x}"), _HOUSE)
