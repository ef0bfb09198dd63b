"""Many clients at once: mixed reads on loopback, their errors and latencies, and the memory of the server.

    python -m benchmarks.api_load --home ~/.local/share/tunegraph --clients 64 --seconds 60

The server is a process of its own (``tunegraph serve``), with one worker and no limit of rate. What is asked for often
is asked for once before the clock starts; one request in four is for something that is asked for seldom (one of some
thousand items, neighbours and pages, most of them for the first time). ``--rounds 2`` asks the same server for as long
once more: what it keeps for good has been asked for by then, so memory that still grows is lost. ``--keep`` writes it
to benchmarks/results/service.md.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import random
import signal
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import httpx
import psutil

from benchmarks import service_report

#: What is asked, and how often of all.
MIX = (
    ("/v1/datasets?limit=50", 3),
    ("/v1/datasets?name=credit", 2),
    ("/v1/learners", 2),
    ("/v1/learners/xgboost/hyperparameters", 2),
    ("/v1/evidence?kind=claim&limit=20", 2),
    ("/v1/evidence?kind=run_summary&learner=random_forest&limit=20", 2),
    ("/v1/claims?learner=xgboost", 2),
    ("/v1/runs?learner=svm&limit=50", 2),
    ("/v1/sources", 1),
    ("/v1/learners/random_forest/importances", 1),
    ("/health/ready", 2),
)
#: Of so many requests one is for something that is asked for seldom: an item, a page in the middle of a list.
SELDOM = 4


async def seldom(http: httpx.AsyncClient) -> list[str]:
    """Return what is asked for seldom: 786 data sets and their neighbours on the starter graph, some hundred pages."""
    paths: list[str] = []
    for listed, items in (("/v1/datasets", 2_000), ("/v1/runs", 4_000), ("/v1/evidence", 4_000)):
        cursor: str | None = None
        while len(paths) < items:
            page = (await http.get(f"{listed}?limit=100" + (f"&cursor={cursor}" if cursor else ""))).json()
            iris = [item["iri"] for item in page["items"]]
            paths += [f"/v1/items?iri={quote(iri, safe='')}" for iri in iris]
            if listed == "/v1/datasets":
                paths += [f"/v1/datasets/{iri.rpartition('/')[2]}/neighbours" for iri in iris]
            if (cursor := page["next"]) is None:
                break
            paths.append(f"{listed}?limit=20&cursor={cursor}")
    return paths


@dataclass
class Load:
    """What was measured."""

    seconds: float = 0.0
    latencies: list[float] = field(default_factory=list)
    answers: Counter[str] = field(default_factory=Counter)
    """Status, or name of the error -> how often."""
    memory_mb: list[float] = field(default_factory=list)
    """Resident memory of the server: after warming up, then every second."""

    @property
    def errors(self) -> int:
        """Answers that are not 200 or 304."""
        return sum(n for answer, n in self.answers.items() if answer not in ("200", "304"))

    def text(self) -> str:
        """Return it for people."""
        ordered = sorted(self.latencies)
        p50, p95, p99 = (1000 * ordered[int(share * (len(ordered) - 1))] for share in (0.5, 0.95, 0.99))
        tail = statistics.median(self.memory_mb[-5:])
        answers = ", ".join(f"{answer}: {n:,}" for answer, n in sorted(self.answers.items()))
        return (
            f"{len(ordered):,} requests in {self.seconds:.1f} s ({len(ordered) / self.seconds:.0f}/s), "
            f"{self.errors} errors ({answers})\n"
            f"latency p50 {p50:.0f} ms, p95 {p95:.0f} ms, p99 {p99:.0f} ms\n"
            f"memory {self.memory_mb[0]:.0f} MB after warming up, {max(self.memory_mb):.0f} MB at most, "
            f"{tail:.0f} MB at the end"
        )


@contextlib.contextmanager
def server(home: Path) -> Iterator[tuple[str, psutil.Process]]:
    """Serve `home` in a process of its own; give its address and the process."""
    command = [
        sys.executable,
        "-c",
        "from ui.cli import main; main()",
        "serve",
        "--port",
        "0",
        "--rate",
        "0",
        "--home",
        str(home),
    ]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
    try:
        log = process.stderr
        assert log is not None
        address = next((line.split()[-1] for line in log if line.startswith("Serving on ")), None)
        if address is None:
            raise SystemExit("The server did not start.")
        # Its log must be read, or it waits for whoever reads it.
        threading.Thread(target=lambda: [None for _ in log], daemon=True).start()
        yield address, psutil.Process(process.pid)
    finally:
        process.send_signal(signal.SIGINT)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=15)
        process.kill()


async def load(
    address: str, process: psutil.Process, *, clients: int, seconds: float, with_tags: bool, seed: int = 0
) -> Load:
    """Ask for so many seconds.

    Args:
        address: Of the server.
        process: Of the server.
        clients: That ask at once, each again as soon as it is answered.
        seconds: How long.
        with_tags: Whether clients remember ETags, as a browser does.
        seed: Of what is asked for when.
    """
    found = Load()
    limits = httpx.Limits(max_connections=clients, max_keepalive_connections=clients)
    async with httpx.AsyncClient(base_url=address, timeout=30, limits=limits) as http:
        for path, _ in MIX:
            (await http.get(path)).raise_for_status()
        rare = await seldom(http)
        found.memory_mb.append(_memory(process))
        started = time.perf_counter()
        until = started + seconds
        asking = [
            _ask(http, found, until, random.Random(f"{seed} {number}"), rare, with_tags=with_tags)
            for number in range(clients)
        ]
        await asyncio.gather(_watch(process, found, until), *asking)
        found.seconds = time.perf_counter() - started
    return found


async def _ask(
    http: httpx.AsyncClient, found: Load, until: float, rng: random.Random, rare: list[str], *, with_tags: bool
) -> None:
    tags: dict[str, str] = {}
    paths, weights = zip(*MIX, strict=True)
    while time.perf_counter() < until:
        (path,) = [rng.choice(rare)] if rng.randrange(SELDOM) == 0 else rng.choices(paths, weights)
        headers = {"If-None-Match": tags[path]} if path in tags else {}
        began = time.perf_counter()
        try:
            response = await http.get(path, headers=headers)
            answer = str(response.status_code)
        except httpx.HTTPError as error:
            answer = type(error).__name__
        else:
            if with_tags and "etag" in response.headers:
                tags[path] = response.headers["etag"]
        found.latencies.append(time.perf_counter() - began)
        found.answers[answer] += 1


async def _watch(process: psutil.Process, found: Load, until: float) -> None:
    while time.perf_counter() < until:
        await asyncio.sleep(1.0)
        found.memory_mb.append(_memory(process))


def _memory(process: psutil.Process) -> float:
    return float(process.memory_info().rss) / 2**20


def main(arguments: list[str] | None = None) -> int:
    """Run it, and print what was measured. Returns 1 where there was an error."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--home", type=Path, required=True, help="a home; its graph is made where it is missing")
    parser.add_argument("--clients", type=int, default=64)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--rounds", type=int, default=1, help="on the same server, one after the other")
    parser.add_argument("--keep", action="store_true", help="write it to benchmarks/results/service.md")
    parser.add_argument("--with-tags", action="store_true", help="clients remember ETags, as a browser does")
    given = parser.parse_args(arguments)
    with server(given.home) as (address, process):
        rounds = [
            asyncio.run(
                load(
                    address, process,
                    clients=given.clients, seconds=given.seconds, with_tags=given.with_tags, seed=number,
                )
            )
            for number in range(given.rounds)
        ]  # fmt: skip
    told = "\n".join([f"{given.clients} clients, {given.rounds} rounds", *(found.text() for found in rounds)])
    print(told)
    if given.keep:
        command = f"benchmarks.api_load --clients {given.clients} --seconds {given.seconds:g} --rounds {given.rounds}"
        service_report.keep("Load", told.replace("\n", ".\n\n") + ".", command=command)
    return 1 if any(found.errors for found in rounds) else 0


if __name__ == "__main__":
    sys.exit(main())
