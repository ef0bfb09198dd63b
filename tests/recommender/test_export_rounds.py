"""An exported study tries the first rounds of a boosted ensemble, as the package does."""

import subprocess
import sys

import numpy as np
import optuna
import pandas as pd
import pytest

from kg.model import CategoricalParameter, FloatParameter, IntParameter, SearchSpace, TaskType
from recommender.export import export_script
from recommender.export_rounds import EARLIER, PART_OF, RoundsCode, rounds_code
from recommender.objective import objective_for
from recommender.proposal import Stagnation, Termination
from recommender.studies import configure_study
from recommender.task import TuningTask

RATE = FloatParameter(name="learning_rate", low=0.01, high=1.0, log=True)
OVERFITTED = {"learning_rate": 1.0}
ROUNDS = {"xgboost": "n_estimators", "lightgbm": "n_estimators", "catboost": "iterations"}


def names_of(script):
    names = {"__name__": "study"}
    exec(compile(script, "study.py", "exec", dont_inherit=True), names)
    return names


@pytest.fixture
def table(tmp_path):
    """A target that is half chance, so that many rounds learn the chance."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(generator.normal(size=(120, 3)), columns=list("abc"))
    frame["label"] = np.where(frame["a"] + generator.normal(size=120) > 0, "yes", "no")
    frame.to_csv(tmp_path / "data.csv", index=False)
    return tmp_path / "data.csv"


@pytest.fixture
def boosted(proposal):
    """Return a maker of proposals for a boosted ensemble."""

    def build(learner="xgboost", metric="log_loss", more=(), **fields):
        rounds = IntParameter(name=ROUNDS.get(learner, "n_estimators"), low=4, high=400, log=True)
        task = TuningTask(task_type=TaskType.CLASSIFICATION, metric=metric)
        return proposal(learner, SearchSpace(parameters=(rounds, RATE, *more)), task=task, **fields)

    return build


@pytest.mark.parametrize(("learner", "metric"), [*((one, "log_loss") for one in ROUNDS), ("xgboost", "accuracy")])
def test_the_script_adds_the_trial_that_the_study_adds(boosted, table, learner, metric):
    made = boosted(learner, metric)
    start = {**OVERFITTED, ROUNDS[learner]: 60}
    ours = configure_study(made)
    ours.enqueue_trial(start)
    ours.optimize(objective_for(table, "label", made, n_threads=1, apart=False), n_trials=1)
    script = names_of(export_script(made, table, "label"))
    features, target = script["load"](str(table))
    theirs = optuna.create_study(direction=ours.direction)
    theirs.enqueue_trial(start)
    theirs.optimize(lambda trial: script["objective"](trial, features, target), n_trials=1)
    assert [trial.params for trial in theirs.trials] == [trial.params for trial in ours.trials]
    assert [trial.value for trial in theirs.trials] == pytest.approx([trial.value for trial in ours.trials])
    assert len(theirs.trials) == 2
    whole, first = theirs.trials
    assert first.user_attrs[PART_OF] == whole.number
    assert whole.user_attrs[EARLIER] == first.value
    assert first.user_attrs["configuration"] == first.params


def test_the_script_runs_alone_and_tells_of_the_first_rounds(boosted, cited, table):
    made = boosted(warm_starts=cited({**OVERFITTED, "n_estimators": 60}))
    path = table.parent / "study.py"
    path.write_text(export_script(made, table, "label"), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-I", str(path), "--trials", "1"], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "(trial 2 of 2)" in done.stdout
    assert "'n_estimators': 60" not in done.stdout


def test_first_rounds_count_as_part_of_the_trial_that_paid_for_them(boosted, table):
    made = boosted(termination=Termination(rules=(Stagnation(patience=2),)))
    script = names_of(export_script(made, table, "label"))
    features, target = script["load"](str(table))
    study = optuna.create_study(direction="minimize")
    for _ in range(5):
        study.enqueue_trial({**OVERFITTED, "n_estimators": 60})
    objective = script["objective"]
    study.optimize(lambda trial: objective(trial, features, target), n_trials=5, callbacks=[script["stop"]])
    assert sum(PART_OF not in trial.user_attrs for trial in study.trials if trial.state.is_finished()) == 3


def test_where_trees_are_dropped_nothing_is_added(boosted, table):
    dart = CategoricalParameter(name="booster", choices=("dart", "gbtree"))
    script = names_of(export_script(boosted(more=(dart,)), table, "label"))
    assert script["smaller_numbers"]({"n_estimators": 60, "booster": "dart"}) == []
    assert script["smaller_numbers"]({"n_estimators": 60, "booster": "gbtree"})[:2] == [42, 30]
    assert min(script["smaller_numbers"]({"n_estimators": 60})) >= 4


def test_other_learners_and_fixed_rounds_have_none(boosted, proposal):
    assert rounds_code(proposal()) == RoundsCode()
    assert rounds_code(boosted("gradient_boosting")) == RoundsCode()
    assert rounds_code(proposal("xgboost", SearchSpace(parameters=(RATE,)))) == RoundsCode()
