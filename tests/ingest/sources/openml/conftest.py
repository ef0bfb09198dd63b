"""What the tests of OpenML share: servers on loopback, clients that are patient for milliseconds, and homes."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from copy import deepcopy
from dataclasses import replace
from pathlib import Path

import pytest

from ingest.sources.openml.client import OpenmlClient
from ingest.sources.openml.fetch import fetch
from ingest.sources.openml.fetch_report import FetchReport
from ingest.sources.openml.limits import Limits
from ingest.sources.openml.mirror import Mirror
from ingest.sources.openml.request import FetchRequest
from tests.ingest.sources.openml.openml_catalogues import pimp, recorded
from tests.ingest.sources.openml.openml_server import Catalogue, OpenmlServer

#: As fast as loopback goes.
FAST = Limits(requests_per_second=1e6, backoff_s=0.001, connect_s=2, silence_s=2, answer_s=4)

Serve = Callable[..., OpenmlServer]
Fetch = Callable[..., FetchReport]


@pytest.fixture(scope="module", autouse=True)
def openml_package() -> None:
    pytest.importorskip("openml", reason="the openml extra is not installed")


@pytest.fixture(scope="session")
def read_once(shared_data: Path) -> tuple[Catalogue, Catalogue]:
    runs = pimp(shared_data / "openml-pimp", n_tasks=3, n_runs=30)
    return runs, recorded(shared_data / "openml-python-xml")


@pytest.fixture
def pimp_runs(read_once: tuple[Catalogue, Catalogue]) -> Catalogue:
    """Real runs: 3 tasks, two flows, 30 runs of each. The test's own: it may be changed."""
    return deepcopy(read_once[0])


@pytest.fixture
def recorded_answers(read_once: tuple[Catalogue, Catalogue]) -> Catalogue:
    """Real answers of OpenML's test server. The test's own: it may be changed."""
    return deepcopy(read_once[1])


@pytest.fixture
def serve() -> Iterator[Serve]:
    """Start servers that end with the test."""
    with ExitStack() as stack:
        yield lambda catalogue, **options: stack.enter_context(OpenmlServer(catalogue, **options))


@pytest.fixture
def server(serve: Serve, pimp_runs: Catalogue) -> OpenmlServer:
    return serve(pimp_runs)


@pytest.fixture
def mirror(tmp_path: Path) -> Mirror:
    return Mirror(tmp_path / "home" / "raw" / "openml")


@pytest.fixture
def client(server: OpenmlServer, tmp_path: Path) -> OpenmlClient:
    return OpenmlClient(tmp_path / "client", server=server.url, limits=FAST)


@pytest.fixture
def fetched(mirror: Mirror, tmp_path: Path) -> Fetch:
    """Fetch suite 99 (or what is asked for) from a server into the mirror, 25 evaluations a page; a new client each."""

    def run(server: OpenmlServer, *, limits: dict[str, float] | None = None, **options: object) -> FetchReport:
        how = {name: options.pop(name) for name in ("progress", "clock", "sleep") if name in options}
        asked = {"suite": 99, "page_size": 25, "functions": ("predictive_accuracy",), **options}
        client = OpenmlClient(tmp_path / "client", server=server.url, limits=replace(FAST, **(limits or {})))
        return fetch(FetchRequest(**asked), client, mirror, **how)

    return run
