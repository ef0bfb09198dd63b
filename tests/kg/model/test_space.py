"""A search space says what is a point of it, whatever it is given."""

import math

import pytest
from pydantic import ValidationError

from kg.model import CategoricalParameter, IntParameter

#: Whole numbers that JSON may hold, and no float.
HUGE = [pytest.param(10**400, id="huge"), pytest.param(-(10**400), id="-huge")]


@pytest.mark.parametrize("value", [1, 5, 3.0])
def test_whole_numbers_within_the_bounds_are_points(value):
    assert IntParameter(name="depth", low=1, high=5).contains(value)


@pytest.mark.parametrize("value", [0, 6, 2.5, True, None, "3", math.inf, math.nan, *HUGE])
def test_anything_else_is_none_even_a_number_that_no_float_can_hold(value):
    assert not IntParameter(name="depth", low=1, high=5).contains(value)


def test_true_and_one_are_two_choices_but_none_may_be_listed_twice():
    assert CategoricalParameter(name="c", choices=(True, "1")).contains(1) is False
    assert CategoricalParameter(name="c", choices=(1, True)).contains(1.0)
    with pytest.raises(ValidationError, match="listed twice"):
        CategoricalParameter(name="c", choices=("a", "a"))
