"""Several stores asked in turn, so that whatever else the machine does meets them alike (`benchmarks.graph_scale`)."""

from __future__ import annotations

import contextlib
import json
import subprocess
import sys
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

from benchmarks.graph_asked import Asked


class Asking(Protocol):
    """What can be asked: a process that holds a store."""

    def ask(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Return ``ms`` and ``rows`` of an answer, or ``given_up``."""
        ...


class Process:
    """A process of `benchmarks.graph_asked`."""

    def __init__(self, store: str, home: Path) -> None:
        command = [sys.executable, "-W", "ignore", "-m", "benchmarks.graph_asked", store, str(home)]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def ready(self) -> None:
        """Wait until it holds its store."""
        self._heard("ready")

    def ask(self, name: str, given: Mapping[str, Any]) -> Mapping[str, Any]:
        """Ask a question and wait for what its answer took."""
        assert self._process.stdin is not None  # opened as a pipe
        self._process.stdin.write(json.dumps([name, given]) + "\n")
        self._process.stdin.flush()
        return self._heard()

    def end(self) -> Mapping[str, Any]:
        """Let it end; return what its store takes."""
        assert self._process.stdin is not None  # opened as a pipe
        self._process.stdin.close()
        facts = self._heard()
        self._process.wait()
        return facts

    def kill(self) -> None:
        """End it whatever it does; nothing happens where it has ended."""
        self._process.kill()
        self._process.wait()

    def _heard(self, wanted: str | None = None) -> dict[str, Any]:
        assert self._process.stdout is not None  # opened as a pipe
        # A server that it starts may write lines of its own.
        for line in self._process.stdout:
            with contextlib.suppress(json.JSONDecodeError):
                message = json.loads(line)
                if isinstance(message, dict) and (wanted is None or wanted in message):
                    return message
        raise RuntimeError(f"the process that holds a store ended with status {self._process.wait()}")


@contextlib.contextmanager
def holding(store: str, homes: Sequence[Path]) -> Iterator[list[Process]]:
    """Hold the graph of each home, one loaded after the other; all end with the block."""
    processes: list[Process] = []
    try:
        for home in homes:
            processes.append(Process(store, home))
            processes[-1].ready()
        yield processes
    finally:
        for process in processes:
            process.kill()


def asked_in_turn(stores: Sequence[Asking], asked: Sequence[Asked]) -> list[dict[str, Any]]:
    """Ask all `stores` each question before the next, each being first equally often.

    Returns:
        For each store ``times_ms`` (by question), ``rows`` (by question, of all answers) and ``given_up``.
    """
    times: list[dict[str, list[float]]] = [defaultdict(list) for _ in stores]
    rows: list[dict[str, int]] = [defaultdict(int) for _ in stores]
    given_up: list[set[str]] = [set() for _ in stores]
    for turn, (name, given) in enumerate(asked):
        for place in range(len(stores)):
            number = (turn + place) % len(stores)
            reply = stores[number].ask(name, given)
            if "ms" in reply:
                times[number][name].append(reply["ms"])
                rows[number][name] += reply["rows"]
            else:
                given_up[number].add(name)
    return [
        {"times_ms": dict(of), "rows": dict(rows[number]), "given_up": sorted(given_up[number])}
        for number, of in enumerate(times)
    ]
