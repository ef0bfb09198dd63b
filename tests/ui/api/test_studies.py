"""Own studies: added, shown, reported and taken out, each with a key of the right scope."""

import json
from collections.abc import Iterator
from pathlib import Path

import optuna
import pytest
from starlette.testclient import TestClient

from ingest.sources.optuna_studies import Given, GivenData
from ingest.sources.optuna_studies.storage import snapshot
from kg.model.provenance import OWN_SOURCE
from kg.rdf_store import RdfStore
from tests.kg import samples
from tests.ui.api.conftest import UNLIMITED, assert_problem, tunegraph_over
from ui.api import create_app
from ui.api.keys import KeyRing, Scope


@pytest.fixture
def both(tmp_path: Path) -> Iterator[TestClient]:
    """A client with a key of both scopes, over a graph that may be written."""
    with RdfStore(tmp_path / "graph") as store:
        store.add(samples.small_graph())
        key = KeyRing(tmp_path).add("both", [Scope.READ, Scope.WRITE])
        app = create_app(tunegraph_over(store, tmp_path), UNLIMITED)
        yield TestClient(app, headers={"Authorization": f"Bearer {key}"}, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def kept() -> dict:
    """What is kept of a study of twelve trials, one of which failed."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(study_name="my loans", direction="maximize", sampler=optuna.samplers.RandomSampler(0))

    def objective(trial: optuna.Trial) -> float:
        depth = trial.suggest_int("max_depth", 1, 12)
        if trial.number == 3:
            raise ValueError("no fit")
        return 0.7 + 0.01 * depth + 0.001 * trial.suggest_float("min_impurity_decrease", 0.0, 0.1)

    study.optimize(objective, n_trials=12, catch=ValueError)
    features = {"NumberOfInstances": 500, "NumberOfFeatures": 9, "NumberOfClasses": 2}
    data = GivenData(name="loans", task_type="classification", meta_features=features)
    given = Given(learner="decision_tree", metric="accuracy", data=data)
    return json.loads(snapshot(study).replace(given=given).model_dump_json(exclude_defaults=True))


def test_a_study_becomes_evidence_and_goes_again(both: TestClient, kept: dict):
    added = both.post("/v1/studies", json=kept)
    assert added.status_code == 201, added.text
    slug, source = added.json()["slug"], added.json()["source"]
    assert added.json()["problem"] == ""
    assert added.json()["runs"] == 11
    (view,) = both.get("/v1/studies").json()
    assert (view["name"], view["trials"], view["complete"], view["in_graph"]) == ("my loans", 12, 11, True)
    assert view == both.get(f"/v1/studies/{slug}").json()
    summaries = both.get("/v1/evidence?kind=study_summary&learner=decision_tree").json()["items"]
    assert [one["provenance"]["source"] for one in summaries] == [source] == [f"{OWN_SOURCE}{slug}"]
    assert both.delete(f"/v1/studies/{slug}").status_code == 204
    assert both.get("/v1/studies").json() == []
    assert both.get("/v1/evidence?kind=study_summary&learner=decision_tree").json()["total"] == 0
    assert_problem(both.delete(f"/v1/studies/{slug}"), 404)


def test_its_report_has_the_figures_of_the_study(both: TestClient, kept: dict):
    slug = both.post("/v1/studies", json=kept).json()["slug"]
    figures = both.get(f"/v1/studies/{slug}/report").json()
    assert (figures["n_trials"], figures["n_complete"], figures["n_failed"]) == (12, 11, 1)
    best = max(trial["values"][0] for trial in kept["trials"] if trial["state"] == "COMPLETE")
    assert figures["best_score"] == pytest.approx(best)
    page = both.get(f"/v1/studies/{slug}/report?form=html")
    assert page.headers["content-type"].startswith("text/html")
    assert "sandbox" in page.headers["content-security-policy"]
    assert "my loans" in both.get(f"/v1/studies/{slug}/report?form=md").text


def test_what_cannot_be_learnt_from_is_kept_and_says_why(both: TestClient, kept: dict):
    told = both.post("/v1/studies", json={name: kept[name] for name in ("name", "directions", "trials")}).json()
    assert told["runs"] == 0
    assert told["problem"]
    assert [one["in_graph"] for one in both.get("/v1/studies").json()] == [False]


def test_a_study_of_two_objectives_has_no_report(both: TestClient, kept: dict):
    slug = both.post("/v1/studies", json=kept | {"directions": ["minimize", "maximize"]}).json()["slug"]
    assert_problem(both.get(f"/v1/studies/{slug}/report"), 422)


@pytest.mark.parametrize("slug", ["..", "%2e%2e%2fapi-keys", "*", "a%00b", "x" * 200])
def test_a_name_is_no_path(both: TestClient, slug: str):
    assert both.get(f"/v1/studies/{slug}").status_code in (404, 422)
    assert both.delete(f"/v1/studies/{slug}").status_code in (404, 405, 422)
