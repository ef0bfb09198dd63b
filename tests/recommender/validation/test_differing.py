"""What differs is told by its place, not by printing both values."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from recommender.validation.differing import difference

C = {"name": "C", "low": 0.1, "high": 10.0}
GAMMA = {"name": "gamma", "low": 1e-4, "high": 1.0}


@pytest.mark.parametrize(
    ("derived", "value", "told"),
    [
        ({"n_trials": 23, "binding": "n_trials"}, {"n_trials": 460, "binding": "n_trials"}, "n_trials 23, not 460"),
        ("svm", "knn", "svm, not knn"),
        ([C, GAMMA], [{**GAMMA, "high": 2.0}, C], "gamma.high 1, not 2"),
        ([C, GAMMA], [C], "gamma {'name': 'gamma', 'low': 0.0001, 'hig..., not nothing"),
        ([{"C": 1.0}], [{"C": 1.0}, {"C": 2.0}], "1 nothing, not {'C': 2.0}"),
        (None, {"eta": 3}, "None, not {'eta': 3}"),
        ({"shrinking": True}, {"shrinking": 1}, "shrinking True, not 1"),
        ({"low": 0.1}, {"low": 0.1 * (1 + 1e-12)}, ""),
        ([1, 2, 3, 4, 5], [9, 9, 9, 9, 9], "0 1, not 9; 1 2, not 9; 2 3, not 9; and 2 more"),
    ],
)
def test_the_place_is_told(derived, value, told):
    assert difference(derived, value) == told


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(values)
def test_nothing_is_told_of_what_is_the_same(value):
    assert difference(value, value) == ""


def test_forty_characters_are_told_in_full():
    assert difference("", "x" * 40) == f", not {'x' * 40}"
    assert difference("", "x" * 41) == f", not {'x' * 37}..."
