"""Where no runs were measured: a published space as it stands, and starts from finished studies."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from kg.errors import EvidenceError
from kg.learners.registry import learner_named, learners
from kg.model import (
    CategoricalParameter,
    Condition,
    Configuration,
    ConstantParameter,
    FloatParameter,
    Forbidden,
    IntParameter,
    SearchSpace,
    TaskType,
)
from recommender.composing import published as rules
from tests.recommender.composing.world import TREES_SPACE, inputs, published, study, task


def with_rate(low, high, name="other"):
    return published(name, space=SearchSpace(parameters=(FloatParameter(name="learning_rate", low=low, high=high),)))


def test_reviewed_spaces_are_taken_first():
    given_names = ["zzz", "mlr3tuningspaces rbv2", "FLAML 2.3", "TabArena", "aaa"]
    spaces = rules.by_preference([published(name, expressions=()) for name in given_names])
    assert [s.name for s in spaces] == ["TabArena", "FLAML 2.3", "mlr3tuningspaces rbv2", "aaa", "zzz"]


def test_the_first_space_is_taken_with_the_tables_size_put_in():
    seen = inputs(published(), learner="lightgbm", task=task("lightgbm", n_rows=100))
    assert rules.published_space(seen, {}).value["num_leaves"].high == 100
    unknown = inputs(published(), learner="lightgbm", task=task("lightgbm", n_rows=None))
    assert rules.published_space(unknown, {}).value["num_leaves"].high == 256


def test_disagreement_is_told_not_averaged():
    seen = inputs(published(expressions=()), with_rate(1.0, 5.0), with_rate(0.2, 1.0, "third"), learner="lightgbm")
    derived = rules.published_space(seen, {})
    assert derived.value == TREES_SPACE
    assert derived.reason.endswith("Others disagree: other has learning_rate 1 to 5.")


def test_only_what_the_library_has_is_taken():
    gone = SearchSpace(parameters=(*TREES_SPACE.parameters, FloatParameter(name="no_such_thing", low=0, high=1)))
    seen = inputs(published(space=gone), learner="lightgbm")
    assert rules.published_space(seen, {}).value.names == TREES_SPACE.names
    only = SearchSpace(parameters=gone.parameters[-1:])
    with pytest.raises(EvidenceError, match="no parameter of the installed lightgbm"):
        rules.published_space(inputs(published(space=only, expressions=()), learner="lightgbm"), {})


def test_without_a_published_space_there_is_nothing_to_take():
    with pytest.raises(EvidenceError, match="no published space of lightgbm is cited"):
        rules.published_space(inputs(study(0), learner="lightgbm"), {})


def test_a_part_names_the_others_that_have_it_too():
    seen = inputs(published(), with_rate(0.01, 0.2), learner="lightgbm")
    derived = rules.published_parameter(seen, {"parameter": "learning_rate"})
    assert derived.value == TREES_SPACE["learning_rate"]
    assert derived.reason == "As flaml has it; also in other."
    with pytest.raises(EvidenceError, match="the cited space has no max_bin"):
        rules.published_parameter(seen, {"parameter": "max_bin"})


def test_a_restricted_space_keeps_only_what_still_makes_sense():
    space = SearchSpace(
        parameters=(
            CategoricalParameter(name="a", choices=("x", "y")),
            FloatParameter(name="b", low=0, high=1),
            FloatParameter(name="c", low=0, high=1),
        ),
        conditions=(Condition(child="b", parent="a", values=("x",)),),
        forbidden=(Forbidden(clauses={"a": ("x",), "c": (0.0,)}),),
    )
    assert rules.restricted(space, ("a", "b")) == space.replace(parameters=space.parameters[:2], forbidden=())
    assert rules.restricted(space, ("b", "c")).conditions == ()


def test_starts_begin_with_the_default_then_the_published_one_then_what_studies_found():
    seen = inputs(published(), *map(study, range(5)), learner="lightgbm", space=TREES_SPACE)
    starts = rules.study_warm_starts(seen, {"k": 6}).value
    default = learner_named("lightgbm").default_point(TaskType.CLASSIFICATION)
    assert starts[0] == Configuration({name: default[name] for name in TREES_SPACE.names})
    assert starts[1] == Configuration({"num_leaves": 4, "learning_rate": 0.1, "min_child_samples": 20})
    assert set(starts[2:]) <= {study(i).best_configuration for i in range(5)}
    assert len(set(starts)) == len(starts) == 6


bounds = st.lists(st.integers(1, 400), min_size=2, max_size=2, unique=True).map(sorted)


@given(bounds, bounds, st.integers(1, 8))
def test_starts_lie_in_the_space_whatever_its_ranges(leaves, samples, k):
    space = SearchSpace(
        parameters=(
            IntParameter(name="num_leaves", low=leaves[0], high=leaves[1]),
            FloatParameter(name="learning_rate", low=0.05, high=0.06),
            IntParameter(name="min_child_samples", low=samples[0], high=samples[1], log=True),
        )
    )
    seen = inputs(published(), *map(study, range(5)), learner="lightgbm", space=space)
    starts = rules.study_warm_starts(seen, {"k": k}).value
    assert 1 <= len(starts) <= k
    assert all(space.contains(start) for start in starts)


@pytest.mark.parametrize(
    ("name", "task_type"), [(spec.name, kind) for kind in TaskType for spec in learners(kind)], ids=str
)
def test_every_learners_default_can_be_brought_into_its_wide_space(name, task_type):
    spec = learner_named(name)
    space, default = spec.space(task_type), spec.default_point(task_type)
    assert space.contains(rules.brought_in(default, space, default))


def test_the_nearest_value_is_the_value_itself_where_the_parameter_has_it():
    rate, leaves = TREES_SPACE["learning_rate"], TREES_SPACE["num_leaves"]
    assert rules.nearest_value(rate, 0.05) == 0.05
    assert rules.nearest_value(rate, 5) == 0.3
    assert rules.nearest_value(leaves, 7.6) == 8
    assert rules.nearest_value(leaves, None) == 32
    assert rules.nearest_value(ConstantParameter(name="x", value="a"), "b") == "a"
    assert rules.nearest_value(CategoricalParameter(name="x", choices=("a", "b")), "b") == "b"
    assert rules.nearest_value(CategoricalParameter(name="x", choices=(1, 2)), True) == 1


values = st.none() | st.booleans() | st.floats(-1e9, 1e9) | st.integers(-(10**9), 10**9) | st.text(max_size=3)


@given(st.sampled_from(TREES_SPACE.parameters), values)
def test_the_nearest_value_is_always_one_of_the_parameters(parameter, wanted):
    assert parameter.contains(rules.nearest_value(parameter, wanted))


def test_medoids_are_spread_over_the_groups():
    points = np.array([[0.0], [0.01], [0.02], [1.0], [1.01]])
    assert {row // 3 for row in rules.medoids(points, 2)} == {0, 1}


@given(arrays(float, (7, 2), elements=st.floats(0, 1)), st.integers(0, 10))
def test_medoids_are_different_rows_and_no_more_than_asked(points, k):
    found = rules.medoids(points, k)
    assert len(set(found)) == len(found) <= min(k, 7)
    assert set(found) <= set(range(7))
