"""From a table, or the description of one, and what is wanted to the task that is to be tuned."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from kg.errors import InputError
from kg.model import MetaFeatures, TaskType
from ui.request import Request

if TYPE_CHECKING:
    from kg.tables import Table
    from recommender.task import TuningTask


def described_task(table: Table, request: Request) -> TuningTask:
    """Return the task of a table, with its meta-features.

    Raises:
        InputError: An option does not fit the table.
    """
    from kg.describe import describe
    from recommender.metric_choice import choose_metric

    counts = tuple(int(n) for n in table.target.value_counts()) if table.classes else ()
    choice = choose_metric(table.task_type, counts, named=request.metric)
    features = describe(table, seed=request.seed)
    task = _task(features, table.task_type, request, metric=choice.metric.name)
    described = {"name": table.name, "target": str(table.target.name), "metric_reason": choice.reason}
    return task.replace(**described)


def task_of(meta_features: Mapping[str, Any], request: Request) -> TuningTask:
    """Return the task of a table that is not shown, only described.

    Raises:
        InputError: Task type or meta-features are missing or make no sense.
    """
    from recommender.metric_choice import choose_metric

    features = _checked(meta_features)
    n_classes = features.get("NumberOfClasses")
    task_type = request.task_type
    if task_type is None:
        if n_classes is None:
            raise InputError("The task type is not known.", where="--task-type", allowed=", ".join(TaskType))
        task_type = TaskType.CLASSIFICATION if n_classes >= 2 else TaskType.REGRESSION
    if task_type is TaskType.CLASSIFICATION and n_classes is not None and n_classes < 2:
        raise InputError(
            f"{n_classes:g} is no number of classes.",
            where="NumberOfClasses",
            allowed="at least 2, or --task-type regression",
        )
    choice = choose_metric(task_type, class_counts(features), named=request.metric)
    task = _task(features, task_type, request, metric=choice.metric.name)
    return task.replace(metric_reason=choice.reason)


def _task(features: MetaFeatures, task_type: TaskType, request: Request, *, metric: str) -> TuningTask:
    from recommender.task import Constraints, TuningTask

    named = (request.learner, *request.learners)
    learners = tuple(dict.fromkeys(_learner_for(task_type, name) for name in named if name is not None))
    rows, columns = features.get("NumberOfInstances"), features.get("NumberOfFeatures")
    classes = features.get("NumberOfClasses")
    return TuningTask(
        task_type=task_type,
        metric=metric,
        n_rows=None if rows is None else int(rows),
        n_columns=None if columns is None else int(columns) - 1,
        n_classes=int(classes) if classes and task_type is TaskType.CLASSIFICATION else None,
        meta_features=features,
        constraints=Constraints(
            wall_clock_s=request.time_s, n_trials=request.n_trials, n_workers=request.n_workers, learners=learners
        ),
        seed=request.seed,
    )


def _learner_for(task_type: TaskType, name: str) -> str:
    """Return the canonical name of a learner.

    Raises:
        InputError: There is none of that name, or it cannot do the task.
    """
    from kg.learners.registry import learner_named

    spec = learner_named(name)
    if spec.implementations and task_type not in spec.implementations:
        raise InputError(
            f"{spec.name!r} cannot do {task_type}.", where="learner", allowed=", ".join(spec.implementations)
        )
    return spec.name


#: Quality -> the least it may be, and why where that is not plain.
_LEAST = (
    ("NumberOfInstances", 20, ": with fewer rows, no split into folds says anything"),
    ("NumberOfFeatures", 2, ": OpenML counts the target, too"),
    ("NumberOfClasses", 0, ""),
)


def _checked(meta_features: Mapping[str, Any]) -> MetaFeatures:
    features = MetaFeatures(dict(meta_features))
    for name, least, why in _LEAST:
        if name in features and features[name] < least:
            raise InputError(f"{features[name]:g} is too small.", where=name, allowed=f"at least {least}{why}")
    if not any(name in features for name in ("NumberOfInstances", "NumberOfFeatures")):
        raise InputError(
            "Neither rows nor columns are known.",
            where="meta-features",
            allowed="OpenML's names, of which NumberOfInstances or NumberOfFeatures must be there",
        )
    return features


def class_counts(features: MetaFeatures) -> tuple[int, ...]:
    """Return the class sizes that the qualities imply, as far as `choose_metric` needs them.

    Empty where rows or classes are not known; where no share is known, classes are taken for equally frequent.
    """
    rows, classes = features.get("NumberOfInstances"), int(features.get("NumberOfClasses") or 0)
    share = features.get("MinorityClassPercentage")
    if rows is None or classes < 2:
        return ()
    smallest = rows / classes if share is None else rows * share / 100
    return (int(smallest), *(int((rows - smallest) / (classes - 1)) for _ in range(classes - 1)))
