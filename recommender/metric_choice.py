"""Which metric to tune for, where the user names none, and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.errors import InputError
from kg.model import Metric, TaskType, metric_named

#: Below this share of the minority class, accuracy mostly counts the majority.
RARE = 0.10
#: Below this share, relative to the mean class share, classes of a multi-class task are unequal.
UNEQUAL = 0.20


@dataclass(frozen=True)
class MetricChoice:
    """A metric and the sentence that says why."""

    metric: Metric
    reason: str


def choose_metric(task_type: TaskType, class_counts: Sequence[int] = (), *, named: str | None = None) -> MetricChoice:
    """Return the metric called `named`, or the one that suits the target.

    Args:
        task_type: What is predicted.
        class_counts: Rows of each class, for a classification task; empty where unknown.
        named: What the user asked for.

    Raises:
        UnknownNameError: There is no such metric.
        InputError: It does not fit the task type or the number of classes.
    """
    if named is not None:
        metric = metric_named(named, task_type)
        _check_classes(metric, class_counts)
        return MetricChoice(metric, "You asked for it.")
    if task_type is TaskType.REGRESSION:
        return MetricChoice(metric_named("rmse"), "Root mean squared error is in the unit of the target; the default.")
    return _for_classes(class_counts)


def _for_classes(class_counts: Sequence[int]) -> MetricChoice:
    total = sum(class_counts)
    share = min(class_counts) / total if total else 0.5
    if len(class_counts) == 2 and share < RARE:
        return MetricChoice(
            metric_named("average_precision"),
            f"Only {share:.1%} of the rows are of the rarer class: accuracy would reward ignoring it, "
            "average precision counts how well it is found.",
        )
    if len(class_counts) > 2 and share < UNEQUAL / len(class_counts):
        return MetricChoice(
            metric_named("balanced_accuracy"),
            f"The smallest of the {len(class_counts)} classes has {share:.1%} of the rows: "
            "balanced accuracy gives each class the same say.",
        )
    return MetricChoice(
        metric_named("accuracy"), "The classes are of similar size, so the share of right answers is fair."
    )


def _check_classes(metric: Metric, class_counts: Sequence[int]) -> None:
    if metric.binary_only and len(class_counts) > 2:
        raise InputError(
            f"{metric.name!r} needs two classes, and the target has {len(class_counts)}.",
            where="metric",
            allowed="accuracy, balanced_accuracy, roc_auc, log_loss, brier, f1",
        )
