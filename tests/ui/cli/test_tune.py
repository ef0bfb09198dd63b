"""``tunegraph tune``: a study within its budget, on a real table."""

import json
from pathlib import Path
from typing import Any

import pytest

from kg.rdf_store import RdfStore


def test_a_study_is_run_within_its_time(command: Any, at_home: Path, table: Path) -> None:
    ran = command(
        "tune", table, "--target", "diagnosis", "--learner", "decision_tree", "--time", "10s", "--trials", 4,
        "--test-run-seconds", 3, "--json",
    )  # fmt: skip
    found = json.loads(ran.out)
    assert ran.code == 0
    assert found["best_score"] > 0.8
    assert 1 <= found["n_trials"] <= 4
    assert found["best_configuration"]


def test_a_proposal_that_is_given_is_run_and_gone_on_with(
    command: Any, at_home: Path, table: Path, tmp_path: Path
) -> None:
    limits = ["--learner", "decision_tree", "--trials", 3, "--time", "1m"]
    draft = json.loads(command("recommend", table, *limits, "--no-test-run", "--json").out)
    # A person may change what follows from the evidence.
    draft["budget"]["value"]["per_trial_s"] = 5.5
    path = tmp_path / "changed.json"
    path.write_text(json.dumps(draft))
    study = ["--proposal", path, "--storage", f"sqlite:///{tmp_path}/study.db", "--study-name", "trees"]
    first = command("tune", table, *study)
    assert first.code == 0
    assert "; 3 were run)" in first.out
    again = command("tune", table, *study, "--json")
    assert json.loads(again.out)["stop_reason"] == "the budget of 3 trials is spent"


def test_a_proposal_for_another_kind_of_task_is_not_run(
    command: Any, at_home: Path, proposal_file: Path, small_table: Any
) -> None:
    ran = command("tune", small_table(), "--target", "a", "--proposal", proposal_file)
    assert ran.code == 1
    assert "The table is for regression" in ran.out
    assert "Trial" not in ran.err


@pytest.mark.parametrize(
    ("content", "message"),
    [("{", "This is no JSON"), ("[]", "This is no JSON object"), ('{"learner": 3}', "This is no proposal")],
)
def test_what_is_no_proposal_is_refused(
    content: str, message: str, command: Any, empty_home: Path, table: Path, tmp_path: Path
) -> None:
    path = tmp_path / "p.json"
    path.write_text(content)
    ran = command("tune", table, "--proposal", path)
    assert (ran.code, ran.out) == (2, "")
    assert f"Error: {path}: {message}" in ran.err
    assert not empty_home.exists()


@pytest.mark.parametrize("url", ["nowhere", "magic://here", "sqlite:////no/such/folder/study.db"])
def test_a_storage_that_cannot_be_opened_is_refused(
    url: str, command: Any, at_home: Path, proposal_file: Path, table: Path
) -> None:
    ran = command("tune", table, "--proposal", proposal_file, "--storage", url)
    assert (ran.code, ran.out) == (2, "")
    assert f"Error: storage: The storage '{url}' cannot be opened" in ran.err.splitlines()[-1]
    assert "Allowed: a URL such as sqlite:///study.db" in ran.err


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--time", "0"], "--time: 0 is not above zero"),
        (["--time=-5m"], "--time: -5m is not above zero"),
        (["--trials", "0"], "--trials: 0 is out of range"),
        (["--test-run-seconds", "-1"], "--test-run-seconds: -1 is not above zero"),
    ],
)
def test_a_budget_of_nothing_is_refused(
    options: list[str], message: str, command: Any, empty_home: Path, table: Path
) -> None:
    ran = command("tune", table, *options)
    assert (ran.code, ran.out) == (2, "")
    assert f"Error: {message}" in ran.err
    assert not empty_home.exists()


def test_a_table_must_be_named(command: Any, empty_home: Path) -> None:
    ran = command("tune")
    assert ran.code == 2
    assert "Missing argument 'data'" in ran.err


def test_shells_that_name_the_same_study_share_it(command: Any, at_home: Path, table: Path, tmp_path: Path) -> None:
    limits = ["--learner", "decision_tree", "--trials", 3, "--time", "1m", "--test-run-seconds", 2]
    study = ["--storage", f"journal:///{tmp_path}/study.log", "--study-name", "trees"]
    assert command("tune", table, *limits, *study).code == 0
    # The other one composes nothing: it takes what the first has begun, with its own seed and number of threads.
    again = command("tune", table, *limits, *study, "--seed", 5, "--workers", 2, "--json")
    assert "Joining the study 'trees'" in again.err
    assert json.loads(again.out)["stop_reason"] == "the budget of 3 trials is spent"
    other = command("tune", table, "--learner", "svm", *limits[2:], *study)
    assert (other.code, other.out) == (2, "")
    assert "holds a study 'trees' of another task: limits" in other.err


def test_what_a_study_found_is_learnt_and_cited_by_the_next_recommendation(
    command: Any, monkeypatch: pytest.MonkeyPatch, small_table: Any, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    monkeypatch.setattr("kg.rdf_starter.open_store", lambda home, **_: RdfStore(home / "graph"))
    limits = ["--learner", "decision_tree", "--trials", 12, "--time", "1m", "--home", home, "--json"]
    path = small_table(lambda frame: frame.assign(y=(frame["a"] + frame["b"] > 12).astype(int)))
    ran = command("tune", path, "--target", "y", *limits, "--test-run-seconds", 2, "--learn")
    found = json.loads(ran.out)
    assert ran.code == 0
    assert found["learned"]["sources"][0]["source"].startswith("study:")
    next_one = json.loads(command("recommend", path, "--target", "y", *limits, "--no-test-run").out)
    with RdfStore(home / "graph") as store:
        kinds = ("response_model", "run_summary", "study_summary")
        own = {item.iri for kind in kinds for item in store.evidence(kind)}
    assert own & set(next_one["warm_starts"]["citations"])
