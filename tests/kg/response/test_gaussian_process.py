"""A response function predicts like any Gaussian process with a Matern 5/2 kernel."""

import math
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import ConstantKernel, Matern, WhiteKernel

from kg.errors import InputError
from kg.model import (
    METRICS,
    CategoricalParameter,
    Configuration,
    FloatParameter,
    Provenance,
    ResponseModel,
    SearchSpace,
    Standing,
)
from kg.response import ResponseFunction, Scales, matern52, regret

LENGTHS = (0.4, 1.5)


def points(n, seed=0):
    return np.random.default_rng(seed).random((n, 2))


def wave(x):
    return np.sin(6 * x[:, 0]) + 0.3 * x[:, 1]


def function(noise=0.1):
    x = points(30)
    return ResponseFunction.fitted(x, wave(x), LENGTHS, Scales(level=0.5, signal=0.8, noise=noise))


def test_matern_at_a_known_distance():
    there = matern52(np.array([[0.0, 0.0]]), np.array([[0.4, 1.5]]), LENGTHS)[0, 0]
    r = math.sqrt(5) * math.sqrt(2)  # one length scale in each of two dimensions
    assert there == pytest.approx((1 + r + r**2 / 3) * math.exp(-r))


@given(st.integers(1, 12), st.floats(0.05, 20), st.integers(0, 1000))
def test_matern_is_a_correlation(n, length, seed):
    x = points(n, seed)
    correlation = matern52(x, x, (length, 2 * length))
    np.testing.assert_allclose(np.diag(correlation), 1, atol=1e-6)
    np.testing.assert_allclose(correlation, correlation.T)
    assert np.linalg.eigvalsh(correlation).min() > -1e-6


def test_predictions_are_those_of_scikit_learn():
    ours, new = function(), points(20, seed=1)
    kernel = ConstantKernel(0.8**2) * Matern(LENGTHS, nu=2.5) + WhiteKernel(0.1**2)
    theirs = GaussianProcessRegressor(kernel, optimizer=None).fit(ours.support, wave(ours.support) - 0.5)
    np.testing.assert_allclose(ours.mean(new), theirs.predict(new) + 0.5, atol=1e-5)


def test_without_noise_it_passes_through_its_support_and_far_away_it_is_the_level():
    exact = function(noise=1e-4)
    np.testing.assert_allclose(exact.mean(exact.support), wave(exact.support), atol=1e-3)
    assert exact.mean(np.array([[500.0, 500.0]]))[0] == pytest.approx(0.5)


def test_regret_counts_in_distances_from_best_to_median_and_stops_at_2():
    np.testing.assert_allclose(regret([0.9, 0.8, 0.85, 0.7, 0.1], METRICS["accuracy"]), [0, 1, 0.5, 2, 2])
    np.testing.assert_allclose(regret([0.1, 0.2, 0.4], METRICS["log_loss"]), [0, 1, 2])


@given(st.lists(st.floats(0, 1), min_size=3, max_size=30).filter(lambda s: max(s) - np.median(s) > 1e-3))
def test_regret_does_not_change_with_the_unit_or_the_direction_of_the_score(scores):
    shown = regret(scores, METRICS["accuracy"])
    assert shown.min() == 0
    assert shown.max() <= 2
    np.testing.assert_allclose(regret(-5 * np.array(scores) + 7, METRICS["rmse"]), shown, atol=1e-6)


@pytest.mark.parametrize("scores", [[0.5, 0.5, 0.5], [0.1, 0.5, 0.5], []])
def test_scores_whose_best_is_their_median_have_no_regret(scores):
    with pytest.raises(InputError, match="not better than the median"):
        regret(scores, METRICS["accuracy"])


def test_a_stored_model_is_the_function_that_it_was_made_from():
    space = SearchSpace(
        parameters=(
            FloatParameter(name="eta", low=0.001, high=1.0, log=True),
            CategoricalParameter(name="booster", choices=("gbtree", "dart")),
        )
    )
    model = ResponseModel(
        iri="https://example.org/model",
        standing=Standing.MEASURED,
        n=3,
        provenance=Provenance(source="s", licence="MIT", url="u", retrieved=date(2026, 1, 1)),
        dataset="https://example.org/dataset",
        learner="xgboost",
        metric="accuracy",
        best=0.9,
        median=0.8,
        space=space,
        parameters=("booster", "eta"),
        support=(("gbtree", 0.001), ("dart", 0.1), ("gbtree", 1.0)),
        regrets=(2.0, 0.0, 1.0),
        length_scales=(0.3, 2.0, 2.0),
        signal=1.0,
        noise=0.01,
        level=1.0,
        fit=0.9,
    )
    stored = ResponseFunction.from_model(model)
    asked = stored.encoder.encode([Configuration({"eta": 0.1, "booster": "dart"}), {"eta": 1.0, "booster": "gbtree"}])
    np.testing.assert_allclose(stored.mean(asked), [0.0, 1.0], atol=0.01)
