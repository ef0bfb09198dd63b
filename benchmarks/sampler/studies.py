"""Whole Optuna studies on a left-out data set, over the space of the published runs.

What is suggested is answered by the nearest run that was not used yet (all samplers are handicapped alike: the answer
is that of a neighbour), or by the data set's own response function, fitted to all of its runs.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import optuna

from benchmarks.quality.methods import KS, PORTFOLIOS, Fold, Portfolio, emitted
from benchmarks.quality.warm_starts import own_function
from kg.model import METRICS, Configuration, SearchSpace, TaskType
from kg.response import scaled_distance
from recommender.sampler import TransferSampler, attach_sources, tpe
from recommender.spaces import suggest, to_parameters
from recommender.transfer.resampling import Setting, transfer_sources
from recommender.transfer.search import startup_trials

Start = Callable[[Fold, int], optuna.Study]


def transfer_study(fold: Fold, seed: int) -> optuna.Study:
    """Return a study with the transfer sampler, as a proposal would lay it down."""
    starts = emitted(_ours(), fold)
    sources = fold.suite.pools
    weights = {sources[i].dataset.iri: float(w) for i, w in zip(fold.sources, _ours().weigh(fold), strict=True)}
    setting = Setting(space_of(fold), fold.suite.metric, TaskType.CLASSIFICATION, starts=starts, weights=weights)
    study = _study(fold, TransferSampler(seed=seed))
    attach_sources(study, transfer_sources([fold.suite.models[i] for i in fold.sources], setting))
    _enqueue(study, fold, starts[: startup_trials(len(fold.sources), len(fold.suite.length_scales))])
    return study


def tpe_study(fold: Fold, seed: int) -> optuna.Study:
    """Return a study with multivariate TPE and its ten random trials."""
    return _study(fold, tpe(seed=seed))


def portfolio_tpe_study(fold: Fold, seed: int) -> optuna.Study:
    """Return a study with ten trials of the portfolio, and then TPE."""
    study = _study(fold, tpe(seed=seed))
    _enqueue(study, fold, emitted(_ours(), fold)[:10])
    return study


def curve(start: Start, fold: Fold, seed: int, space: SearchSpace | None = None) -> list[float]:
    """Return the regret of the best of the first k trials, for each k of `KS`; the nearest unused run answers.

    Trials are drawn from `space`, by default that of the published runs.
    """
    study, suite = start(fold, seed), fold.suite
    used: list[int] = []
    for _ in range(min(KS[-1], len(fold.pool.scores))):
        trial = study.ask()
        point = suite.encode([suggest(trial, space or space_of(fold))])
        distance = scaled_distance(point, fold.pool.points, suite.length_scales)[0]
        distance[used] = np.inf
        used.append(int(np.argmin(distance)))
        study.tell(trial, float(fold.pool.scores[used[-1]]))
    return _at_ks(fold.pool.regrets[used])


def curve_by_function(start: Start, fold: Fold, seed: int) -> list[float]:
    """Return the same where the data set's own function, fitted to all of its runs, answers; may be below 0."""
    study, function = start(fold, seed), own_function(fold)
    best, spread = float(fold.pool.gains.max()), float(fold.pool.gains.max() - np.median(fold.pool.gains))
    sign = 1.0 if METRICS[fold.suite.metric].greater_is_better else -1.0
    regrets = []
    for _ in range(KS[-1]):
        trial = study.ask()
        regrets.append(float(function.mean(fold.suite.encode([suggest(trial, space_of(fold))]))[0]))
        study.tell(trial, sign * (best - spread * regrets[-1]))
    return _at_ks(np.array(regrets))


def _at_ks(regrets: npt.NDArray[np.float64]) -> list[float]:
    best = np.minimum.accumulate(regrets)
    return [float(best[min(k, len(best)) - 1]) for k in KS]


def space_of(fold: Fold) -> SearchSpace:
    """Return the space of the published runs."""
    return fold.suite.models[0].space


def _ours() -> Portfolio:
    return next(p for p in PORTFOLIOS if p.label == "ours")


def _study(fold: Fold, sampler: optuna.samplers.BaseSampler) -> optuna.Study:
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    directions = optuna.study.StudyDirection
    greater = METRICS[fold.suite.metric].greater_is_better
    return optuna.create_study(direction=directions.MAXIMIZE if greater else directions.MINIMIZE, sampler=sampler)


def _enqueue(study: optuna.Study, fold: Fold, starts: tuple[Configuration, ...]) -> None:
    for start in starts:
        if space_of(fold).contains(start):
            study.enqueue_trial(to_parameters(start, space_of(fold)))
