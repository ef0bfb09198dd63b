"""Replays and patience: what stopping early would have cost the sources."""

from dataclasses import replace

import numpy as np
import pytest

from kg.errors import InputError
from recommender.composing.patience import (
    CAUTIOUS,
    EXPECTED_IMPROVEMENT,
    overall,
    patience_reports,
    shortest_patience,
    stopping_trial,
)
from recommender.composing.replay import replayed_regrets, without_versions
from recommender.composing.surface import build_surface

#: Falls at trials 1, 2 and 9 (from 1).
TRACE = np.array([1.0, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.5, 0.1, 0.1, 0.1, 0.1])


@pytest.mark.parametrize(("patience", "trials"), [(1, 3), (3, 5), (6, 8), (7, 12), (50, 12)])
def test_a_study_stops_after_that_many_trials_without_a_gain(patience, trials):
    assert stopping_trial(TRACE, patience) == trials


def test_gains_below_the_tolerance_do_not_count_but_add_up():
    slow = np.array([1.0, 0.96, 0.92, 0.88, 0.84, 0.80])
    assert stopping_trial(slow, 3, tolerance=0.1) == 6  # .88 is .12 below the start
    assert stopping_trial(slow, 3, tolerance=0.5) == 4


def test_reports_weigh_what_is_saved_against_what_is_given_up():
    reports = patience_reports(np.stack([TRACE, TRACE]), patiences=(3, 7, 20))
    assert [(r.patience, r.trials) for r in reports] == [(3, 5), (7, 12)]
    assert reports[0].given_up == pytest.approx(0.4)
    assert reports[0].saved == pytest.approx(1 - 5 / 12)
    assert shortest_patience(reports).patience == 7
    assert shortest_patience(reports[:1]) is None


def test_traces_that_could_not_be_replayed_are_passed_over():
    (report,) = patience_reports(np.stack([TRACE, np.full(12, np.nan)]), patiences=(3,))
    assert report.trials == 5
    with pytest.raises(InputError, match="no trace"):
        patience_reports(np.full((1, 12), np.nan))


def equal_weights(n):
    return (np.ones((n, n)) - np.eye(n)) / (n - 1)


@pytest.fixture
def surface(make_model):
    return exact(build_surface([make_model(f"s{i}", (0.2 + 0.1 * i, 0.5)) for i in range(5)], n_candidates=200))


def exact(surface):
    return replace(surface, noise=np.zeros(len(surface.datasets)))


def test_the_best_of_noisy_answers_looks_better_than_it_is(surface):
    noisy = replace(surface, noise=np.full(5, 0.2))
    assert replayed_regrets(noisy, equal_weights(5), 30).mean() < replayed_regrets(surface, equal_weights(5), 30).mean()


def test_a_replay_never_gets_worse_and_serves_the_source_in_the_end(surface):
    regrets = replayed_regrets(surface, equal_weights(5), 20)
    assert regrets.shape == (5, 20)
    assert (np.diff(regrets, axis=1) <= 0).all()
    assert regrets[:, -1].max() < 0.2


def test_a_replay_does_not_try_the_sources_own_runs(make_model):
    # A source apart: only its own runs are good on it, and a new data set would have none of them.
    models = [make_model("far", (0.98, 0.98)), *(make_model(f"s{i}", (0.02, 0.02)) for i in range(3))]
    surface = exact(build_surface(models, n_candidates=40))
    own = np.array([origin == models[0].iri for origin in surface.origins])
    regrets = replayed_regrets(surface, equal_weights(4), 60)
    assert regrets[0, -1] == pytest.approx(surface.regrets[~own, 0].min())
    assert regrets[0, -1] > surface.regrets[own, 0].min()


def test_the_portfolio_starts_better_than_chance(surface):
    portfolio = replayed_regrets(surface, equal_weights(5), 5)
    chance = np.mean([replayed_regrets(surface, equal_weights(5), 5, warm_starts=0, seed=s) for s in range(5)], axis=0)
    assert portfolio[:, 0].mean() < chance[:, 0].mean()


def test_after_the_warm_starts_trials_are_random_and_repeatable(surface):
    one = replayed_regrets(surface, equal_weights(5), 20, warm_starts=3, seed=1)
    assert np.array_equal(one, replayed_regrets(surface, equal_weights(5), 20, warm_starts=3, seed=1))
    assert np.array_equal(one[:, :3], replayed_regrets(surface, equal_weights(5), 3))


def test_versions_of_a_data_set_do_not_speak_for_each_other(surface):
    weights = without_versions(equal_weights(3), ["iris", "iris", "wine"])
    assert weights.tolist() == [[0, 0, 1], [0, 0, 1], [0.5, 0.5, 0]]
    alone = without_versions(equal_weights(5), ["same"] * 5)
    assert np.isnan(replayed_regrets(surface, alone, 3)).all()


def test_a_learner_that_was_not_replayed_gets_the_most_cautious_rule():
    assert len({one.rule for one in CAUTIOUS}) == 1
    seen = overall(CAUTIOUS)
    assert seen.rule.threshold == min(one.rule.threshold for one in EXPECTED_IMPROVEMENT.values())
    assert seen.datasets == sum(one.datasets for one in EXPECTED_IMPROVEMENT.values())
    assert min(one.trials for one in CAUTIOUS) < seen.trials < max(one.trials for one in CAUTIOUS)
