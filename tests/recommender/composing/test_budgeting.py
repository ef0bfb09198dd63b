"""Budgets: as many trials as tuning needs on similar data sets, and as much time as those take."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.composing.budgeting import (
    DEFAULT_SECONDS,
    FEWEST_TRIALS,
    MORE_OF_CHEAP,
    MOST_TRIALS,
    UNKNOWN_TRIALS,
    choose_budget,
    trials_needed,
)
from recommender.task import Constraints

CURVE = [(1, 0.5), (5, 0.2), (20, 0.04), (50, 0.01)]
curves = st.lists(st.floats(0, 2), min_size=1, max_size=100).map(lambda values: [*enumerate(values, 1)])
limits = st.builds(
    Constraints,
    wall_clock_s=st.none() | st.floats(0.1, 1e6),
    n_trials=st.none() | st.integers(1, 10_000),
    n_workers=st.integers(1, 64),
)


def test_the_first_trial_that_is_near_enough_is_enough():
    assert trials_needed(CURVE) == 20
    assert trials_needed(CURVE, epsilon=0.5) == 1
    assert trials_needed(CURVE, epsilon=0.001) is None
    assert trials_needed([]) is None


@given(curves, st.floats(0, 2), st.floats(0, 2))
def test_asking_for_less_regret_never_takes_fewer_trials(curve, one, other):
    strict = trials_needed(curve, epsilon=min(one, other))
    loose = trials_needed(curve, epsilon=max(one, other))
    assert strict is None or (loose is not None and loose <= strict)


@given(curves)
def test_the_order_of_the_points_does_not_matter(curve):
    assert trials_needed(curve[::-1]) == trials_needed(curve)


@pytest.mark.parametrize(
    ("curve", "n_warm_starts", "expected"),
    [
        (CURVE, 10, 20),
        ([(1, 0.01)], 3, FEWEST_TRIALS),
        ([(1, 0.01)], 15, 15),
        ([(1, 0.5)], 10, MOST_TRIALS),
        ([], 10, UNKNOWN_TRIALS),
    ],
)
def test_trials_follow_the_curve(curve, n_warm_starts, expected):
    found = choose_budget(Constraints(), curve, trial_s=None, n_warm_starts=n_warm_starts)
    assert found.budget.n_trials == expected


def test_where_a_time_is_set_there_are_more_trials_for_they_are_cheap():
    found = choose_budget(Constraints(wall_clock_s=60), CURVE, trial_s=None, n_warm_starts=10)
    assert found.budget.n_trials == MORE_OF_CHEAP * 20
    assert (
        choose_budget(Constraints(wall_clock_s=60, n_trials=7), CURVE, trial_s=1.0, n_warm_starts=10).budget.n_trials
        == 7
    )


def test_without_limit_or_timing_the_default_time_is_assumed_and_said():
    found = choose_budget(Constraints(), CURVE, trial_s=None, n_warm_starts=1)
    assert found.budget.wall_clock_s == DEFAULT_SECONDS
    assert found.budget.per_trial_s == DEFAULT_SECONDS / 10
    assert "You set no time limit" in found.reason


def test_measured_trials_make_the_time_with_room_to_spare():
    found = choose_budget(Constraints(n_workers=2), CURVE, trial_s=30.0, n_warm_starts=1)
    assert found.budget.wall_clock_s == 1.5 * 30 * 20 / 2
    assert found.budget.binding == "n_trials"


def test_where_the_time_ends_first_it_says_how_far_one_gets():
    found = choose_budget(Constraints(wall_clock_s=60, n_trials=50), CURVE, trial_s=10.0, n_warm_starts=1)
    assert found.budget.binding == "wall_clock_s"
    assert "About 6 of the 50 trials fit into the time: expected regret 0.20" in found.reason


@given(limits, curves, st.none() | st.floats(1e-3, 1e5), st.integers(0, 50))
def test_the_users_limits_are_kept_and_a_trial_fits_into_the_whole(constraints, curve, trial_s, n_warm_starts):
    found = choose_budget(constraints, curve, trial_s=trial_s, n_warm_starts=n_warm_starts).budget
    assert constraints.n_trials in (None, found.n_trials)
    assert constraints.wall_clock_s in (None, found.wall_clock_s)
    assert found.n_workers == constraints.n_workers
    assert 0 < found.per_trial_s <= found.wall_clock_s
