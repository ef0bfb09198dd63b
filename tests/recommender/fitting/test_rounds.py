"""What the first rounds of a boosted ensemble score."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from kg.columns import ColumnKind
from kg.model import TaskType
from recommender.fitting.folds import Fit, FoldFits, Setup
from recommender.proposal import Protocol

ROWS = 120
#: Settings under which chance has a say in each round.
SAMPLED = {"subsample": 0.7, "learning_rate": 0.3, "max_depth": 3}


def fits_of(learner: str, metric: str = "log_loss", n_classes: int = 3) -> FoldFits:
    generator = np.random.default_rng(0)
    features = pd.DataFrame(generator.normal(size=(ROWS, 3)), columns=list("abc"))
    noisy = features["a"] + features["b"] * features["c"] + generator.normal(scale=0.5, size=ROWS)
    target = np.digitize(noisy, [-0.5, 0.5]) if n_classes else noisy.to_numpy()
    setup = Setup(
        features=features,
        target=target,
        kinds=dict.fromkeys("abc", ColumnKind.NUMERIC),
        n_classes=n_classes,
        task_type=TaskType.CLASSIFICATION if n_classes else TaskType.REGRESSION,
        learner=learner,
        metric=metric,
        protocol=Protocol(folds=3, stratified=bool(n_classes)),
        seed=0,
        n_threads=1,
    )
    return FoldFits(setup)


@pytest.mark.parametrize(
    ("learner", "rounds", "settings"),
    [
        ("xgboost", "n_estimators", SAMPLED),
        ("lightgbm", "n_estimators", {**SAMPLED, "subsample_freq": 1, "min_child_samples": 5}),
        ("catboost", "iterations", {"learning_rate": 0.3, "depth": 3}),
        ("gradient_boosting", "n_estimators", SAMPLED),
        ("hist_gradient_boosting", "max_iter", {"learning_rate": 0.3}),
        ("adaboost", "n_estimators", {"learning_rate": 0.3}),
    ],
)
@pytest.mark.parametrize(("metric", "n_classes"), [("log_loss", 3), ("accuracy", 3), ("rmse", 0)])
def test_the_first_rounds_score_what_a_fit_of_so_many_scores(learner, rounds, settings, metric, n_classes):
    pytest.importorskip({"xgboost": "xgboost", "lightgbm": "lightgbm", "catboost": "catboost"}.get(learner, "sklearn"))
    if learner == "adaboost" and not n_classes:
        settings = {**settings, "loss": "linear"}
    fits = fits_of(learner, metric, n_classes)
    found = fits.scored(Fit({**settings, rounds: 12}, 0, rounds=(3, 7))).within
    alone = {number: fits.scored(Fit({**settings, rounds: number}, 0)).score for number in (3, 7)}
    assert found == pytest.approx(alone, rel=1e-6)


@pytest.mark.parametrize(
    ("learner", "settings"),
    [
        ("xgboost", {"booster": "dart", "rate_drop": 0.5, "n_estimators": 12}),
        ("xgboost", {"booster": "gblinear", "n_estimators": 12}),
        ("catboost", {"iterations": 12}),
        ("gradient_boosting", {"n_estimators": 12, "n_iter_no_change": 2}),
        ("random_forest", {"n_estimators": 12}),
        ("decision_tree", {}),
    ],
)
def test_where_fewer_rounds_are_no_part_of_the_fit_nothing_is_said_of_them(learner, settings):
    pytest.importorskip({"xgboost": "xgboost", "catboost": "catboost"}.get(learner, "sklearn"))
    assert fits_of(learner).scored(Fit(settings, 0, rounds=(3, 7))).within == {}


def test_nothing_more_is_scored_than_is_asked_for():
    assert fits_of("gradient_boosting").scored(Fit({"n_estimators": 5}, 0)).within == {}
