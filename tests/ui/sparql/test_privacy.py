"""What is the user's own is not there for whoever may not see it, however it is asked for."""

import pytest

from kg.iris import BASE, source_iri
from kg.model.provenance import OWN_SOURCE
from tests.ui.sparql.conftest import KEY, PRIVATE, SECRET

OWN_GRAPH = source_iri(f"{OWN_SOURCE}{SECRET}")
#: Ways to ask for it.
QUESTIONS = {
    "all": f'SELECT ?s WHERE {{ ?s ?p ?o FILTER(CONTAINS(STR(?o), "{SECRET}") || CONTAINS(STR(?s), "{SECRET}")) }}',
    "by name": f"SELECT ?s WHERE {{ BIND(<{PRIVATE.iri}> AS ?s) ?s ?p ?o }}",
    "graphs": f'SELECT DISTINCT ?s WHERE {{ GRAPH ?s {{ ?a ?b ?c }} FILTER(CONTAINS(STR(?s), "{OWN_SOURCE[:-1]}")) }}',
    "from": f"SELECT ?s FROM <{OWN_GRAPH}> WHERE {{ ?s ?p ?o }}",
    "from named": f"SELECT ?s FROM NAMED <{OWN_GRAPH}> WHERE {{ GRAPH ?g {{ ?s ?p ?o }} }}",
    "bookkeeping": "SELECT ?s WHERE { ?s tg:fingerprint ?o FILTER(CONTAINS(STR(?s), 'study')) }",
}


def rows(endpoint, query, **headers):
    answer = endpoint.get("/sparql", params={"query": query}, headers=headers)
    assert answer.status_code == 200
    return answer.json()["results"]["bindings"]


@pytest.mark.parametrize("way", QUESTIONS)
def test_nobody_without_a_key_finds_a_private_study(endpoint, way):
    assert rows(endpoint, QUESTIONS[way]) == []
    assert rows(endpoint, QUESTIONS[way], **KEY) != []


def test_asking_for_the_graph_of_a_private_study_is_asking_for_one_that_is_not_there(endpoint):
    query = "SELECT ?s WHERE { ?s ?p ?o }"

    def answer(graph):
        return endpoint.get("/sparql", params={"query": query, "default-graph-uri": graph}).text

    assert answer(OWN_GRAPH) == answer(f"{BASE}source/nothing")


def test_nothing_of_it_is_in_the_description_of_the_service(endpoint):
    assert SECRET not in endpoint.get("/sparql", headers={"accept": "text/turtle"}).text
