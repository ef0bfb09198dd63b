"""Joining ranges of runs with published ones, and priors: where good values crowd."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.iris import evidence_iri
from kg.model import CategoricalParameter, FloatParameter, IntParameter
from recommender.composing.joining import Range, join_ranges
from recommender.composing.prior import choice_prior, with_prior

SHARE = FloatParameter(name="x", low=0, high=1)
PAPER, GUIDE = evidence_iri("published_space", "paper"), evidence_iri("published_space", "guide")


def test_inside_what_was_searched_the_runs_have_the_last_word():
    joined = join_ranges(Range(0.2, 0.6), Range(0, 1), [Range(0, 1, PAPER)])
    assert (joined.low, joined.high, joined.used, joined.conflicts) == (0.2, 0.6, (), ())


def test_at_the_edge_of_what_was_searched_published_ranges_say_how_far_to_go():
    joined = join_ranges(Range(5, 10), Range(1, 10), [Range(1, 20, PAPER), Range(1, 8, GUIDE), Range(1, 30, GUIDE)])
    assert (joined.low, joined.high) == (5, 20)
    assert joined.used == tuple(sorted((PAPER, GUIDE)))


def test_a_published_range_that_holds_little_of_what_was_found_is_a_conflict():
    joined = join_ranges(Range(0.2, 0.6), Range(0, 1), [Range(0.55, 0.9, PAPER)])
    assert (joined.low, joined.high) == (0.2, 0.6)
    assert joined.conflicts == (f"{PAPER} has 0.55 to 0.9; the best runs lie in 0.2 to 0.6",)


def test_on_a_log_scale_a_published_zero_is_passed_over():
    joined = join_ranges(Range(1e-3, 1e-2), Range(1e-3, 1), [Range(0, 1, PAPER), Range(1e-4, 1, GUIDE)], log=True)
    assert (joined.low, joined.used) == (1e-4, (GUIDE,))


def test_a_prior_sits_where_good_values_crowd():
    prior = with_prior(SHARE, [0.1, 0.12, 0.13, 0.9], [1, 1, 1, 1]).prior
    assert prior.center == pytest.approx(0.12, abs=0.04)
    assert prior.spread > 0.3  # the odd one out is not forgotten
    log = FloatParameter(name="x", low=0.001, high=1, log=True)
    assert with_prior(log, [0.01, 0.1], [0, 1]).prior.center == pytest.approx(2 / 3, abs=0.02)


def test_values_outside_the_range_say_nothing():
    assert with_prior(SHARE, [5.0], [1.0]).prior is None


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0.01, 1)), min_size=1, max_size=20))
def test_a_numeric_prior_is_always_valid(pairs):
    values, weights = zip(*pairs, strict=True)
    prior = with_prior(SHARE, values, weights).prior
    assert 0 <= prior.center <= 1
    assert 0.08 <= prior.spread <= 0.5


def test_a_categorical_prior_rules_nothing_out():
    prior = choice_prior(["a", "a", "b"], [1, 1, 1], ["a", "b", "c"])
    assert sum(prior) == pytest.approx(1)
    assert prior[0] > prior[1] > prior[2] > 0
    assert choice_prior(["z"], [1], ["a", "b"]) is None


def test_every_kind_of_parameter_gets_its_prior():
    depth = with_prior(IntParameter(name="d", low=1, high=11), [3, 3, 3], [1, 1, 1])
    assert depth.prior.center == pytest.approx(0.2, abs=0.02)
    kernel = with_prior(CategoricalParameter(name="k", choices=("a", "b")), ["a"], [1])
    assert kernel.prior == pytest.approx((0.9, 0.1))
    assert with_prior(FloatParameter(name="f", low=0, high=1), [], []).prior is None
