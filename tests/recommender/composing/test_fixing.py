"""Fixing: a hyper-parameter is left out where it explains nothing anywhere and setting it costs the best nothing."""

import numpy as np
import pytest

from kg.iris import dataset_iri
from kg.model import CategoricalParameter, Configuration, FloatParameter
from recommender.composing.fixing import loss_of_fixing, mean_importance, negligible_parameters
from recommender.composing.surface import ResponseSurface
from tests.recommender.composing.world import importance

A, B = dataset_iri("a"), dataset_iri("b")


def surface(candidates, regrets):
    n, m = np.shape(regrets)
    return ResponseSurface(
        candidates=tuple(map(Configuration, candidates)),
        origins=("m0",) * n,
        datasets=(A, B)[:m],
        models=("m0", "m1")[:m],
        regrets=np.array(regrets, dtype=float),
        residuals=np.zeros((n, m), dtype=np.float32),
        noise=np.zeros(m),
    )


def test_what_explains_little_on_nine_in_ten_data_sets_is_negligible():
    shares = [importance(i, C=0.5, tol=0.001 if i else 0.3) for i in range(10)]
    assert negligible_parameters(shares) == ("tol",)
    assert negligible_parameters([*shares, importance(10, C=0.5, tol=0.3)]) == ()


def test_few_measurements_leave_nothing_out():
    assert negligible_parameters([importance(i, tol=0.0) for i in range(9)]) == ()


def test_mean_importance_is_weighted_and_sorted():
    weights = {dataset_iri("s0"): 3.0, dataset_iri("s1"): 1.0}
    found = mean_importance([importance(0, C=0.4, tol=0.0), importance(1, C=0.0, tol=0.8)], weights)
    assert list(found.items()) == [("C", pytest.approx(0.3)), ("tol", pytest.approx(0.2))]
    assert mean_importance([importance(0)], {}) == {}


def test_the_loss_is_what_the_best_with_about_that_value_lack():
    parameter = FloatParameter(name="x", low=0, high=1)
    found = surface([{"x": 0.0}, {"x": 0.5}, {"x": 1.0}], [[0.0, 0.4], [0.1, 0.2], [0.3, 0.0]])
    assert loss_of_fixing(parameter, 0.0, found, {A: 1.0}) == 0
    assert loss_of_fixing(parameter, 0.0, found, {A: 0.5, B: 0.5}) == pytest.approx(0.2)
    assert loss_of_fixing(parameter, 0.45, found, {}) == pytest.approx(0.15)
    assert loss_of_fixing(parameter, 0.25, found, {A: 1.0}) == float("inf")


def test_near_is_measured_on_the_parameters_scale():
    parameter = FloatParameter(name="x", low=1e-4, high=1, log=True)
    found = surface([{"x": 0.01}, {"x": 0.5}], [[1.0], [0.0]])
    assert loss_of_fixing(parameter, 0.02, found, {A: 1.0}) == 1.0


def test_a_candidate_in_which_it_is_inactive_has_any_value():
    parameter = CategoricalParameter(name="kind", choices=("a", "b"))
    assert loss_of_fixing(parameter, "a", surface([{"kind": "b"}, {}], [[0.0], [0.2]]), {A: 1.0}) == pytest.approx(0.2)
