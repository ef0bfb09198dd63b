"""The service while things go wrong: what was done, what readers saw, what was lost.

    python -m benchmarks.service_faults --keep        writes the table to benchmarks/results/service.md

A server (``tunegraph serve``) answers readers, with and without the right to see what is private, while a process of
its own replaces a whole source of the graph in one transaction after another, and says so (acknowledges) after each.
Every answer must show one state of that source, whole, and none that is older than what was acknowledged before it was
asked for. Then writers and the server are killed (SIGKILL), and the disk is filled (a tmpfs of 32 MB in a name space of
its own, which needs Linux and ``unshare``).
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx
import optuna

from benchmarks import service_report
from benchmarks.api_load import server
from ingest.sources.optuna_studies.storage import snapshot
from kg.errors import StoreError
from kg.rdf_starter import starter_path
from kg.rdf_store import RdfStore
from tests.kg import samples
from ui.api.keys import KeyRing, Scope

#: Items of the source that is replaced again and again, in as many steps of one transaction.
ITEMS, STEPS = 60, 4
_NAME = "state"
_DESCRIBED = {"meta_features": {"NumberOfInstances": 1000, "NumberOfFeatures": 21, "NumberOfClasses": 2}}
_COUNTED = (
    "SELECT ?state (COUNT(?d) AS ?n) WHERE { ?d dcterms:title ?title FILTER STRSTARTS(?title, 'state ') "
    "BIND(STRBEFORE(STRAFTER(?title, ' '), ' ') AS ?state) } GROUP BY ?state"
)


@dataclass
class Seen:
    """What readers saw."""

    answers: int = 0
    states: set[int] = field(default_factory=set)
    faults: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0

    def text(self) -> str:
        """Return it in words."""
        wrong = ", ".join(f"{n} {what}" for what, n in sorted(self.faults.items())) or "none wrong"
        return f"{self.answers:,} answers over {len(self.states)} states, {wrong}; slowest {self.slowest_s:.2f} s"


@dataclass(frozen=True)
class Row:
    """One line of the table."""

    done: str
    seen: str
    lost: str
    is_fault: bool


def write_states(home: Path, first: int, pause_s: float) -> None:
    """Replace the source by its next state, again and again; print the number of each that is committed."""
    with RdfStore(home / "graph") as store:
        for number in range(first, sys.maxsize):
            with store.transaction():
                store.remove(iri for iri in store.items_of(_NAME))
                for step in range(STEPS):
                    store.add(
                        samples.dataset(
                            samples.dataset_iri(f"{number}-{i}"), source=_NAME, name=f"state {number} {i}", same_as=()
                        )
                        for i in range(step, ITEMS, STEPS)
                    )
                    time.sleep(pause_s / STEPS)
            print(number, flush=True)


class Writer:
    """A process that runs `write_states`, and what it has acknowledged.

    Args:
        home: Of the graph.
        first: Number of its first state.
    """

    def __init__(self, home: Path, first: int) -> None:
        command = [sys.executable, "-m", "benchmarks.service_faults", "--write", str(first), "--home", str(home)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        self.acknowledged = first - 1
        self._thread = threading.Thread(target=self._listen, daemon=True)
        self._thread.start()

    def wait_for(self, number: int, timeout_s: float = 120.0) -> None:
        """Wait until so many states are acknowledged."""
        deadline = time.monotonic() + timeout_s
        while self.acknowledged < number:
            if time.monotonic() > deadline or self.process.poll() is not None:
                raise SystemExit(f"The writer does not get on: {self.acknowledged} of {number}")
            time.sleep(0.01)

    def kill(self) -> int:
        """Kill it, and return the last state that it acknowledged."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self._thread.join()
        return self.acknowledged

    def _listen(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.acknowledged = int(line)


def look(http: httpx.Client, key: str, acknowledged: int, seen: Seen, *, with_sparql: bool) -> int | None:
    """Ask once, note what was wrong with the answer, and return the state that it showed."""
    headers = {"Authorization": f"Bearer {key}"}
    began = time.monotonic()
    try:
        if with_sparql:
            answer = http.get("/sparql", params={"query": _COUNTED}, headers=headers)
        else:
            answer = http.get("/v1/datasets", params={"name": "state ", "limit": 500}, headers=headers)
    except httpx.HTTPError as error:
        seen.faults[type(error).__name__] += 1
        return None
    seen.slowest_s = max(seen.slowest_s, time.monotonic() - began)
    seen.answers += 1
    if answer.status_code != httpx.codes.OK:
        seen.faults[f"with status {answer.status_code}"] += 1
        return None
    found = _states_of(answer.json())
    if list(found.values()) != [ITEMS]:
        seen.faults["of no whole state"] += 1
        return None
    (state,) = found
    seen.states.add(state)
    if state < acknowledged:
        seen.faults["older than acknowledged"] += 1
    return state


def _states_of(answer: dict) -> Counter[int]:
    if "items" in answer:
        return Counter(int(item["name"].split()[1]) for item in answer["items"])
    rows = answer["results"]["bindings"]
    return Counter({int(row["state"]["value"]): int(row["n"]["value"]) for row in rows if "state" in row})


@contextlib.contextmanager
def reading(address: str, keys: list[str], writer: list[Writer], n_readers: int) -> Iterator[Seen]:
    """Let readers ask meanwhile, each its own kind of question with its own key."""
    seen, stop = Seen(), threading.Event()

    def read(number: int) -> None:
        mine = Seen()
        with httpx.Client(base_url=address, timeout=60) as http:
            while not stop.is_set():
                look(http, keys[number % 2], writer[-1].acknowledged, mine, with_sparql=number % 4 == 3)
        with mutex:
            seen.answers += mine.answers
            seen.states |= mine.states
            seen.faults += mine.faults
            seen.slowest_s = max(seen.slowest_s, mine.slowest_s)

    mutex = threading.Lock()
    threads = [threading.Thread(target=read, args=(number,)) for number in range(n_readers)]
    for thread in threads:
        thread.start()
    try:
        yield seen
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def while_writing(address: str, keys: list[str], writer: Writer, states: int) -> Row:
    """Let readers ask while so many states are written."""
    first = writer.acknowledged
    with reading(address, keys, [writer], 8) as seen:
        writer.wait_for(first + states)
    done = f"{states} transactions, each replacing {ITEMS} items in {STEPS} steps, beside 8 readers"
    return Row(done, seen.text(), "nothing", bool(seen.faults))


def killed_writers(address: str, keys: list[str], home: Path, times: int) -> Row:
    """Kill the writer at any moment, so many times, while readers ask."""
    rng, lost, left = random.Random(0), 0, 0
    writers = [Writer(home, _now(home) + 1)]
    with reading(address, keys, writers, 4) as seen:
        for _ in range(times):
            writers[-1].wait_for(writers[-1].acknowledged + 1)
            time.sleep(rng.random() / 2)
            acknowledged, there = writers[-1].kill(), _now(home)
            # What was committed and not yet said so is there, too: at most one more.
            lost += there not in (acknowledged, acknowledged + 1)
            writers.append(Writer(home, there + 1))
        writers[-1].wait_for(writers[-1].acknowledged + 1)
        writers[-1].kill()
    left = len([path for path in (home / "graph").iterdir() if path.name.startswith("draft-")])
    done = f"{times} writers killed (SIGKILL) at any moment, the next one goes on"
    return Row(
        done, seen.text(), f"{lost} acknowledged states; {left} drafts left for the next", bool(seen.faults or lost)
    )


def killed_server(home: Path, keys: list[str]) -> Row:
    """Kill the server with a proposal under way and one finished, and start it again."""
    headers = {"Authorization": f"Bearer {keys[0]}"}
    with server(home) as (address, process), httpx.Client(base_url=address, headers=headers, timeout=60) as http:
        asked = [http.post("/v1/proposals", json=_DESCRIBED).json()["id"] for _ in range(2)]
        cancelled = http.delete(f"/v1/proposals/{asked[0]}").json()["state"]
        process.kill()
        process.wait()
    began = time.monotonic()
    with server(home) as (address, _), httpx.Client(base_url=address, headers=headers, timeout=60) as http:
        look(http, keys[0], _now(home), seen := Seen(), with_sparql=False)
        seconds = time.monotonic() - began
        states = [http.get(f"/v1/proposals/{one}").json() for one in asked]
    told = [(one.get("problem") or {}).get("detail", one.get("state")) for one in states]
    lost = (states[0].get("state") != cancelled) + ("Interrupted" not in told[1])
    return Row(
        "the server killed (SIGKILL) with one proposal cancelled and one under way, and started again",
        f"answers {seconds:.1f} s after the start; the one under way says: {told[1]}",
        f"{lost} of 2 proposals",
        bool(lost or seen.faults),
    )


def full_disk(home: Path, keys: list[str], folder: Path) -> Row:
    """Fill the disk that the home is on, write all the same, read, and make room again."""
    before, ballast = _now(home), folder / "ballast"
    headers = {"Authorization": f"Bearer {keys[0]}"}
    with server(home) as (address, _), httpx.Client(base_url=address, headers=headers, timeout=60) as http:
        asked = http.post("/v1/proposals", json=_DESCRIBED)  # the process that works on it is there from now on
        http.delete(f"/v1/proposals/{asked.json()['id']}")
        _fill(ballast)
        refused = [http.post("/v1/proposals", json=_DESCRIBED), http.post("/v1/studies", json=_study())]
        told = _told_by_cli(home)
        said = _error_of_writing(home)
        seen = Seen()
        for number in range(20):
            look(http, keys[number % 2], before, seen, with_sparql=number % 4 == 3)
        ballast.unlink()
        again = http.post("/v1/proposals", json=_DESCRIBED).status_code
    RdfStore(home / "graph").add([samples.dataset(samples.dataset_iri("room"), source="room", name="room", same_as=())])
    is_same = _now(home) == before
    problems = [(one.status_code, one.headers.get("content-type")) for one in refused]
    is_clear = all(kind == "application/problem+json" and status == 503 for status, kind in problems)
    statuses = ", ".join(str(status) for status, _ in problems)
    return Row(
        "a full disk (32 MB): a proposal, a study, a key and a transaction are refused; then room is made",
        f"{seen.text()}; refused with {statuses} as problem+json; the command says: {told}; the store says: {said}",
        "nothing; writing goes on" if is_same and again == 202 else "the graph or the service",
        bool(seen.faults) or not (is_clear and is_same and again == 202 and said and told),
    )


def _fill(ballast: Path) -> None:
    with contextlib.suppress(OSError), ballast.open("wb", buffering=0) as file:
        for size in (1 << 20, 4096, 1):
            with contextlib.suppress(OSError):
                while True:
                    file.write(b"x" * size)


def _told_by_cli(home: Path) -> str:
    """Return how the command line tells that a key cannot be kept; empty where it is no error of ours."""
    command = [sys.executable, "-c", "from ui.cli import main; main()", "keys", "add", "full", "--home", str(home)]
    ran = subprocess.run(command, capture_output=True, text=True, check=False)
    is_told = ran.returncode and "Traceback" not in ran.stderr
    return ran.stderr.strip().splitlines()[0][:120] if is_told and ran.stderr.strip() else ""


def _error_of_writing(home: Path) -> str:
    try:
        with RdfStore(home / "graph") as store:
            store.add([samples.dataset(samples.dataset_iri("more"), source="more", name="more", same_as=())])
    except StoreError as error:
        return str(error).rpartition(":")[2].strip()
    return ""


def _study() -> dict:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(direction="maximize", study_name="full")
    study.optimize(lambda trial: trial.suggest_float("max_features", 0.1, 1.0), n_trials=4)
    return json.loads(snapshot(study).model_dump_json())


def _now(home: Path) -> int:
    """Return the state that is in the graph, read by a process's own eyes; -1 where it is none, or no whole one."""
    with RdfStore(home / "graph") as store:
        found = Counter(int(one.name.split()[1]) for one in store.datasets() if one.name.startswith("state "))
    return next(iter(found)) if list(found.values()) == [ITEMS] else -1


def _home(folder: Path) -> tuple[Path, list[str]]:
    """Return a home with a small graph and the first state in it, and two keys: one sees all, one what is public."""
    home = folder / "home"
    with RdfStore(home / "graph") as store:
        store.add(samples.small_graph())
        if (shipped := starter_path()) is not None:  # noted as there: a small graph shows the same in less time
            digest = hashlib.sha256(shipped.read_bytes()).hexdigest()
            store.keep_note("starter", json.dumps({"digest": digest, "sources": {}, "forgotten": []}))
    ring = KeyRing(home)
    keys = [ring.add("whole", [Scope.READ, Scope.WRITE]), ring.add("public", [Scope.WRITE])]
    writer = Writer(home, 1)
    writer.wait_for(1)
    writer.kill()
    return home, keys


def on_a_small_disk(folder: Path) -> Row:
    """Run `full_disk` in a process that sees a small disk where `folder` is."""
    inner = 'mount -t tmpfs -o size=32m tmpfs "$0" && exec "$1" -m benchmarks.service_faults --small-disk "$0"'
    unshare = shutil.which("unshare")
    if unshare is None:
        return Row("a full disk", "not tried: there is no unshare here", "", False)
    command = [unshare, "-rm", "sh", "-c", inner, str(folder), sys.executable]
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False)
    if not ran.stdout:
        return Row("a full disk", "not tried: no small disk could be had here", "", False)
    return Row(**json.loads(ran.stdout.splitlines()[-1]))


