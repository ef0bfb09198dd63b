"""A service over a small graph that holds a private study, too."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
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


@pytest.fixture
def tunegraph_of(tmp_path: Path) -> Callable[[RdfStore], Tunegraph]:
    """Return a recommender over a graph, with a home of the test's own."""

    def make(store: RdfStore) -> Tunegraph:
        made = Tunegraph(Settings(home=tmp_path / "home"))
        made.__dict__["store"] = store
        return made

    return make


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def keys(home: Path) -> KeyRing:
    """The keys of the service: none yet."""
    return KeyRing(home)


@pytest.fixture
def service(api_graph: RdfStore, tunegraph_of: Callable[[RdfStore], Tunegraph]) -> Iterator[Service]:
    """Return a client of a service over the small graph; by default without a key, on this machine."""
    opened: list[TestClient] = []

    def make(settings: ApiSettings = UNLIMITED, *, key: str | None = None, address: str = "127.0.0.1") -> TestClient:
        app = create_app(tunegraph_of(api_graph), settings)
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        client = TestClient(
            app, "http://127.0.0.1", client=(address, 50_000), headers=headers, raise_server_exceptions=False
        )
        opened.append(client)
        return client.__enter__()

    yield make
    for client in opened:
        client.__exit__(None, None, None)


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
