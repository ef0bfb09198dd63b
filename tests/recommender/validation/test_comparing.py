"""Differences over folds and rank correlations, with what they leave open."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from recommender.validation.comparing import T_95, paired, rank_correlation

SCORES = st.lists(st.floats(0, 1), min_size=3, max_size=10)


def test_a_clear_loss_is_worse_and_a_clear_gain_is_not():
    low, high = [0.70, 0.71, 0.72], [0.80, 0.81, 0.825]
    assert paired(low, high, sign=1.0).is_worse
    assert not paired(high, low, sign=1.0).is_worse
    assert paired(high, low, sign=-1.0).is_worse, "of losses, the greater is worse"


def test_a_loss_within_noise_is_not_worse():
    assert not paired([0.70, 0.90, 0.75], [0.78, 0.80, 0.80], sign=1.0).is_worse


@given(SCORES)
def test_nothing_is_worse_than_itself(scores):
    assert not paired(scores, scores, sign=1.0).is_worse


@given(SCORES, st.integers(0, 99))
def test_a_difference_turns_with_its_sides(scores, seed):
    other = list(np.random.default_rng(seed).random(len(scores)))
    forth, back = paired(scores, other, sign=1.0), paired(other, scores, sign=1.0)
    assert math.isclose(forth.mean, -back.mean, abs_tol=1e-12)
    assert math.isclose(forth.error, back.error)


def test_the_error_is_that_of_nadeau_and_bengio():
    left, right = np.array([0.8, 0.7, 0.9, 0.85, 0.8]), np.array([0.7, 0.72, 0.8, 0.8, 0.78])
    expected = math.sqrt(np.var(left - right, ddof=1) * (1 / 5 + (1 / 5) / (4 / 5)))
    assert math.isclose(paired(left, right, sign=1.0).error, expected)


def test_the_critical_values_are_students():
    assert all(math.isclose(value, stats.t.ppf(0.95, df), abs_tol=5e-4) for df, value in T_95.items())


def test_unpaired_scores_are_refused():
    with pytest.raises(ValueError, match="cannot be compared"):
        paired([1.0, 2.0], [1.0], sign=1.0)


def test_the_rank_correlation_is_spearmans_with_an_interval_around_it():
    left, right = [1, 2, 3, 4, 5, 6, 7, 8], [2, 1, 4, 3, 6, 5, 8, 7]
    found = rank_correlation(left, right)
    assert math.isclose(found.rho, stats.spearmanr(left, right).statistic)
    assert found.low < found.rho < found.high


@pytest.mark.parametrize("left", [[1, 2, 3, 4], [1, 1, 1, 1, 1, 1]])
def test_too_little_says_nothing_of_ranks(left):
    assert rank_correlation(left, list(range(len(left)))) is None


def test_more_pairs_leave_less_open():
    few, many = (rank_correlation(list(range(n)), [i ^ 1 for i in range(n)]) for n in (8, 64))
    assert many.high - many.low < few.high - few.low


def test_two_folds_can_be_compared_and_one_cannot():
    assert paired([0.8, 0.9], [0.7, 0.6], sign=1.0).folds == 2
    with pytest.raises(ValueError, match="cannot be compared"):
        paired([0.8], [0.7], sign=1.0)


def test_five_things_and_two_values_are_enough_to_tell_orders_apart():
    assert rank_correlation([1, 2, 3, 4, 5], [1, 2, 3, 4, 5]).rho == pytest.approx(1.0)
    assert rank_correlation([0, 0, 1, 1, 1], [1, 2, 3, 4, 5]).rho > 0
    assert rank_correlation([1, 2, 3, 4, 5], [0, 0, 1, 1, 1]).rho > 0
