"""One store of `benchmarks.graph_scale`: what it takes to hold a graph and to answer the questions asked of it.

* ``oxigraph``: our embedded store, on disk; the process that asks is not the one that loads.
* ``rdflib``: an in-memory graph of plain rdflib, asked with the same SPARQL.
* ``neo4j``: ArcadeDB out of a wheel (or the server that ``TUNEGRAPH_TEST_NEO4J_URI`` names), asked in Cypher.

A process holds its store until stdin ends: it prints that it is ready, answers one question a line with what the answer
took, and last prints what the store takes. So the processes of several sizes can be asked in turn (`graph_turns`).
"""

# Memory is measured: a process imports what its own store needs, and no more.
# ruff: noqa: PLC0415

from __future__ import annotations

import contextlib
import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kg.home import graph_path
from kg.questions import questions, terms_of
from kg.rdf_store import RdfStore
from kg.rdf_terms import PREFIXES
from kg.store import KnowledgeStore

#: A question and what it is told.
Asked = tuple[str, dict[str, Any]]
#: Answers a question with the number of its rows.
Answer = Callable[[str, dict[str, Any]], int]

#: Seconds after which an answer is waited for no longer, and a question is not asked again.
PATIENCE_S = 20.0
#: Folder of the copy of a graph that our embedded store is asked on.
COPY = "copy"
#: Items that are handed to a store at once.
CHUNK = 2_000


@dataclass(frozen=True)
class Held:
    """A store that holds a graph."""

    answer: Answer
    facts: Callable[[], dict[str, Any]]
    """What the store takes: memory and disk in MB, and seconds to load where it was loaded in this process."""


class TooSlowError(Exception):
    """A question took longer than `PATIENCE_S`."""


@contextlib.contextmanager
def oxigraph(home: Path) -> Iterator[Held]:
    """Hold our embedded store, which `load` has left there."""
    with RdfStore(home / COPY) as store:
        yield Held(
            lambda name, given: sum(1 for _ in store.ask(name, given)),
            lambda: {"disk_mb": _disk_mb(home / COPY), "peak_mb": _own_mb()},
        )


def load(home: Path) -> dict[str, Any]:
    """Copy the graph in `home` into an embedded store, and say how long that took."""
    with RdfStore(graph_path(home)) as source, RdfStore(home / COPY) as target:
        return {"load_s": _loaded(source, target)}


@contextlib.contextmanager
def rdflib(home: Path) -> Iterator[Held]:
    """Hold the graph that lies in `home` as N-Quads in plain rdflib, all in memory."""
    import rdflib as plain

    started = time.perf_counter()
    graph = plain.Dataset(default_union=True)
    graph.parse(home / "graph.nq", format="nquads")
    load_s = round(time.perf_counter() - started, 1)
    names = {prefix: plain.Namespace(iri) for prefix, iri in PREFIXES.items()}

    def answer(name: str, given: dict[str, Any]) -> int:
        question = questions()[name]
        bound = {key: _plain_term(term) for key, term in terms_of(question, given).items()}
        return sum(1 for _ in graph.query(question.query, initNs=names, initBindings=bound))

    yield Held(answer, lambda: {"load_s": load_s, "peak_mb": _own_mb()})


@contextlib.contextmanager
def neo4j(home: Path) -> Iterator[Held]:
    """Hold a server that speaks Bolt and Cypher; of one that we did not start, size and memory are not known."""
    import psutil

    from kg.neo4j_store import Neo4jStore
    from tests.kg.neo4j_server import server

    with RdfStore(graph_path(home)) as source, Neo4jStore(server().connection()) as target:
        load_s = _loaded(source, target)

        def facts() -> dict[str, Any]:
            started = psutil.Process().children()
            if not started:
                return {"load_s": load_s}
            disk_mb, peak_mb = _disk_mb(Path(started[0].cwd())), _peak_mb(started[0].pid)
            return {"load_s": load_s, "disk_mb": disk_mb, "peak_mb": peak_mb}

        yield Held(lambda name, given: sum(1 for _ in target.ask(name, given)), facts)


HOLD = {"oxigraph": oxigraph, "rdflib": rdflib, "neo4j": neo4j}


class Respondent:
    """Answers questions with what each took, and gives one up that took too long."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer
        self._known: set[str] = set()
        self._given_up: set[str] = set()

    def reply(self, name: str, given: dict[str, Any]) -> dict[str, Any]:
        """Return milliseconds and rows of one answer; a question is asked once untimed where it comes first."""
        if name not in self._given_up:
            try:
                with patience(PATIENCE_S):
                    if name not in self._known:
                        self._answer(name, given)
                        self._known.add(name)
                    started = time.perf_counter()
                    rows = self._answer(name, given)
                    return {"ms": round(1000 * (time.perf_counter() - started), 3), "rows": rows}
            except TooSlowError:
                self._given_up.add(name)
        return {"given_up": True}


@contextlib.contextmanager
def patience(seconds: float) -> Iterator[None]:
    """Raise `TooSlowError` in a block that takes longer."""

    def stop(*_: object) -> None:
        raise TooSlowError

    signal.signal(signal.SIGALRM, stop)
    signal.setitimer(signal.ITIMER_REAL, seconds)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def _loaded(source: KnowledgeStore, target: KnowledgeStore) -> float:
    """Add all items of a graph to another, in one transaction a source; return the seconds that the other took."""
    seconds = 0.0
    for name in source.sources():
        iris = list(source.items_of(name))
        # What is read is not timed: an ingestion has its items at hand.
        chunks = [[source.get(iri) for iri in iris[at : at + CHUNK]] for at in range(0, len(iris), CHUNK)]
        started = time.perf_counter()
        with target.transaction():
            for items in chunks:
                target.add(items)
        seconds += time.perf_counter() - started
    return round(seconds, 1)


def _plain_term(term: Any) -> Any:
    import pyoxigraph
    import rdflib as plain

    if isinstance(term, pyoxigraph.NamedNode):
        return plain.URIRef(term.value)
    if term.datatype.value == str(plain.XSD.string):  # to rdflib, a text with that type is another than one without
        return plain.Literal(term.value)
    return plain.Literal(term.value, datatype=plain.URIRef(term.datatype.value))


def _own_mb() -> int:
    # On Linux, what getrusage says of a process begins with what its parent had when it was forked.
    own = _peak_mb(os.getpid())
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024**2) if own is None else own


def _peak_mb(process: int) -> int | None:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{process}/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return round(int(line.split()[1]) / 1024)
    return None


def _disk_mb(folder: Path) -> float:
    # Generations share files by hard links: each is counted once.
    files = {s.st_ino: s.st_blocks * 512 for p in folder.rglob("*") if p.is_file() for s in [p.stat()]}
    return round(sum(files.values()) / 1e6, 1)


def main() -> None:
    """Hold one store and answer questions: STORE HOME; ``load`` as STORE only loads our embedded store."""
    store, home = sys.argv[1], Path(sys.argv[2])
    if store == "load":
        say(load(home))
        return
    with HOLD[store](home) as held:
        respondent = Respondent(held.answer)
        say({"ready": True})
        for line in sys.stdin:
            say(respondent.reply(*json.loads(line)))
        say(held.facts())


def say(message: dict[str, Any]) -> None:
    """Write a message to the process that asks."""
    print(json.dumps(message), flush=True)


if __name__ == "__main__":
    main()
