"""How much better a study may still become: two measures that need no other data set.

Regret bound: the greatest upper confidence bound of any configuration less the greatest lower one of those tried
(Makarova et al. 2022, "Automatic termination for hyperparameter optimization", §3; constants as in Optuna's
`RegretBoundEvaluator`). It is held against the error of cross-validation: what lies within it cannot be told apart.

Expected minimum regret: by how much the expected regret of the study may have changed with its last trial (Ishibashi
et al. 2023, "A stopping criterion for Bayesian optimization by the gap of expected minimum simple regrets", eq. 4 and
algorithm 1). Where it has become small next to what it was at first, trials change nothing any more.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from recommender.termination.gaussian import PlainProcess, best_rows

Array = npt.NDArray[np.float64]

#: Probability with which the confidence bounds may fail.
DELTA = 0.1
#: The bounds of the theory are far too wide; they are divided by this (Makarova et al. 2022, §4.1).
BETA_DIVISOR = 5.0
#: The process is fitted to the best half of the trials, and to this many at least: bad regions need no good fit.
TOP_SHARE, TOP_LEAST = 0.5, 20


def room_for_gain(x: Array, gains: Array, candidates: Array) -> float:
    """Return how much better the study may still become, in the metric's unit: the bound of the best trial's regret.

    Args:
        x: Encoded configurations that were tried, shape (trials, dims); two at least.
        gains: Their scores, greater is better, shape (trials,).
        candidates: Encoded configurations that stand for the space, shape (n, dims).
    """
    top = best_rows(gains, TOP_SHARE, TOP_LEAST)
    process = PlainProcess.fitted(x[top], gains[top])
    return _bound(process, x[top], candidates, _beta(x.shape[1], len(gains)))


def expected_minimum_regret(x: Array, gains: Array, candidates: Array) -> float:
    """Return the bound on the change of the expected minimum regret by the last trial, in the metric's unit.

    Args:
        x: Encoded configurations in the order they were tried, shape (trials, dims); three at least.
        gains: Their scores, greater is better, shape (trials,).
        candidates: Encoded configurations that stand for the space, shape (n, dims).
    """
    now = PlainProcess.fitted(x, gains)
    before = now.again(x[:-1], gains[:-1])
    best_now, best_before = int(np.argmax(now.ask(x)[0])), int(np.argmax(before.ask(x[:-1])[0]))
    mean_now, mean_before = now.ask(x)[0][best_now], before.ask(x[:-1])[0][best_before]
    spread = _spread(now, x[best_now], x[best_before])
    score = (mean_now - mean_before) / spread
    density = math.exp(-(score**2) / 2) / math.sqrt(2 * math.pi)
    gap = mean_before - mean_now + spread * (density + score * float(ndtr(score)))
    width = _bound(before, x[:-1], candidates, _beta(x.shape[1], len(gains) - 1))
    return float(abs(gap) + width * math.sqrt(0.5 * _divergence(before, x[-1:], float(gains[-1]))))


def error_of_cross_validation(folds: Sequence[float]) -> float | None:
    """Return the standard error of a score that is the mean of `folds`; None where fewer than two are known.

    sqrt((1/k + 1/(k - 1)) variance): folds share rows to train on, so that they vary less than fresh data would
    (Nadeau and Bengio 2003, as in Makarova et al. 2022, §3.2).
    """
    k = len(folds)
    return math.sqrt((1 / k + 1 / (k - 1)) * float(np.var(folds))) if k > 1 else None


def _beta(dims: int, n_trials: int) -> float:
    return max(0.0, 2 * math.log(max(dims, 1) * n_trials**2 * math.pi**2 / (6 * DELTA)) / BETA_DIVISOR)


def _bound(process: PlainProcess, tried: Array, candidates: Array, beta: float) -> float:
    mean, deviation = process.ask(np.concatenate([tried, candidates]))
    upper, lower = mean + math.sqrt(beta) * deviation, mean - math.sqrt(beta) * deviation
    return float(upper.max() - lower[: len(tried)].max())


def _spread(process: PlainProcess, left: Array, right: Array) -> float:
    """Return the standard deviation of the difference of the function at two points."""
    variances = process.ask(np.stack([left, right]))[1] ** 2
    return math.sqrt(max(1e-16, float(variances.sum()) - 2 * process.covariance(left, right)))


def _divergence(before: PlainProcess, x: Array, gain: float) -> float:
    """Return how far the trial (`x`, `gain`) moved the process: the Kullback-Leibler divergence at its point."""
    mean, deviation = before.ask(x)
    variance, noise = float(deviation[0] ** 2), before.noise * before.variance
    surprise = gain - float(mean[0])
    found = 0.5 * math.log1p(variance / noise) - 0.5 * variance / (variance + noise)
    return max(0.0, found + 0.5 * variance * surprise**2 / (variance + noise) ** 2)
