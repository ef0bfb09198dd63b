"""Requests made up from the OpenAPI document, right ones and wrong ones: no 500, and no answer that is not documented.

    python -m benchmarks.api_fuzz --examples 10000 --keep         writes to benchmarks/results/service.md
    python -m benchmarks.api_fuzz --state fuzz.json --seconds 300 --keep      as far as it gets; again: goes on

Every operation gets its share of the requests, half of them built to be right, half to be wrong. The service runs in
this process over a small graph with a key of both scopes, so that writing is tried, too; proposals are not computed.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from unittest.mock import patch

import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, seed, settings
from schemathesis.checks import not_a_server_error
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from benchmarks import service_report
from kg.rdf_store import RdfStore
from tests.kg import samples
from ui.api import ApiSettings, create_app
from ui.api.keys import KeyRing, Scope
from ui.compose import Settings, Tunegraph

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@dataclass
class Tried:
    """What came of the requests to one operation, right ones or wrong ones."""

    requests: int = 0
    statuses: Counter[str] = field(default_factory=Counter)
    failure: str = ""
    """What was wrong first; empty where nothing was."""
    seconds: float = 0.0


@dataclass
class Report:
    """What came of the requests."""

    tried: dict[str, Tried] = field(default_factory=dict)
    """Operation and kind of request -> what came of it."""
    left: int = 0
    """How many of these there was no time for."""

    @property
    def requests(self) -> int:
        """How many were sent."""
        return sum(one.requests for one in self.tried.values())

    @property
    def statuses(self) -> Counter[int]:
        """Status -> how often it was answered."""
        return Counter({int(status): n for status, n in _sum(one.statuses for one in self.tried.values()).items()})

    @property
    def failures(self) -> dict[str, str]:
        """Operation and kind of request -> what was wrong first."""
        return {where: one.failure for where, one in self.tried.items() if one.failure}

    def text(self) -> str:
        """Return it for people."""
        seconds = sum(one.seconds for one in self.tried.values())
        statuses = ", ".join(f"{status}: {n:,}" for status, n in sorted(self.statuses.items()))
        left = f" {self.left} of {len(self.tried) + self.left} are left to try." if self.left else ""
        operations = len({where.partition(" (")[0] for where in self.tried})
        return (
            f"{self.requests:,} requests to {operations} operations, right ones and wrong ones,"
            f" in {seconds:.0f} s ({self.requests / max(seconds, 1e-9):.0f}/s).{left}\n\n"
            f"Answers by status: {statuses}. {len(self.failures)} findings."
        )


def _sum(counters: Iterable[Counter[str]]) -> Counter[str]:
    found: Counter[str] = Counter()
    for one in counters:
        found.update(one)
    return found


class _Refusing:
    """Stands for the process that works on proposals."""

    def __init__(self, *_: object) -> None:
        pass

    def ask(self, _: object) -> Iterator[dict[str, Any]]:
        yield {"problem": {"status": 503, "detail": "Nothing is computed here."}}

    def kill(self, _: object = None) -> None:
        pass


@contextmanager
def service(items: Iterable[Any]) -> Iterator[tuple[FastAPI, str]]:
    """Give a service over a graph of `items`, and a key for everything it does."""
    with tempfile.TemporaryDirectory() as folder, patch("ui.api.jobs.WorkerProcess", _Refusing):
        home = Path(folder)
        tunegraph = Tunegraph(Settings(home=home))
        with RdfStore(home / "graph") as store:
            store.add(items)
            tunegraph.__dict__["store"] = store
            key = KeyRing(home).add("fuzz", [Scope.READ, Scope.WRITE])
            app = create_app(tunegraph, ApiSettings(requests_per_minute=0))
            yield app, key
            app.state.services.jobs.close()


def fuzz(
    app: FastAPI,
    key: str,
    *,
    examples: int,
    wanted: Callable[[str], bool] = lambda _: True,
    number: int = 0,
    go_on: Callable[[Report], bool] = lambda _: True,
    before: Report | None = None,
) -> Report:
    """Send requests to all operations whose path is wanted.

    Args:
        app: The service.
        key: Sent with every request.
        examples: Requests of each operation and kind: right, wrong.
        wanted: Says of a path whether it is tried.
        number: Seed.
        go_on: Told what came of it so far, before each operation and kind; says whether there is time for it.
        before: What came of an earlier call, which is not tried again.
    """
    report = Report() if before is None else Report(dict(before.tried))
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in GenerationMode:
            name = f"{operation.label} ({mode.value})"
            if not wanted(operation.path) or name in report.tried:
                continue
            if report.left or not go_on(report):
                report.left += 1
                continue
            report.tried[name] = _try(operation, mode, key=key, examples=examples, number=number)
    return report


def _try(operation: Any, mode: GenerationMode, *, key: str, examples: int, number: int) -> Tried:
    tried, started = Tried(), time.monotonic()
    headers = {"Authorization": f"Bearer {key}"}

    @seed(number)
    @settings(
        max_examples=examples,
        deadline=None,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Any) -> None:
        if mode is GenerationMode.POSITIVE:
            case.headers.pop("Authorization", None)  # made up, it would be refused before anything else is looked at
        response = case.call(headers=headers)
        tried.requests += 1
        tried.statuses[str(response.status_code)] += 1
        case.validate_response(response, checks=CHECKS)

    try:
        send()
    except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001  # whatever is wrong is a finding, and the rest is tried all the same
        tried.failure = f"{type(error).__name__}: {error}"
    tried.seconds = time.monotonic() - started
    return tried


def main(arguments: list[str] | None = None) -> int:
    """Run it, and print what came of it. Returns 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=10_000, help="requests in all")
    parser.add_argument("--only", default="", help="paths that begin so")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--state", type=Path, help="file to go on from, and to keep what was tried")
    parser.add_argument("--seconds", type=float, default=float("inf"), help="begin no other operation after so long")
    parser.add_argument("--keep", action="store_true", help="write what came of it to benchmarks/results/service.md")
    given_ = parser.parse_args(arguments)
    with service(samples.small_graph()) as (app, key):
        paths = [path for path, methods in app.openapi()["paths"].items() for _ in methods]
        count = sum(path.startswith(given_.only) for path in paths)
        each = max(1, -(-given_.examples // (2 * max(count, 1))))
        plan = {"each": each, "seed": given_.seed, "only": given_.only}
        until = time.monotonic() + given_.seconds

        def go_on(so_far: Report) -> bool:
            _write(given_.state, plan, so_far)
            return time.monotonic() < until

        report = fuzz(
            app,
            key,
            examples=each,
            wanted=lambda path: path.startswith(given_.only),
            number=given_.seed,
            go_on=go_on,
            before=_read(given_.state, plan),
        )
    _write(given_.state, plan, report)
    told = report.text()
    print("\n".join([told, *(f"\n{where}\n{what}" for where, what in report.failures.items())]))
    if given_.keep:
        command = f"benchmarks.api_fuzz --examples {given_.examples}"
        service_report.keep("Requests made up from the document", told, command=command)
    return 1 if report.failures else 0


def _read(path: Path | None, plan: dict[str, Any]) -> Report:
    if path is None or not path.exists():
        return Report()
    found = json.loads(path.read_text(encoding="utf-8"))
    if found["plan"] != plan:
        raise SystemExit(f"{path} is of another run: {found['plan']}, not {plan}")
    return Report(
        {name: Tried(**{**one, "statuses": Counter(one["statuses"])}) for name, one in found["tried"].items()}
    )


def _write(path: Path | None, plan: dict[str, Any], report: Report) -> None:
    if path is not None:
        tried = {name: vars(one) for name, one in report.tried.items()}
        path.write_text(json.dumps({"plan": plan, "tried": tried}, indent=1), encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
