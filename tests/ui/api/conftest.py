"""A service over a small graph that holds a private study, too."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kg.model.provenance import OWN_SOURCE
from kg.rdf_store import RdfStore
from tests.kg import samples
from ui.api import ApiSettings, create_app
from ui.api.keys import KeyRing, Scope
from ui.compose import Settings, Tunegraph

#: Stands in everything that is private, and in nothing else.
SECRET = "secret-9c1e"
OWN = f"{OWN_SOURCE}{SECRET}"
#: What was measured on the user's own data.
PRIVATE = (
    samples.dataset(samples.dataset_iri(SECRET), source=OWN, name=f"payroll of {SECRET}", same_as=()),
    samples.run(7, source=OWN).replace(dataset=samples.dataset_iri(SECRET), iri=samples.run_iri(SECRET)),
    samples.evidence(
        "system_result", SECRET, source=OWN, system=SECRET, tuned=True, constraint="30 trials", score=0.99
    ),
    samples.evidence("claim", SECRET, source=OWN, document=SECRET, quote=SECRET, statement="default"),
)
#: No limit but where a test is about limits.
UNLIMITED = ApiSettings(requests_per_minute=0)

Service = Callable[..., TestClient]


@pytest.fixture(scope="session")
def api_graph(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RdfStore]:
    """The small graph with a private study in it; read it, never write to it."""
    with RdfStore(tmp_path_factory.mktemp("api") / "graph") as store:
        store.add([*samples.small_graph(), *PRIVATE])
        yield store


def tunegraph_over(store: RdfStore, home: Path) -> Tunegraph:
    """Return a recommender over a graph that is not that of its home."""
    made = Tunegraph(Settings(home=home))
    made.__dict__["store"] = store
    return made


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("api-home")


@pytest.fixture
def keys(home: Path) -> Iterator[KeyRing]:
    """The keys of the service: none yet."""
    ring = KeyRing(home)
    yield ring
    ring.path.unlink(missing_ok=True)


@pytest.fixture(scope="session")
def shared_app(api_graph: RdfStore, home: Path) -> FastAPI:
    """A service that tests share: making one takes as long as twenty requests to it."""
    return create_app(tunegraph_over(api_graph, home), UNLIMITED)


@pytest.fixture
def service(api_graph: RdfStore, home: Path, shared_app: FastAPI, keys: KeyRing) -> Iterator[Service]:
    """Return a client of a service over the small graph; by default the shared one, without a key, on this machine."""
    apps: list[FastAPI] = []

    def make(settings: ApiSettings | None = None, *, key: str | None = None, address: str = "127.0.0.1") -> TestClient:
        if settings is not None:
            apps.append(create_app(tunegraph_over(api_graph, home), settings))
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return TestClient(
            shared_app if settings is None else apps[-1], "http://127.0.0.1",
            client=(address, 50_000), headers=headers, raise_server_exceptions=False,
        )  # fmt: skip

    yield make
    for app in apps:
        app.state.services.jobs.close()


@pytest.fixture
def reader(service: Service, keys: KeyRing) -> TestClient:
    """A client with a key of scope read."""
    return service(key=keys.add("reader", [Scope.READ]))


@pytest.fixture
def writer(service: Service, keys: KeyRing) -> TestClient:
    """A client with a key of scope write alone."""
    return service(key=keys.add("writer", [Scope.WRITE]))


def assert_problem(response, status: int) -> dict:
    """Return the problem that `response` tells, in the form that all have."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    problem = response.json()
    assert problem["status"] == status
    assert problem["type"].startswith("urn:tunegraph:problem:")
    assert problem["title"]
    return problem
