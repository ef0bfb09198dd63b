"""What the stopping rules see of a study."""

import numpy as np
import optuna
import pytest

from recommender.proposal import RegretBound, Termination
from recommender.spaces import suggest
from recommender.tracing import N_CANDIDATES, trace_of
from recommender.trial_notes import FOLD_SCORES
from recommender.tuning import configure_study, decision_of


@pytest.fixture
def run(proposal, svm_space):
    """A study of ten trials in a conditional space, and its proposal."""
    made = proposal("svm", svm_space, termination=Termination(rules=(RegretBound(min_trials=3, error=10.0),)))
    study = configure_study(made)

    def objective(trial):
        suggest(trial, svm_space)
        trial.set_user_attr(FOLD_SCORES, [trial.number / 10, trial.number / 20])
        if trial.number == 9:
            raise optuna.TrialPruned
        return trial.number / 10

    study.optimize(objective, n_trials=10)
    return study, made


def test_scores_folds_and_points_are_those_of_the_study(run):
    study, made = run
    trace = trace_of(study.trials, made, seconds=7)
    assert trace.scores[-1] is None
    best = max(score for score in trace.scores if score is not None)
    assert trace.folds == (best, best / 2)
    assert trace.points.shape[0] == 10
    assert trace.candidates.shape == (N_CANDIDATES, trace.points.shape[1])
    assert np.isfinite(trace.points).all()


def test_points_are_not_made_where_no_rule_looks_at_them(run, proposal):
    study, _ = run
    assert trace_of(study.trials, proposal(), seconds=0).points is None


def test_a_rule_over_points_decides_on_a_study(run):
    study, made = run
    decision = decision_of(study, made, seconds=0)
    assert decision.stop
    assert "may be left to gain" in decision.reason
