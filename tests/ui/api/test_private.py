"""Nobody without a key of scope read is told of a private study, whichever way they ask."""

import pytest
from starlette.testclient import TestClient

from kg.iris import dataset_iri, run_iri, source_iri
from kg.questions import questions
from tests.ui.api.conftest import OWN, PRIVATE, SECRET, Service

ITEMS = [item.iri for item in PRIVATE]
LISTS = [
    "/v1/datasets?limit=500",
    f"/v1/datasets?name={SECRET}",
    "/v1/learners",
    "/v1/evidence?limit=500",
    "/v1/evidence?kind=system_result",
    f"/v1/evidence?dataset={SECRET}",
    "/v1/claims?limit=500",
    f"/v1/claims?document={SECRET}",
    "/v1/runs?limit=500",
    f"/v1/runs?dataset={SECRET}",
    "/v1/sources",
    "/v1/papers",
    "/metrics",
    "/v1/datasets/openml-61/neighbours",
]
GIVEN = {"iri": dataset_iri(SECRET), "learner": "random_forest", "metric": None, "source": OWN, "number": None}


@pytest.fixture(params=["nobody", "writer"])
def stranger(request: pytest.FixtureRequest, service: Service) -> TestClient:
    """Who may not see what is private: without a key, or with one of scope write alone."""
    return service() if request.param == "nobody" else request.getfixturevalue("writer")


def counts(client: TestClient) -> list:
    listed = [client.get(f"/v1/{name}").json()["total"] for name in ("datasets", "evidence", "runs", "claims")]
    learner = client.get("/v1/learners/random_forest").json()
    return [*listed, learner["evidence"], learner["datasets"]]


def test_the_owner_of_a_key_of_scope_read_sees_it(reader: TestClient):
    for iri in ITEMS:
        assert reader.get("/v1/items", params={"iri": iri}).status_code == 200
    assert SECRET in reader.get("/v1/datasets").text
    assert SECRET in reader.get("/v1/sources").text


@pytest.mark.parametrize("path", LISTS)
def test_no_list_shows_it(stranger: TestClient, path: str):
    answer = stranger.get(path)
    assert answer.status_code == 200
    assert SECRET not in answer.text


@pytest.mark.parametrize("iri", [*ITEMS, source_iri(OWN)])
def test_its_items_are_not_to_be_told_from_ones_that_never_were(stranger: TestClient, iri: str):
    for path in ("/v1/items", "/v1/provenance"):
        found = stranger.get(path, params={"iri": iri})
        never = stranger.get(path, params={"iri": iri + "0"})
        assert found.status_code == never.status_code == 404
        assert found.text == never.text.replace(iri + "0", iri)


@pytest.mark.parametrize("path", ["datasets/{}", "datasets/{}/neighbours", "runs/{}", "papers/{}"])
def test_its_names_lead_nowhere(stranger: TestClient, path: str):
    assert stranger.get(f"/v1/{path.format(SECRET)}").status_code == 404


@pytest.mark.parametrize("name", sorted(questions()))
def test_no_question_is_answered_with_it(stranger: TestClient, name: str):
    told = {one.name: GIVEN.get(one.kind) for one in questions()[name].parameters}
    told |= {"name": "max_features"} if "name" in told else {}
    told |= {"run": run_iri(SECRET)} if "run" in told else {}
    told |= {"suite": None, "system": None} if "suite" in told else {}
    answer = stranger.post(f"/v1/questions/{name}", json={"parameters": told})
    assert answer.status_code == 200, answer.text
    rows = [{key: value for key, value in row.items() if told.get(key) != value} for row in answer.json()["rows"]]
    assert SECRET not in str(rows)


def test_no_count_tells_of_it(service: Service, reader: TestClient, keys):
    seen = counts(reader)
    keys.revoke("reader")
    hidden = counts(service())
    assert [more - less for more, less in zip(seen, hidden, strict=True)][:4] == [1, 2, 1, 1]


def test_what_a_key_was_told_is_not_taken_for_known_by_others(reader: TestClient, writer: TestClient):
    tag = reader.get("/v1/datasets").headers["etag"]
    answer = writer.get("/v1/datasets", headers={"If-None-Match": tag})
    assert answer.status_code == 200
    assert answer.headers["etag"] != tag
    assert "Authorization" in answer.headers["vary"]
