"""Samples are stratified whatever part is taken; points are points of their space."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.learners.registry import learner_named, learners
from kg.model import (
    CategoricalParameter,
    Configuration,
    ConstantParameter,
    FloatParameter,
    Forbidden,
    IntParameter,
    SearchSpace,
    TaskType,
)
from kg.tables import prepare_table
from recommender.proposal import Protocol
from recommender.validation.points import assemble, at, completed, corner, cost_corner, random_point
from recommender.validation.sample import MOST_ROWS, stratified_order, take_sample
from tests.recommender.validation.gate_cases import small_table

PROTOCOL = Protocol(folds=3, stratified=True)
SPACES = [
    pytest.param(spec.name, task_type, id=f"{spec.name}-{task_type}")
    for spec in learners()
    for task_type in spec.task_types
    if spec.space(task_type).tunable
]


@settings(max_examples=30, deadline=None)
@given(counts=st.lists(st.integers(1, 80), min_size=2, max_size=6), share=st.floats(0.1, 1), seed=st.integers(0, 99))
def test_any_leading_part_holds_the_groups_in_their_shares(counts, share, seed):
    groups = np.repeat(np.arange(len(counts)), counts)
    order = stratified_order(groups, np.random.default_rng(seed))
    assert sorted(order) == list(range(len(groups)))
    taken = groups[order[: round(share * len(groups))]]
    for group, count in enumerate(counts):
        assert abs(np.sum(taken == group) - count * len(taken) / len(groups)) <= 1 + len(counts) / 2


def test_a_small_table_is_taken_whole_and_in_order(table):
    sample = take_sample(table, "accuracy", PROTOCOL, seed=0)
    assert sample.rows == table.n_rows
    assert list(sample.target) == list(table.encoded_target)
    assert sorted(sample.order) == list(range(table.n_rows))
    assert sample.notes == ()


def test_a_large_table_is_sampled_and_says_so():
    large = small_table(rows=MOST_ROWS + 1000)
    sample = take_sample(large, "accuracy", PROTOCOL, seed=0)
    again = take_sample(large, "accuracy", PROTOCOL, seed=0)
    assert sample.rows == MOST_ROWS
    assert "5,000 of 6,000 rows" in sample.notes[0]
    assert abs(sample.target.mean() - large.encoded_target.mean()) < 0.001
    assert sample.features.equals(again.features)


def test_a_leading_part_of_a_sorted_table_holds_all_classes():
    table = small_table(rows=600)
    table = prepare_table(table.features.assign(goal=table.target).sort_values("goal"), "goal")
    sample = take_sample(table, "accuracy", PROTOCOL, seed=0)
    assert set(sample.target[:50]) == {0}
    assert abs(sample.target[sample.order[:50]].mean() - sample.target.mean()) < 0.05


def test_the_sample_is_a_copy(table):
    sample = take_sample(table, "accuracy", PROTOCOL, seed=0)
    before = float(table.features["a"].iloc[0])
    sample.features.loc[0, "a"] = 1e9
    sample.target[0] = 7
    assert float(table.features["a"].iloc[0]) == before
    assert table.encoded_target[0] != 7


@pytest.mark.parametrize(("learner", "task_type"), SPACES)
def test_random_points_and_corners_are_points_of_the_space(learner, task_type):
    spec = learner_named(learner)
    space, rng = spec.space(task_type), np.random.default_rng(0)
    points = [random_point(space, rng) for _ in range(20)]
    points += [corner(space, 0.0), corner(space, 1.0), cost_corner(space, spec, cheap=True)]
    for point in points:
        assert point is None or space.faults(point.root) == ()
    assert sum(point is not None for point in points) >= 20


def test_the_ends_of_a_parameter_are_its_bounds():
    for parameter in learner_named("svm").space(TaskType.CLASSIFICATION).tunable:
        if parameter.kind in ("int", "float"):
            assert (at(parameter, 0.0), at(parameter, 1.0)) == (parameter.low, parameter.high)


def test_a_corner_that_is_forbidden_is_stepped_around():
    space = SearchSpace(
        parameters=(CategoricalParameter(name="a", choices=(1, 2)), CategoricalParameter(name="b", choices=(1, 2, 3))),
        forbidden=(Forbidden(clauses={"a": (1,), "b": (1,)}),),
    )
    assert space.contains(corner(space, 0.0).root)


def test_a_space_that_forbids_everything_has_no_point():
    space = SearchSpace(
        parameters=(CategoricalParameter(name="a", choices=(1, 2)),), forbidden=(Forbidden(clauses={"a": (1, 2)}),)
    )
    assert random_point(space, np.random.default_rng(0)) is None
    assert corner(space, 0.0) is None


def test_cheap_and_dear_corners_differ_where_the_cost_is_known():
    spec = learner_named("random_forest")
    space = spec.space(TaskType.CLASSIFICATION)
    known = [p.name for p in space.tunable if isinstance(spec[p.name].low_cost, int | float)]
    cheap, dear = (cost_corner(space, spec, cheap=side) for side in (True, False))
    assert all(cheap[name] != dear[name] for name in known)


def test_a_point_is_completed_by_constants_and_fixed_values():
    space = SearchSpace(parameters=(CategoricalParameter(name="a", choices=(1, 2)),))
    assert completed({"a": 1}, space, Configuration({"b": 2})) == Configuration({"b": 2, "a": 1})


def test_inactive_parameters_are_left_out():
    space = learner_named("svm").space(TaskType.CLASSIFICATION)
    linear = assemble(space, lambda p: "linear" if p.name == "kernel" else at(p, 0.5))
    assert "gamma" not in linear


def test_of_very_many_columns_some_are_taken_and_said(monkeypatch):
    monkeypatch.setattr("recommender.validation.sample.MOST_COLUMNS", 2)
    table = small_table()
    found = take_sample(table, "accuracy", PROTOCOL, seed=0)
    assert len(found.features.columns) == len(found.column_kinds) == 2
    assert found.notes == ("2 of 4 columns",)
    assert not found.is_whole
    monkeypatch.undo()
    assert take_sample(table, "accuracy", PROTOCOL, seed=0).is_whole


def test_values_part_of_the_way_are_on_the_parameters_own_scale():
    assert at(FloatParameter(name="C", low=0.01, high=100, log=True), 0.5) == pytest.approx(1.0)
    assert at(FloatParameter(name="C", low=0.0, high=100), 0.5) == 50.0
    assert at(IntParameter(name="k", low=1, high=100, log=True), 0.5) == 10
    assert at(ConstantParameter(name="k", value="x"), 0.5) == "x"
    assert [at(CategoricalParameter(name="k", choices=("a", "b")), f) for f in (0.0, 0.49, 0.5, 1.0)] == list("aabb")


def test_the_cheapest_corner_has_the_first_choices_and_the_middle_of_what_costs_nothing():
    space = SearchSpace(
        parameters=(
            IntParameter(name="n_estimators", low=10, high=90),
            CategoricalParameter(name="max_features", choices=(0.9, 0.1)),
            CategoricalParameter(name="criterion", choices=("gini", "entropy")),
            IntParameter(name="min_samples_leaf", low=1, high=9),
        )
    )
    spec = learner_named("random_forest")
    cheap, dear = (cost_corner(space, spec, cheap=cheap) for cheap in (True, False))
    assert (cheap["n_estimators"], dear["n_estimators"]) == (10, 90)
    assert cheap["max_features"] == dear["max_features"] == 0.9
    assert cheap["criterion"] == "gini"
