"""The metrics: names, directions, bounds, and what they are called elsewhere."""

from __future__ import annotations

from enum import StrEnum

from kg.errors import InputError, UnknownNameError
from kg.model.base import Value


class TaskType(StrEnum):
    """What is predicted."""

    CLASSIFICATION = "classification"
    REGRESSION = "regression"


class Metric(Value):
    """How a model is scored."""

    name: str
    """Canonical name."""
    task_type: TaskType
    greater_is_better: bool
    lower: float | None = None
    """Least possible value, or None where there is no bound."""
    upper: float | None = None
    """Greatest possible value, or None where there is no bound."""
    scorer: str
    """Name of scikit-learn's scorer (always greater-is-better; negated losses begin with ``neg_``)."""
    binary_only: bool = False
    aliases: tuple[str, ...] = ()
    """Names in other sources, compared without case and punctuation."""

    def gain(self, score: float) -> float:
        """Return `score` turned so that greater is better."""
        return score if self.greater_is_better else -score

    @property
    def perfect(self) -> float | None:
        """The best possible score, or None where there is no bound."""
        return self.upper if self.greater_is_better else self.lower


def _classification(
    name: str, scorer: str, *aliases: str, better: bool = True, upper: float | None = 1.0, binary: bool = False
) -> Metric:
    return Metric(
        name=name,
        task_type=TaskType.CLASSIFICATION,
        greater_is_better=better,
        lower=0.0,
        upper=upper,
        scorer=scorer,
        binary_only=binary,
        aliases=aliases,
    )


def _loss(name: str, scorer: str, *aliases: str) -> Metric:
    return Metric(
        name=name, task_type=TaskType.REGRESSION, greater_is_better=False, lower=0.0, scorer=scorer, aliases=aliases
    )


#: Every metric by canonical name. The first of each task type is its default.
METRICS: dict[str, Metric] = {
    metric.name: metric
    for metric in (
        _classification("accuracy", "accuracy", "predictive_accuracy", "acc"),
        _classification("balanced_accuracy", "balanced_accuracy", "bac", "bal_accuracy"),
        _classification("roc_auc", "roc_auc_ovr", "area_under_roc_curve", "auc"),
        _classification("average_precision", "average_precision", "auprc", "pr_auc", "area_under_prc", binary=True),
        _classification("log_loss", "neg_log_loss", "logloss", "cross_entropy", better=False, upper=None),
        _classification("brier", "neg_brier_score", "brier_score", better=False, upper=2.0),
        _classification("f1", "f1_macro", "f1_macro", "macrof1", "f_measure"),
        _loss("rmse", "neg_root_mean_squared_error", "root_mean_squared_error"),
        _loss("mae", "neg_mean_absolute_error", "mean_absolute_error"),
        Metric(name="r2", task_type=TaskType.REGRESSION, greater_is_better=True, upper=1.0, scorer="r2"),
    )
}


def metric_named(name: str, task_type: TaskType | None = None) -> Metric:
    """Return the metric called `name` (canonical or alias, in any case and punctuation).

    Args:
        name: What the user or a source calls it.
        task_type: Where given, the metric must fit it.

    Raises:
        UnknownNameError: There is no such metric.
        InputError: The metric does not fit `task_type`.
    """
    wanted = _plain(name)
    found = next((m for m in METRICS.values() if wanted in {_plain(m.name), *map(_plain, m.aliases)}), None)
    fitting = [m.name for m in METRICS.values() if task_type in (None, m.task_type)]
    if found is None:
        raise UnknownNameError("metric", name, fitting)
    if task_type not in (None, found.task_type):
        raise InputError(
            f"{found.name!r} is for {found.task_type}, but the task is {task_type}.",
            where="metric",
            allowed=", ".join(fitting),
        )
    return found


def _plain(name: str) -> str:
    return "".join(c for c in name.lower() if c.isalnum())
