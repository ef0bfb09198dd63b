"""The objective of a study: cross-validation as the proposal lays down, reported fold by fold or rung by rung.

Fits are made in a process apart, which is ended when their time is over. A fit that fails gives a failed trial whose
user attribute ``tunegraph:reason`` says why; the study goes on.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
import optuna

from kg.model import Configuration, FidelityKind, metric_named
from kg.tables import Table, prepare_table
from recommender.early_rounds import add_early_trial, best_rounds, smaller_numbers
from recommender.fitting.apart import Fits, TimeOverError, fitting
from recommender.fitting.folds import Fit, FitError, Scored, Setup
from recommender.proposal import Fidelity, Proposal
from recommender.spaces import suggest
from recommender.trial_notes import ALLOWED_S, CONFIGURATION, CPU_SECONDS, FOLD_SCORES, REASON, SECONDS
from recommender.trial_time import allowed_s

Array = np.ndarray[Any, Any]

#: Below this many cells, threads cost a fit more than they bring.
SMALL_CELLS = 200_000
#: A training fraction above this share of the whole is near it.
NEAR = 2 / 3


def objective_for(
    source: Any, target: Any, proposal: Proposal, *, n_threads: int | None = None, apart: bool = True
) -> Callable[[optuna.Trial], float]:
    """Return the objective that scores a trial as `proposal` lays down.

    Args:
        source: A `Table`, or whatever `kg.tables.prepare_table` takes.
        target: As for `prepare_table`; not used where `source` is a `Table`.
        proposal: What to tune and how to score it.
        n_threads: Threads that a fit may use. None: one on small tables, else the processors shared among the
            proposal's workers.
        apart: Whether fits are made in a process apart, so that the limit of a trial holds whatever a fit does, and
            that of the study, where `recommender.tuning.optimise` runs it. Otherwise they are seen between folds.

    Raises:
        TableError: Nothing can be learnt from the table.
    """
    table = prepare_table(source, target, proposal.task.task_type)
    share = max(1, (os.cpu_count() or 1) // proposal.budget.value.n_workers)
    small = table.n_rows * len(table.usable) < SMALL_CELLS
    return Objective(table, proposal, n_threads or (1 if small else share), apart=apart)


@dataclass(frozen=True, eq=False)
class Objective:
    """Scores a trial. Call it with an `optuna.Trial`, or `cross_validate` with a configuration."""

    table: Table
    proposal: Proposal
    n_threads: int = 1
    until: float = math.inf
    """When the study's time is over, on the clock of `time.monotonic`."""
    apart: bool = True
    """Whether fits are made in a process apart, which is ended when the time of a trial or of the study is over."""

    def __call__(self, trial: optuna.Trial) -> float:
        """Return the mean score over the folds; NaN, which makes the trial a failed one, where a fit fails.

        Raises:
            TrialPruned: The pruner stops the trial, its combination is forbidden, or the study's time is over.
        """
        configuration = suggest(trial, self.proposal.search_space.value)
        complete = self.complete(configuration)
        trial.set_user_attr(CONFIGURATION, dict(complete.items()))
        limit = allowed_s(trial, self.proposal.budget.value.per_trial_s)
        try:
            with fitting(self._setup, apart=self.apart) as fits:
                fits.start(within=self.until - time.monotonic())
                run = _Run(self, fits, complete, min(time.monotonic() + limit, self.until))
                with _counted(trial, fits):
                    return self._run(trial, run)
        except TimeOverError as error:
            if time.monotonic() >= self.until:
                # It says nothing against the configuration.
                trial.set_user_attr(REASON, f"the study's time is over: {error}")
                raise optuna.TrialPruned("the study's time is over") from error
            trial.set_user_attr(REASON, f"above {limit:.3g} s a trial: {error}")
            trial.set_user_attr(ALLOWED_S, limit)
            return math.nan
        except FitError as error:
            trial.set_user_attr(REASON, str(error))
            return math.nan

    def ending_at(self, until: float) -> Objective:
        """Return the objective of a study whose time is over at `until` (`time.monotonic`)."""
        ending = replace(self, until=min(until, self.until))
        # The same setup, so that a process which has the table already goes on with it.
        ending.__dict__["_setup"] = self._setup
        return ending

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
            FitError: A fit fails, or takes the trial beyond the proposal's `per_trial_s`.
        """
        limit = self.proposal.budget.value.per_trial_s
        with fitting(self._setup, apart=self.apart) as fits:
            fits.start(within=self.until - time.monotonic())
            ends = min(time.monotonic() + limit, self.until)
            yield from _Run(self, fits, configuration, ends).scores(fraction=training_fraction, folds=folds)

    @property
    def n_folds(self) -> int:
        """Fits of a trial at full fidelity."""
        return self._setup.n_folds

    @cached_property
    def _setup(self) -> Setup:
        table, proposal = self.table, self.proposal
        return Setup(
            features=table.features,
            target=table.encoded_target,
            kinds=dict(table.kinds),
            n_classes=len(table.classes),
            task_type=table.task_type,
            learner=proposal.learner.value,
            metric=proposal.metric.value,
            protocol=proposal.protocol.value,
            seed=proposal.task.seed,
            n_threads=self.n_threads,
        )

    def _run(self, trial: optuna.Trial, run: _Run) -> float:
        fidelity = self.proposal.fidelity.value
        if fidelity is None:
            return self._by_folds(trial, run)
        for level in rungs(fidelity):
            value = run.at(fidelity, level)
            trial.report(value, step=step_of(fidelity, level))
            if level < fidelity.max and trial.should_prune():
                raise optuna.TrialPruned(f"{fidelity.parameter} = {level:g}")
        return value

    def _by_folds(self, trial: optuna.Trial, run: _Run) -> float:
        scores: list[float] = []
        run.rounds, metric = smaller_numbers(self.proposal, run.configuration), metric_named(self._setup.metric)
        fewer: int | None = None
        # Wilcoxon's test pairs trials fold by fold; the other pruners compare what is known so far.
        paired = self.proposal.pruner.value.name == "wilcoxon"
        for number, fold_score in enumerate(run.scores()):
            scores.append(fold_score)
            trial.set_user_attr(FOLD_SCORES, scores)
            trial.set_user_attr(SECONDS, list(run.took))
            # A trial is as good as the best of its numbers of rounds: all of them were fitted.
            fewer, best = best_rounds(scores, run.within, metric)
            trial.report(best[-1] if paired else float(np.mean(best)), step=number + (0 if paired else 1))
            if trial.should_prune():
                raise optuna.TrialPruned(f"after {number + 1} folds")
        if fewer is not None:
            add_early_trial(trial, self.proposal, fewer, best)
        return float(np.mean(scores))


@dataclass
class _Run:
    """One configuration being scored."""

    objective: Objective
    fits: Fits
    configuration: Configuration
    ends: float
    """When its time is over."""
    known: dict[int, float] = field(default_factory=dict)
    """Scores of folds in full, for rungs that are numbers of folds."""
    reached: dict[int, float] = field(default_factory=dict)
    """Value of what grows -> mean score."""
    rounds: tuple[int, ...] = ()
    """Smaller numbers of rounds that are to be scored, too."""
    within: list[Mapping[int, float]] = field(default_factory=list)
    """Their scores, fold by fold; empty where the learner's ensembles have no such parts."""
    took: list[float] = field(default_factory=list)
    """Seconds of each fold, without what the start of a process takes."""

    def scores(self, *, fraction: float = 1.0, folds: int | None = None) -> Iterator[float]:
        """Yield the score of each fold of the configuration."""
        n_folds = self.objective.n_folds
        for number in range(n_folds)[:folds]:
            began = time.monotonic()
            try:
                scored = self._scored(Fit(dict(self.configuration.items()), number, fraction, rounds=self.rounds))
            except TimeOverError as error:
                raise TimeOverError(f"{error}, after {number} of {n_folds} folds") from error
            self.took.append(round(time.monotonic() - began, 4))
            self.within.append(scored.within)
            yield scored.score

    def at(self, fidelity: Fidelity, level: float) -> float:
        """Return the mean score at a level; what a lower level has fitted already is gone on with."""
        if fidelity.kind is FidelityKind.TRAINING_FRACTION:
            return float(np.mean(list(self.scores(fraction=level / fidelity.max))))
        if fidelity.kind is FidelityKind.FOLDS:
            return float(np.mean(list(self._first_folds(round(level)))))
        name = fidelity.parameter
        wanted = self.configuration.get(name, None)
        most = fidelity.max if wanted is None else float(wanted)
        # At the full fidelity a configuration has what it asks for, be it less or more.
        value = round(most if level >= fidelity.max else min(level, most))
        if value not in self.reached:  # a configuration may ask for no more than a lower level has
            whole = {**self.configuration.root, name: value}
            scores = [self._score(Fit(whole, n, grows=name)) for n in range(self.objective.n_folds)]
            self.reached[value] = float(np.mean(scores))
        return self.reached[value]

    def _first_folds(self, n_folds: int) -> Iterator[float]:
        for number in range(min(n_folds, self.objective.n_folds)):
            if number not in self.known:
                self.known[number] = self._score(Fit(dict(self.configuration.items()), number))
            yield self.known[number]

    def _score(self, fit: Fit) -> float:
        return self._scored(fit).score

    def _scored(self, fit: Fit) -> Scored:
        return self.fits.scored(fit, within=self.ends - time.monotonic())


