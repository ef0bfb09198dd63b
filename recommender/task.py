"""What is to be tuned: the data as far as it is known, the metric, and the limits."""

from __future__ import annotations

from pydantic import Field

from kg.model import MetaFeatures, TaskType
from kg.model.base import Value


class Constraints(Value):
    """The limits that the user sets. None: no limit given."""

    wall_clock_s: float | None = Field(default=None, gt=0)
    n_trials: int | None = Field(default=None, ge=1)
    n_workers: int = Field(default=1, ge=1)
    learners: tuple[str, ...] = ()
    """Canonical names of the learners to choose from; empty: any that is installed."""


class TuningTask(Value):
    """A learning task whose hyper-parameters are to be tuned."""

    name: str = ""
    """The data set's name or file stem; used to recognise a publicly known data set. A language model is told it, where
    the user names one and does not ask to withhold it."""
    task_type: TaskType
    metric: str
    """Canonical metric name."""
    metric_reason: str = ""
    """Why this metric, where the user named none."""
    target: str = ""
    n_rows: int | None = None
    n_columns: int | None = None
    n_classes: int | None = None
    meta_features: MetaFeatures = MetaFeatures({})
    constraints: Constraints = Constraints()
    seed: int = 0
