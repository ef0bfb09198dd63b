"""``tunegraph recommend``: the answer, and every kind of bad input."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from recommender.proposal import Advice, Proposal

Change = Callable[[pd.DataFrame], pd.DataFrame]

FEW = {"NumberOfInstances": 1000, "NumberOfFeatures": 21, "NumberOfClasses": 2}


@pytest.fixture
def qualities(tmp_path: Path) -> Path:
    path = tmp_path / "qualities.json"
    path.write_text(json.dumps(FEW))
    return path


# ---- the answer


def test_the_answer_for_a_table_is_readable(command: Any, at_home: Path, table: Path) -> None:
    ran = command("recommend", table, "--learner", "decision_tree", "--no-test-run", "--time", "5m")
    assert ran.code == 0
    for title in ("Choice", "Search space", "Warm starts", "Plan", "Prediction", "Similar data sets"):
        assert f"\n{title}\n" in ran.out
    assert "Checked before it is shown: pass" in ran.out
    assert "tunegraph explain proposal.json search_space." in ran.out


def test_no_line_of_the_answer_is_wider_than_a_page(command: Any, at_home: Path, table: Path) -> None:
    ran = command("recommend", table, "--learner", "decision_tree", "--no-test-run")
    assert max(len(line) for line in ran.out.splitlines()) <= 100
    assert not any(line.endswith(" ") for line in ran.out.splitlines())


def test_json_is_the_whole_proposal_and_nothing_else(command: Any, at_home: Path, table: Path) -> None:
    ran = command("recommend", table, "--target", "diagnosis", "--learner", "decision_tree", "--no-test-run", "--json")
    proposal = Proposal.from_json(ran.out)
    assert ran.code == 0
    assert proposal.task.target == "diagnosis"
    assert json.loads(proposal.to_json()) == json.loads(ran.out)
    assert {"value", "citations", "derivation", "rationale", "confidence"} <= json.loads(ran.out)["budget"].keys()


def test_progress_is_told_beside_the_answer(command: Any, at_home: Path, table: Path) -> None:
    ran = command("recommend", table, "--learner", "decision_tree", "--no-test-run")
    assert f"Reading {table}" in ran.err
    assert "Composing from the graph" in ran.err
    assert "Composing" not in ran.out


def test_limits_are_kept(command: Any, at_home: Path, table: Path) -> None:
    ran = command(
        "recommend", table, "--learner", "decision_tree", "--no-test-run", "--time", "90s", "--trials", 7, "--json"
    )
    budget = Proposal.from_json(ran.out).budget.value
    assert (budget.wall_clock_s, budget.n_trials) == (90, 7)


def test_the_exported_script_is_python_and_is_spoken_of(
    command: Any, at_home: Path, table: Path, tmp_path: Path
) -> None:
    script = tmp_path / "new folder" / "study.py"
    ran = command("recommend", table, "--learner", "decision_tree", "--no-test-run", "--export", script)
    assert ran.code == 0
    assert f"Wrote {script}" in ran.out.replace("\n", "")
    compile(script.read_text(encoding="utf-8"), str(script), "exec")


@pytest.mark.parametrize("learner", ["xgboost", "rpart", "shaped_mlp"])
def test_three_qualities_are_enough_for_fifty_warm_starts(
    learner: str, command: Any, at_home: Path, qualities: Path
) -> None:
    ran = command(
        "recommend", "--meta-features", qualities, "--task-type", "classification", "--metric", "roc_auc",
        "--learner", learner, "--warm-starts", 50, "--no-test-run", "--json",
    )  # fmt: skip
    assert ran.code == 0
    found = json.loads(ran.out)
    space = {parameter["name"]: parameter for parameter in found["search_space"]["value"]["parameters"]}
    starts = found["warm_starts"]["value"]
    assert len({json.dumps(start, sort_keys=True) for start in starts}) == len(starts) == 50
    assert all(_is_inside(start[name], space[name]) for start in starts for name in start)


def test_a_table_with_missing_and_nominal_values_gets_an_answer(command: Any, at_home: Path, shared_data: Path) -> None:
    path = shared_data / "raw-datasets" / "autos.arff"
    ran = command("recommend", path, "--learner", "decision_tree", "--no-test-run", "--json")
    assert ran.code == 0
    assert Proposal.from_json(ran.out).advice.value in Advice


def test_a_learner_without_a_library_here_is_an_abstention(command: Any, at_home: Path, table: Path) -> None:
    ran = command("recommend", table, "--learner", "rpart", "--no-test-run", "--json")
    assert ran.code == 1
    assert json.loads(ran.out)["advice"]["value"] == "abstain"
    told = command("recommend", table, "--learner", "rpart", "--no-test-run")
    assert told.out.startswith("No recommendation")
    assert "known by its evidence only" in " ".join(told.out.split())


# ---- bad tables


def _file(content: bytes) -> Callable[[Path], Path]:
    def write(folder: Path) -> Path:
        path = folder / "table.csv"
        path.write_bytes(content)
        return path

    return write


ROWS = b"".join(b"%d,%d,%d\n" % (i, i % 7, i % 2) for i in range(60))


@pytest.mark.parametrize(
    ("written", "message"),
    [
        (lambda folder: folder / "none.csv", "There is no such file. Allowed: a file: CSV"),
        (lambda folder: folder, "This is a folder"),
        (_file(b"a,b,y\n" + b"caf\x81\x8d,1,0\n" * 60), "(0x81, in line 2) is not UTF-8. Allowed: UTF-8"),
        (_file(bytes(range(256)) * 20), "This is a binary file"),
        (_file(b""), "The file is empty. Allowed: a header line and rows"),
        (_file(b"\n\n\n"), "nothing but white space"),
        (_file(b"a,a,y\n" + ROWS), "Column names occur twice: 'a'. Allowed: a name of its own for each"),
        (_file(b"y\n" + b"0\n1\n" * 40), "There is no column beside the target. Allowed: at least one feature"),
        (
            _file(b",".join(b"c%d" % i for i in range(20_000)) + b",y\n"),
            "The table has 20,001 columns. Allowed: at most",
        ),
    ],
    ids=["no file", "folder", "encoding", "binary", "empty", "blank", "names twice", "no columns", "20000 columns"],
)
def test_a_file_that_cannot_be_used_is_refused(
    written: Callable[[Path], Path], message: str, command: Any, empty_home: Path, tmp_path: Path
) -> None:
    ran = command("recommend", written(tmp_path), "--target", "y")
    _refused(ran, message, empty_home)


@pytest.mark.parametrize(
    ("change", "options", "message"),
    [
        (lambda f: f, ["--target", "nope"], "target: There is no column 'nope'. Allowed: a, b, y"),
        (lambda f: f.assign(y=1), ["--target", "y"], "target 'y': There is one class, '1'. Allowed: at least two"),
        (lambda f: f.assign(y=np.nan), ["--target", "y"], "target 'y': All values are missing"),
        (lambda f: f.head(3), ["--target", "y"], "The table has 3 rows. Allowed: at least 20"),
        (lambda f: f.head(0), ["--target", "y"], "The table has 0 rows"),
        (lambda f: f.assign(a=[np.inf, *f.a[1:]]), ["--target", "y"], "Infinite values in: 'a'. Allowed: finite"),
        (lambda f: f, ["--target", "y", "--metric", "rmse"], "'rmse' is for regression, but"),
        (lambda f: f, ["--target", "a", "--metric", "f1"], "'f1' is for classification, but the task is regression"),
        (lambda f: f, ["--metric", "joy"], "metric: There is no metric 'joy'. Allowed: accuracy"),
        (lambda f: f, ["--learner", "xgbost"], "There is no learner 'xgbost'. Did you mean 'xgboost'? Allowed:"),
        (lambda f: f, ["--learner", "elastic_net"], "'elastic_net' cannot do classification. Allowed: regression"),
        (lambda f: f, ["--target", "a", "--task-type", "classification"], "target 'a': 60 distinct numbers"),
    ],
)  # fmt: skip
def test_a_table_that_nothing_can_be_learnt_from_is_refused(
    change: Change, options: list[str], message: str, command: Any, empty_home: Path, small_table: Any
) -> None:
    _refused(command("recommend", small_table(change), *options), message, empty_home)


# ---- bad options


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--time", "0"], "--time: 0 is not above zero. Allowed: a positive number"),
        (["--time", "-5m"], "--time: -5m is not above zero"),
        (["--time", "soon"], "--time: 'soon' is no duration. Allowed: seconds, or such as 45s, 10m"),
        (["--trials", "0"], "--trials: 0 is out of range. Allowed: 1 to"),
        (["--trials", "-3"], "--trials: -3 is out of range"),
        (["--trials", "many"], "Invalid value for '--trials'"),
        (["--workers", "0"], "--workers: 0 is out of range"),
        (["--test-run-seconds", "0"], "--test-run-seconds: 0 is not above zero"),
        (["--test-run-seconds", "-3"], "--test-run-seconds: -3 is not above zero"),
        (["--test-run-seconds", "nan"], "--test-run-seconds: nan is not above zero"),
        (["--warm-starts", "0"], "--warm-starts: 0 is out of range. Allowed: 1 to 200"),
        (["--seed", "-1"], "--seed: -1 is out of range"),
        (["--task-type", "clustering"], "There is no task type 'clustering'. Allowed: classification, regression"),
        (["--depth", "3"], "No such option: --depth"),
    ],
)
def test_an_option_out_of_range_is_refused(
    options: list[str], message: str, command: Any, empty_home: Path, table: Path
) -> None:
    _refused(command("recommend", table, *options), message, empty_home)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "DATA: There is nothing to recommend for. Allowed: a table, or --meta-features FILE"),
        (["table.csv", "--meta-features", "{file}"], "--meta-features: A table is described by itself"),
        (["--meta-features", "{file}", "--target", "y"], "--target: A target needs a table"),
        (["--meta-features", "{file}", "--card", "{file}"], "--meta-features: A card describes the data, too"),
        (["--card", "{file}", "--target", "y"], "--target: A target needs a table"),
        (["--meta-features", "{file}", "--export", "s.py"], "--export: A script needs a table to read"),
        (["--meta-features", "none.json"], "none.json: There is no such file. Allowed: a JSON file"),
        (["--meta-features", "{file}", "--task-type", "regression", "--metric", "f1"], "'f1' is for classification"),
    ],
)
def test_options_that_do_not_go_together_are_refused(
    arguments: list[str], message: str, command: Any, empty_home: Path, qualities: Path
) -> None:
    _refused(command("recommend", *(a.format(file=qualities) for a in arguments)), message, empty_home)


@pytest.mark.parametrize("below", ["", "file/study.py"])
def test_a_script_that_cannot_be_written_is_refused_before_any_work(
    below: str, command: Any, empty_home: Path, table: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    ran = command("recommend", table, "--export", tmp_path / below)
    _refused(ran, "--export: ", empty_home)
    assert "Allowed: a path that can be written" in ran.err
    assert "Reading" not in ran.err


# ---- a graph that cannot be opened


@pytest.mark.parametrize("content", [b"no such generation", b"\xff\xfe\x00"])
def test_a_corrupt_graph_is_one_line_and_exit_code_1(
    content: bytes, command: Any, empty_home: Path, qualities: Path
) -> None:
    (empty_home / "graph").mkdir(parents=True)
    (empty_home / "graph" / "CURRENT").write_bytes(content)
    ran = command("recommend", "--meta-features", qualities, "--no-test-run", "--json")
    assert (ran.code, ran.out) == (1, "")
    assert f"Error: The graph in {empty_home}" in ran.err
    assert "read" in ran.err.splitlines()[-1]


def test_a_home_that_cannot_be_made_is_one_line_and_exit_code_1(
    command: Any, empty_home: Path, qualities: Path
) -> None:
    empty_home.write_text("in the way")
    ran = command("recommend", "--meta-features", qualities, "--no-test-run")
    assert (ran.code, ran.out) == (1, "")
    assert f"Error: The graph in {empty_home / 'graph'} cannot be opened" in ran.err


def test_a_shell_sees_the_exit_code_and_a_clean_standard_output(tmp_path: Path) -> None:
    environment = {**os.environ, "TUNEGRAPH_HOME": str(tmp_path / "home")}
    done = subprocess.run(
        [sys.executable, "-c", "from ui.cli import main; main()", "recommend", "none.csv", "--json"],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.splitlines()[-1].startswith("Error: none.csv: There is no such file.")


def _refused(ran: Any, message: str, home: Path) -> None:
    """Hold that bad input was told in one error on standard error, with exit code 2, before a graph was made."""
    told = ran.err.splitlines()
    assert (ran.code, ran.out) == (2, "")
    assert message in told[-1]
    assert sum(line.startswith("Error: ") for line in told) == 1
    assert not home.exists()


def _is_inside(value: Any, parameter: dict[str, Any]) -> bool:
    if parameter["kind"] == "categorical":
        return value in parameter["choices"]
    if parameter["kind"] == "constant":
        return bool(value == parameter["value"])
    return bool(parameter["low"] <= value <= parameter["high"])
