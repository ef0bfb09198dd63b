"""The portfolio: each pick serves those that the picks before it left unserved."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kg.errors import InputError
from recommender.composing.portfolio import greedy_portfolio

#: Two camps of sources: A serves the first well, B the second; C is middling everywhere; D nearly as good as A.
CAMPS = np.array([[0.0, 0.0, 0.0, 1.5], [1.5, 1.5, 1.5, 0.0], [0.6, 0.6, 0.6, 0.6], [0.1, 0.1, 0.1, 1.5]])
EQUAL = np.full(4, 0.25)


def test_it_covers_instead_of_repeating_what_is_best_on_average():
    picks = greedy_portfolio(CAMPS, EQUAL, 2)
    assert [pick.candidate for pick in picks] == [0, 1]
    assert picks[1].expected == pytest.approx(0)


def test_weights_say_who_is_served_first():
    picks = greedy_portfolio(CAMPS, np.array([0.1, 0.1, 0.1, 0.7]), 1)
    assert picks[0].candidate == 1


def test_a_pick_names_the_sources_that_gain_by_it_most_first():
    first, second = greedy_portfolio(CAMPS, np.array([0.4, 0.3, 0.2, 0.1]), 2)
    assert first.covers == (0, 1, 2, 3)
    assert second.covers == (3,)


def test_only_allowed_candidates_are_picked():
    picks = greedy_portfolio(CAMPS, EQUAL, 4, allowed=np.array([False, True, False, True]))
    assert {pick.candidate for pick in picks} == {1, 3}


def test_residuals_spread_the_picks_that_coverage_alone_leaves_arbitrary():
    # Rows 0 to 2 are all perfect; row 2 differs from 0 and 1 in its residual, so it is the better second pick.
    regrets = np.zeros((3, 1))
    residuals = np.array([[0.3, -0.3], [0.3, -0.3], [-0.2, 0.2]], dtype=np.float32)
    picks = greedy_portfolio(regrets, np.ones(1), 2, residuals=residuals)
    assert {pick.candidate for pick in picks} & {2}
    assert [p.candidate for p in greedy_portfolio(regrets, np.ones(1), 2)] == [0, 1]


@given(arrays(float, (6, 3), elements=st.floats(0, 2)), arrays(float, 3, elements=st.floats(0.01, 1)))
def test_each_pick_is_new_and_never_makes_the_expectation_worse(regrets, weights):
    picks = greedy_portfolio(regrets, weights, 10)
    assert sorted(pick.candidate for pick in picks) == list(range(6))
    expected = [pick.expected for pick in picks]
    assert all(later <= earlier + 1e-6 for earlier, later in pairwise(expected))


def test_weights_that_do_not_fit_are_refused():
    with pytest.raises(InputError, match="weights"):
        greedy_portfolio(CAMPS, np.ones(3), 1)


@given(st.integers(0, 1000))
def test_the_lazy_search_finds_what_looking_at_all_candidates_finds(seed):
    generator = np.random.default_rng(seed)
    regrets, weights = generator.uniform(0, 2, (300, 9)), generator.uniform(0.1, 1, 9)
    best, expected = np.full(9, 2.0), []
    for _ in range(12):
        best = np.minimum(best, regrets[np.argmin(np.minimum(regrets, best) @ weights)])
        expected.append(best @ weights / weights.sum())
    picks = greedy_portfolio(regrets, weights, 12)
    assert [pick.expected for pick in picks] == pytest.approx(expected, rel=1e-4)


def test_of_two_that_bring_the_same_the_cheaper_is_picked():
    alike = np.vstack([CAMPS[0], CAMPS[0]])
    assert [p.candidate for p in greedy_portfolio(alike, EQUAL, 1, costs=np.array([10.0, 1.0]))] == [1]


def test_what_brings_more_for_its_cost_comes_first():
    regrets = np.array([[0.0, 0.0], [0.5, 0.5]])
    dear_and_cheap = np.array([3.0, 1.0])
    assert [p.candidate for p in greedy_portfolio(regrets, np.ones(2), 2, costs=dear_and_cheap)] == [1, 0]
    assert [p.candidate for p in greedy_portfolio(regrets, np.ones(2), 2)] == [0, 1]
