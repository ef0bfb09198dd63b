"""Configurations become points of the unit cube."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import (
    CategoricalParameter,
    Condition,
    Configuration,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    SearchSpace,
)
from kg.response import INACTIVE, Encoder

SVM = SearchSpace(
    parameters=(
        CategoricalParameter(name="kernel", choices=("linear", "poly", "rbf")),
        FloatParameter(name="C", low=0.01, high=100.0, log=True),
        IntParameter(name="degree", low=2, high=5),
        FloatParameter(name="gamma", low=0.0, high=2.0),
        ConstantParameter(name="tol", value=0.001),
        CategoricalParameter(name="max_depth", choices=(None, 1, True)),
    ),
    conditions=(
        Condition(child="degree", parent="kernel", values=("poly",)),
        Condition(child="gamma", parent="kernel", values=("poly", "rbf")),
    ),
)


def encoded(**configuration):
    encoder = Encoder(SVM)
    return dict(zip(encoder.dims, encoder.encode([configuration])[0].tolist(), strict=True))


def test_dimensions_are_labelled_and_constants_are_left_out():
    encoder = Encoder(SVM)
    assert encoder.dims == (
        *('kernel="linear"', 'kernel="poly"', 'kernel="rbf"', "C", "degree", "gamma"),
        *("max_depth=null", "max_depth=1", "max_depth=true"),
    )
    assert encoder.owners == (*("kernel",) * 3, "C", "degree", "gamma", *("max_depth",) * 3)


def test_numbers_run_from_0_to_1_on_their_scale():
    point = encoded(kernel="poly", C=1.0, degree=3, gamma=0.5)
    assert point["C"] == pytest.approx(0.5)
    assert point["degree"] == pytest.approx(1 / 3)
    assert point["gamma"] == pytest.approx(0.25)


@pytest.mark.parametrize(("value", "coordinate"), [(1e-9, 0.0), (0.0, 0.0), (1e9, 1.0)])
def test_numbers_outside_the_bounds_are_clipped(value, coordinate):
    assert encoded(kernel="linear", C=value)["C"] == coordinate


def test_choices_are_one_hot_and_true_is_not_1():
    assert [encoded(max_depth=v)["max_depth=1"] for v in (1, True, None)] == [1, 0, 0]
    assert [encoded(max_depth=v)["max_depth=true"] for v in (1, True, None)] == [0, 1, 0]
    assert encoded(max_depth=None)["max_depth=null"] == 1


def test_a_choice_that_the_space_lacks_is_none_of_the_choices():
    point = encoded(kernel="sigmoid")
    assert [point['kernel="linear"'], point['kernel="poly"'], point['kernel="rbf"']] == [0, 0, 0]


def test_a_parameter_that_is_missing_or_whose_condition_fails_is_inactive():
    missing = encoded(kernel="poly", C=1.0, gamma=1.0)
    assert missing["degree"] == INACTIVE
    assert missing["max_depth=null"] == INACTIVE
    failing = encoded(kernel="linear", C=1.0, gamma=1.0, degree=3)
    assert failing["degree"] == failing["gamma"] == INACTIVE


def test_a_word_where_a_number_is_expected_is_outside_the_range():
    assert encoded(kernel="rbf", gamma="scale")["gamma"] == INACTIVE


def test_a_parameter_of_another_space_is_passed_over():
    assert encoded(kernel="linear", C=1.0, shrinking=True) == encoded(kernel="linear", C=1.0)


def test_no_configurations_and_no_parameters_give_empty_arrays():
    assert Encoder(SVM).encode([]).shape == (0, 9)
    assert Encoder(SearchSpace(parameters=())).encode([{}, {}]).shape == (2, 0)


@st.composite
def configurations(draw):
    kernel = draw(st.sampled_from(["linear", "poly", "rbf"]))
    values = {"kernel": kernel, "C": draw(st.floats(0.01, 100)), "max_depth": draw(st.sampled_from([None, 1, True]))}
    if kernel != "linear":
        values["gamma"] = draw(st.floats(0, 2))
    if kernel == "poly":
        values["degree"] = draw(st.integers(2, 5))
    return Configuration(values)


@given(st.lists(configurations(), max_size=8))
def test_rows_with_none_for_what_is_inactive_encode_like_their_configurations(given_ones):
    rows = [[c.get(name, None) for name in SVM.names] for c in given_ones]
    encoder = Encoder(SVM)
    np.testing.assert_array_equal(encoder.encode_rows(SVM.names, rows), encoder.encode(given_ones))


@given(configurations())
def test_points_of_the_space_lie_in_the_cube_or_are_marked_inactive(configuration):
    point = Encoder(SVM).encode([configuration])[0]
    assert all(0 <= x <= 1 or x == INACTIVE for x in point)
