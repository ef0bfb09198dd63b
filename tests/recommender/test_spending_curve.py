"""Score against spend: what is foretold after k trials, and the seconds that they take."""

import pytest

from recommender.proposal import Budget, PredictedScore, Prediction, Protocol
from recommender.spending_curve import seconds_a_trial, spending_curve
from recommender.task import TuningTask
from recommender.validation.verdict import Outcome, TestRun, Verdict

SCORES = tuple(PredictedScore(k=k, low=0.7, expected=0.8 + k / 1000, high=0.9) for k in (25, 1))


def run(role, seconds, *, rows=100, folds=2):
    return TestRun(
        role=role,
        label=role,
        configuration={},
        status="done",
        scores=(0.8,) * folds,
        seconds=seconds,
        rows=rows,
        folds=folds,
    )


def foretold(proposal, *runs, n_workers=1, n_rows=None):
    task = TuningTask(task_type="classification", metric="accuracy", n_rows=n_rows)
    return proposal(
        task=task,
        prediction=Prediction(metric="accuracy", scores=SCORES),
        protocol=Protocol(folds=2, repeats=3, stratified=True),
        budget=Budget(n_trials=25, wall_clock_s=60, per_trial_s=30, binding="n_trials", n_workers=n_workers),
    ).replace(verdict=Verdict(outcome=Outcome.PASS, stages=(), test_runs=runs))


def test_the_curve_rises_in_trials_and_seconds(proposal):
    curve = spending_curve(foretold(proposal, run("warm_start", (1.0, 3.0))))
    assert [(one.score.k, one.seconds) for one in curve] == [(1, 12.0), (25, 300.0)]


def test_workers_share_the_trials_but_none_is_quicker_for_it(proposal):
    curve = spending_curve(foretold(proposal, run("warm_start", (1.0, 3.0)), n_workers=5))
    assert [one.seconds for one in curve] == [12.0, 60.0]


def test_a_sample_is_scaled_to_all_rows(proposal):
    sample = run("random", (1.0, 1.0), rows=100)
    assert seconds_a_trial(foretold(proposal, sample, n_rows=1000)) == pytest.approx(60.0)


def test_without_a_fit_like_a_trials_no_seconds_are_told(proposal):
    assert seconds_a_trial(proposal()) is None
    curve = spending_curve(foretold(proposal, run("default", (1.0, 1.0))))
    assert [one.seconds for one in curve] == [None, None]
