"""What somebody has said of a task: data, metric, limits, preferences. None and nothing stand for what was not said."""

from __future__ import annotations

from pydantic import Field

from kg.learners.registry import is_installed, learner_named, learners
from kg.model import MetaFeatures, TaskType
from kg.model.base import FrozenMapping, Value
from recommender.llm.cues import INTERPRETABLE


class Stated(Value):
    """What was said of a task, whatever said it: a person, a model on a person's words, a card."""

    name: str = Field(default="", max_length=200)
    """Of the data set."""
    task_type: TaskType | None = None
    n_rows: int | None = Field(default=None, ge=1)
    n_columns: int | None = Field(default=None, ge=1)
    """Without the target."""
    n_classes: int | None = Field(default=None, ge=2)
    minority_share: float | None = Field(default=None, gt=0, le=0.5)
    """Share of the rows that are of the rarest class."""
    missing_share: float | None = Field(default=None, ge=0, lt=1)
    """Share of the cells that are empty."""
    is_rare: bool = False
    """Whether a class is said to be rare, with or without a figure."""
    metric: str | None = None
    """Canonical name."""
    wall_clock_s: float | None = Field(default=None, gt=0)
    n_trials: int | None = Field(default=None, ge=1, le=100_000)
    n_workers: int | None = Field(default=None, ge=1, le=1_000)
    memory_mb: float | None = Field(default=None, gt=0)
    """Of the machine."""
    learners: tuple[str, ...] = ()
    """Canonical names of those that are wanted; empty: any."""
    unwanted: tuple[str, ...] = ()
    """Canonical names of those that are not."""
    interpretable: bool = False
    """Whether people must be able to read the model."""

    def meta_features(self) -> MetaFeatures:
        """Return what was said of the data under OpenML's names (where the target counts among the features)."""
        rows, classes = self.n_rows, self.n_classes
        features = None if self.n_columns is None else self.n_columns + 1
        share = None if self.minority_share is None else 100 * self.minority_share
        known = {
            "NumberOfInstances": rows,
            "NumberOfFeatures": features,
            "NumberOfClasses": 0 if self.task_type is TaskType.REGRESSION else classes,
            "MinorityClassPercentage": share,
            "MajorityClassPercentage": 100 - share if share is not None and classes == 2 else None,
            "PercentageOfMissingValues": None if self.missing_share is None else 100 * self.missing_share,
            "Dimensionality": features / rows if features is not None and rows else None,
        }
        return MetaFeatures({name: float(value) for name, value in known.items() if value is not None})

    def candidates(self, task_type: TaskType) -> tuple[str, ...]:
        """Return the learners to choose from for a kind of task; empty: any.

        Who names learners gets them, installed or not, but for those that cannot do the task.
        """
        readable = INTERPRETABLE if self.interpretable else ()
        wanted = tuple(n for n in self.learners if n in readable) or self.learners or readable
        if not wanted and self.unwanted:
            wanted = tuple(spec.name for spec in learners(task_type, installed_only=True))
        able = [name for name in wanted if task_type in learner_named(name).implementations]
        left = [name for name in able if name not in self.unwanted]
        usable = [name for name in left if is_installed(learner_named(name))]
        return tuple(usable or left)


class Said(Value):
    """One thing that was said: its value, the words that say it, and why it means that where that is not plain."""

    value: bool | int | float | str | tuple[str, ...] | None
    quote: str
    why: str = ""


class Reading(Value):
    """What was read in words, field by field (of `Stated`), and what is to be told of the reading."""

    said: FrozenMapping[str, Said] = FrozenMapping({})
    notes: tuple[str, ...] = ()
    """Figures that were not used and assumptions behind those that were."""
