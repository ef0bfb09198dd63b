"""An IRI of the graph answers as a page, Turtle or JSON-LD."""

from collections.abc import Iterator

import pytest
from fastapi import FastAPI
from pyoxigraph import RdfFormat, parse
from starlette.testclient import TestClient

import ui.linked
from kg.iris import BASE
from kg.model.provenance import OWN_SOURCE
from kg.rdf_store import RdfStore
from tests.kg import samples
from ui.compose import Settings, Tunegraph

SECRET = "secret-1d5e"
PRIVATE = samples.evidence(
    "claim", SECRET, source=f"{OWN_SOURCE}{SECRET}", document=SECRET, quote=SECRET, statement="default"
)


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    home = tmp_path_factory.mktemp("linked")
    with RdfStore(home / "graph") as store:
        store.add([*samples.small_graph(), PRIVATE])
        store.keep_vocabulary()
        made = Tunegraph(Settings(home=home))
        made.__dict__["store"] = store
        app = FastAPI()
        app.include_router(ui.linked.router(made, may_see_private=lambda request: "x-key" in request.headers))
        with TestClient(app) as client:
            yield client


def get(linked, path, accept="*/*", **headers):
    return linked.get(path, headers={"accept": accept, **headers})


def subjects(answer, form):
    return {triple.subject.value for triple in parse(answer.content, form)}


def test_a_browser_gets_a_page_without_scripts(linked):
    answer = get(linked, "/id/learner/xgboost", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "default-src 'none'" in answer.headers["content-security-policy"]
    assert "<h1>XGBoost</h1>" in answer.text
    assert "<script" not in answer.text
    assert 'href="/id/learner/xgboost/hyperparameter/max_depth"' in answer.text


@pytest.mark.parametrize(
    ("accept", "form"),
    [
        ("text/turtle", RdfFormat.TURTLE),
        ("application/ld+json", RdfFormat.JSON_LD),
        ("application/n-triples", RdfFormat.N_TRIPLES),
        ("application/rdf+xml", RdfFormat.RDF_XML),
    ],
)
def test_a_program_gets_a_graph(linked, accept, form):
    answer = get(linked, "/id/learner/xgboost", accept)

    assert answer.headers["content-type"].split(";")[0] == accept
    assert f"{BASE}learner/xgboost" in subjects(answer, form)


def test_who_cannot_say_what_it_takes_says_it_in_the_address(linked):
    assert get(linked, "/id/learner/xgboost?format=jsonld").headers["content-type"] == "application/ld+json"
    assert get(linked, "/id/learner/xgboost?format=nonsense").status_code == 400


def test_a_name_with_escapes_is_the_same_name(linked):
    source = next(iter(samples.small_graph())).provenance.source

    assert get(linked, f"/id/source/{source}", "text/turtle").status_code == 200
    assert get(linked, f"/id/source/{source}%2Fx", "text/turtle").status_code == 404


def test_the_vocabulary_tells_its_terms(linked):
    answer = get(linked, "/id/ns", "text/turtle")

    assert f"{BASE}ns#Evidence" in subjects(answer, RdfFormat.TURTLE)
    assert '<tr id="Evidence">' in get(linked, "/id/ns", "text/html").text


@pytest.mark.parametrize("path", ["/id/nothing", "/id/", "/id/%3Cx%3E", "/id/learner/xgboost%22%7D%20DROP%20ALL"])
@pytest.mark.parametrize("accept", ["text/html", "text/turtle"])
def test_what_is_not_there_is_not_found(linked, path, accept):
    answer = get(linked, path, accept)

    assert answer.status_code == 404
    assert answer.headers["content-type"] == "application/problem+json"


def test_what_is_private_is_not_there_without_a_key(linked):
    path = "/id/" + PRIVATE.iri.removeprefix(BASE)

    assert {get(linked, path, accept).status_code for accept in ("text/html", "text/turtle")} == {404}
    assert SECRET in get(linked, path, "text/html", **{"x-key": "1"}).text


def test_the_graph_as_a_whole_is_described(linked):
    answer = get(linked, "/.well-known/void", "text/turtle")

    said = {(t.predicate.value, getattr(t.object, "value", "")) for t in parse(answer.content, RdfFormat.TURTLE)}
    assert ("http://rdfs.org/ns/void#sparqlEndpoint", "http://testserver/sparql") in said
    assert ("http://www.w3.org/1999/02/22-rdf-syntax-ns#type", "http://www.w3.org/ns/dcat#Dataset") in said
    assert SECRET not in answer.text
