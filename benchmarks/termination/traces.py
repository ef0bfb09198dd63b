"""Traces of the transfer sampler on left-out data sets: what it tries, in order, and what it expects of each trial.

*Pool*: candidates are the data set's own runs, as in the pools of `benchmarks.sampler`. *Study*: a real Optuna study
over the space of the published runs; the data set's own function, fitted to all of its runs, answers, with its noise.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchmarks.quality.methods import PORTFOLIOS, Fold, by_meta_features, order_of
from benchmarks.quality.suites import Suite
from benchmarks.quality.warm_starts import own_function
from benchmarks.sampler.studies import space_of, transfer_study
from kg.model import METRICS
from recommender.sampler import HOPE
from recommender.spaces import suggest
from recommender.transfer.process import HYPOTHESES, NEAR_HYPOTHESES, Points, Process, Trials, Unit
from recommender.transfer.resampling import UNIT_SPREAD
from recommender.transfer.search import explain_little, startup_trials

Array = npt.NDArray[np.float64]

#: Trials of a trace: as many as a budget has at most.
N_TRIALS = 100


@dataclass(frozen=True)
class TracedStudy:
    """What the sampler did on one left-out data set."""

    dataset: str
    points: Array
    """Encoded configurations in the order they were tried, shape (trials, dims)."""
    gains: Array
    """Scores, turned so that greater is better, shape (trials,)."""
    regrets: Array
    """``(best - score) / (best - median)`` of the pool, noise left out where it is known; shape (trials,)."""
    hopes: Array
    """What the sampler expected each trial to gain, in its unit, shape (trials,); infinite where it did not say."""


def traced(suite: Suite, kind: str, folder: Path, *, every: int = 1) -> list[TracedStudy]:
    """Return the traces of data sets of `suite`; those that lie in `folder` already are read from there.

    Args:
        suite: The learner.
        kind: ``pool`` or ``study``.
        folder: Where traces are kept.
        every: Only each so-many-th data set.
    """
    make = {"pool": pool_trace, "study": study_trace}[kind]
    targets = range(0, len(suite.pools), every)
    return [_kept(folder / f"{kind}-{suite.name}-{t}.npz", make, Fold(suite, t)) for t in targets]


def study_trace(fold: Fold, n_trials: int = N_TRIALS) -> TracedStudy:
    """Return the trace of a whole study of the sampler, answered by the data set's own function and its noise."""
    study, function = transfer_study(fold, 0), own_function(fold)
    generator = np.random.default_rng(fold.target)
    best, spread = float(fold.pool.gains.max()), float(fold.pool.gains.max() - np.median(fold.pool.gains))
    sign = 1.0 if METRICS[fold.suite.metric].greater_is_better else -1.0
    points: list[Array] = []
    gains: list[float] = []
    regrets: list[float] = []
    hopes: list[float] = []
    for _ in range(n_trials):
        trial = study.ask()
        points.append(fold.suite.encode([suggest(trial, space_of(fold))])[0])
        regrets.append(float(function.mean(points[-1][None])[0]))
        gains.append(best - spread * (regrets[-1] + function.noise * generator.standard_normal()))
        study.tell(trial, sign * gains[-1])
        hopes.append(study.trials[-1].system_attrs.get(HOPE, np.inf))
    arrays = [np.array(values) for values in (points, gains, regrets, hopes)]
    return TracedStudy(fold.pool.dataset.name, *arrays)


def pool_trace(fold: Fold, n_trials: int = N_TRIALS) -> TracedStudy:
    """Return the trace of one left-out data set: portfolio first, then the process."""
    order, hopes = [], []
    for row, hope in _tried(fold, min(n_trials, len(fold.pool.gains))):
        order.append(row)
        hopes.append(hope)
    return TracedStudy(
        dataset=fold.pool.dataset.name,
        points=fold.pool.points[order],
        gains=fold.pool.gains[order],
        regrets=fold.pool.regrets[order],
        hopes=np.array(hopes),
    )


def _kept(path: Path, make: Callable[[Fold], TracedStudy], fold: Fold) -> TracedStudy:
    if not path.exists():
        found = make(fold)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez(path, **{**vars(found), "dataset": np.array(found.dataset)})
    with np.load(path) as kept:
        arrays = {name: kept[name] for name in ("points", "gains", "regrets", "hopes")}
        return TracedStudy(dataset=str(kept["dataset"]), **arrays)


def _tried(fold: Fold, n_trials: int) -> Iterator[tuple[int, float]]:
    """Yield rows of the pool in the order they are tried, and the greatest expected improvement before each."""
    weights = by_meta_features()(fold)
    weights = weights / weights.sum()
    functions = fold.suite.predicted[fold.target][:, fold.sources]
    points, losses = Points(fold.pool.points / fold.suite.length_scales, functions), -fold.pool.gains
    little = explain_little(len(fold.sources), len(fold.suite.length_scales))
    hypotheses = NEAR_HYPOTHESES if little else HYPOTHESES
    starts = order_of(next(p for p in PORTFOLIOS if p.label == "ours"), fold)
    starts = starts[: startup_trials(len(fold.sources), len(fold.suite.length_scales))]
    order: list[int] = []
    while len(order) < n_trials:
        hope = np.inf
        row = starts[len(order)] if len(order) < len(starts) else -1
        if order:
            index = np.array(order)
            trials = Trials(points.rows(index), losses[index], np.ones(len(index)))
            nothing = points.rows(slice(0, 0))
            process = Process(trials, nothing, weights, _unit(fold, weights), hypotheses=hypotheses)
            gains = process.expected_improvement(points)
            gains[index] = -np.inf
            row, hope = (int(np.argmax(gains)) if row < 0 else row), float(gains.max()) / process.unit
        order.append(row)
        yield row, hope


def _unit(fold: Fold, weights: Array) -> Unit:
    spreads = np.log([abs(fold.suite.models[i].best - fold.suite.models[i].median) for i in fold.sources])
    mean = float(weights @ spreads)
    return Unit(mean, max(float(np.sqrt(weights @ (spreads - mean) ** 2)), UNIT_SPREAD))
