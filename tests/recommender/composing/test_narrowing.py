"""Narrowing: a box round where the sources' best configurations lie, no tighter than the sources allow."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import CategoricalParameter, Condition, Configuration, FloatParameter, IntParameter, SearchSpace
from recommender.composing.narrowing import (
    Narrowing,
    narrow_parameter,
    narrow_space,
    parameter_values,
    quantile_ranges,
    top_configurations,
)
from recommender.composing.narrowing_level import level_reports

WIDE = FloatParameter(name="x", low=0, high=100)
TIGHT = Narrowing(0.1, slack=0.0, least_width=0.0)


def span(values, weights, level, slack=0.0):
    lows, highs = quantile_ranges(np.array(values, dtype=float), np.array([weights], dtype=float), level, slack=slack)
    return lows[0], highs[0]


def test_quantiles_leave_the_tails_out():
    values = list(range(101))
    assert span(values, [1] * 101, 0.1) == (10, 90)
    assert span(values, [1] * 101, 0.0) == (0, 100)


def test_weights_move_the_range():
    assert span([1, 2, 3, 100], [10, 10, 10, 1], 0.1) == (1, 3)


def test_a_range_of_nothing_has_no_ends():
    assert span([1.0, 2.0], [0.0, 0.0], 0.1) == (-np.inf, np.inf)


def test_slack_is_measured_on_the_parameters_scale():
    wide = FloatParameter(name="x", low=1e-6, high=1e3, log=True)
    found = narrow_parameter(wide, [0.01, 1.0], [1, 1], Narrowing(0.0, slack=0.5, least_width=0.0))
    assert (found.low, found.high) == pytest.approx((0.001, 10))


weighted = st.lists(st.tuples(st.floats(-100, 100), st.floats(0.01, 1)), min_size=1, max_size=30)


@given(weighted, st.floats(0, 0.49), st.floats(0, 0.49))
def test_a_tighter_level_gives_a_range_within(pairs, one, other):
    values, weights = zip(*pairs, strict=True)
    tight, loose = span(values, weights, max(one, other)), span(values, weights, min(one, other))
    assert loose[0] <= tight[0] <= tight[1] <= loose[1]


@given(weighted, st.floats(0, 0.45), st.floats(0, 1))
def test_a_narrowed_range_stays_within_the_wide_one_and_keeps_its_least_width(pairs, level, least):
    values, weights = zip(*pairs, strict=True)
    found = narrow_parameter(WIDE, values, weights, Narrowing(level, least_width=least))
    assert WIDE.low <= found.low <= found.high <= WIDE.high
    assert found.high - found.low >= least * 100 - 1e-6


def test_whole_numbers_are_rounded_outward_and_log_ranges_stay_positive():
    depth = narrow_parameter(IntParameter(name="d", low=1, high=20), [3, 4, 9], [1, 1, 1], Narrowing(0.0))
    assert (depth.low, depth.high) == (2, 10)
    rate = FloatParameter(name="r", low=1e-4, high=1, log=True)
    found = narrow_parameter(rate, [0.01, 0.1], [1, 1], Narrowing(0.0, least_width=0.0))
    assert (found.low, found.high) == pytest.approx((10**-2.1, 10**-0.9))


def test_choices_stay_by_their_share_and_true_is_not_one():
    kernel = CategoricalParameter(name="kernel", choices=("linear", "poly", "rbf"))
    found = narrow_parameter(kernel, ["rbf"] * 60 + ["linear"] * 39 + ["poly"], [1] * 100, Narrowing(0.1))
    assert found.choices == ("linear", "rbf")
    flag = CategoricalParameter(name="flag", choices=(True, 1))
    assert narrow_parameter(flag, [True, True], [1, 1], Narrowing(0.1)).choices == (True,)


def test_what_the_runs_do_not_speak_of_stays_wide():
    assert narrow_parameter(WIDE, [], [], TIGHT) == WIDE
    assert narrow_parameter(WIDE, ["auto"], [1.0], TIGHT) == WIDE


def test_a_condition_loses_the_choices_that_are_gone():
    space = SearchSpace(
        parameters=(
            CategoricalParameter(name="kernel", choices=("linear", "poly", "rbf")),
            FloatParameter(name="gamma", low=0, high=1),
        ),
        conditions=(Condition(child="gamma", parent="kernel", values=("poly", "rbf")),),
    )
    tops = [[Configuration({"kernel": "rbf", "gamma": 0.5})]]
    found = narrow_space(space, tops, [1.0], Narrowing(0.1))
    assert found["kernel"].choices == ("rbf",)
    assert found.conditions == (Condition(child="gamma", parent="kernel", values=("rbf",)),)


def test_a_sources_best_share_its_weight_and_only_active_values_speak():
    tops = [[Configuration({"x": 1.0}), Configuration({})], [Configuration({"x": 3.0})]]
    assert parameter_values("x", tops, [0.5, 0.5]) == ([1.0, 3.0], [0.25, 0.5])


def test_the_best_configurations_are_those_of_least_regret(make_model):
    model = make_model("a", (0.3, 0.3))
    best = top_configurations(model)
    assert len(best) == 5
    assert best[0] == Configuration(dict(zip("xy", model.support[int(np.argmin(model.regrets))], strict=True)))


def equal_weights(n):
    return (np.ones((n, n)) - np.eye(n)) / (n - 1)


def test_where_all_sources_agree_the_tightest_level_holds(make_model, unit_space):
    models = [make_model(f"s{i}", (0.4, 0.6)) for i in range(8)]
    reports = level_reports(models, unit_space, equal_weights(8), most_ceiling=0.05)
    assert [report.level for report in reports] == [0.2]
    assert reports[0].volume < 0.2
    assert reports[0].cover > 0.5


def test_where_sources_differ_the_box_stays_wide(make_model, unit_space):
    corners = [(0.05, 0.05), (0.95, 0.95), (0.05, 0.95), (0.95, 0.05)]
    models = [make_model(f"s{i}", corners[i % 4]) for i in range(12)]
    reports = level_reports(models, unit_space, equal_weights(12), most_ceiling=0.02)
    assert len(reports) > 1
    assert reports[-1].level is None or reports[-1].ceiling <= 0.02
    assert all(report.ceiling > 0.02 for report in reports[:-1])


def test_the_report_says_what_narrowing_source_by_source_gives(make_model, unit_space):
    models = [make_model(f"s{i}", (0.2 + 0.1 * i, 0.5)) for i in range(5)]
    (report,) = level_reports(models, unit_space, equal_weights(5), levels=(0.1,), most_ceiling=2.0)
    tops, ceilings = [top_configurations(m) for m in models], []
    for model, weights in zip(models, equal_weights(5), strict=True):
        box = narrow_space(unit_space, tops, list(weights), Narrowing(0.1))
        inside = [
            regret
            for regret, row in zip(model.regrets, model.support, strict=True)
            if all(box[name].contains(value) for name, value in zip("xy", row, strict=True))
        ]
        ceilings.append(min(inside))
    assert report.ceiling == pytest.approx(np.mean(ceilings))
