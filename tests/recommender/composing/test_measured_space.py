"""The search space from response models: ranges round the best runs."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.errors import EvidenceError, InputError
from kg.learners.registry import learner_named
from kg.model import TaskType
from recommender.composing import measured_space, measured_starts
from tests.recommender.composing.world import N_SOURCES, SVM_SPACE, inputs, response

SOURCES = tuple(response(i) for i in range(N_SOURCES))
SEEN = inputs(*SOURCES)
WIDE = measured_space.wide_space(SEEN)
#: On every source, only the linear kernel is any good.
LINEAR = tuple(
    response(
        i,
        support=(*((1 + i / 10 + row / 100, None, "linear", True) for row in range(30)), (1.0, 0.01, "rbf", True)),
        regrets=(*[0.0] * 30, 2.0),
    )
    for i in range(N_SOURCES)
)


def narrowed(level, seen=SEEN, **arguments):
    return measured_space.narrowed_space(seen, {"level": level, **arguments}).value


def test_the_wide_space_is_the_registrys_for_what_was_varied():
    registered = learner_named("svm").space(TaskType.CLASSIFICATION)
    assert set(WIDE.names) == set(SVM_SPACE.names)
    assert all(WIDE[name] == registered[name] for name in WIDE.names)
    assert [c.child for c in WIDE.conditions] == ["gamma"]


def test_without_a_run_there_is_no_space():
    with pytest.raises(EvidenceError, match="no cited run of svm varied"):
        measured_space.wide_space(inputs())


def test_the_range_lies_where_the_best_runs_do():
    found = narrowed(0.1)
    assert found["gamma"].low > WIDE["gamma"].low
    assert found["gamma"].low < 0.01 < found["gamma"].high < WIDE["gamma"].high


@pytest.mark.parametrize("level", [-0.1, 0.5, 0.7, True])
def test_quantiles_that_are_crossed_give_no_range(level):
    with pytest.raises(InputError, match="no range between the quantiles"):
        narrowed(level)


def test_no_level_means_the_wide_range_with_a_prior():
    space = narrowed(None)
    assert space.replace(parameters=tuple(p.replace(prior=None) for p in space.parameters)) == WIDE
    assert all(p.prior is not None for p in space.parameters)


@settings(max_examples=25)
@given(st.floats(0, 0.45), st.floats(0, 0.45))
def test_ranges_lie_inside_the_wide_ones_and_no_higher_level_gives_a_wider_one(one, other):
    tight, loose = narrowed(max(one, other)), narrowed(min(one, other))
    for name in ("C", "gamma"):
        assert all(WIDE[name].low <= found[name].low <= found[name].high <= WIDE[name].high for found in (tight, loose))
        assert np.log(tight[name].high / tight[name].low) <= np.log(loose[name].high / loose[name].low) + 1e-9


def test_a_range_is_widened_to_hold_what_was_asked_to_hold():
    extreme = max((row for model in SOURCES for row in model.support), key=lambda row: row[0])
    held = {"C": extreme[0], "kernel": "linear"}
    assert narrowed(0.2)["C"].high < extreme[0]
    assert narrowed(0.2, hold=[held])["C"].high == extreme[0]
    assert narrowed(0.2, hold=[held])["kernel"].contains("linear")


def test_nothing_is_held_that_nobody_ran():
    with pytest.raises(EvidenceError, match="no cited run has C = 77"):
        narrowed(0.2, hold=[{"C": 77.0}])


def test_the_librarys_default_may_be_held():
    assert narrowed(0.2, hold=[{"C": 1.0}])["C"].contains(1.0)


def test_each_part_is_derived_as_the_whole_is():
    hold = measured_starts.free_picks(SEEN, SEEN.surfaces.surface(SOURCES))
    whole = narrowed(0.1, hold=[dict(one.items()) for one in hold])
    for parameter in whole.parameters:
        part = measured_space.narrowed_parameter(SEEN, measured_space.range_arguments(parameter.name, 0.1, hold))
        assert part.value == parameter
    with pytest.raises(EvidenceError, match="degree was not varied"):
        measured_space.narrowed_parameter(SEEN, {"parameter": "degree", "level": 0.1})


def test_what_is_fixed_is_left_out():
    assert set(narrowed(0.1, fixed=["shrinking"]).names) == {"C", "gamma", "kernel"}


def test_a_parameter_that_can_no_longer_be_active_is_left_out():
    found = narrowed(0.1, inputs(*LINEAR))
    assert found["kernel"].choices == ("linear",)
    assert "gamma" not in found
    assert found.conditions == ()


def test_what_can_have_no_effect_in_the_library_is_not_searched(starter_store):
    """PMLB's runs held the solver at liblinear; the library's default solver takes no L1 penalty."""
    responses = starter_store.evidence("response_model", learner="logistic_regression", metric="accuracy")
    seen = replace(inputs(*responses), learner="logistic_regression")
    assert any("l1_ratio" in response.space for response in responses)
    assert "l1_ratio" not in measured_space.wide_space(seen)
    assert "C" in measured_space.wide_space(seen)
