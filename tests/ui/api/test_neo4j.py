"""The service over a graph that is on a server: the same lists, and SPARQL from copies that keep up."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kg.neo4j_store import Neo4jStore
from kg.rdf_store import RdfStore
from tests.kg import samples
from tests.kg.neo4j_server import server
from tests.ui.api.conftest import PRIVATE, SECRET, UNLIMITED, tunegraph_over
from ui.api import create_app
from ui.api.catalogue import About, Catalogue
from ui.api.keys import KeyRing, Scope
from ui.exploring.catalogue import dataset_rows

ASKED = f'SELECT ?s WHERE {{ ?s ?p "{SECRET}" }}'


@pytest.fixture(scope="module")
def graph() -> Iterator[Neo4jStore]:
    found = server()
    found.empty()
    with Neo4jStore(found.connection()) as store:
        store.add([*samples.small_graph(), *PRIVATE])
        yield store
    found.empty()


@pytest.fixture
def clients(graph: Neo4jStore, tmp_path: Path) -> Iterator[tuple[TestClient, TestClient]]:
    """Who sees what is private, and who does not."""
    ring = KeyRing(tmp_path)
    keys = [ring.add(scope.value, [scope]) for scope in (Scope.READ, Scope.WRITE)]
    app = create_app(tunegraph_over(graph, tmp_path), UNLIMITED)  # type: ignore[arg-type]  # any store will do
    with TestClient(app) as running:
        yield tuple(TestClient(running.app, headers={"Authorization": f"Bearer {key}"}) for key in keys)


def test_what_it_lists_is_what_the_embedded_store_lists(graph: Neo4jStore, api_graph: RdfStore):
    there, here = Catalogue(graph), Catalogue(api_graph)
    assert there.evidence(About()) == here.evidence(About())
    assert there.runs(About()) == here.runs(About())
    assert there.learners() == here.learners()


def test_the_pages_list_the_same_data_sets_with_as_much_evidence(graph: Neo4jStore, api_graph: RdfStore):
    assert dataset_rows(graph) == dataset_rows(api_graph)
    assert sum(row.pieces for row in dataset_rows(graph)) > 0


def test_who_sees_what_is_private_is_given_it(clients: tuple[TestClient, TestClient]):
    sees, sees_not = (
        {one["iri"] for one in client.get("/v1/evidence?limit=500").json()["items"]} for client in clients
    )
    assert sees - sees_not == {one.iri for one in PRIVATE if "/evidence/" in one.iri}


def test_sparql_is_answered_from_copies_that_keep_up(graph: Neo4jStore, clients: tuple[TestClient, TestClient]):
    def rows(client: TestClient, query: str) -> list:
        answer = client.get("/sparql", params={"query": query})
        assert answer.status_code == 200, answer.text
        return answer.json()["results"]["bindings"]

    sees, sees_not = clients
    assert rows(sees, ASKED) != []
    assert rows(sees_not, ASKED) == []
    asked = f"SELECT ?p WHERE {{ <{samples.run_iri('late')}> ?p ?o }}"
    assert rows(sees, asked) == []
    graph.add([samples.run(1, source="later").replace(iri=samples.run_iri("late"))])
    try:
        assert rows(sees, asked) != []
        assert rows(sees_not, asked) != []
    finally:
        graph.remove_source("later")
