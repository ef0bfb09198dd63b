"""Scores are scikit-learn's, and survive folds that lack a class."""

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression, Ridge
from sklearn.metrics import get_scorer

from kg.model import METRICS, TaskType
from recommender.scoring import PROBABILITY_METRICS, score

rng = np.random.default_rng(0)
X = rng.normal(size=(300, 3))


def target(n_classes):
    return np.digitize(X[:, 0] + rng.normal(size=300), np.linspace(-1, 1, n_classes - 1))


@pytest.mark.parametrize("n_classes", [2, 4])
@pytest.mark.parametrize("name", [m.name for m in METRICS.values() if m.task_type is TaskType.CLASSIFICATION])
def test_classification_scores_are_those_of_scikit_learn(name, n_classes):
    metric, y = METRICS[name], target(n_classes)
    if metric.binary_only and n_classes > 2:
        pytest.skip("for two classes")
    model = LogisticRegression().fit(X[:200], y[:200])
    expected = get_scorer(metric.scorer)(model, X[200:], y[200:])
    ours = score(model, X[200:], y[200:], name, n_classes)
    assert ours == pytest.approx(-expected if metric.scorer.startswith("neg_") else expected)


@pytest.mark.parametrize("name", [m.name for m in METRICS.values() if m.task_type is TaskType.REGRESSION])
def test_regression_scores_are_those_of_scikit_learn(name):
    y = X[:, 0] + rng.normal(size=300)
    model = Ridge().fit(X[:200], y[:200])
    expected = get_scorer(METRICS[name].scorer)(model, X[200:], y[200:])
    assert score(model, X[200:], y[200:], name, 0) == pytest.approx(abs(expected))


@pytest.mark.parametrize("name", sorted(PROBABILITY_METRICS - {"average_precision"}))
def test_a_class_that_one_side_lacks_is_no_error(name):
    y = target(4)
    train, test = np.flatnonzero(y != 3), np.flatnonzero(y != 0)
    model = LogisticRegression().fit(X[train], y[train])
    assert np.isfinite(score(model, X[test], y[test], name, 4))
