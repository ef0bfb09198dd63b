"""What a parameter can be: all its values where they are few, how many they are, and what of a refusal is in reach."""

import math

import pytest

from kg.model import (
    CategoricalParameter,
    Condition,
    ConstantParameter,
    FloatParameter,
    Forbidden,
    IntParameter,
    SearchSpace,
)
from recommender.validation.domains import MAX_ENUMERATED, domain, is_refused, reachable, size, with_parameters

A = CategoricalParameter(name="a", choices=("x", "y"))
B = IntParameter(name="b", low=0, high=9)


@pytest.mark.parametrize(
    ("parameter", "values", "count"),
    [
        (A, ("x", "y"), 2),
        (ConstantParameter(name="c", value="x"), ("x",), 1),
        (FloatParameter(name="f", low=0.5, high=0.5), (0.5,), 1),
        (IntParameter(name="i", low=3, high=3), (3,), 1),
        (IntParameter(name="i", low=1, high=3), (1, 2, 3), 3),
        (IntParameter(name="i", low=1, high=MAX_ENUMERATED), tuple(range(1, MAX_ENUMERATED + 1)), MAX_ENUMERATED),
        (IntParameter(name="i", low=0, high=MAX_ENUMERATED), None, MAX_ENUMERATED + 1),
        (FloatParameter(name="f", low=0, high=1), None, math.inf),
    ],
)
def test_values_are_listed_where_they_are_few_and_counted_always(parameter, values, count):
    assert domain(parameter) == values
    assert size(parameter) == count


def test_a_space_that_loses_a_parameter_loses_what_speaks_of_it():
    pair = Forbidden(clauses={"a": ("x",), "b": (1,)})
    alone = Forbidden(clauses={"a": ("x",)})
    space = SearchSpace(parameters=(A, B), forbidden=(pair, alone))
    assert with_parameters(space, (A,)).forbidden == (alone,)
    assert with_parameters(space, (A, B), forbidden=()).forbidden == ()


def test_a_space_of_a_parent_and_its_child_keeps_their_condition():
    condition = Condition(child="b", parent="a", values=("x",))
    space = SearchSpace(parameters=(A, B), conditions=(condition,))
    assert with_parameters(space, (A, B.replace(high=5))).conditions == (condition,)
    assert with_parameters(space, (B,)).conditions == ()


def test_what_the_space_forbids_itself_is_refused_as_a_whole_only():
    space = SearchSpace(parameters=(A, B), forbidden=(Forbidden(clauses={"a": ("x",)}),))
    assert is_refused(space, {"a": ("x",)})
    assert is_refused(space, {"a": ("x",), "b": (1,)})
    assert not is_refused(space, {"a": ("x", "y")})
    assert not is_refused(space, {"b": (1,)})


@pytest.mark.parametrize(
    ("clauses", "settled", "part"),
    [
        ({"a": ("x", "z")}, {}, {"a": ("x",)}),
        ({"a": ("z",)}, {}, None),
        ({"a": ("x",), "c": (1,)}, {"c": 1}, {"a": ("x",)}),
        ({"a": ("x",), "c": (1,)}, {"c": 2}, None),
        ({"a": ("x",), "c": (1,)}, {}, None),
        ({"c": (1,)}, {"c": 1}, {}),
    ],
)
def test_of_a_refusal_that_part_is_in_reach_which_points_can_hold(clauses, settled, part):
    assert reachable(SearchSpace(parameters=(A,)), Forbidden(clauses=clauses), settled) == part
