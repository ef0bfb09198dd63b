"""What is told of the graph, and how what cannot be told is told."""

import pytest

from kg.iris import evidence_iri
from kg.rdf_store import RdfStore
from tests.kg import samples
from tests.ui.api.conftest import Service, assert_problem
from ui.api.settings import ApiSettings


def test_data_sets_are_listed_found_and_compared(service: Service):
    client = service()
    assert client.get("/v1/datasets").json()["total"] == 2
    assert [one["name"] for one in client.get("/v1/datasets?name=WIN").json()["items"]] == ["wine"]
    assert [one["name"] for one in client.get("/v1/datasets?max_rows=150").json()["items"]] == ["iris"]
    assert client.get("/v1/datasets/openml-61").json()["meta_features"]["NumberOfInstances"] == 150
    near = client.get("/v1/datasets/openml-61/neighbours").json()
    assert [(one["name"], one["compared"]) for one in near] == [("wine", 2)]


def test_learners_are_found_by_any_name_with_what_is_known_of_them(service: Service):
    client = service()
    found = client.get("/v1/learners/RandomForestClassifier").json()
    assert (found["name"], found["evidence"], found["datasets"]) == ("random_forest", 10, 1)
    assert found in client.get("/v1/learners").json()
    parameters = client.get("/v1/learners/rf/hyperparameters?task_type=regression").json()
    assert {one["task_type"] for one in parameters} == {"regression"}
    one = client.get("/v1/learners/rf/hyperparameters/max_features").json()
    assert {view["task_type"] for view in one} == {"classification", "regression"}
    assert "int in [1" in one[0]["allowed"]
    matters = client.get("/v1/learners/rf/importances").json()
    assert [view["mean_share"] for view in matters] == [0.7, 0.1]


@pytest.mark.parametrize(("query", "n"), [
    ("", 12), ("kind=claim", 1), ("learner=rf", 10), ("learner=rf&metric=acc", 7), ("dataset=openml-61", 8),
    ("learner=svm", 0), ("dataset=openml-1", 0), ("kind=claim&metric=accuracy", 0),
])  # fmt: skip
def test_evidence_is_found_by_what_it_is_about(service: Service, query: str, n: int):
    page = service().get(f"/v1/evidence?{query}").json()
    assert (len(page["items"]), page["total"]) == (n, n)


def test_claims_are_found_by_what_they_say(service: Service):
    client = service()
    for query in ("learner=rf", "hyperparameter=max_features", "statement=range", "document=guide"):
        assert [one["page"] for one in client.get(f"/v1/claims?{query}").json()["items"]] == [3]
    assert client.get("/v1/claims?statement=default").json()["items"] == []
    assert [(one["name"], one["claims"]) for one in client.get("/v1/papers").json()["items"]] == [("guide", 1)]
    assert client.get("/v1/papers/guide").json()["licence"] == "CC-BY-4.0"


def test_runs_are_listed_and_read(service: Service):
    client = service()
    assert client.get("/v1/runs?learner=rf&metric=roc_auc").json()["total"] == 3
    run = client.get("/v1/runs?limit=1").json()["items"][0]
    assert client.get(f"/v1/runs/{run['iri'].rpartition('/')[2]}").json() == run


def test_anything_is_read_by_its_iri_as_the_store_has_it(service: Service, api_graph: RdfStore):
    client = service()
    for item in samples.small_graph():
        told = client.get("/v1/items", params={"iri": item.iri}).json()
        assert type(item).model_validate(told) == api_graph.get(item.iri)


def test_provenance_goes_down_to_the_runs(service: Service):
    told = service().get("/v1/provenance", params={"iri": evidence_iri("run_summary", "s")}).json()
    assert (told["kind"], told["standing"], told["n"]) == ("run_summary", "measured", 100)
    assert told["confidence"] == pytest.approx(100 / 110)
    assert told["provenance"]["activity"]["software"] == "tunegraph 0.1.0"
    assert told["rests_on"] == [samples.IRIS, samples.run(2).iri, samples.run(1).iri]


def test_sources_say_what_rests_on_them(service: Service):
    (source,) = service().get("/v1/sources").json()
    assert (source["licence"], source["items"]) == ("CC-BY-4.0", len(samples.small_graph()))


