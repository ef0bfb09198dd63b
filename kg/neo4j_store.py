"""The graph in Neo4j: the same items and the same answers as in the embedded store.

    store = Neo4jStore.open("neo4j://localhost:7687/neo4j")   # user and password from the environment
    store.evidence("response_model", learner="random_forest", metric="accuracy")
    list(store.ask("MATCH (d:mls__Dataset) WHERE d.quality__NumberOfInstances < 1000 RETURN d.iri"))

One writer at a time, however many processes: each transaction first writes to one node, which the server lets only
one do. What one question reads is of one state of the graph: it is asked anew where a writer came in between.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Self, TypeVar

from typing_extensions import override

from kg import neo4j_reading as reading
from kg.errors import EvidenceError, InputError, StoreError
from kg.iris import digest
from kg.migrations import migrate
from kg.model import Dataset, Evidence, Iri, MetaFeatures, Run
from kg.neo4j_block import Block, Change, written
from kg.neo4j_connection import Limits, Login, Neo4jAddress, Neo4jConnection
from kg.neo4j_questions import prepared, rows
from kg.neo4j_rows import staged
from kg.neo4j_schema import keep_note, make_ready, read_note
from kg.neo4j_terms import name_of
from kg.neo4j_writing import Writing, fingerprints, source_key
from kg.nesting import Nesting
from kg.rdf_cache import AnswerCache, folder_of
from kg.rdf_items import KIND_CLASSES, class_of_evidence
from kg.rdf_terms import node
from kg.store import KnowledgeStore

if TYPE_CHECKING:
    from kg.neo4j_connection import Tx

T = TypeVar("T")

#: How often a question is asked anew because a writer came in between.
_TRIES: Final = 20


class Neo4jStore(KnowledgeStore):
    """The graph in a Neo4j database, made ready on first use.

    Args:
        connection: To the database; closed with the store.
        cache: Folder for answers that were read before, by the state that they were read from; None keeps none.

    Raises:
        StoreError: The database cannot be reached, or holds a graph of a later version.
    """

    def __init__(self, connection: Neo4jConnection, *, cache: Path | None = None) -> None:
        self.connection = connection
        self._cache = cache
        self._nesting = Nesting()
        self._block: Block | None = None
        self._closed = False
        self._reader = reading.GraphReader()
        self._answers: tuple[str, AnswerCache] | None = None
        connection.check()
        make_ready(connection)
        migrate(self)

    @classmethod
    def open(cls, url: str, *, cache: Path | None = None, limits: Limits | None = None) -> Self:
        """Open the database at `url`; user and password are those of the environment.

        Raises:
            InputError: It is no URL of a database, or the driver is not installed.
            StoreError: The database cannot be reached, or holds a graph of a later version.
        """
        with ExitStack() as opened:
            connection = Neo4jConnection(Neo4jAddress.parse(url), Login.from_environment(), limits=limits)
            opened.callback(connection.close)
            store = cls(connection, cache=cache)
            opened.pop_all()
        return store

    @contextmanager
    @override
    def transaction(self) -> Iterator[None]:
        with self._nesting.block(self._begin, self._end):
            self._check_open()
            yield

    @override
    def add(self, items: Iterable[Dataset | Run | Evidence]) -> None:
        # All are converted before any is written: a bad one leaves the transaction as it was.
        batch = [staged(item) for item in items]

        def change(writing: Writing) -> int:
            writing.add(batch)
            return 0

        self._change(change)

    @override
    def remove(self, iris: Iterable[Iri]) -> int:
        names = [node(iri).value for iri in iris]
        return self._change(lambda writing: writing.remove(names))

    @override
    def items_of(self, source: str) -> dict[Iri, str]:
        return self._read(lambda tx: reading.kinds_of(tx, source))

    @override
    def cited(self, iris: Iterable[Iri], *, beside: str) -> frozenset[Iri]:
        names = list(iris)
        return self._read(lambda tx: reading.cited(tx, names, beside=beside))

    @override
    def remove_source(self, source: str) -> int:
        return self._change(lambda writing: writing.remove_source(source))

    @override
    def datasets(self) -> tuple[Dataset, ...]:
        return self._answer(("datasets",), name_of(KIND_CLASSES["dataset"]), {})

    @override
    def meta_features(self, names: Iterable[str]) -> Mapping[Iri, MetaFeatures]:
        wanted = tuple(names)
        found = self._read(lambda tx: reading.qualities(tx, wanted))
        return {Iri(iri): MetaFeatures.model_construct(found[iri]) for iri in sorted(found)}

    @override
    def runs(self, iris: Iterable[Iri]) -> tuple[Run, ...]:
        names = list(iris)
        found = self._read(lambda tx: tuple(self._reader.items(tx, names)))
        for item in found:
            if not isinstance(item, Run):
                raise EvidenceError(f"{item.iri} is in the graph, but it is no run.")
        return found

    @override
    def evidence(
        self,
        kind: str | None = None,
        *,
        learner: str | None = None,
        metric: str | None = None,
        dataset: Iri | None = None,
    ) -> tuple[Evidence, ...]:
        label = "Evidence" if kind is None else name_of(class_of_evidence(kind))
        given = {"learner": learner, "metric": metric, "dataset": dataset}
        wanted = {name: value for name, value in given.items() if value is not None}
        key = None if dataset is not None else ("evidence", kind, learner, metric)
        return self._answer(key, label, wanted)

    @override
    def get(self, iri: Iri) -> Dataset | Run | Evidence:
        item: Dataset | Run | Evidence = self._read(lambda tx: next(self._reader.items(tx, [iri])))
        return item

    @override
    def has(self, iri: Iri) -> bool:
        return self._read(lambda tx: reading.is_item(tx, iri))

    @override
    def find(self, iris: Iterable[Iri]) -> Mapping[Iri, Dataset | Run | Evidence]:
        names = list(dict.fromkeys(iris))
        return self._read(lambda tx: {item.iri: item for item in self._reader.items(tx, reading.among(tx, names))})

    @override
    def ask(self, question: str, parameters: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        query, values = prepared(question, parameters or {})
        seconds = self.connection.limits.question_s
        try:
            return iter(self._read(lambda tx: list(rows(tx, query, values)), seconds=seconds))
        except StoreError as error:
            if self.connection.is_refused(error.__cause__):
                raise InputError(
                    f"The query cannot be answered: {error}", where="query", allowed="Cypher that matches and returns"
                ) from error
            raise

    @override
    def counts(self) -> dict[str, int]:
        return self._read(reading.counts)

    @override
    def sources(self) -> dict[str, str]:
        return dict(sorted(self._fingerprints().items()))

    @override
    def fingerprint(self) -> str:
        return digest(sorted((source_key(name), text) for name, text in self._fingerprints().items()))

    def note(self, name: str) -> str | None:
        """Return what was kept under `name` about this store itself; None where nothing was."""
        return self._read(lambda tx: read_note(tx, name))

    def keep_note(self, name: str, text: str) -> None:
        """Keep a text about this store itself; it is no knowledge, and not copied."""

        def change(writing: Writing) -> int:
            keep_note(writing.tx, name, text)
            return 0

        self._change(change)

    @override
    def close(self) -> None:
        self._closed = True
        self.connection.close()

    def _check_open(self) -> None:
        if self._closed:
            raise StoreError("The graph was closed; open it again to use it.")

    def _fingerprints(self) -> dict[str, str]:
        self._check_open()
        block = self._own_block()
        return self.connection.read(fingerprints) if block is None else block.run(lambda w: w.fingerprints())

    def _begin(self) -> None:
        self._check_open()
        self._block = Block(self.connection)

    def _end(self, failed: bool, raised: bool) -> None:
        block, self._block = self._block, None
        if block is not None:
            block.end(failed=failed, raised=raised)

    def _own_block(self) -> Block | None:
        """Return the open transaction, if it is the calling thread's."""
        block = self._block
        return block if block is not None and block.owner == threading.get_ident() else None

    def _change(self, change: Change) -> int:
        block = self._own_block()
        if block is None:
            with self._nesting.lock:
                self._check_open()
                return written(self.connection, [change])
        with self.transaction():
            return block.change(change)

    def _read(self, work: Callable[[Tx], T], *, seconds: float | None = None) -> T:
        """Return what `work` reads of one state of the graph."""
        self._check_open()
        block = self._own_block()
        if block is not None:
            return block.run(lambda writing: work(writing.tx))
        for _ in range(_TRIES):
            before, found, after = self.connection.read(
                lambda tx: (fingerprints(tx), work(tx), fingerprints(tx)), seconds=seconds
            )
            if before == after:
                return found
        raise StoreError(f"The graph in {self.connection.address} changes faster than it can be read.")

    def _answer(self, key: tuple[str | None, ...] | None, label: str, wanted: Mapping[str, str]) -> tuple[Any, ...]:
        """Return the items with a label that have the properties `wanted`, by IRI; from before, if they were kept."""

        def read() -> tuple[Any, ...]:
            return self._read(lambda tx: tuple(self._reader.items(tx, reading.find_items(tx, label, wanted))))

        if key is None or self._own_block() is not None:
            return read()
        for _ in range(_TRIES):
            state = self.fingerprint()
            found = self._answers_of(state).answer(key, read)
            if self.fingerprint() == state:
                return found
        raise StoreError(f"The graph in {self.connection.address} changes faster than it can be read.")

    def _answers_of(self, state: str) -> AnswerCache:
        if self._answers is None or self._answers[0] != state:
            self._answers = state, AnswerCache(None if self._cache is None else folder_of(self._cache, state))
        return self._answers[1]
