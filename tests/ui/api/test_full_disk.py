"""A disk that is full is told as that, and nothing is harmed by it."""

import errno
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kg.errors import StoreError
from kg.rdf_store import RdfStore
from tests.kg import samples
from tests.ui.api.conftest import UNLIMITED, assert_problem, tunegraph_over
from tests.ui.api.test_proposals import TABLE
from tests.ui.api.test_studies import kept  # noqa: F401
from ui.api import create_app
from ui.api.keys import KeyRing, Scope


@pytest.fixture
def graph(tmp_path: Path):
    with RdfStore(tmp_path / "graph") as store:
        store.add(samples.small_graph())
        yield store


@pytest.fixture
def client(graph: RdfStore, tmp_path: Path) -> TestClient:
    key = KeyRing(tmp_path).add("both", [Scope.READ, Scope.WRITE])
    app = create_app(tunegraph_over(graph, tmp_path), UNLIMITED)
    return TestClient(app, headers={"Authorization": f"Bearer {key}"}, raise_server_exceptions=False)


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch):
    """Make whatever is asked for answer as a full disk does."""

    def fill(target: str, number: int = errno.ENOSPC) -> None:
        def refuse(*_: object, **__: object) -> None:
            raise OSError(number, "No space left on device")

        monkeypatch.setattr(target, refuse)

    return fill


@pytest.mark.parametrize("where", ["ui.api.routers.studies.keep", "ingest.run.write_done", "kg.runs.RunTable.write"])
def test_a_study_that_finds_no_room_is_told_so_and_the_graph_is_as_it_was(
    client: TestClient,
    graph: RdfStore,
    full,
    kept: dict,  # noqa: F811
    where: str,
):
    before = graph.sources()
    full(where)
    answer = client.post("/v1/studies", json=kept)
    assert "room" in assert_problem(answer, 503)["detail"]
    assert int(answer.headers["retry-after"]) > 0
    assert where == "ingest.run.write_done" or graph.sources() == before
    assert client.get("/v1/datasets").status_code == 200


def test_a_table_that_finds_no_room_is_told_so(client: TestClient, full):
    full("shutil.copyfileobj")
    assert_problem(client.post("/v1/proposals/upload", files={"file": ("t.csv", TABLE)}), 503)


def test_another_fault_of_the_disk_is_one_of_ours(client: TestClient, full, kept: dict):  # noqa: F811
    full("ui.api.routers.studies.keep", errno.EIO)
    assert_problem(client.post("/v1/studies", json=kept), 500)


@pytest.mark.parametrize("items", [50, 3_000])
def test_the_store_tells_it_as_its_own_error_and_stays_as_it_was(graph: RdfStore, items: int):
    """No file may grow beyond a few kB meanwhile, which the database meets as it would a full disk."""
    resource = pytest.importorskip("resource", reason="only Unix limits the size of files")
    before, soft_and_hard = graph.fingerprint(), resource.getrlimit(resource.RLIMIT_FSIZE)
    more = [samples.run(100 + number, source="more") for number in range(items)]
    resource.setrlimit(resource.RLIMIT_FSIZE, (4_000, soft_and_hard[1]))
    try:
        with pytest.raises(StoreError, match="cannot be written"):
            graph.add(more)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, soft_and_hard)
    assert graph.fingerprint() == before
    graph.add(more)
    assert len(graph.items_of("more")) == items
