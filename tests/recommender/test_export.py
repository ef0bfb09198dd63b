"""An exported study runs on its own and scores as the package does."""

import ast
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from kg.learners.registry import learner_named
from kg.model import Configuration, IntParameter, SearchSpace, TaskType
from kg.table_files import read_frame
from kg.tables import prepare_table
from recommender.export import comment, export_script
from recommender.objective import Objective
from recommender.proposal import (
    Cost,
    ExpectedImprovement,
    MaxTrials,
    Protocol,
    Pruner,
    RegretBound,
    Stagnation,
    TargetReached,
    Termination,
    WallClock,
)
from recommender.study_parts import as_categories, read_arff
from recommender.task import TuningTask

START = {"max_depth": 3, "min_samples_leaf": 0.01, "criterion": "gini"}
HOSTILE = "it's \"{here}\"\n'''; import os  # %s \\ \u2028 é"


def run(script, folder, *options):
    path = folder / "study.py"
    path.write_text(script, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(path), *options],
        capture_output=True,
        text=True,
        cwd=folder,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def load_script(script):
    """Return the names of the script without running the study."""
    names = {"__name__": "study"}
    exec(compile(script, "study.py", "exec", dont_inherit=True), names)
    return names


def test_a_script_runs_alone_and_finds_what_the_package_finds(proposal, cited, mixed_frame, tmp_path):
    mixed_frame.to_csv(tmp_path / "data.csv", index=False)
    made = proposal(warm_starts=cited(START, {**START, "max_depth": 2}))
    script = export_script(made, tmp_path / "data.csv", "label")
    output = run(script, tmp_path, "--trials", "1")
    expected = np.mean(
        list(Objective(prepare_table(tmp_path / "data.csv", "label"), made).cross_validate(Configuration(START)))
    )
    assert float(re.search(r"Best accuracy: (\S+)", output)[1]) == pytest.approx(expected, abs=1e-6)
    assert f"Best configuration: {START}" in output
    # What is enqueued and was not tried is no trial.
    assert "(trial 1 of 1)" in output
    assert not re.search(r"^\s*(from|import) (tunegraph|kg|recommender)", script, re.MULTILINE)


def test_evidence_stands_in_comments(proposal, cited, mixed_frame, tmp_path):
    mixed_frame.to_csv(tmp_path / "data.csv", index=False)
    script = export_script(proposal(warm_starts=cited(START)), tmp_path / "data.csv", "label")
    assert "    # best of 0\n    # evidence: https://w3id.org/tunegraph/evidence/run_summary/0\n" in script


@pytest.mark.parametrize("name", ["labor.arff", "hepatitis.arff", "210_cloud.tsv.gz", "balance-scale.tsv.gz"])
def test_real_tables_are_read_and_scored_as_in_the_package(shared_data, proposal, cited, name):
    path = shared_data / "raw-datasets" / name
    table = prepare_table(path)
    regression = table.task_type is TaskType.REGRESSION
    task = TuningTask(task_type=table.task_type, metric="r2" if regression else "roc_auc")
    space = SearchSpace(parameters=(IntParameter(name="max_depth", low=1, high=5),))
    made = proposal(space=space, task=task, warm_starts=cited({"max_depth": 3}))
    script = load_script(export_script(made, path, table.target_name))
    features, target = script["load"](str(path))
    assert target.tolist() == table.encoded_target.tolist()
    expected = list(Objective(table, made).cross_validate(Configuration({"max_depth": 3})))
    model = script["build"]
    found = [
        script["score"](
            model({"max_depth": 3}).fit(features.iloc[train], target[train]),
            features.iloc[test], target[test], script["METRIC"], len(script["CLASSES"]),
        )
        for train, test in script["folds"](target)
    ]  # fmt: skip
    np.testing.assert_allclose(found, expected)


def test_hostile_names_and_values_stay_data(proposal, cited, mixed_frame, tmp_path):
    frame = mixed_frame.rename(columns={"size": HOSTILE, "label": HOSTILE + "y"})
    frame["colour"] = frame["colour"].where(frame["colour"] != "red", HOSTILE)
    path = tmp_path / 'it\'s {a} "table".parquet'
    frame.to_parquet(path)
    start = cited(START)
    parts = {"0": start.parts["0"].replace(rationale='"""\nimport os\r\nos.abort() \u2028')}
    made = proposal(warm_starts=start.replace(parts=parts))
    script = export_script(made, path, HOSTILE + "y")
    names = load_script(script)
    assert names["TARGET"] == HOSTILE + "y"
    assert HOSTILE in names["NUMERIC"]
    assert not any(isinstance(n, ast.Import) and n.names[0].name == "os" for n in ast.walk(ast.parse(script)))
    assert "Best accuracy" in run(script, tmp_path, "--trials", "2")


def test_comments_hold_printable_characters_only():
    lines = list(comment("a\nb\r\x00\u2028import os\x85x " + "word " * 60))
    assert all(line.startswith("# ") and line.isprintable() and len(line) < 120 for line in lines)


@pytest.mark.parametrize(
    "learner", ["adaboost", "mlp", "svm", "hist_gradient_boosting", "xgboost", "catboost", "lightgbm"]
)
def test_every_kind_of_learner_is_built_as_in_the_package(proposal, mixed_frame, tmp_path, learner):
    mixed_frame.to_csv(tmp_path / "data.csv", index=False)
    spec = learner_named(learner)
    made = proposal(learner, spec.space(TaskType.CLASSIFICATION))
    script = load_script(export_script(made, tmp_path / "data.csv", "label"))
    table = prepare_table(tmp_path / "data.csv", "label")
    small = {
        n: v for n, v in {"n_estimators": 3, "max_iter": 20, "iterations": 3}.items() if n in made.search_space.value
    }
    start = Configuration({**spec.default(TaskType.CLASSIFICATION).root, **small})
    train, test = script["folds"](table.encoded_target)[0]
    features, target = script["load"](str(tmp_path / "data.csv"))
    model = script["build"](dict(start.items())).fit(features.iloc[train], target[train])
    ours = next(Objective(table, made).cross_validate(start))
    assert script["score"](model, features.iloc[test], target[test], "accuracy", 2) == pytest.approx(ours)


