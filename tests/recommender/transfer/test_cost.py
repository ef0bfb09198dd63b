"""Where time ends a study, what is gained a second counts."""

from dataclasses import replace

import numpy as np
import pytest

from recommender.transfer.cost import MOST_FACTOR, cost_model
from recommender.transfer.process import Trials
from recommender.transfer.search import suggestion


def spread(n, dims, seed=0):
    return np.random.default_rng(seed).random((n, dims))


def test_cost_that_grows_with_a_parameter_is_foretold_elsewhere():
    x = spread(12, 6)
    model = cost_model(x, 3.0 * 50.0 ** x[:, 2])
    cheap, dear = np.full((1, 6), 0.5), np.full((1, 6), 0.5)
    cheap[0, 2], dear[0, 2] = 0.1, 0.9
    assert model.relative(dear)[0] / model.relative(cheap)[0] == pytest.approx(50**0.8, rel=0.25)


def test_the_typical_trial_costs_one_and_no_trial_absurdly_much():
    x = spread(8, 2)
    model = cost_model(x, np.exp(40 * x[:, 0]))
    assert model.relative(x.mean(0)[None])[0] == pytest.approx(1.0)
    assert model.relative(np.array([[1.0, 0.5]]))[0] == pytest.approx(MOST_FACTOR)


def test_two_timed_trials_say_nothing():
    assert cost_model(spread(5, 2), np.array([1.0, 2.0, np.nan, 0.0, np.nan])) is None


def test_a_scale_of_all_seconds_changes_nothing():
    x = spread(9, 3)
    seconds = 1 + x[:, 0]
    asked = spread(4, 3, seed=1)
    assert cost_model(x, seconds).relative(asked) == pytest.approx(cost_model(x, 1000 * seconds).relative(asked))


def tried(sources, seconds):
    """Six trials whose losses tell nothing: only the sources and the seconds speak."""
    rows = sources.lattice.snapped(spread(6, 2, seed=4))
    points = sources.points(sources.lattice.encode(rows))
    return Trials(points, np.linspace(0.2, 0.21, 6), np.ones(6), None if seconds is None else seconds(rows))


def test_of_equal_hopes_the_cheaper_is_tried(sources):
    """Left to itself the process goes for shallow trees; not so where these are said to take far longer."""
    untimed = tried(sources, None)
    timed = tried(sources, lambda rows: np.exp(8 * (1 - rows[:, 0])))
    chosen = [
        suggestion(sources, t, t.points.rows(slice(0, 0)), np.random.default_rng(1)).row for t in (untimed, timed)
    ]
    assert chosen[1][0] > chosen[0][0]


def test_what_is_hoped_for_does_not_depend_on_the_price(sources):
    plain = tried(sources, None)
    timed = replace(plain, seconds=np.full(6, 2.0))
    found = [suggestion(sources, t, t.points.rows(slice(0, 0)), np.random.default_rng(1)) for t in (plain, timed)]
    assert found[0].hope == pytest.approx(found[1].hope)
    assert found[0].row.tolist() == found[1].row.tolist()
