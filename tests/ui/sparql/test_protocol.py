"""The rules of the SPARQL 1.1 protocol: operations, media types, datasets, errors."""

import json

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, parse, parse_query_results

from kg.iris import BASE
from kg.sparql.answering import GRAPH_FORMATS

SELECT = "SELECT ?run WHERE { ?run a mls:Run } ORDER BY ?run LIMIT 2"
DESCRIBE = f"DESCRIBE <{BASE}learner/xgboost>"
QUERY = {"content-type": "application/sparql-query"}


def test_three_ways_to_ask_have_one_answer(endpoint):
    answers = [
        endpoint.get("/sparql", params={"query": SELECT}),
        endpoint.post("/sparql", data={"query": SELECT}),
        endpoint.post("/sparql", content=SELECT, headers=QUERY),
    ]

    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.text for answer in answers}) == 1
    assert len(answers[0].json()["results"]["bindings"]) == 2


@pytest.mark.parametrize(
    ("accept", "media_type", "reader"),
    [
        ("application/sparql-results+json", "application/sparql-results+json", QueryResultsFormat.JSON),
        ("application/sparql-results+xml;q=0.9, text/turtle", "application/sparql-results+xml", QueryResultsFormat.XML),
        ("text/tab-separated-values", "text/tab-separated-values", QueryResultsFormat.TSV),
        ("application/json", "application/sparql-results+json", QueryResultsFormat.JSON),
        ("*/*", "application/sparql-results+json", QueryResultsFormat.JSON),
    ],
)
def test_solutions_come_in_the_form_that_is_liked_best(endpoint, accept, media_type, reader):
    answer = endpoint.get("/sparql", params={"query": SELECT}, headers={"accept": accept})

    assert answer.headers["content-type"].split(";")[0] == media_type
    assert answer.headers["vary"] == "Accept"
    assert len(list(parse_query_results(answer.content, reader))) == 2


def test_csv_is_a_line_a_row(endpoint):
    answer = endpoint.get("/sparql", params={"query": SELECT}, headers={"accept": "text/csv"})

    assert answer.headers["content-type"] == "text/csv; charset=utf-8"
    assert answer.text.splitlines()[0] == "run"
    assert len(answer.text.splitlines()) == 3


@pytest.mark.parametrize("media_type", GRAPH_FORMATS)
@pytest.mark.parametrize("query", [DESCRIBE, f"CONSTRUCT WHERE {{ <{BASE}learner/xgboost> ?p ?o }}"])
def test_graphs_come_in_the_form_that_is_taken(endpoint, media_type, query):
    answer = endpoint.get("/sparql", params={"query": query}, headers={"accept": media_type})

    assert answer.headers["content-type"].split(";")[0] == media_type
    assert {t.subject.value for t in parse(answer.content, GRAPH_FORMATS[media_type])} == {f"{BASE}learner/xgboost"}


def test_ask_is_answered_with_a_truth_value(endpoint):
    assert endpoint.get("/sparql", params={"query": "ASK { ?run a mls:Run }"}).json()["boolean"] is True


def test_without_a_query_the_service_says_what_it_is(endpoint):
    answer = endpoint.get("/sparql", headers={"accept": "text/turtle"})

    said = {(t.predicate.value.rsplit("#")[-1], str(t.object.value)) for t in parse(answer.content, RdfFormat.TURTLE)}
    assert ("endpoint", "http://testserver/sparql") in said
    assert ("supportedLanguage", "http://www.w3.org/ns/sparql-service-description#SPARQL11Query") in said
    assert any(name == "entities" for name, _ in said)


def test_the_request_says_which_graphs_are_asked(endpoint):
    count = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
    both = [f"{BASE}vocabulary", f"{BASE}source/nothing"]

    def n(**graphs):
        answer = endpoint.get("/sparql", params={"query": count, **graphs}, headers={"accept": "text/csv"})
        return int(answer.text.split()[1])

    assert 0 < n(**{"default-graph-uri": both[0]}) == n(**{"default-graph-uri": both}) < n()
    assert n(**{"default-graph-uri": both[1]}) == 0
    assert n(**{"named-graph-uri": both[0]}) == 0


def test_a_form_says_which_graphs_are_asked(endpoint):
    query = "SELECT (COUNT(DISTINCT ?g) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"
    answer = endpoint.post("/sparql", data={"query": query, "named-graph-uri": f"{BASE}vocabulary"})

    assert answer.json()["results"]["bindings"][0]["n"]["value"] == "1"


def problem(answer, status):
    assert answer.status_code == status
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["status"] == status
    return json.dumps(told)


@pytest.mark.parametrize(
    "parameters", [[("query", SELECT), ("query", SELECT)], [("query", "")], [("query", "nonsense")]]
)
def test_a_bad_query_is_a_bad_request(endpoint, parameters):
    problem(endpoint.get("/sparql", params=parameters), 400)


def test_a_bad_request_is_told_as_one(endpoint):
    problem(endpoint.post("/sparql", data={"other": "x"}), 400)
    problem(endpoint.post("/sparql", content=b"\xff\xfe", headers=QUERY), 400)
    problem(endpoint.get("/sparql?query=%ff"), 400)
    problem(endpoint.get("/sparql", params={"query": SELECT, "default-graph-uri": "no iri"}), 400)
    problem(endpoint.post("/sparql", params={"query": SELECT}, content=SELECT, headers=QUERY), 400)


@pytest.mark.parametrize(
    "content_type", ["text/plain", "", "application/json", "application/sparql-query; charset=utf-16"]
)
def test_a_body_of_another_type_is_not_taken(endpoint, content_type):
    problem(endpoint.post("/sparql", content=SELECT, headers={"content-type": content_type}), 415)


def test_nothing_is_written(endpoint):
    update = "INSERT DATA { <a:s> <a:p> <a:o> }"

    problem(endpoint.post("/sparql", data={"update": update}), 403)
    problem(endpoint.post("/sparql", content=update, headers={"content-type": "application/sparql-update"}), 403)
    assert "an update" in problem(endpoint.post("/sparql", data={"query": update}), 403)
    assert endpoint.get("/sparql", params={"query": "ASK { <a:s> ?p ?o }"}).json()["boolean"] is False
    assert endpoint.put("/sparql").status_code == 405


def test_no_other_server_is_asked(endpoint):
    query = "SELECT * WHERE { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"

    assert "another server" in problem(endpoint.get("/sparql", params={"query": query}), 403)


@pytest.mark.parametrize(("query", "accept"), [(SELECT, "text/turtle"), (DESCRIBE, "text/csv"), (SELECT, "image/png")])
def test_what_is_not_taken_is_not_sent(endpoint, query, accept):
    problem(endpoint.get("/sparql", params={"query": query}, headers={"accept": accept}), 406)


def test_too_long_a_query_is_turned_away(endpoint):
    long = f'SELECT * WHERE {{ ?s ?p "{"x" * 100_000}" }}'

    problem(endpoint.post("/sparql", data={"query": long}), 413)
    problem(endpoint.post("/sparql", content=long, headers=QUERY), 413)


def test_the_description_of_the_api_knows_every_answer(endpoint_app):
    operations = endpoint_app.openapi()["paths"]["/sparql"]

    assert {"200", "400", "403", "406", "413", "422", "503"} <= operations["get"]["responses"].keys()
    assert {"415"} <= operations["post"]["responses"].keys()