@contextmanager
def _counted(trial: optuna.Trial, fits: Fits) -> Iterator[None]:
    """Note on `trial` how many processor seconds its fits take, however it ends."""
    before = fits.cpu_s()
    try:
        yield
    finally:
        trial.set_user_attr(CPU_SECONDS, round(max(0.0, fits.cpu_s() - before), 3))


def rungs(fidelity: Fidelity) -> list[float]:
    """Return the levels of a successive halving: from `min` in steps of factor `eta` up to `max`, which is last.

    A training fraction near the whole is passed over: its fits are made anew, and would cost as much as those on all.
    """
    levels = [float(fidelity.min)]
    while levels[-1] * fidelity.eta < fidelity.max * (1 - 1e-9):
        levels.append(levels[-1] * fidelity.eta)
    if fidelity.kind is FidelityKind.TRAINING_FRACTION and len(levels) > 1 and levels[-1] > NEAR * fidelity.max:
        levels.pop()
    return [*levels, float(fidelity.max)] if levels[-1] < fidelity.max else levels


def step_of(fidelity: Fidelity, level: float) -> int:
    """Return the whole step that Optuna's pruners count a level by: the least level is at least 1."""
    return round(level * (1.0 if fidelity.min >= 1 else 1.0 / fidelity.min))
