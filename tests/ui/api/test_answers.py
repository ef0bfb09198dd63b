"""An answer is from one state of the graph, and given again only as long as that state is the last."""

import gzip
import threading
import time
from pathlib import Path

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from kg.rdf_store import RdfStore
from tests.kg import samples
from tests.ui.api.conftest import PRIVATE, SECRET, UNLIMITED, assert_problem, tunegraph_over
from ui.api import create_app
from ui.api.catalogue import About
from ui.api.keys import KeyRing, Scope

LATER = samples.dataset(samples.dataset_iri("later"), source="later", name="later", same_as=())


@pytest.fixture
def graph(tmp_path: Path):
    with RdfStore(tmp_path / "graph") as store:
        store.add([*samples.small_graph(), *PRIVATE])
        yield store


@pytest.fixture
def app(graph: RdfStore, tmp_path: Path) -> FastAPI:
    return create_app(tunegraph_over(graph, tmp_path), UNLIMITED)


@pytest.fixture
def client(app: FastAPI) -> TestClient:
    return TestClient(app, "http://127.0.0.1", client=("127.0.0.1", 1))


@pytest.fixture
def asked(app: FastAPI, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The lists of data sets that were read from the graph."""
    public, found = app.state.services.public.store, []
    read = type(public).datasets

    def datasets(self: RdfStore):
        found.append("read")
        return read(self)

    monkeypatch.setattr(RdfStore, "datasets", datasets)
    return found


def test_the_same_is_read_once_and_answered_alike(client: TestClient, asked: list[str]):
    first, again = (client.get("/v1/datasets") for _ in range(2))
    assert (first.content, dict(first.headers)) == (again.content, dict(again.headers))
    assert len(asked) == 1
    client.get("/v1/datasets?limit=1")
    assert len(asked) == 2


def test_what_was_written_is_in_the_next_answer(client: TestClient, graph: RdfStore):
    total = client.get("/v1/datasets").json()["total"]
    graph.add([LATER])
    assert client.get("/v1/datasets").json()["total"] == total + 1
    graph.remove_source("later")
    assert client.get("/v1/datasets").json()["total"] == total


def test_who_sees_more_is_not_answered_with_less_nor_the_other_way_round(app: FastAPI, tmp_path: Path):
    ring = KeyRing(tmp_path)
    sees, sees_not = (
        TestClient(app, headers={"Authorization": f"Bearer {ring.add(scope.value, [scope])}"})
        for scope in (Scope.READ, Scope.WRITE)
    )
    for _ in range(2):
        assert SECRET in sees.get("/v1/datasets").text
        assert SECRET not in sees_not.get("/v1/datasets").text


def test_who_takes_no_gzip_gets_none(client: TestClient):
    for _ in range(2):
        packed = client.get("/v1/datasets", headers={"accept-encoding": "gzip"})
        plain = client.get("/v1/datasets", headers={"accept-encoding": "identity"})
        assert packed.headers["content-encoding"] == "gzip"
        assert "content-encoding" not in plain.headers
        assert packed.content == plain.content != gzip.compress(plain.content)


def test_an_answer_during_which_the_graph_changed_is_made_anew(
    client: TestClient, graph: RdfStore, monkeypatch: pytest.MonkeyPatch
):
    """A list from before, items from after: neither state has it."""
    gone = sorted(one.iri for one in graph.runs(samples.run(i).iri for i in range(3)))[0]
    total = client.get("/v1/runs").json()["total"]
    read, changed = RdfStore.get, threading.Event()

    def get(self: RdfStore, iri: str):
        if not changed.is_set():
            changed.set()
            graph.remove([gone])
        return read(self, iri)

    monkeypatch.setattr(RdfStore, "get", get)
    answer = client.get("/v1/runs?limit=100").json()
    assert changed.is_set()
    assert answer["total"] == len(answer["items"]) == total - 1


def test_a_graph_that_changes_all_the_time_is_told(
    client: TestClient, graph: RdfStore, monkeypatch: pytest.MonkeyPatch
):
    read, score = RdfStore.get, iter(range(1, 100))

    def get(self: RdfStore, iri: str):
        graph.add([samples.run(0, next(score) / 100)])
        return read(self, iri)

    monkeypatch.setattr(RdfStore, "get", get)
    answer = client.get("/v1/runs?limit=1")
    assert "faster" in assert_problem(answer, 503)["detail"]
    assert answer.headers["retry-after"] == "5"


def test_requests_are_counted_by_their_route_however_they_were_answered(client: TestClient):
    for _ in range(3):
        client.get("/v1/datasets/openml-61")
    assert 'route="/v1/datasets/{key}",status="200"} 3' in client.get("/metrics").text


def test_so_much_is_kept_and_no_more(client: TestClient, monkeypatch: pytest.MonkeyPatch, asked: list[str]):
    monkeypatch.setattr("ui.api.answers._MOST", 3_000)
    for name in ("a", "b", "c", "a"):
        client.get(f"/v1/datasets?name=none-{name}")
    assert len(asked) == 4


def test_the_lists_are_made_before_anybody_asks(app: FastAPI):
    services = app.state.services
    with TestClient(app):
        catalogue, deadline = services.catalogues.of(services.public.store), time.monotonic() + 60
        while len(catalogue._lists) < 2 and time.monotonic() < deadline:
            time.sleep(0.01)
    assert sorted(map(len, catalogue._lists.values())) == sorted(
        [len(catalogue.runs(About())), len(catalogue.evidence(About()))]
    )
    assert len(catalogue.runs(About())) == 3
