"""Seconds that are minutes, hours or milliseconds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.validation.units import is_unit_slip


@pytest.mark.parametrize("given_s", [1.0, 3_600.0, 3_636.0, 216_000.0, 60_000.0, 0.06, 60 / 3600])
def test_a_minute_in_another_unit_is_a_slip(given_s):
    assert is_unit_slip(60.0, given_s)


@pytest.mark.parametrize("given_s", [60.0, 30.0, 120.0, 3_637.0, 600.0, 6_000.0])
def test_another_time_is_none(given_s):
    assert not is_unit_slip(60.0, given_s)


@given(st.floats(0.1, 1e6), st.sampled_from((60.0, 1000.0, 3600.0)))
def test_it_is_one_both_ways(seconds, factor):
    assert is_unit_slip(seconds, seconds * factor)
    assert is_unit_slip(seconds * factor, seconds)