def test_a_learner_without_probabilities_is_calibrated_as_in_the_package(proposal, shared_data):
    path = shared_data / "raw-datasets" / "audiology.arff"
    table = prepare_table(path, "class")
    task = TuningTask(task_type=TaskType.CLASSIFICATION, metric="log_loss")
    made = proposal("svm", learner_named("svm").space(TaskType.CLASSIFICATION), task=task)
    script = load_script(export_script(made, path, "class"))
    start = learner_named("svm").default(TaskType.CLASSIFICATION)
    features, target = script["load"](str(path))
    train, test = script["folds"](target)[0]
    model = script["build"](dict(start.items())).fit(features.iloc[train], target[train])
    found = script["score"](model, features.iloc[test], target[test], "log_loss", len(table.classes))
    assert found == pytest.approx(next(Objective(table, made).cross_validate(start)))


def test_a_boosted_tree_has_the_registrys_depth_where_none_is_searched(proposal, mixed_frame, tmp_path):
    mixed_frame.to_csv(tmp_path / "data.csv", index=False)
    space = SearchSpace(parameters=(IntParameter(name="n_estimators", low=2, high=5),))
    script = load_script(export_script(proposal("adaboost", space), tmp_path / "data.csv", "label"))
    assert script["build"]({"n_estimators": 2})["learn"].estimator.max_depth == 1


@pytest.mark.parametrize("pruner", ["successive_halving", "hyperband", "median", "wilcoxon"])
def test_rules_and_pruners_are_in_the_script(proposal, mixed_frame, tmp_path, pruner):
    mixed_frame.to_csv(tmp_path / "data.csv", index=False)
    rules = (Stagnation(patience=4), TargetReached(score=2.0), WallClock(seconds=50), MaxTrials(n_trials=6))
    made = proposal(
        termination=Termination(rules=rules), pruner=Pruner(name=pruner), protocol=Protocol(folds=4, stratified=True)
    )
    names = load_script(export_script(made, tmp_path / "data.csv", "label"))
    import optuna

    study = optuna.create_study(direction="maximize")
    study.optimize(lambda trial: 0.5, n_trials=20, callbacks=[names["stop"]])
    assert len(study.trials) == 5
    assert study.user_attrs["stop_reason"] == "4 trials without a gain above 0.0"
    output = run(export_script(made, tmp_path / "data.csv", "label"), tmp_path)
    assert "Best accuracy" in output


def test_a_rule_that_needs_a_process_gives_way_to_stagnation_and_the_script_says_so(proposal, mixed_frame, tmp_path):
    mixed_frame.to_csv(tmp_path / "data.csv", index=False)
    rules = (ExpectedImprovement(), RegretBound(), Cost(seconds=1e-9))
    made = proposal(termination=Termination(rules=rules))
    script = export_script(made, tmp_path / "data.csv", "label")
    assert "without the rule by expected improvement, regret bound" in " ".join(script.split()).replace("# ", "")
    assert "30 trials without a gain" in script
    import optuna

    study = optuna.create_study(direction="maximize")
    study.optimize(lambda trial: 0.5, n_trials=20, callbacks=[load_script(script)["stop"]])
    assert study.user_attrs["stop_reason"] == "the trials took 1e-09 seconds"


def test_the_copied_arff_reader_reads_what_ours_reads(shared_data, tmp_path):
    sparse = tmp_path / "sparse.arff"
    sparse.write_text("@relation r\n@attribute 'a b' real\n@attribute c{x, 'y z'}\n@data\n{0 2}\n{1 'y z'}\n{}\n3,?\n")
    for path in (sparse, *(shared_data / "raw-datasets" / f"{n}.arff" for n in ("anneal", "colic", "autos"))):
        ours, copied = read_frame(path), read_arff(str(path))
        assert list(ours.columns) == list(copied.columns)
        for name in ours.columns:
            pd.testing.assert_series_equal(as_categories(ours[name]), as_categories(copied[name]))


@pytest.mark.parametrize("learner", ["catboost", "lightgbm"])
def test_what_a_library_alone_raises_is_a_failed_trial(proposal, mixed_frame, tmp_path, learner):
    import optuna

    mixed_frame.to_csv(tmp_path / "data.csv", index=False)
    made = proposal(learner, learner_named(learner).space(TaskType.CLASSIFICATION))
    names = load_script(export_script(made, tmp_path / "data.csv", "label"))
    error = names["CatBoostError" if learner == "catboost" else "LightGBMError"]

    def build(configuration):
        raise error("all features are constant")

    names["build"] = build
    study = optuna.create_study(direction="maximize")
    study.optimize(lambda trial: names["objective"](trial, *names["load"](names["DATA"])), n_trials=1)
    assert study.trials[0].user_attrs["reason"] == f"{error.__name__}: all features are constant"


def test_a_script_cuts_no_trial_before_one_has_succeeded(proposal, mixed_frame, tmp_path):
    mixed_frame.to_csv(tmp_path / "data.csv", index=False)
    made = proposal(budget=proposal().budget.value.replace(per_trial_s=1e-6))
    output = run(export_script(made, tmp_path / "data.csv", "label"), tmp_path, "--trials", "2")
    assert "Best accuracy" in output
