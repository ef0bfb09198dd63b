"""The commands, and the client against a server that listens."""

import json
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import uvicorn

from kg.errors import InputError
from kg.rdf_store import RdfStore
from tests.kg import samples
from tests.ui.api.conftest import UNLIMITED, tunegraph_over
from tests.ui.conftest import Command
from ui.api import create_app
from ui.api.keys import KeyRing, Scope
from ui.api.serving import listening_socket
from ui.api.settings import ApiSettings
from ui.client import Client, ServiceError


def test_a_public_address_is_refused_as_long_as_there_is_no_key(command: Command, empty_home):
    ran = command("serve", "--host", "0.0.0.0")
    assert ran.code == 2
    assert "no API key" in ran.err
    assert not (empty_home / "graph").exists()


def test_a_port_that_is_taken_is_told():
    with listening_socket(ApiSettings(port=0)) as taken, pytest.raises(InputError, match="Cannot listen"):
        listening_socket(ApiSettings(port=taken.getsockname()[1]))


def test_keys_are_made_listed_and_revoked(command: Command, empty_home):
    assert "no key" in command("keys", "list").out
    made = command("keys", "add", "grafana", "--scope", "read", "--scope", "write")
    key = made.out.strip()
    assert KeyRing(empty_home).verify(key).scopes == (Scope.READ, Scope.WRITE)
    (listed,) = json.loads(command("keys", "list", "--json").out)
    assert listed["name"] == "grafana"
    assert set(listed) == {"id", "name", "scopes", "created"}
    assert command("keys", "revoke", "grafana").code == 0
    assert KeyRing(empty_home).verify(key) is None
    assert command("keys", "revoke", "grafana").code == 2
    assert "read, write" in command("keys", "add", "x", "--scope", "admin").err


@pytest.fixture
def address(api_graph: RdfStore, home: Path) -> Iterator[str]:
    """Where a real server listens on loopback."""
    listening = listening_socket(ApiSettings(port=0))
    server = uvicorn.Server(
        uvicorn.Config(create_app(tunegraph_over(api_graph, home), UNLIMITED), log_level="critical")
    )
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


def test_the_client_gives_back_what_the_graph_holds(address: str, api_graph: RdfStore, keys: KeyRing):
    with Client(address, key=keys.add("k", [Scope.READ])) as client:
        assert tuple(client.datasets()) == api_graph.datasets()
        assert [one.iri for one in client.evidence(kind="claim")] == [one.iri for one in api_graph.evidence("claim")]
        assert {run.iri for run in client.runs(learner="rf")} >= {samples.run(i).iri for i in range(3)}
        assert client.item(samples.IRIS) == api_graph.get(samples.IRIS) == client.dataset("openml-61")
        assert "wine" in {near.name for near in client.neighbours("openml-61", limit=2)}
        assert client.learner("rf").name in {one.name for one in client.learners()}
        assert client.importances("rf")[0].mean_share == 0.7
        asked = ("evidence_of_learner", {"learner": "random_forest"})
        assert list(client.ask(asked[0], learner="rf")) == list(api_graph.ask(*asked))
        assert client.provenance(samples.IRIS).kind == "dataset"
        assert {source.items for source in client.sources()} == {len(samples.small_graph()), 4}
        assert client.studies() == []


def test_the_client_tells_problems_as_the_service_does(address: str):
    with Client(address) as client:
        with pytest.raises(ServiceError, match="no learner") as told:
            client.learner("nix")
        assert told.value.problem.status == 404
        with pytest.raises(ServiceError) as told:
            client.studies()
        assert told.value.problem.status == 401
        with pytest.raises(InputError, match="Either"):
            client.propose()


def test_the_client_watches_and_cancels_a_proposal(address: str, monkeypatch: pytest.MonkeyPatch):
    from tests.ui.api.test_proposals import DESCRIBED, Scripted

    Scripted.made = []
    monkeypatch.setattr("ui.api.jobs.WorkerProcess", Scripted)
    with Client(address) as client:
        first = client.propose(meta_features=DESCRIBED["meta_features"], learner="rf")
        events = first.events()
        assert [next(events).state for _ in range(3)] == ["queued", "running", "running"]
        first.cancel()
        assert [event.state for event in events] == ["cancelled"]
        with pytest.raises(ServiceError, match="cancelled"):
            first.result()
        second = client.propose(meta_features=DESCRIBED["meta_features"])
        Scripted.made[0].release.set()
        if len(Scripted.made) > 1:
            Scripted.made[1].release.set()
        assert [event.state for event in second.events()][-1] == "done"
