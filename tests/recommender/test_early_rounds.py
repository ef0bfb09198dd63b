"""Fewer rounds than were asked for become trials of their own, where they are better."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from optuna.trial import TrialState

from kg.model import Configuration, FidelityKind, FloatParameter, IntParameter, SearchSpace, TaskType, metric_named
from recommender.early_rounds import best_rounds, smaller_numbers
from recommender.first_trials import counts
from recommender.objective import Objective, objective_for
from recommender.proposal import Fidelity, Protocol, Pruner
from recommender.task import TuningTask
from recommender.tracing import trace_of
from recommender.trial_notes import CONFIGURATION, EARLIER, FOLD_SCORES, PART_OF
from recommender.tuning import configure_study, optimise, result_of

SPACE = SearchSpace(
    parameters=(
        IntParameter(name="n_estimators", low=4, high=400, log=True),
        FloatParameter(name="learning_rate", low=0.01, high=1.0, log=True),
    )
)
OVERFITTED = Configuration({"n_estimators": 100, "learning_rate": 1.0})
TASK = TuningTask(task_type=TaskType.CLASSIFICATION, metric="log_loss")


@pytest.fixture(scope="module")
def noisy() -> pd.DataFrame:
    """A target that is half chance, so that many rounds learn the chance."""
    generator = np.random.default_rng(0)
    frame = pd.DataFrame(generator.normal(size=(120, 3)), columns=list("abc"))
    frame["label"] = np.where(frame["a"] + generator.normal(size=120) > 0, "yes", "no")
    return frame


@pytest.fixture
def boosted(proposal):
    """Return a maker of proposals for gradient boosting with one start that has too many rounds."""

    def build(**fields):
        given = {"learner": "gradient_boosting", "space": SPACE, "task": TASK, "warm_starts": (OVERFITTED,), **fields}
        return proposal(**given)

    return build


def test_smaller_numbers_are_those_of_the_space_down_to_its_least(boosted):
    numbers = smaller_numbers(boosted(), OVERFITTED)
    assert numbers[0] == 4
    assert numbers[-1] < 100
    assert numbers == tuple(sorted(set(numbers)))


def test_where_rounds_are_not_searched_there_are_none(boosted, proposal):
    fixed = boosted(space=SearchSpace(parameters=SPACE.parameters[1:]), warm_starts=(), fixed=OVERFITTED)
    assert smaller_numbers(fixed, OVERFITTED) == ()
    assert smaller_numbers(proposal(), Configuration({"max_depth": 3})) == ()


def test_a_fidelity_of_rounds_looks_at_them_by_itself(boosted):
    by_rounds = Fidelity(parameter="n_estimators", kind=FidelityKind.ESTIMATORS, min=10, max=100, eta=3)
    assert smaller_numbers(boosted(fidelity=by_rounds), OVERFITTED) == ()


@pytest.mark.parametrize(("metric", "number", "scores"), [("log_loss", 8, [0.3, 0.5]), ("accuracy", None, [0.9, 0.7])])
def test_the_best_number_has_the_best_mean_over_the_folds(metric, number, scores):
    within = [{4: 0.4, 8: 0.3}, {4: 0.6, 8: 0.5}]
    assert best_rounds([0.9, 0.7], within, metric_named(metric)) == (number, scores)


def test_where_fewer_are_no_better_all_rounds_stand():
    assert best_rounds([0.5], [{4: 0.5}], metric_named("log_loss")) == (None, [0.5])
    assert best_rounds([0.5, 0.6], [{}, {}], metric_named("log_loss")) == (None, [0.5, 0.6])


@pytest.mark.parametrize("pruner", ["none", "wilcoxon"])
def test_the_better_first_rounds_are_a_trial_beside_the_budget(boosted, noisy, pruner):
    made = boosted(
        pruner=Pruner(name=pruner), budget={"n_trials": 1, "wall_clock_s": 60, "per_trial_s": 60, "binding": "n_trials"}
    )
    study = configure_study(made)
    optimise(study, objective_for(noisy, "label", made, apart=False), made)
    whole, part = study.trials
    assert part.state is TrialState.COMPLETE
    assert part.user_attrs[PART_OF] == whole.number
    assert (counts(whole), counts(part)) == (True, False)
    assert part.value < whole.value
    assert part.params["n_estimators"] < 100
    assert part.params["learning_rate"] == 1.0
    assert result_of(study, made)["best_configuration"] == part.user_attrs[CONFIGURATION]


def test_its_score_is_that_of_a_fit_of_so_many_rounds(boosted, noisy):
    made = boosted(protocol=Protocol(folds=3, stratified=True))
    study = configure_study(made)
    objective = objective_for(noisy, "label", made, apart=False)
    assert isinstance(objective, Objective)
    study.optimize(objective, n_trials=1)
    part = study.best_trial
    alone = list(objective.cross_validate(Configuration(part.user_attrs[CONFIGURATION])))
    assert part.user_attrs[FOLD_SCORES] == pytest.approx(alone)
    assert part.value == pytest.approx(np.mean(alone))


def test_stopping_rules_see_what_a_trial_brought_with_fewer_rounds(boosted, noisy):
    made = boosted()
    study = configure_study(made)
    study.optimize(objective_for(noisy, "label", made, apart=False), n_trials=1)
    trace = trace_of([trial for trial in study.trials if counts(trial)], made, seconds=1.0)
    assert trace.scores == [study.best_value] == [study.trials[0].user_attrs[EARLIER]]
