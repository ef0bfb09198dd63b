"""What cannot be true of one run, whatever its source: each rule is a law that scores or costs must obey.

A run that breaks a law is set aside with all its scores: what is wrong with one is wrong with the fit.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

import numpy as np
import numpy.typing as npt
import pandas as pd

from ingest.records import SCORE_PREFIX
from kg.model import METRICS

#: Columns that say which run it is, and nothing of it.
NAMES_ONLY = ("run_id", "locator")

BoolArray: TypeAlias = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Breach:
    """Runs that break a rule."""

    rule: str
    rows: BoolArray
    """Which rows of the frame."""
    reasons: tuple[str, ...]
    """Why, with figures: one for each row that is set."""


class RowRule(Protocol):
    """A rule over single runs."""

    @property
    def name(self) -> str:
        """The rule's name in reports."""

    def breaches(self, frame: pd.DataFrame) -> Breach:
        """Return which runs of `frame` (see `ingest.normalize.NormalRuns`) break the rule, and why."""


@dataclass(frozen=True)
class Law:
    """An inequality between scores of one run that holds for every classifier; runs without the scores keep it."""

    name: str
    metrics: tuple[str, ...]
    excess: Callable[..., pd.Series]
    """How far the scores are on the wrong side: above `tolerance`, the law is broken."""
    tolerance: float
    """Allows for rounding, and for surrogates that predict each metric by itself."""
    says: str

    def breaches(self, frame: pd.DataFrame) -> Breach:
        """Return the runs whose scores break the law."""
        columns = [SCORE_PREFIX + metric for metric in self.metrics]
        if not set(columns) <= set(frame.columns):
            return _none(self.name, frame)
        rows = self.excess(*(frame[column] for column in columns)).gt(self.tolerance).to_numpy()
        figures = frame.loc[rows, columns].itertuples(index=False, name=None)
        reasons = tuple(
            f"{self.says}: " + ", ".join(f"{m} {v:.4g}" for m, v in zip(self.metrics, values, strict=True))
            for values in figures
        )
        return Breach(self.name, rows, reasons)


@dataclass(frozen=True)
class Bounds:
    """A score lies within the bounds of its metric."""

    name: str = "out_of_bounds"

    def breaches(self, frame: pd.DataFrame) -> Breach:
        """Return the runs that have a score that their metric cannot take."""
        reasons = pd.Series("", index=frame.index)
        for column in (name for name in frame.columns if name.startswith(SCORE_PREFIX)):
            metric = METRICS[column.removeprefix(SCORE_PREFIX)]
            low, high = _bound(metric.lower, -np.inf), _bound(metric.upper, np.inf)
            rows = (frame[column].lt(low) | frame[column].gt(high)) & reasons.eq("")
            said = [f"{metric.name} {value:.6g} is outside [{low:g}, {high:g}]" for value in frame.loc[rows, column]]
            reasons[rows] = pd.Series(said, index=reasons.index[rows], dtype=object)
        return _from_reasons(self.name, reasons)


@dataclass(frozen=True)
class Cost:
    """A fit takes time: seconds are above zero."""

    name: str = "impossible_seconds"

    def breaches(self, frame: pd.DataFrame) -> Breach:
        """Return the runs that took no time, or less."""
        rows = frame["seconds"].le(0).to_numpy()
        return Breach(self.name, rows, tuple(f"{v:.4g} seconds" for v in frame.loc[rows, "seconds"]))


@dataclass(frozen=True)
class TimeFloor:
    """Runs that share, in number, the least time that any run took: nobody timed them."""

    floors: Mapping[str, float]
    """Learner -> seconds that are such a floor (see `ingest.quality_survey`)."""
    name: str = "time_floor"

    def breaches(self, frame: pd.DataFrame) -> Breach:
        """Return the runs at the floor."""
        floor = frame["learner"].map(dict(self.floors)).astype("float64")
        rows = frame["seconds"].le(floor).to_numpy()
        reasons = (
            f"{v:.4g} seconds, the least value of all, which many runs share" for v in frame.loc[rows, "seconds"]
        )
        return Breach(self.name, rows, tuple(reasons))


@dataclass(frozen=True)
class Duplicate:
    """The same run recorded again says nothing new.

    Equal in data set, configuration, fidelity, every score and the cost. Repeated runs with *different* scores stay:
    they show the noise.
    """

    name: str = "duplicate"

    def breaches(self, frame: pd.DataFrame) -> Breach:
        """Return all but the first of equal runs."""
        told = [name for name in frame.columns if name not in NAMES_ONLY]
        rows = frame.duplicated(told).to_numpy()
        return Breach(
            self.name, rows, ("the same configuration with the same scores, recorded again",) * int(rows.sum())
        )


#: Laws that hold for every classifier, with their proofs in words:
#: a case with probability p on its true class has log loss -ln p >= 1 - p and Brier score at most 2 (1 - p);
#: a right case has Brier score at most 1, a wrong one at most 2, so Brier <= 2 - accuracy;
#: a wrong case has p <= 1/2, so log loss >= ln 2 and Brier >= 1/4 (in either definition) times the error rate;
#: where less than one case in 10,000 is wrong, no class that has more cases than that is missed.
LAWS: tuple[RowRule, ...] = (
    Law(
        "log_loss_below_brier",
        ("log_loss", "brier"),
        lambda log_loss, brier: brier / 2 - log_loss,
        1e-3,
        "log loss is at least half the Brier score",
    ),
    Law(
        "brier_beyond_accuracy",
        ("brier", "accuracy"),
        lambda brier, accuracy: brier - (2 - accuracy),
        1e-3,
        "the Brier score is at most 2 - accuracy",
    ),
    Law(
        "log_loss_below_errors",
        ("log_loss", "accuracy"),
        lambda log_loss, accuracy: math.log(2) * (1 - accuracy) - log_loss,
        1e-2,
        "log loss is at least ln 2 times the error rate",
    ),
    Law(
        "brier_below_errors",
        ("brier", "accuracy"),
        lambda brier, accuracy: (1 - accuracy) / 4 - brier,
        1e-2,
        "the Brier score is at least a quarter of the error rate",
    ),
    Law(
        "accuracy_without_recall",
        ("accuracy", "balanced_accuracy"),
        lambda accuracy, recall: (0.45 - recall).where(accuracy > 0.9999, -1.0),
        0.0,
        "with nearly every case right, hardly a class is missed",
    ),
)


def _bound(bound: float | None, otherwise: float) -> float:
    return otherwise if bound is None else bound


def _none(rule: str, frame: pd.DataFrame) -> Breach:
    return Breach(rule, np.zeros(len(frame), dtype=bool), ())


def _from_reasons(rule: str, reasons: pd.Series) -> Breach:
    rows = reasons.ne("").to_numpy()
    return Breach(rule, rows, tuple(reasons[rows]))
