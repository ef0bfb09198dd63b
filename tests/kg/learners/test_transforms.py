"""Text of any source is read as the value it spells."""

from __future__ import annotations

import json
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.learners.transforms import TRANSFORMS, is_missing, literal


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("19", 19),
        ("0.25", 0.25),
        ("1e-05", 1e-05),
        ("None", None),
        ("null", None),
        ("True", True),
        ("false", False),
        ('"gini"', "gini"),
        ("'gini'", "gini"),
        ("gini", "gini"),
        ("SAMME.R", "SAMME.R"),
        (np.float64(0.5), 0.5),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (None, None),
        (7, 7),
    ],
)
def test_a_literal(raw, value):
    assert literal(raw) == value
    assert type(literal(raw)) is type(value)


@given(st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False))
def test_json_text_of_a_value_is_read_as_the_value(value):
    assert literal(json.dumps(value)) == value
    assert literal(repr(value)) == value


@pytest.mark.parametrize("raw", [[1], {"a": 1}, (1, 2)])
def test_what_no_hyperparameter_can_be(raw):
    with pytest.raises(TypeError):
        literal(raw)


@pytest.mark.parametrize("raw", ["?", "", " ", "NaN", math.nan])
def test_missing(raw):
    assert is_missing(raw)


@pytest.mark.parametrize("raw", ["None", None, 0, "0", False, "scale"])
def test_not_missing(raw):
    assert not is_missing(raw)


@pytest.mark.parametrize(
    ("name", "raw", "value"),
    [
        ("exp2_minus_1", 8, 255),
        ("at_least_2", 1, 2),
        ("at_least_2", 7.0, 7),
        ("float", 1, 1.0),
        ("r_kernel", "radial", "rbf"),
        ("penalty_to_l1_ratio", "L1", 1.0),
        ("half_inverse", 0.01, 50.0),
        ("percent", 80, 0.8),
        ("zero_is_none", 0, None),
        ("zero_is_none", 7, 7),
    ],
)
def test_a_transform(name, raw, value):
    assert TRANSFORMS[name](raw) == value


@pytest.mark.parametrize("name", ["float", "exp2_minus_1", "at_least_2", "half_inverse", "percent", "zero_is_none"])
def test_a_transform_of_numbers_refuses_words_and_truths(name):
    for wrong in ("x", True, None):
        with pytest.raises(TypeError):
            TRANSFORMS[name](wrong)


def test_every_transform_of_the_registry_exists_and_every_one_is_used():
    from kg.learners.registry import learners

    used = {name for spec in learners() for alias in spec.sources.values() for name in alias.transforms.values()}
    assert used == set(TRANSFORMS)
