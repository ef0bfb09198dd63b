"""One store of `benchmarks.graph_scale`: what it takes to hold a graph and to answer the questions asked of it.

* ``oxigraph``: our embedded store, on disk; the process that asks is not the one that loads.
* ``rdflib``: an in-memory graph of plain rdflib, asked with the same SPARQL.
* ``neo4j``: ArcadeDB out of a wheel (or the server that ``TUNEGRAPH_TEST_NEO4J_URI`` names), asked in Cypher.
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
from collections import defaultdict
from collections.abc import Callable, Iterator
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
#: Items that are handed to a store at once.
CHUNK = 2_000


class TooSlowError(Exception):
    """A question took longer than `PATIENCE_S`."""


def oxigraph(home: Path, scratch: Path, asked: list[Asked]) -> dict[str, Any]:
    """Measure our embedded store; `scratch` holds its files between the two processes."""
    if not scratch.exists():
        with RdfStore(graph_path(home)) as source, RdfStore(scratch) as target:
            return {"load_s": _loaded(source, target)}
    with RdfStore(scratch) as store:
        times = measured(asked, lambda name, given: sum(1 for _ in store.ask(name, given)))
    return {**times, "disk_mb": _disk_mb(scratch), "peak_mb": _own_mb()}


def rdflib(quads: Path, asked: list[Asked]) -> dict[str, Any]:
    """Measure plain rdflib, all in memory."""
    import rdflib as plain

    started = time.perf_counter()
    graph = plain.Dataset(default_union=True)
    graph.parse(quads, format="nquads")
    load_s = time.perf_counter() - started
    names = {prefix: plain.Namespace(iri) for prefix, iri in PREFIXES.items()}

    def answer(name: str, given: dict[str, Any]) -> int:
        question = questions()[name]
        bound = {key: _plain_term(term) for key, term in terms_of(question, given).items()}
        return sum(1 for _ in graph.query(question.query, initNs=names, initBindings=bound))

    times = measured(asked, answer)
    return {**times, "load_s": round(load_s, 1), "peak_mb": _own_mb()}


def neo4j(home: Path, asked: list[Asked]) -> dict[str, Any]:
    """Measure a server that speaks Bolt and Cypher; of one that we did not start, size and memory are not known."""
    import psutil

    from kg.neo4j_store import Neo4jStore
    from tests.kg.neo4j_server import server

    with RdfStore(graph_path(home)) as source, Neo4jStore(server().connection()) as target:
        load_s = _loaded(source, target)
        times = measured(asked, lambda name, given: sum(1 for _ in target.ask(name, given)))
        started = psutil.Process().children()
        found: dict[str, Any] = {**times, "load_s": load_s}
        if started:
            found |= {"disk_mb": _disk_mb(Path(started[0].cwd())), "peak_mb": _peak_mb(started[0].pid)}
    return found


def measured(asked: list[Asked], answer: Answer) -> dict[str, Any]:
    """Ask every question once untimed where it comes first, then time it; return milliseconds and rows by question."""
    times: dict[str, list[float]] = defaultdict(list)
    rows: dict[str, int] = defaultdict(int)
    given_up: set[str] = set()
    for name, given in asked:
        if name in given_up:
            continue
        try:
            with patience(PATIENCE_S):
                if name not in times:
                    answer(name, given)
                started = time.perf_counter()
                rows[name] += answer(name, given)
                times[name].append(round(1000 * (time.perf_counter() - started), 3))
        except TooSlowError:
            given_up.add(name)
    return {"times_ms": dict(times), "rows": dict(rows), "given_up": sorted(given_up)}


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
    """Measure one store in this process and print what it took: STORE HOME SCRATCH ASKED."""
    store, home, scratch, asked = sys.argv[1], *map(Path, sys.argv[2:5])
    wanted: list[Asked] = [(name, given) for name, given in json.loads(asked.read_text())]
    if store == "oxigraph":
        found = oxigraph(home, scratch, wanted)
    elif store == "rdflib":
        found = rdflib(scratch, wanted)
    else:
        found = neo4j(home, wanted)
    print(json.dumps(found))


if __name__ == "__main__":
    main()