def test_questions_are_told_and_answered_page_by_page(service: Service):
    client = service()
    assert "what_matters" in {one["name"] for one in client.get("/v1/questions").json()}
    assert client.get("/v1/questions/what_matters").json()["parameters"][0]["optional"] is False
    asked = {"parameters": {"learner": "rf"}, "limit": 1}
    first = client.post("/v1/questions/evidence_of_learner", json=asked).json()
    second = client.post("/v1/questions/evidence_of_learner", json=asked | {"cursor": first["next"]}).json()
    assert first["total"] == second["total"] == 10
    assert first["rows"] != second["rows"]
    assert_problem(client.post("/v1/questions/what_matters", json={}), 422)
    assert_problem(client.post("/v1/questions/what_matters", json={"parameters": {"learner": "x"}, "more": 1}), 422)


def test_a_fresh_answer_is_not_sent_again(service: Service):
    client = service()
    tag = client.get("/v1/datasets").headers["etag"]
    same = client.get("/v1/datasets", headers={"If-None-Match": f'"x", {tag}'})
    assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)
    assert client.get("/v1/datasets?limit=1", headers={"If-None-Match": tag}).status_code == 200
    assert client.get("/v1/datasets/nix", headers={"If-None-Match": tag}).status_code == 404


@pytest.mark.parametrize("path", ["/v1/questions", "/v1/questions/what_matters"])
def test_questions_are_not_sent_again_either(service: Service, path: str):
    client = service()
    tag = client.get(path).headers["etag"]
    assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_long_answers_are_packed_for_who_can_unpack_them(service: Service):
    client = service()
    assert client.get("/v1/learners", headers={"Accept-Encoding": "gzip"}).headers["content-encoding"] == "gzip"
    assert "content-encoding" not in client.get("/v1/learners", headers={"Accept-Encoding": "identity"}).headers


@pytest.mark.parametrize(("method", "path", "status"), [
    ("GET", "/nothing", 404), ("GET", "/v1/datasets/nix", 404), ("GET", "/v1/runs/nix", 404),
    ("GET", "/v1/items?iri=http://x/%00", 404), ("GET", "/v1/items?iri=no%20iri", 404), ("GET", "/v1/items", 422),
    ("GET", "/v1/learners/nix", 404), ("GET", "/v1/learners/rf/hyperparameters/nix", 404),
    ("GET", "/v1/evidence?learner=nix", 422), ("GET", "/v1/evidence?metric=nix", 422),
    ("GET", "/v1/datasets?limit=0", 422), ("GET", "/v1/datasets?min_rows=-1", 422),
    ("PUT", "/v1/datasets", 405), ("POST", "/v1/datasets", 405), ("DELETE", "/metrics", 405),
    ("POST", "/v1/questions/nix", 415), ("POST", "/v1/proposals", 415), ("GET", "/v1/proposals/p_0", 404),
])  # fmt: skip
def test_whatever_goes_wrong_is_a_problem(service: Service, method: str, path: str, status: int):
    assert_problem(service().request(method, path), status)


def test_a_wrong_name_is_told_with_the_right_ones(service: Service):
    problem = assert_problem(service().get("/v1/evidence?learner=random_forst"), 422)
    assert "random_forest" in problem["detail"]
    assert "xgboost" in problem["allowed"]


def test_a_fault_of_ours_shows_nothing_of_itself(service: Service, monkeypatch: pytest.MonkeyPatch):
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("secret detail")

    monkeypatch.setattr(RdfStore, "datasets", broken)
    problem = assert_problem(service().get("/v1/datasets?name=not-asked-before"), 500)
    assert "secret" not in str(problem)


def test_health_and_metrics_are_told(service: Service):
    client = service(ApiSettings(requests_per_minute=0))
    assert client.get("/health/live").json() == {"status": "live"}
    assert len(client.get("/health/ready").json()["graph"]) == 16
    client.get("/v1/runs/nix")
    text = client.get("/metrics").text
    assert 'tunegraph_requests_total{method="GET",route="/v1/runs/{run_id}",status="404"} 1' in text
    assert 'tunegraph_graph_items{kind="dataset"} 2' in text
    assert 'tunegraph_jobs{state="running"} 0' in text
    assert "nix" not in text
