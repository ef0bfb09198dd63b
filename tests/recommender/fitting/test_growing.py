"""A fit that is gone on with is the fit that was made in one go, at the price of what is added."""

import numpy as np
import pytest

from kg.columns import ColumnKind
from kg.model import TaskType
from recommender.fitting.folds import Fit, FitError, FoldFits, Setup
from recommender.proposal import Protocol


def setup_of(learner, *, task_type=TaskType.CLASSIFICATION, metric="log_loss", rows=180):
    """Three classes, or a number, that two of four columns tell."""
    import pandas as pd

    generator = np.random.default_rng(0)
    x = generator.normal(size=(rows, 4))
    value = x[:, 0] + x[:, 1] ** 2 + 0.3 * generator.normal(size=rows)
    is_class = task_type is TaskType.CLASSIFICATION
    return Setup(
        features=pd.DataFrame(x, columns=list("abcd")),
        target=np.digitize(value, [0.0, 1.0]) if is_class else value,
        kinds=dict.fromkeys("abcd", ColumnKind.NUMERIC),
        n_classes=3 if is_class else 0,
        task_type=task_type,
        learner=learner,
        metric=metric,
        protocol=Protocol(folds=3, stratified=is_class),
        seed=0,
        n_threads=1,
    )


def climbed(setup, parameter, values, **others):
    """Scores rung by rung, and the highest rung in one go."""
    stepwise, at_once = FoldFits(setup), FoldFits(setup)
    found = [stepwise.scored(Fit({**others, parameter: value}, 0, grows=parameter)).score for value in values]
    return found, at_once.scored(Fit({**others, parameter: values[-1]}, 0, grows=parameter)).score


@pytest.mark.parametrize(
    ("learner", "parameter"),
    [
        ("random_forest", "n_estimators"),
        ("extra_trees", "n_estimators"),
        ("gradient_boosting", "n_estimators"),
        ("hist_gradient_boosting", "max_iter"),
        ("xgboost", "n_estimators"),
        ("lightgbm", "n_estimators"),
        ("adaboost", "n_estimators"),
        ("mlp", "max_iter"),
        ("sgd", "max_iter"),
    ],
)
@pytest.mark.parametrize("task_type", list(TaskType))
def test_climbing_ends_where_one_fit_ends(learner, parameter, task_type):
    metric = "rmse" if task_type is TaskType.REGRESSION else "accuracy"
    found, at_once = climbed(setup_of(learner, task_type=task_type, metric=metric), parameter, (3, 9, 27))
    assert found[-1] == pytest.approx(at_once, abs=1e-5)
    assert len(set(found)) > 1


def test_what_is_there_already_is_not_fitted_again(monkeypatch):
    from sklearn.ensemble import RandomForestClassifier

    added = []
    before = RandomForestClassifier.fit

    def fit(self, *rows):
        there = len(getattr(self, "estimators_", []))
        before(self, *rows)
        added.append(len(self.estimators_) - there)

    monkeypatch.setattr(RandomForestClassifier, "fit", fit)
    climbed(setup_of("random_forest"), "n_estimators", (3, 9, 27))
    assert added == [3, 6, 18, 27]


def test_another_configuration_starts_anew():
    fits = FoldFits(setup_of("random_forest"))
    fits.scored(Fit({"n_estimators": 5, "max_depth": 1}, 0, grows="n_estimators"))
    after = fits.scored(Fit({"n_estimators": 9, "max_depth": 6}, 0, grows="n_estimators")).score
    fresh = FoldFits(setup_of("random_forest")).scored(Fit({"n_estimators": 9, "max_depth": 6}, 0)).score
    assert after == fresh


def test_a_calibrated_learner_is_fitted_anew_at_each_rung():
    setup = setup_of("sgd", metric="log_loss")
    found, at_once = climbed(setup, "max_iter", (3, 9), loss="hinge")
    assert found[-1] == at_once


def test_what_fails_says_why_and_the_next_fit_is_as_good_as_ever():
    fits = FoldFits(setup_of("knn"))
    with pytest.raises(FitError, match="ValueError: Expected n_neighbors"):
        fits.scored(Fit({"n_neighbors": 500}, 0))
    assert fits.scored(Fit({"n_neighbors": 5}, 0)).score > 0
