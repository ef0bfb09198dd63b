"""Rules stop with a reason."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import METRICS
from recommender.proposal import (
    Cost,
    ExpectedImprovement,
    MaxTrials,
    MinimumRegret,
    RegretBound,
    Stagnation,
    TargetReached,
    Termination,
    WallClock,
)
from recommender.termination import Trace, decide, trials_without_gain

ACCURACY, LOSS = METRICS["accuracy"], METRICS["log_loss"]


@pytest.mark.parametrize(
    ("rule", "metric", "scores", "seconds", "stop", "says"),
    [
        (Stagnation(patience=2), ACCURACY, [0.5, 0.7, 0.6, 0.7], 0, True, "2 trials without a gain above 0"),
        (Stagnation(patience=2), LOSS, [0.7, 0.6, 0.5], 0, False, "0 trials without"),
        (Stagnation(patience=2, tolerance=0.2), ACCURACY, [0.5, 0.6, 0.65], 0, True, "above 0.2"),
        (Stagnation(patience=2), ACCURACY, [None, None], 0, True, "patience 2"),
        (TargetReached(score=0.9), ACCURACY, [0.5, 0.92], 0, True, "best accuracy is 0.92, the target 0.9"),
        (TargetReached(score=0.3), LOSS, [0.5, 0.4], 0, False, "best log_loss is 0.4"),
        (TargetReached(score=0.9), ACCURACY, [None], 0, False, "no trial has a score"),
        (WallClock(seconds=5), ACCURACY, [], 6, True, "6 of 5 seconds"),
        (MaxTrials(n_trials=3), ACCURACY, [None, 0.1], 0, False, "2 of 3 trials"),
    ],
)
def test_a_rule_says_whether_and_why(rule, metric, scores, seconds, stop, says):
    decision = decide(Termination(rules=(rule,)), Trace(scores, seconds), metric)
    assert decision.stop is stop
    assert says in decision.reason


def test_all_waits_for_every_rule_and_any_for_one():
    rules = (MaxTrials(n_trials=1), WallClock(seconds=9))
    trace = Trace([0.5], 3)
    assert decide(Termination(rules=rules), trace, ACCURACY).stop
    waiting = decide(Termination(rules=rules, combine="all"), trace, ACCURACY)
    assert not waiting.stop
    assert waiting.reason == "3 of 9 seconds spent"


@given(st.lists(st.none() | st.floats(0, 1), max_size=30))
def test_the_last_gain_is_where_the_running_best_rose(scores):
    since = trials_without_gain(scores, 0.0, ACCURACY)
    known = [-1.0 if score is None else score for score in scores]
    best = max(known, default=-1.0)
    expected = len(scores) - 1 - known.index(best) if best >= 0 else len(scores)
    assert since == expected


class TestProcessRules:
    """Rules that ask how much may be left to gain."""

    def known(self, n, **fields):
        """A trace of `n` trials on a smooth hill, with the grid as the space."""
        grid = np.stack(np.meshgrid(np.linspace(0, 1, 10), np.linspace(0, 1, 10)), axis=-1).reshape(-1, 2)
        points = np.random.default_rng(0).random((n, 2))
        scores = (0.9 - 0.3 * ((points - 0.4) ** 2).sum(axis=1)).tolist()
        return Trace(scores, 0, points=points, candidates=grid, **fields)

    @pytest.mark.parametrize(
        ("hopes", "stop", "says"),
        [
            ([None, 0.1, 1e-6, 1e-7, 1e-6], True, "1e-06 of the usual spread"),
            ([1e-6, 1e-6, 0.1], False, "0.1 of the usual spread"),
            ([1e-6, None, None, 1e-6], False, "said of 2 of 3 trials"),
            ([], False, "said of 0 of 3"),
        ],
    )
    def test_little_must_be_expected_of_each_of_the_last_trials(self, hopes, stop, says):
        rule = ExpectedImprovement(threshold=1e-5, trials=3)
        decision = decide(Termination(rules=(rule,)), Trace([0.5] * 5, 0, hopes=hopes), ACCURACY)
        assert decision.stop is stop
        assert says in decision.reason

    @pytest.mark.parametrize(
        ("scores", "stop", "says"),
        [
            ([0.5, 0.6, 0.6, 0.6, 0.6], True, "and 3 trials brought no gain"),
            ([0.5, 0.6, 0.7, 0.7, 0.7], False, "2 trials without a gain, of 3 that are waited for"),
        ],
    )
    def test_where_patience_is_asked_for_there_must_have_been_no_gain_either(self, scores, stop, says):
        rule = ExpectedImprovement(threshold=1e-5, trials=1, patience=3)
        decision = decide(Termination(rules=(rule,)), Trace(scores, 0, hopes=[1e-6] * 5), ACCURACY)
        assert (decision.stop, says in decision.reason) == (stop, True)

    def test_the_regret_bound_is_held_against_the_error_of_the_folds(self):
        rule = Termination(rules=(RegretBound(),))
        assert decide(rule, self.known(40, folds=[0.8, 0.9, 0.85]), ACCURACY).stop
        sure = decide(rule, self.known(40, folds=[0.85, 0.85, 0.85]), ACCURACY)
        assert not sure.stop
        assert "accuracy may be left to gain" in sure.reason

    def test_the_regret_bound_waits_for_what_it_needs(self):
        rule = Termination(rules=(RegretBound(),))
        assert "folds" in decide(rule, self.known(40), ACCURACY).reason
        assert "what was tried" in decide(rule, Trace([0.5] * 40, 0, folds=[0.1, 0.9]), ACCURACY).reason
        assert "10 of 20 scores" in decide(rule, self.known(10, folds=[0.1, 0.9]), ACCURACY).reason

    def test_the_direction_of_the_metric_does_not_matter(self):
        upside = self.known(40, folds=[0.8, 0.9])
        turned = replace(upside, scores=[-s for s in upside.scores], folds=[-0.8, -0.9])
        rule = Termination(rules=(RegretBound(),))
        assert decide(rule, upside, ACCURACY).stop == decide(rule, turned, LOSS).stop is True

    def test_trials_that_failed_are_no_scores(self):
        trace = self.known(40, folds=[0.8, 0.9])
        holed = replace(trace, scores=[None if i % 2 else s for i, s in enumerate(trace.scores)])
        assert "20 of 25" in decide(Termination(rules=(RegretBound(min_trials=25),)), holed, ACCURACY).reason

    def test_minimum_regret_stops_once_trials_change_nothing(self):
        rule = Termination(rules=(MinimumRegret(warm_up=3, window=5, ratio=0.05),))
        assert "of 9 scores" in decide(rule, self.known(8), ACCURACY).reason
        assert decide(rule, self.known(60), ACCURACY).stop

    def test_the_cost_counts_all_workers(self):
        rule = Termination(rules=(Cost(seconds=10),))
        assert decide(rule, Trace([0.5], seconds=4, cost=12), ACCURACY).stop
        assert not decide(rule, Trace([0.5], seconds=40, cost=9), ACCURACY).stop
