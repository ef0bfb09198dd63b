"""Score a fitted model under a canonical metric, also where a fold lacks some of the classes.

scikit-learn's scorers fail there: the probabilities then have fewer columns than there are classes. The functions of
this module use scikit-learn and numpy alone, since an exported study holds a copy of them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

#: Metrics that need ``predict_proba``.
PROBABILITY_METRICS = frozenset({"roc_auc", "average_precision", "log_loss", "brier"})


def score(model: Any, features: Any, target: Any, metric: str, n_classes: int, **options: Any) -> float:
    """Return the score of a fitted model in the unit and direction of `metric`.

    Args:
        model: Fitted; its classes are whole numbers from 0.
        features: Rows to predict.
        target: Class numbers below `n_classes`, or floats.
        metric: Canonical name, see `kg.model.METRICS`.
        n_classes: Classes of the whole table; 0 in regression.
        options: Of the prediction, such as a number of rounds.
    """
    if metric in {"roc_auc", "average_precision", "log_loss", "brier"}:
        return probability_score(target, class_probabilities(model, features, n_classes, **options), metric)
    return label_score(np.asarray(target), model.predict(features, **options), metric)


def label_score(target: Any, predicted: Any, metric: str) -> float:
    """Return the score of predicted classes or numbers."""
    from sklearn import metrics

    functions = {
        "accuracy": metrics.accuracy_score,
        # The mean recall of the classes that the rows have; scikit-learn's warns where a prediction is of no other.
        "balanced_accuracy": lambda y, p: np.mean([np.mean(p[y == label] == label) for label in np.unique(y)]),
        "f1": lambda y, p: metrics.f1_score(y, p, average="macro", zero_division=0.0),
        "rmse": lambda y, p: np.sqrt(metrics.mean_squared_error(y, p)),
        "mae": metrics.mean_absolute_error,
        "r2": metrics.r2_score,
    }
    # CatBoost predicts a column.
    return float(functions[metric](target, np.asarray(predicted).ravel()))


def class_probabilities(model: Any, features: Any, n_classes: int, **options: Any) -> Any:
    """Return a probability for each of `n_classes`, 0 for those that the model never saw; shape (rows, n_classes)."""
    known = model.predict_proba(features, **options)
    probabilities = np.zeros((len(known), n_classes))
    probabilities[:, np.asarray(model.classes_, dtype=int)] = known
    return probabilities


def probability_score(target: Any, probabilities: Any, metric: str) -> float:
    """Return the score of probabilities; AUC is one class against the rest, the mean over the classes that occur."""
    from sklearn import metrics

    target = np.asarray(target, dtype=int)
    if metric == "average_precision":
        return float(metrics.average_precision_score(target == 1, probabilities[:, 1]))
    if metric == "roc_auc":
        labels = [1] if probabilities.shape[1] == 2 else np.unique(target)
        return float(np.mean([metrics.roc_auc_score(target == label, probabilities[:, label]) for label in labels]))
    if metric == "log_loss":
        likely = np.clip(probabilities[np.arange(len(target)), target], np.finfo(float).eps, 1)
        return float(-np.mean(np.log(likely)))
    truth = np.eye(probabilities.shape[1])[target]
    squares = ((probabilities - truth) ** 2).sum(axis=1).mean()
    # With two classes the score counts the positive one alone, as is usual.
    return float(squares / 2 if probabilities.shape[1] == 2 else squares)
