"""The objective of a study: cross-validation as the proposal lays down, reported fold by fold or rung by rung.

A fit that fails gives a failed trial whose user attribute ``tunegraph:reason`` says why; the study goes on.
"""

from __future__ import annotations

import math
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import optuna
from threadpoolctl import threadpool_limits

from kg.learners.registry import learner_named
from kg.model import Configuration, FidelityKind, TaskType
from kg.tables import Table, prepare_table
from recommender.pipeline import build_pipeline
from recommender.proposal import Fidelity, Proposal, Protocol
from recommender.scoring import PROBABILITY_METRICS, score
from recommender.spaces import suggest

Array = np.ndarray[Any, Any]

#: User attributes of a trial.
REASON, CONFIGURATION, FOLD_SCORES = "tunegraph:reason", "tunegraph:configuration", "tunegraph:fold_scores"

#: Below this many cells, threads cost a fit more than they bring.
SMALL_CELLS = 200_000


class FitError(RuntimeError):
    """A configuration could not be fitted or scored; the message says why."""


def objective_for(
    source: Any, target: Any, proposal: Proposal, *, n_threads: int | None = None
) -> Callable[[optuna.Trial], float]:
    """Return the objective that scores a trial as `proposal` lays down.

    Args:
        source: A `Table`, or whatever `kg.tables.prepare_table` takes.
        target: As for `prepare_table`; not used where `source` is a `Table`.
        proposal: What to tune and how to score it.
        n_threads: Threads that a fit may use. None: one on small tables, else the processors shared among the
            proposal's workers.

    Raises:
        TableError: Nothing can be learnt from the table.
    """
    table = prepare_table(source, target, proposal.task.task_type)
    share = max(1, (os.cpu_count() or 1) // proposal.budget.value.n_workers)
    small = table.n_rows * len(table.usable) < SMALL_CELLS
    return Objective(table, proposal, n_threads or (1 if small else share))


@dataclass(frozen=True, eq=False)
class Objective:
    """Scores a trial. Call it with an `optuna.Trial`, or `cross_validate` with a configuration."""

    table: Table
    proposal: Proposal
    n_threads: int = 1

    def __call__(self, trial: optuna.Trial) -> float:
        """Return the mean score over the folds; NaN, which makes the trial a failed one, where a fit fails.

        Raises:
            TrialPruned: The pruner stops the trial, or its combination is forbidden.
        """
        configuration = suggest(trial, self.proposal.search_space.value)
        complete = self.complete(configuration)
        trial.set_user_attr(CONFIGURATION, dict(complete.items()))
        try:
            return self._run(trial, complete)
        except FitError as error:
            trial.set_user_attr(REASON, str(error))
            return math.nan

    def complete(self, configuration: Configuration) -> Configuration:
        """Return `configuration` with what the proposal fixes."""
        return Configuration({**self.proposal.fixed.value.root, **configuration.root})

    def cross_validate(
        self, configuration: Configuration, *, training_fraction: float = 1.0, folds: int | None = None
    ) -> Iterator[float]:
        """Yield the score of each fold, in the unit and direction of the metric.

        Args:
            configuration: Complete (see `complete`).
            training_fraction: Share of each training fold to fit on.
            folds: Only so many; None for all.

        Raises:
            FitError: A fit fails, or takes the trial beyond the proposal's `per_trial_s` (seen between folds).
        """
        started = time.monotonic()
        limit = self.proposal.budget.value.per_trial_s
        splits = list(folds_of(self.table, self.proposal.protocol.value, self.proposal.task.seed))[:folds]
        for number, (train, test) in enumerate(splits):
            yield self._fit_and_score(configuration, _leading(train, training_fraction), test)
            if (spent := time.monotonic() - started) > limit and number + 1 < len(splits):
                raise FitError(f"{spent:.0f} s after {number + 1} of {len(splits)} folds: above {limit:g} s a trial")

    def _run(self, trial: optuna.Trial, configuration: Configuration) -> float:
        fidelity = self.proposal.fidelity.value
        if fidelity is None:
            return self._by_folds(trial, configuration)
        for level in rungs(fidelity):
            value = self._at(configuration, fidelity, level)
            trial.report(value, step=step_of(fidelity, level))
            if level < fidelity.max and trial.should_prune():
                raise optuna.TrialPruned(f"{fidelity.parameter} = {level:g}")
        return value

    def _by_folds(self, trial: optuna.Trial, configuration: Configuration) -> float:
        scores: list[float] = []
        # Wilcoxon's test pairs trials fold by fold; the other pruners compare what is known so far.
        paired = self.proposal.pruner.value.name == "wilcoxon"
        for number, fold_score in enumerate(self.cross_validate(configuration)):
            scores.append(fold_score)
            trial.set_user_attr(FOLD_SCORES, scores)
            trial.report(fold_score if paired else float(np.mean(scores)), step=number + (0 if paired else 1))
            if trial.should_prune():
                raise optuna.TrialPruned(f"after {number + 1} folds")
        return float(np.mean(scores))

    def _at(self, configuration: Configuration, fidelity: Fidelity, level: float) -> float:
        if fidelity.kind is FidelityKind.TRAINING_FRACTION:
            return float(np.mean(list(self.cross_validate(configuration, training_fraction=level / fidelity.max))))
        if fidelity.kind is FidelityKind.FOLDS:
            return float(np.mean(list(self.cross_validate(configuration, folds=round(level)))))
        wanted = configuration.get(fidelity.parameter, None)
        value = level if wanted is None or level >= fidelity.max else min(level, float(wanted))
        if wanted is not None and level >= fidelity.max:
            value = float(wanted)
        whole = Configuration({**configuration.root, fidelity.parameter: round(value)})
        return float(np.mean(list(self.cross_validate(whole))))

    def _fit_and_score(self, configuration: Configuration, train: Array, test: Array) -> float:
        table, metric = self.table, self.proposal.metric.value
        target = table.encoded_target
        try:
            model = build_pipeline(
                learner_named(self.proposal.learner.value),
                table.task_type,
                table.kinds,
                configuration,
                seed=self.proposal.task.seed,
                n_threads=self.n_threads,
                probabilities=metric in PROBABILITY_METRICS,
            )
            # Some learners have no parameter for it and take all processors (HistGradientBoosting).
            with threadpool_limits(self.n_threads):
                model.fit(table.features.iloc[train], target[train])
                found = score(model, table.features.iloc[test], target[test], metric, len(table.classes))
        except _fit_errors() as error:
            raise FitError(f"{type(error).__name__}: {error}"[:500]) from error
        if not math.isfinite(found):
            raise FitError(f"the {metric} of a fold is {found}")
        return found


def folds_of(table: Table, protocol: Protocol, seed: int) -> Iterator[tuple[Array, Array]]:
    """Yield the rows to train and to test on; repeat r has the seed `seed` + r.

    Rows of a class that has fewer rows than folds are in some test folds only; every class is learnt in every fold.
    """
    from sklearn.model_selection import KFold, StratifiedKFold

    stratified = protocol.stratified and table.task_type is TaskType.CLASSIFICATION
    target = table.encoded_target
    n_folds = min(protocol.folds, int(np.bincount(target).max())) if stratified else protocol.folds
    for repeat in range(protocol.repeats):
        state = seed + repeat if protocol.shuffle else None
        kind = StratifiedKFold if stratified else KFold
        splitter = kind(n_splits=n_folds, shuffle=protocol.shuffle, random_state=state)
        with warnings.catch_warnings():
            # A class with fewer rows than folds is not an error here: `score` knows of it.
            warnings.filterwarnings("ignore", message="The least populated class", category=UserWarning)
            splits = list(splitter.split(np.zeros((table.n_rows, 1)), target))
        yield from splits


def rungs(fidelity: Fidelity) -> list[float]:
    """Return the levels of a successive halving: from `min` in steps of factor `eta` up to `max`, which is last."""
    levels = [float(fidelity.min)]
    while levels[-1] * fidelity.eta < fidelity.max * (1 - 1e-9):
        levels.append(levels[-1] * fidelity.eta)
    return [*levels, float(fidelity.max)] if levels[-1] < fidelity.max else levels


def step_of(fidelity: Fidelity, level: float) -> int:
    """Return the whole step that Optuna's pruners count a level by: the least level is at least 1."""
    return round(level * (1.0 if fidelity.min >= 1 else 1.0 / fidelity.min))


def _leading(train: Array, fraction: float) -> Array:
    if fraction >= 1:
        return train
    rows = max(2, round(len(train) * fraction))
    # Every so many rows, so that a table sorted by class keeps its classes.
    return np.asarray(train[np.linspace(0, len(train) - 1, rows).astype(int)])


def _fit_errors() -> tuple[type[Exception], ...]:
    """Return what learners raise where a configuration or fold does not suit them."""
    found: list[type[Exception]] = [ArithmeticError, AssertionError, AttributeError, LookupError, MemoryError]
    found += [RuntimeError, TypeError, ValueError]
    for module, name in (("lightgbm.basic", "LightGBMError"), ("catboost", "CatBoostError")):
        if module in sys.modules:
            found.append(getattr(sys.modules[module], name))
    return tuple(found)
