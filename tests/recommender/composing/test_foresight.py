"""What to expect and when to stop, from replays on the sources, each left out in turn."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import SearchSpace
from recommender.composing import foresight
from recommender.composing.surfaces import CachedSurfaces
from recommender.proposal import ExpectedImprovement
from tests.recommender.composing.world import N_SOURCES, SVM_SPACE, inputs, response, small_store, task

RESPONSES = tuple(response(i) for i in range(N_SOURCES))


class Replayed(CachedSurfaces):
    """Surfaces whose replays are given."""

    def __init__(self, regrets, traces=None):
        self.regrets, self.traced = regrets, traces

    def portfolio_regrets(self, responses, datasets):
        return self.regrets

    def traces(self, responses, datasets):
        return self.traced


def seen_with(regrets, traces=None, **changes):
    sources = RESPONSES[: len(regrets if traces is None else traces)]
    return inputs(*sources, surfaces=Replayed(regrets, traces), **changes)


def test_the_curve_is_the_weighted_mean_over_the_sources():
    regrets = np.array([[1.0, 0.5], [0.0, 0.0], [np.nan, np.nan]])
    weights = dict(zip((r.dataset for r in RESPONSES[:3]), (0.6, 0.2, 0.2), strict=True))
    curve = foresight.expected_curve(seen_with(regrets, weights=weights))
    assert curve == ((1, pytest.approx(0.75)), (2, pytest.approx(0.375)))


def test_nothing_replayed_gives_no_curve():
    assert foresight.expected_curve(inputs()) == ()
    assert foresight.expected_curve(seen_with(np.full((2, 3), np.nan))) == ()


def test_more_trials_are_never_expected_to_leave_more_regret():
    curve = [regret for _, regret in foresight.expected_curve(inputs(*RESPONSES))]
    assert len(curve) == 100
    assert curve == sorted(curve, reverse=True)


def test_the_budget_is_where_the_curve_is_low_enough():
    regrets = np.tile(np.linspace(0.4, 0.0, 100), (4, 1))
    arguments = {"trial_s": None, "n_warm_starts": 3}
    found = foresight.budget(seen_with(regrets), arguments).value
    assert found.n_trials == 88
    timed = foresight.budget(seen_with(regrets), {**arguments, "trial_s": 2}).value
    assert timed.wall_clock_s == 264


def test_a_prediction_is_in_the_tasks_metric_or_says_why_there_is_none():
    arguments = {"ks": [1, 10, 500], "metric": "accuracy"}
    found = foresight.prediction(inputs(*RESPONSES), arguments)
    assert [score.k for score in found.value.scores] == [1, 10, 100]
    assert all(0 <= score.low <= score.expected <= score.high <= 1 for score in found.value.scores)
    left = found.value.remaining
    assert [(one.after, one.k) for one in left] == [(1, 21), (5, 25), (10, 30), (20, 40), (30, 50), (50, 70)]
    assert all(0 <= one.least <= one.expected <= 1 for one in left)
    other = foresight.prediction(inputs(*RESPONSES, task=task("svm", metric="roc_auc")), arguments)
    assert (other.value.metric, other.value.scores) == ("roc_auc", ())
    assert "its scores do not" in other.reason


def test_too_few_sources_predict_nothing():
    derived = foresight.prediction(inputs(*RESPONSES[:5]), {"ks": [1], "metric": "accuracy"})
    assert derived.value.scores == ()
    assert derived.reason.startswith("Too few sources")


def test_patience_is_the_shortest_that_gives_up_little():
    traces = np.tile(np.concatenate([np.linspace(1, 0, 12), np.zeros(88)]), (3, 1))
    found = foresight.termination(seen_with(traces, traces), {"n_trials": 50, "wall_clock_s": 60.0})
    assert [rule.kind for rule in found.value.rules] == ["stagnation", "max_trials", "wall_clock"]
    assert found.value.rules[0].patience == 10
    assert "saves 78% of 100 trials and gives up 0.000" in found.reason


def test_where_no_patience_holds_the_longest_is_taken():
    traces = np.tile(np.where(np.arange(100) < 99, 1.0, 0.0), (3, 1))
    found = foresight.termination(seen_with(traces, traces), {"n_trials": 90, "wall_clock_s": 60.0})
    assert found.value.rules[0].patience == 80
    assert found.reason == "No shorter patience held on the sources; 80 gives up 1.000."


def test_under_the_transfer_sampler_a_study_ends_once_next_to_nothing_is_expected():
    found = foresight.termination(inputs(*RESPONSES, space=SVM_SPACE), {"n_trials": 100, "wall_clock_s": 60.0})
    assert found.value.rules[0] == ExpectedImprovement(threshold=3e-5, trials=5, patience=15)
    assert "took 39 of 100 trials and gave up 0.007" in found.reason
    assert "299 data sets left out, over 4 other learners; else:" in found.reason


def test_beside_what_is_expected_no_patience_of_random_trials_is_too_short():
    traces = np.tile(np.concatenate([np.linspace(1, 0, 12), np.zeros(88)]), (12, 1))
    seen = seen_with(traces, traces, space=SVM_SPACE)
    found = foresight.termination(seen, {"n_trials": 100, "wall_clock_s": 60.0})
    assert [rule.kind for rule in found.value.rules[:2]] == ["expected_improvement", "stagnation"]
    assert found.value.rules[1].patience == 30
    assert "so 30 are waited for" in found.reason


@pytest.mark.parametrize(("space", "n_trials"), [(SVM_SPACE, 6), (SearchSpace(parameters=()), 100)])
def test_what_is_expected_is_not_asked_where_it_is_not_said_in_time(space, n_trials):
    found = foresight.termination(inputs(*RESPONSES, space=space), {"n_trials": n_trials, "wall_clock_s": 60.0})
    assert "expected_improvement" not in [rule.kind for rule in found.value.rules]


@given(st.integers(1, 200), st.floats(0.1, 1e6))
def test_the_budget_always_ends_it_and_patience_is_shorter(n_trials, seconds):
    rules = foresight.termination(inputs(), {"n_trials": n_trials, "wall_clock_s": seconds}).value.rules
    by_kind = {rule.kind: rule for rule in rules}
    assert by_kind["max_trials"].n_trials == n_trials
    assert by_kind["wall_clock"].seconds == seconds
    assert ("stagnation" in by_kind) == (n_trials > foresight.PATIENCE)


def test_the_cited_sources_alone_decide():
    store = small_store()
    few, all_ = (foresight.expected_curve(inputs(*RESPONSES[:n], store=store)) for n in (6, 12))
    assert few != all_
