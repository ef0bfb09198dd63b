"""Fit a configuration to the training rows of a fold and score it on the rest; go on with a fit where that is possible.

Nothing here knows Optuna: the same object works in the caller's process and in one apart (`recommender.fitting.apart`).
"""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from kg.columns import ColumnKind
from kg.learners.registry import learner_named
from kg.model import Configuration, ParameterValue, TaskType
from recommender.fitting.errors import fit_errors, in_words
from recommender.fitting.growing import grown
from recommender.fitting.rounds import scores_within
from recommender.pipeline import build_pipeline
from recommender.proposal import Protocol
from recommender.scoring import PROBABILITY_METRICS, score

Array = np.ndarray[Any, Any]


class FitError(RuntimeError):
    """A configuration could not be fitted or scored; the message says why."""


@dataclass(frozen=True)
class Fit:
    """One fit that is asked for."""

    configuration: dict[str, ParameterValue]
    fold: int
    fraction: float = 1.0
    """Share of the training rows."""
    grows: str = ""
    """The hyper-parameter that later fits of the same configuration raise; empty where none does."""
    rounds: tuple[int, ...] = ()
    """Smaller numbers of rounds of which the score is wanted as well, where the ensemble holds them."""


@dataclass(frozen=True)
class Scored:
    """What came of a fit."""

    score: float
    within: Mapping[int, float] = field(default_factory=dict)
    """Number of rounds -> score of so many first ones (`recommender.fitting.rounds`)."""


@dataclass(frozen=True, eq=False)
class Setup:
    """What all fits of a study have in common."""

    features: pd.DataFrame
    target: Array
    """Numbers of classes from 0, or floats; shape (rows,)."""
    kinds: Mapping[str, ColumnKind]
    n_classes: int
    """0 in regression."""
    task_type: TaskType
    learner: str
    metric: str
    protocol: Protocol
    seed: int
    n_threads: int

    @property
    def n_folds(self) -> int:
        """Fits of a configuration in full: `folds_of` yields so many."""
        return _n_splits(self.target, self.task_type, self.protocol) * self.protocol.repeats


@dataclass
class _Kept:
    """A fit that may be gone on with."""

    base: dict[str, ParameterValue]
    """Its configuration without what grows."""
    model: Any
    reached: float


@dataclass
class FoldFits:
    """Makes the fits of one study and keeps those of the last configuration, to go on with them."""

    setup: Setup
    _splits: list[tuple[Array, Array]] = field(default_factory=list)
    _kept: dict[int, _Kept] = field(default_factory=dict)

    @property
    def splits(self) -> list[tuple[Array, Array]]:
        """The rows to train and to test on, fold by fold."""
        if not self._splits:
            self._splits = list(folds_of(self.setup))
        return self._splits

    def scored(self, fit: Fit) -> Scored:
        """Return the score of a fit, and those of its first rounds, in the unit and direction of the metric.

        Raises:
            FitError: It fails, or its score is no number.
        """
        setup, (train, test) = self.setup, self.splits[fit.fold]
        target, features = setup.target, setup.features
        rows = leading(train, fit.fraction)
        try:
            # Some learners have no parameter for it and take all processors (HistGradientBoosting).
            with threadpool_limits(setup.n_threads):
                model = self._fitted(fit, features.iloc[rows], target[rows])
                seen = features.iloc[test], target[test]
                found = score(model, *seen, setup.metric, setup.n_classes)
                within = scores_within(model, fit.rounds, seen, setup.metric, setup.n_classes)
        except fit_errors() as error:
            raise FitError(in_words(error)) from error
        if not math.isfinite(found):
            raise FitError(f"the {setup.metric} of a fold is {found}")
        return Scored(found, {number: value for number, value in within.items() if math.isfinite(value)})

    def _fitted(self, fit: Fit, features: Any, target: Any) -> Any:
        if not fit.grows or fit.fraction < 1:
            return self._built(fit).fit(features, target)
        base = {name: value for name, value in fit.configuration.items() if name != fit.grows}
        value = float(fit.configuration[fit.grows])  # type: ignore[arg-type]  # a number, or it would not grow
        kept = self._kept.pop(fit.fold, None)
        before = kept if kept is not None and kept.base == base and kept.reached < value else None
        model = before.model if before else self._built(fit)
        if not grown(model, fit.grows, before.reached if before else 0.0, value, (features, target)):
            model = self._built(fit).fit(features, target)
        self._kept[fit.fold] = _Kept(base, model, value)
        return model

    def _built(self, fit: Fit) -> Any:
        setup = self.setup
        return build_pipeline(
            learner_named(setup.learner),
            setup.task_type,
            setup.kinds,
            Configuration(fit.configuration),
            seed=setup.seed,
            n_threads=setup.n_threads,
            probabilities=setup.metric in PROBABILITY_METRICS,
        )


def folds_of(setup: Setup) -> Iterator[tuple[Array, Array]]:
    """Yield the rows to train and to test on; repeat r has the study's seed + r.

    Rows of a class that has fewer rows than folds are in some test folds only; every class is learnt in every fold.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    protocol, kind = setup.protocol, StratifiedKFold if _is_stratified(setup.task_type, setup.protocol) else KFold
    n_splits = _n_splits(setup.target, setup.task_type, protocol)
    for repeat in range(protocol.repeats):
        state = setup.seed + repeat if protocol.shuffle else None
        splitter = kind(n_splits=n_splits, shuffle=protocol.shuffle, random_state=state)
        with warnings.catch_warnings():
            # A class with fewer rows than folds is not an error here: `score` knows of it.
            warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
            splits = list(splitter.split(np.zeros((len(setup.target), 1)), setup.target))
        yield from splits


def _is_stratified(task_type: TaskType, protocol: Protocol) -> bool:
    return protocol.stratified and task_type is TaskType.CLASSIFICATION


def _n_splits(target: Array, task_type: TaskType, protocol: Protocol) -> int:
    return (
        min(protocol.folds, int(np.bincount(target).max())) if _is_stratified(task_type, protocol) else protocol.folds
    )


def leading(train: Array, fraction: float) -> Array:
    """Return that share of the rows: every so many, so that a table sorted by class keeps its classes."""
    if fraction >= 1:
        return train
    rows = max(2, round(len(train) * fraction))
    return np.asarray(train[np.linspace(0, len(train) - 1, rows).astype(int)])
