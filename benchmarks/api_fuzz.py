"""Requests made up from the OpenAPI document, right ones and wrong ones: no 500, and no answer that is not documented.

    python -m benchmarks.api_fuzz --examples 10000

Every operation gets its share of the requests, half of them built to be right, half to be wrong. The service runs in
this process over a small graph with a key of both scopes, so that writing is tried, too; proposals are not computed.
"""

from __future__ import annotations

import argparse
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

from kg.rdf_store import RdfStore
from tests.kg import samples
from ui.api import ApiSettings, create_app
from ui.api.keys import KeyRing, Scope
from ui.compose import Settings, Tunegraph

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


@dataclass
class Report:
    """What came of the requests."""

    requests: int = 0
    statuses: Counter[int] = field(default_factory=Counter)
    failures: dict[str, str] = field(default_factory=dict)
    """Operation and kind of request -> what was wrong first."""


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
    app: FastAPI, key: str, *, examples: int, wanted: Callable[[str], bool] = lambda _: True, number: int = 0
) -> Report:
    """Send requests to all operations whose path is wanted.

    Args:
        app: The service.
        key: Sent with every request.
        examples: Requests of each operation and kind: right, wrong.
        wanted: Says of a path whether it is tried.
        number: Seed.
    """
    report = Report()
    schema = schemathesis.openapi.from_asgi("/openapi.json", app)
    for result in schema.get_all_operations():
        operation = result.ok()
        for mode in GenerationMode:
            if wanted(operation.path):
                _try(operation, mode, report, key=key, examples=examples, number=number)
    return report


def _try(operation: Any, mode: GenerationMode, report: Report, *, key: str, examples: int, number: int) -> None:
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
        report.requests += 1
        report.statuses[response.status_code] += 1
        case.validate_response(response, checks=CHECKS)

    try:
        send()
    except (Exception, BaseExceptionGroup) as error:  # noqa: BLE001  # whatever is wrong is a finding, and the rest is tried all the same
        report.failures[f"{operation.label} ({mode.value})"] = f"{type(error).__name__}: {error}"


def main(arguments: list[str] | None = None) -> int:
    """Run it, and print what came of it. Returns 1 where anything was wrong."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=10_000, help="requests in all")
    parser.add_argument("--only", default="", help="paths that begin so")
    parser.add_argument("--seed", type=int, default=0)
    given_ = parser.parse_args(arguments)
    started = time.monotonic()
    with service(samples.small_graph()) as (app, key):
        paths = [(path, one) for path, methods in app.openapi()["paths"].items() for one in methods]
        count = sum(path.startswith(given_.only) for path, _ in paths)
        each = max(1, -(-given_.examples // (2 * max(count, 1))))
        report = fuzz(app, key, examples=each, wanted=lambda path: path.startswith(given_.only), number=given_.seed)
    print(f"{report.requests:,} requests to {count} operations in {time.monotonic() - started:.0f} s")
    print(", ".join(f"{status}: {n:,}" for status, n in sorted(report.statuses.items())))
    for where, what in report.failures.items():
        print(f"\n{where}\n{what}")
    print(f"{len(report.failures)} findings")
    return 1 if report.failures else 0


if __name__ == "__main__":
    sys.exit(main())
