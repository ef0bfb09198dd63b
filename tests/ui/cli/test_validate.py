"""``tunegraph validate``: 0 where a proposal may be shown, 1 where not, 2 where there is no proposal to judge."""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from recommender.proposal import Proposal


def test_a_sound_proposal_passes_without_a_table(command: Any, at_home: Path, proposal_file: Path) -> None:
    ran = command("validate", proposal_file)
    assert ran.code == 0
    assert "Checked before it is shown: pass" in ran.out
    assert "There is no table, only its description" in ran.out


def test_a_sound_proposal_passes_its_test_run(command: Any, at_home: Path, proposal_file: Path, table: Path) -> None:
    ran = command("validate", proposal_file, table, "--test-run-seconds", 30, "--json")
    verdict = json.loads(ran.out)["verdict"]
    assert ran.code == 0
    assert {run["role"] for run in verdict["test_runs"]} >= {"default", "dummy"}


def test_the_target_is_the_one_that_the_proposal_names(
    command: Any, at_home: Path, proposal: Proposal, table: Path, tmp_path: Path
) -> None:
    path, moved = tmp_path / "p.json", tmp_path / "moved.csv"
    path.write_text(proposal.to_json())
    # The target comes first here, so that taking the last column would be a regression.
    frame = pd.read_csv(table)
    frame[["diagnosis", *(name for name in frame.columns if name != "diagnosis")]].to_csv(moved, index=False)
    assert command("validate", path, moved, "--no-test-run").code == 0


def test_a_proposal_that_lies_fails(command: Any, at_home: Path, proposal: Proposal, tmp_path: Path) -> None:
    draft = json.loads(proposal.to_json())
    draft["budget"]["value"]["n_trials"] = 10**9
    path = tmp_path / "p.json"
    path.write_text(json.dumps(draft))
    ran = command("validate", path, "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["verdict"]["outcome"] == "failed"


def test_json_that_is_no_proposal_fails_at_the_schema(command: Any, at_home: Path, tmp_path: Path) -> None:
    path = tmp_path / "p.json"
    path.write_text('{"learner": "xgboost"}')
    ran = command("validate", path, "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["proposal"] is None


def test_a_proposal_for_another_kind_of_task_fails(
    command: Any, at_home: Path, proposal_file: Path, small_table: Any
) -> None:
    ran = command("validate", proposal_file, small_table(), "--target", "a", "--no-test-run")
    assert ran.code == 1
    assert "The table is for regression" in ran.out


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b'{"learner": ', "This is no JSON"),
        (b"search space: wide", "This is no JSON"),
        (b"[1, 2]", "This is no JSON object. Allowed: a proposal, as written by tunegraph recommend --json"),
        (b'"\xe9"', "This is no UTF-8 text"),
        (b"[" * 100_000, "This is no JSON"),
        (b'{"task": ' + b"9" * 5_000 + b"}", "This is no JSON"),
    ],
)
def test_a_file_that_holds_no_draft_is_refused(
    content: bytes, message: str, command: Any, empty_home: Path, tmp_path: Path
) -> None:
    path = tmp_path / "p.json"
    path.write_bytes(content)
    ran = command("validate", path)
    assert (ran.code, ran.out) == (2, "")
    assert f"Error: {path}: {message}" in ran.err
    assert not empty_home.exists()


def test_a_target_without_a_table_is_refused(command: Any, empty_home: Path, proposal_file: Path) -> None:
    ran = command("validate", proposal_file, "--target", "y")
    assert (ran.code, ran.out) == (2, "")
    assert "--target: A target needs a table" in ran.err
    assert not empty_home.exists()


def test_a_file_that_is_not_there_is_refused(command: Any, empty_home: Path) -> None:
    ran = command("validate", "none.json")
    assert (ran.code, ran.err) == (2, "Error: none.json: There is no such file. Allowed: the path of a file.\n")
