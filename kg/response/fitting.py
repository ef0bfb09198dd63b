"""Fitting response functions: length scales once a learner, noise and scale once a data set, and a small support."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from kg.response.encoding import Array
from kg.response.gaussian_process import JITTER, ResponseFunction, Scales, matern52, scaled_distance

#: Bounds of a length scale, in widths of the unit cube: below, neighbours say nothing; above, it changes nothing.
SHORTEST, LONGEST = 0.05, 20.0
#: Noise variances, as shares of the signal variance, between which noise is fitted: below, a fit is exact to a
#: hundredth of the signal's deviation; above, noise is nearly all there is.
LEAST_NOISE, MOST_NOISE = 1e-4, 3.0
#: Those among which `fit_noise` chooses; neighbours differ by about three tenths.
NOISE_SHARES = np.geomspace(LEAST_NOISE, MOST_NOISE, 40)
#: The least signal variance: regrets that are all the same have none, and its logarithm is taken.
LEAST_SIGNAL = 1e-12
#: Where the search for length scales begins: this share of noise. It ends after so many steps at the latest.
FIRST_NOISE, MAX_STEPS = 0.05, 60


def fit_length_scales(
    datasets: Sequence[tuple[Array, Array]], *, owners: Sequence[str] = (), max_sources: int = 24, max_rows: int = 200
) -> Array:
    """Return the length scale of each dimension, the median over data sets, shape (dims,).

    Each data set's are those of greatest marginal likelihood, with level and signal profiled out. Deterministic.

    Args:
        datasets: Encoded configurations (n, dims) and regrets (n,) of each data set.
        owners: The parameter of each dimension; dimensions of one parameter share a scale. Default: each its own.
        max_sources: Data sets used, evenly spaced over those given (with 13 dimensions and 150 rows each, 24 give
            better held-out predictions than 8).
        max_rows: Rows used of each, evenly spaced.
    """
    dims = datasets[0][0].shape[1]
    names = list(owners) or [str(j) for j in range(dims)]
    groups = np.array([sorted(set(names)).index(name) for name in names], dtype=int)
    chosen = [datasets[i] for i in _evenly(len(datasets), max_sources)]
    logs = []
    for x, y in chosen:
        rows = _evenly(len(y), max_rows)
        logs.append(_most_likely(x[rows], y[rows], groups))
    scales: Array = np.exp(np.median(np.array(logs), axis=0))[groups]
    return scales


def fit_noise(x: Array, y: Array, length_scales: npt.ArrayLike) -> Scales:
    """Return level, signal and noise of greatest marginal likelihood for regrets `y` (n,) at `x` (n, dims).

    One eigendecomposition; then, for each share of noise on a grid, level and signal in closed form.
    """
    values, vectors = np.linalg.eigh(matern52(x, x, length_scales))
    values = np.maximum(values, 0.0)
    turned, ones = vectors.T @ y, vectors.sum(0)
    best = (np.inf, 0.0, 0.0, 0.0)
    for share in NOISE_SHARES:
        spectrum = values + share
        level = float((ones * turned / spectrum).sum() / (ones**2 / spectrum).sum())
        signal = max(float(((turned - level * ones) ** 2 / spectrum).mean()), LEAST_SIGNAL)
        loss = len(y) * np.log(signal) + float(np.log(spectrum).sum())
        best = min(best, (loss, level, signal, float(share)))
    _, level, signal, share = best
    return Scales(level=level, signal=float(np.sqrt(signal)), noise=float(np.sqrt(signal * share)))


def choose_support(x: Array, y: Array, n: int = 150, *, best: float = 0.3) -> npt.NDArray[np.intp]:
    """Return the rows, ascending, of `n` points that keep the function: the best, and a spread over the rest.

    The spread goes where the points chosen so far leave most unknown: each next point is the farthest from all of
    them (Gonzalez 1985, farthest-first traversal).

    Args:
        x: Encoded configurations (n, dims), divided by their length scales where they are known.
        y: Regrets; low is good.
        n: How many to keep.
        best: Share of `n` that goes to the lowest regrets.
    """
    if len(y) <= n:
        return np.arange(len(y))
    chosen = list(np.argsort(y, kind="stable")[: max(1, round(best * n))])
    distance = scaled_distance(x, x[chosen], np.ones(x.shape[1])).min(1)
    distance[chosen] = -1.0
    squares = (x**2).sum(1)  # once, and not for each point that is chosen
    while len(chosen) < n:
        farthest = int(np.argmax(distance))
        chosen.append(farthest)
        square = squares + squares[farthest] - 2.0 * (x @ x[[farthest]].T)[:, 0]
        distance = np.minimum(distance, np.sqrt(np.maximum(square, 0.0)))
        distance[farthest] = -1.0
    return np.sort(np.array(chosen, dtype=np.intp))


def cross_validated(x: Array, y: Array, length_scales: npt.ArrayLike, *, n: int = 150, folds: int = 5) -> float:
    """Return the Spearman correlation of predicted with measured regret, over folds, with at most `n` support points.

    Noise and support are chosen anew in each fold. 0 where the predictions or the regrets do not vary.
    """
    from scipy.stats import rankdata

    lengths = np.asarray(length_scales, dtype=float)
    predicted = np.zeros(len(y))
    order = np.random.default_rng(0).permutation(len(y))
    for part in np.array_split(order, folds):
        rest = np.setdiff1d(order, part)
        kept = rest[choose_support(x[rest] / lengths, y[rest], n)]
        function = ResponseFunction.fitted(x[kept], y[kept], lengths, fit_noise(x[kept], y[kept], lengths))
        predicted[part] = function.mean(x[part])
    if np.ptp(predicted) == 0 or np.ptp(y) == 0:
        return 0.0
    return float(np.corrcoef(rankdata(predicted), rankdata(y))[0, 1])


def _evenly(total: int, wanted: int) -> npt.NDArray[np.intp]:
    """Return `wanted` indices evenly spaced over `total`, or all where there are fewer."""
    return np.unique(np.linspace(0, total - 1, min(total, wanted)).round().astype(np.intp))


def _most_likely(x: Array, y: Array, groups: npt.NDArray[np.intp]) -> Array:
    """Return the log length scale of each group of dimensions at the maximum of the marginal likelihood."""
    from scipy.optimize import minimize

    n_groups = int(groups.max()) + 1
    squares = np.zeros((n_groups, len(y), len(y)))
    for j, group in enumerate(groups):
        squares[group] += (x[:, [j]] - x[:, j]) ** 2
    # Half the diagonal of the unit cube: neither flat nor all bumps, however many dimensions there are.
    start = np.r_[np.full(n_groups, np.log(np.sqrt(n_groups) / 2)), np.log(FIRST_NOISE)]
    bounds = [(np.log(SHORTEST), np.log(LONGEST))] * n_groups + [(np.log(LEAST_NOISE), np.log(MOST_NOISE))]
    steps = {"maxiter": MAX_STEPS}
    found = minimize(_loss_and_gradient, start, args=(squares, y), jac=True, bounds=bounds, options=steps)
    return np.asarray(found.x[:n_groups], dtype=float)


def _loss_and_gradient(theta: Array, squares: Array, y: Array) -> tuple[float, Array]:
    """Return the negative log marginal likelihood, level and signal profiled out, and its gradient.

    `theta` holds the log length scales and the log of noise variance over signal variance. The gradient is that of
    Rasmussen and Williams, eq. 5.9, at the best level and signal.
    """
    weights = np.exp(-2 * theta[:-1])
    distance = np.sqrt(5.0 * np.tensordot(weights, squares, axes=1))
    decay = np.exp(-distance)
    covariance = (1.0 + distance + distance**2 / 3.0) * decay
    covariance[np.diag_indices_from(covariance)] += np.exp(theta[-1]) + JITTER
    factor = cho_factor(covariance, lower=True)
    inverse = cho_solve(factor, np.eye(len(y)))
    level = (inverse @ y).sum() / inverse.sum()
    alpha = inverse @ (y - level)
    signal = max(float((y - level) @ alpha) / len(y), LEAST_SIGNAL)
    loss = 0.5 * len(y) * np.log(signal) + float(np.log(np.diag(factor[0])).sum())
    # d covariance / d log length scale = 5/3 (1 + distance) exp(-distance) * scaled square of that dimension
    push = (inverse - np.outer(alpha, alpha) / signal) * (5.0 / 3.0 * (1.0 + distance) * decay)
    gradient = 0.5 * weights * np.tensordot(squares, push, axes=2)
    noise = 0.5 * np.exp(theta[-1]) * float(np.trace(inverse) - alpha @ alpha / signal)
    return float(loss), np.r_[gradient, noise]
