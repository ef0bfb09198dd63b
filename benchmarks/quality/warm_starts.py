"""Warm starts, each data set left out in turn: normalised regret after k trials, by two protocols.

*Pool*: candidates are the left-out data set's own rows, as in the published portfolio experiments; comparable over
methods. *Emitted*: what the product emits, configurations of other data sets; the answer is the nearest row of the
left-out pool, or the left-out data set's own response function, fitted to all of its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.quality.methods import (
    KS,
    PORTFOLIOS,
    Fold,
    Portfolio,
    default_regrets,
    emitted,
    nearest_rows,
    order_of,
    random_regrets,
)
from benchmarks.quality.suites import Suite
from kg.response import ResponseFunction, cross_validated, fit_noise

Array = npt.NDArray[np.float64]

#: What the others are compared with.
BASELINE = "blind greedy"
#: Portfolios that are emitted.
EMITTED = ("blind greedy", "ours", "ours, 3 meta-features")


@dataclass(frozen=True)
class Outcome:
    """Regrets of one method."""

    protocol: str
    method: str
    regrets: Array
    """Shape (data sets, ks)."""


def pool_outcomes(suite: Suite) -> list[Outcome]:
    """Return the outcome of each method where candidates are the left-out pool's own rows."""
    folds = [Fold(suite, t) for t in range(len(suite.pools))]
    found = [
        Outcome("pool", "random", np.array([random_regrets(fold.pool.regrets) for fold in folds])),
        Outcome("pool", "library default, then random", np.array([default_regrets(fold) for fold in folds])),
    ]
    for portfolio in PORTFOLIOS:
        rows = [_curve(fold.pool.regrets[order_of(portfolio, fold)]) for fold in folds]
        found.append(Outcome("pool", portfolio.label, np.array(rows)))
    return found


def emitted_outcomes(suite: Suite) -> list[Outcome]:
    """Return the outcome of what the product emits, answered by the nearest row and by the data set's own function."""
    folds = [Fold(suite, t) for t in range(len(suite.pools))]
    answers = [(fold, own_function(fold)) for fold in folds]
    found = []
    for portfolio in PORTFOLIOS:
        if portfolio.label in EMITTED:
            found += _emitted(portfolio, answers, runnable=False)
    if suite.learner == "adaboost":
        ours = next(portfolio for portfolio in PORTFOLIOS if portfolio.label == "ours")
        found += _emitted(ours, answers, runnable=True)
    return found


def own_function(fold: Fold) -> ResponseFunction:
    """Return the left-out data set's own response function, fitted to all of its rows."""
    x, y, lengths = fold.pool.points, np.minimum(fold.pool.regrets, 2.0), fold.suite.length_scales
    return ResponseFunction.fitted(x, y, lengths, fit_noise(x, y, lengths))


def answer_fit(suite: Suite) -> float:
    """Return the mean cross-validated rank correlation of the functions that answer (all rows as support)."""
    rows = [
        cross_validated(pool.points, np.minimum(pool.regrets, 2.0), suite.length_scales, n=len(pool.scores))
        for pool in suite.pools[:12]
    ]
    return float(np.mean(rows))


def _emitted(portfolio: Portfolio, answers: list[tuple[Fold, ResponseFunction]], *, runnable: bool) -> list[Outcome]:
    label = f"{portfolio.label}, installed library" if runnable else portfolio.label
    by_row, by_function = [], []
    for fold, function in answers:
        starts = list(emitted(portfolio, fold, runnable=runnable))
        by_row.append(_curve(fold.pool.regrets[nearest_rows(fold, starts)]))
        by_function.append(_curve(function.mean(fold.suite.encode(starts))))
    return [
        Outcome("emitted, nearest row", label, np.array(by_row)),
        Outcome("emitted, own function", label, np.array(by_function)),
    ]


def _curve(regrets: Array) -> list[float]:
    best = np.minimum.accumulate(regrets)
    return [float(best[min(k, len(best)) - 1]) for k in KS]


def bootstrap(values: Array, statistic: Callable[..., Array] = np.mean, *, draws: int = 4000) -> tuple[Array, Array]:
    """Return the 95 % percentile interval of a statistic over data sets, for each column of `values`."""
    generator = np.random.default_rng(0)
    rows = generator.integers(0, len(values), (draws, len(values)))
    drawn = statistic(values[rows], axis=1)
    return np.quantile(drawn, 0.025, axis=0), np.quantile(drawn, 0.975, axis=0)
