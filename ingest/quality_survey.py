"""A first look over a source: what its groups and clocks are like, before any row is judged.

Memory grows with the number of groups (learner, data set, metric), not with that of runs.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from ingest.records import SCORE_PREFIX
from kg.model import Iri, MetaFeatures
from kg.model.base import Value

#: A best score this little above what chance gives is chance.
CHANCE_MARGIN = {"accuracy": 0.002, "balanced_accuracy": 0.01, "roc_auc": 0.01, "r2": 0.002}
#: Runs that share the least time of a learner, from which on it is a floor and no measurement.
FLOOR_RUNS = 10
#: Share of distinct times, from which on a clock is fine enough for equal times to be odd.
FINE_CLOCK = 0.8
#: Data sets that a learner must fail on before it is said to lose columns, and the share of them that must fail.
LOST_TASKS, LOST_SHARE = 5, 0.8


class DatasetFacts(Value):
    """What quality rules want to know of a data set; None where it is unknown."""

    majority: float | None = None
    """Share of the most frequent class."""
    classes: int | None = None
    numeric: int | None = None
    """Numeric columns."""
    symbolic: int | None = None
    """Nominal columns, without the target."""

    @classmethod
    def of(cls, qualities: MetaFeatures) -> DatasetFacts:
        """Read them from OpenML's qualities.

        The share of the majority is made of counts, since OpenML's percentage is a fraction for some data sets.
        """
        rows, size = qualities.get("NumberOfInstances", 0.0), qualities.get("MajorityClassSize", None)
        percentage = qualities.get("MajorityClassPercentage", None)
        majority = size / rows if size is not None and rows else None if percentage is None else percentage / 100
        classes = qualities.get("NumberOfClasses", None)
        numeric, symbolic = (qualities.get(f"NumberOf{kind}Features", None) for kind in ("Numeric", "Symbolic"))
        # OpenML counts the target among the columns: nominal where there are classes, numeric otherwise.
        return cls(
            majority=majority,
            classes=int(classes) if classes else None,
            numeric=None if numeric is None else int(numeric) - (not classes),
            symbolic=None if symbolic is None else int(symbolic) - bool(classes),
        )

    def filled_from(self, other: DatasetFacts) -> DatasetFacts:
        """Return these facts, with those of `other` where one is unknown."""
        return DatasetFacts(**{**other.model_dump(exclude_none=True), **self.model_dump(exclude_none=True)})


#: What is said of a data set that nothing is known of.
UNKNOWN = DatasetFacts()


def chance(metric: str, facts: DatasetFacts) -> float | None:
    """Return the score of a model that learnt nothing, or None where that is not known."""
    match metric:
        case "accuracy":
            return facts.majority
        case "balanced_accuracy":
            return 1 / facts.classes if facts.classes else None
        case "roc_auc":
            return 0.5
        case "r2":
            return 0.0
    return None


def at_full_fidelity(group: pd.DataFrame) -> pd.DataFrame:
    """Return the runs of `group` at full fidelity or, where there are none, at the highest there is."""
    full = group[group["fidelity_kind"].isna()]
    return full if len(full) else group[group["fidelity_value"].eq(group["fidelity_value"].max())]


def chance_reason(metric: str, scores: pd.Series, facts: DatasetFacts) -> str:
    """Return why `scores` show no learning, with figures; empty where they do, or where it cannot be told."""
    level = chance(metric, facts)
    if level is None or metric not in CHANCE_MARGIN or scores.empty:
        return ""
    best = scores.max()  # every metric with a margin is greater-is-better
    if best > level + CHANCE_MARGIN[metric]:
        return ""
    return f"best of {len(scores)} runs is {best:.4f}, and a model that learns nothing has {level:.4f}"


@dataclass(frozen=True)
class LostColumns:
    """A learner in whose runs one kind of column did not reach the model."""

    kind: str
    """``numeric`` or ``symbolic``."""
    failed: int
    """Data sets with this kind of column only, on which it learnt nothing."""
    of: int
    """Data sets with this kind of column only."""


class Survey:
    """Collects what is seen of a source.

    Args:
        facts: IRI of a data set -> what is known of it.
    """

    def __init__(self, facts: Mapping[Iri, DatasetFacts]) -> None:
        self.facts = facts
        self._chance: dict[tuple[str, str, str], bool] = {}
        self._clocks: dict[str, _Clock] = {}

    def add(self, frame: pd.DataFrame) -> None:
        """Look at all runs of some data sets (whole groups)."""
        for name, rows in frame.groupby("learner", sort=True):
            clock = self._clocks.setdefault(str(name), _Clock())
            clock.add(rows["seconds"].dropna())
        metrics = [name.removeprefix(SCORE_PREFIX) for name in frame.columns if name.startswith(SCORE_PREFIX)]
        for (learner, dataset), runs in frame.groupby(["learner", "dataset"], sort=True):
            full = at_full_fidelity(runs)
            for metric in metrics:
                scores, facts = full[SCORE_PREFIX + metric].dropna(), self.facts.get(Iri(str(dataset)), UNKNOWN)
                if len(scores) and metric in CHANCE_MARGIN and chance(metric, facts) is not None:
                    failed = bool(chance_reason(metric, scores, facts))
                    self._chance[str(learner), str(dataset), metric] = failed

    def floors(self) -> dict[str, float]:
        """Return the seconds of each learner that are a floor of the clock rather than a measurement."""
        return {learner: clock.least for learner, clock in self._clocks.items() if clock.has_floor}

    def lost_columns(self) -> dict[str, LostColumns]:
        """Return the learners that, on data sets with one kind of column only, learnt nothing nearly everywhere."""
        found = {}
        for learner in sorted({key[0] for key in self._chance}):
            for kind, other in (("numeric", "symbolic"), ("symbolic", "numeric")):
                failed = [
                    failed
                    for dataset, failed in self._failures(learner).items()
                    if getattr(self.facts.get(Iri(dataset), UNKNOWN), kind) and self._count(dataset, other) == 0
                ]
                if len(failed) >= LOST_TASKS and np.mean(failed) >= LOST_SHARE:
                    found[learner] = LostColumns(kind, sum(failed), len(failed))
        return found

    def _failures(self, learner: str) -> dict[str, bool]:
        """Return data set -> whether every metric that can tell says that nothing was learnt."""
        failures: dict[str, bool] = {}
        for (name, dataset, _), failed in self._chance.items():
            if name == learner:
                failures[dataset] = failures.get(dataset, True) and failed
        return failures

    def _count(self, dataset: str, kind: str) -> int | None:
        count: int | None = getattr(self.facts.get(Iri(dataset), UNKNOWN), kind)
        return count


class _Clock:
    """The least time seen, how many runs have it, and how fine the others are."""

    def __init__(self) -> None:
        self.least, self.at_least, self.rows, self.distinct = np.inf, 0, 0, 0

    def add(self, seconds: pd.Series) -> None:
        if seconds.empty:
            return
        least = float(seconds.min())
        at_least = int(seconds.eq(least).sum())
        if least < self.least:
            self.least, self.at_least = least, at_least
        elif least == self.least:
            self.at_least += at_least
        self.rows += len(seconds)
        self.distinct += int(seconds.nunique())

    @property
    def has_floor(self) -> bool:
        others = self.rows - self.at_least
        return self.at_least >= FLOOR_RUNS and others > 0 and self.distinct / others >= FINE_CLOCK
