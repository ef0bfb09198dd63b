"""Whether hostile queries harm a server: every one is sent, and a simple query is answered in between and after.

python -m benchmarks.sparql_hostile             on a copy of the starter graph, over loopback HTTP
    --home FOLDER                               on the graph of this home instead
    --seconds 5                                 that one query may take
    --kinds services,updates                    only some kinds
    --keep                                      write what came of it to benchmarks/results/service.md

Prints a table by kind: queries, statuses, the longest answer, and the slowest simple query afterwards. Exit code 1
where a query that had to be refused was not, an answer was none of the protocol, a simple query failed, or a process
was left behind.
"""

from __future__ import annotations

import argparse
import socket
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import psutil
import uvicorn
from fastapi import FastAPI

import ui.sparql
from benchmarks import service_report
from benchmarks.hostile_queries import Fate, Hostile, hostile_queries
from ui.compose import Settings, Tunegraph
from ui.sparql.limits import ServiceLimits

#: What everybody may ask, and how it must be answered.
SIMPLE = "SELECT ?term WHERE { ?term a <http://www.w3.org/2002/07/owl#Class> } LIMIT 1"
#: Statuses that the fate of a query allows.
ALLOWED = {Fate.REFUSED: {400, 403}, Fate.SURVIVED: {200, 400, 406, 413, 422}}


@dataclass
class Tally:
    """What became of the queries of one kind."""

    statuses: Counter[int] = field(default_factory=Counter)
    longest_s: float = 0.0
    slowest_simple_s: float = 0.0
    faults: list[str] = field(default_factory=list)


def check(ask: Callable[[str], tuple[int, str]], queries: tuple[Hostile, ...]) -> dict[str, Tally]:
    """Send `queries`, each followed by a simple one; return what became of them, by kind.

    Args:
        ask: Sends a query; returns status and body.
        queries: What to send.
    """
    tallies: dict[str, Tally] = defaultdict(Tally)
    for query in queries:
        tally = tallies[query.kind]
        started = time.monotonic()
        status, _ = ask(query.text)
        tally.longest_s = max(tally.longest_s, time.monotonic() - started)
        tally.statuses[status] += 1
        if status not in ALLOWED[query.fate]:
            tally.faults.append(f"{status}: {query.text[:80]!r}")
        started = time.monotonic()
        status, body = ask(SIMPLE)
        tally.slowest_simple_s = max(tally.slowest_simple_s, time.monotonic() - started)
        if status != 200 or '"uri"' not in body:
            tally.faults.append(f"simple query answered {status} after {query.text[:80]!r}")
    return dict(tallies)


@contextmanager
def served(home: Path, seconds: float) -> Iterator[str]:
    """Serve the graph of `home` over loopback HTTP; yield the address of the endpoint."""
    app = FastAPI()
    app.include_router(ui.sparql.router(Tunegraph(Settings(home=home)), limits=ServiceLimits(query_s=seconds)))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_level="warning"))
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    try:
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/sparql"
    finally:
        server.should_exit = True
        thread.join()
        listening.close()


def main() -> int:
    """Run the check and print what came of it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path)
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--kinds")
    parser.add_argument("--keep", action="store_true")
    given = parser.parse_args()
    kinds = given.kinds.split(",") if given.kinds else None
    queries = tuple(query for query in hostile_queries() if kinds is None or query.kind in kinds)
    with tempfile.TemporaryDirectory() as folder:
        with served(given.home or Path(folder), given.seconds) as url, httpx.Client(timeout=120) as client:

            def ask(text: str) -> tuple[int, str]:
                answer = client.post(url, data={"query": text})
                return answer.status_code, answer.text

            ask(SIMPLE)
            tallies = check(ask, queries)
        left = [process.pid for process in psutil.Process().children(recursive=True)]
    faults = [fault for tally in tallies.values() for fault in tally.faults]
    told = report(tallies, left)
    print("\n".join([told, *faults]))
    if given.keep:
        service_report.keep("Hostile queries", told, command=f"benchmarks.sparql_hostile --seconds {given.seconds:g}")
    return 1 if faults or left else 0


def report(tallies: Mapping[str, Tally], left: Sequence[int]) -> str:
    """Return what came of it as a table by kind, and what was left behind."""
    rows: list[tuple[object, ...]] = [
        (
            kind,
            sum(tally.statuses.values()),
            ", ".join(f"{status}: {n}" for status, n in sorted(tally.statuses.items())),
            f"{tally.longest_s:.1f} s",
            f"{tally.slowest_simple_s:.2f} s",
            len(tally.faults),
        )
        for kind, tally in tallies.items()
    ]
    header = ("kind", "queries", "status: how many", "longest answer", "slowest simple query after one", "faults")
    count, faults = sum(int(str(row[1])) for row in rows), sum(len(tally.faults) for tally in tallies.values())
    return f"{service_report.table(header, rows)}\n\n{count} queries, {faults} faults, {len(left)} processes left."


if __name__ == "__main__":
    sys.exit(main())