def run(folder: Path, *, states: int, kills: int) -> list[Row]:
    """Do all of it; return what came of it."""
    home, keys = _home(folder)
    rows = []
    with server(home) as (address, _):
        with httpx.Client(base_url=address, timeout=60) as http:
            for number in range(4):  # copies, processes and lists are there before it is counted how long answers take
                look(http, keys[number % 2], 0, Seen(), with_sparql=number > 1)
        writer = Writer(home, _now(home) + 1)
        rows.append(while_writing(address, keys, writer, states))
        writer.kill()
        rows.append(killed_writers(address, keys, home, kills))
    rows.append(killed_server(home, keys))
    with tempfile.TemporaryDirectory() as small:
        rows.append(on_a_small_disk(Path(small)))
    return rows


def main(arguments: list[str] | None = None) -> int:
    """Run it, and print the table. Returns 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--states", type=int, default=40, help="transactions beside readers")
    parser.add_argument("--kills", type=int, default=10, help="writers that are killed")
    parser.add_argument("--keep", action="store_true", help="write the table to benchmarks/results/service.md")
    for hidden, kind in (("--write", int), ("--home", Path), ("--small-disk", Path)):
        parser.add_argument(hidden, type=kind, help=argparse.SUPPRESS)
    given = parser.parse_args(arguments)
    if given.write is not None:
        write_states(given.home, given.write, 0.2)
        return 0
    if given.small_disk is not None:
        os.environ["TMPDIR"] = str(given.small_disk)
        home, keys = _home(given.small_disk)
        print(json.dumps(vars(full_disk(home, keys, given.small_disk))))
        return 0
    with tempfile.TemporaryDirectory() as folder:
        rows = run(Path(folder), states=given.states, kills=given.kills)
    told = service_report.table(
        ("what was done", "what readers saw", "what was lost", "fault"),
        [(row.done, row.seen, row.lost, "yes" if row.is_fault else "no") for row in rows],
    )
    print(told)
    if given.keep:
        service_report.keep("Faults", told, command="benchmarks.service_faults")
    return 1 if any(row.is_fault for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
