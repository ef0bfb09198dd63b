"""What scores a metric can have, and what is had for nothing."""

from __future__ import annotations

import math

from kg.model import METRICS, Metric
from recommender.task import TuningTask


def metric_of(task: TuningTask) -> Metric:
    """Return the task's metric."""
    return METRICS[task.metric]


def trivial_score(task: TuningTask) -> float | None:
    """Return the score of a constant prediction, from what is known of the classes; None where that depends on more.

    Accuracy: the majority's share. ROC AUC: one half. Log loss: at most the entropy of even classes. R2: 0.
    """
    if task.metric == "r2":
        return 0.0
    classes = task.n_classes or round(task.meta_features.get("NumberOfClasses", 0)) or None
    majority = task.meta_features.get("MajorityClassPercentage", None)
    even = 1 / classes if classes else None
    return {
        "accuracy": majority / 100 if majority is not None else even,
        "balanced_accuracy": even,
        "roc_auc": 0.5,
        "log_loss": math.log(classes) if classes else None,
    }.get(task.metric)


def is_better(metric: Metric, left: float, right: float) -> bool:
    """Say whether the score `left` is better than `right`."""
    return metric.gain(left) > metric.gain(right)


def is_possible(metric: Metric, score: float) -> bool:
    """Say whether `metric` can have the value `score`."""
    return (metric.lower is None or score >= metric.lower) and (metric.upper is None or score <= metric.upper)


def is_percent(metric: Metric, score: float) -> bool:
    """Say whether an impossible `score` looks like a percentage of a metric that has none."""
    return metric.upper is not None and metric.upper < score <= 100 and (metric.lower or 0) >= 0
