"""Rules stop with a reason."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import METRICS
from recommender.proposal import MaxTrials, Stagnation, TargetReached, Termination, WallClock
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
