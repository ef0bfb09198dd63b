"""Replays that the sources' own runs answer."""

import numpy as np
import pytest

from recommender.composing.portfolio import greedy_portfolio
from recommender.composing.replay import measured_regrets
from recommender.composing.surface import build_surface


@pytest.fixture
def models(make_model):
    return [make_model(f"s{i}", (0.2 + 0.1 * i, 0.5)) for i in range(5)]


@pytest.fixture
def surface(models):
    return build_surface(models, n_candidates=200)


def equal_weights(n):
    return (np.ones((n, n)) - np.eye(n)) / (n - 1)


def test_every_answer_is_the_regret_of_a_run_and_the_best_never_gets_worse(models, surface):
    regrets = measured_regrets(surface, models, equal_weights(5), 20)
    assert regrets.shape == (5, 20)
    assert (np.diff(regrets, axis=1) <= 0).all()
    for row, model in zip(regrets, models, strict=True):
        assert set(row) <= set(model.regrets)


def test_the_first_answer_is_the_run_nearest_to_the_first_pick(models, surface):
    """A far source: the others' first pick lies in their corner, and so does the run that answers."""
    far = measured_regrets(surface, models, equal_weights(5), 1)[:, 0]
    assert far[2] < np.median(models[2].regrets)


def test_a_replay_picks_what_a_proposal_for_the_source_would(models, surface):
    """Random residuals and all: the four others' portfolio, answered by the fifth's nearest runs."""
    foreign = np.array([origin != models[4].iri for origin in surface.origins])
    residuals = surface.residuals[:, : surface.residuals.shape[1] * 4 // 5]
    picks = greedy_portfolio(surface.regrets[:, :4], np.ones(4), 20, allowed=foreign, residuals=residuals)
    runs, answers = dict(zip(models[4].support, models[4].regrets, strict=True)), []
    for pick in picks:
        point = surface.candidates[pick.candidate]
        nearest = min(runs, key=lambda run: np.hypot(run[0] - point["x"], run[1] - point["y"]))
        answers.append(runs.pop(nearest))
    found = measured_regrets(surface, models, equal_weights(5), 20)[4]
    assert found.tolist() == np.minimum.accumulate(answers).tolist()


def test_no_run_answers_twice_so_a_long_replay_finds_the_best_run(models, surface):
    n = len(models[0].support)
    regrets = measured_regrets(surface, models, equal_weights(5), n + 30)
    assert regrets[:, n - 1].tolist() == [min(model.regrets) for model in models]
    assert (regrets[:, n:] == regrets[:, [n - 1]]).all()


def test_a_source_that_no_other_speaks_for_has_no_replay(models, surface):
    weights = equal_weights(5)
    weights[3] = 0.0
    regrets = measured_regrets(surface, models, weights, 3)
    assert np.isnan(regrets[3]).all()
    assert not np.isnan(regrets[:3]).any()
