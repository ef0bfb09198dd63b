"""Figures are rounded to significant digits, so that they are small and the same on every build."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.distil.rounding import all_significant, significant


@pytest.mark.parametrize(
    ("value", "rounded"), [(0.123456, 0.1235), (-1234567.0, -1235000.0), (0.0, 0.0), (1e-9, 1e-9), (0.99999, 1.0)]
)
def test_four_significant_digits_are_kept(value, rounded):
    assert significant(value) == rounded


@given(st.floats(allow_nan=False, allow_infinity=False, min_value=-1e300, max_value=1e300), st.integers(2, 8))
def test_rounding_twice_changes_nothing_and_rounding_is_close(value, digits):
    once = significant(value, digits)
    assert significant(once, digits) == once
    assert once == pytest.approx(value, rel=10.0 ** (1 - digits))


def test_infinity_stays():
    assert all_significant([float("inf"), 1.23456]) == (float("inf"), 1.235)
