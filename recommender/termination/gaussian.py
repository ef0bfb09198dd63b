"""A plain Gaussian process over one study's own trials: what the stopping rules ask how much may be left to gain.

Matern 5/2, one length scale, noise; both chosen by the marginal likelihood on a grid, level and variance in closed
form. numpy and scipy alone: a study of a hundred trials is fitted in a few milliseconds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
from scipy.linalg import LinAlgError, cholesky, solve_triangular

from kg.response import matern52

Array = npt.NDArray[np.float64]

#: Length scales that are tried, as shares of the diagonal of the unit cube.
LENGTHS = (0.1, 0.2, 0.4, 0.8, 1.6)
#: Variances of the noise that are tried, as shares of the variance of the function.
NOISES = (1e-4, 1e-3, 1e-2, 1e-1)


@dataclass(frozen=True)
class PlainProcess:
    """The process given the trials. Gains are greater is better, in the metric's unit."""

    x: Array
    """Encoded configurations, shape (trials, dims)."""
    length: float
    noise: float
    """Variance of the noise over that of the function."""
    level: float
    variance: float
    """Of the function, in squared units of the gains."""
    factor: Array
    """Lower Cholesky factor of correlation and noise, shape (trials, trials)."""
    whitened: Array

    @classmethod
    def fitted(cls, x: Array, gains: Array) -> PlainProcess:
        """Return the process of the greatest marginal likelihood.

        Args:
            x: Encoded configurations, shape (trials, dims); two or more.
            gains: Shape (trials,), finite.
        """
        lengths = [share * float(np.sqrt(x.shape[1])) for share in LENGTHS]
        found = [_conditioned(x, gains, length, noise) for length, noise in product(lengths, NOISES)]
        return max((one for one in found if one is not None), key=lambda pair: pair[0])[1]

    def again(self, x: Array, gains: Array) -> PlainProcess:
        """Return the process given other trials, with the same length scale and noise."""
        found = _conditioned(x, gains, self.length, self.noise)
        return self if found is None else found[1]

    def ask(self, x: Array) -> tuple[Array, Array]:
        """Return mean and standard deviation of the function at `x` (n, dims), noise left out; each of shape (n,)."""
        mean, explained = self._explained(x)
        deviation: Array = np.sqrt(self.variance * np.maximum(1.0 - (explained**2).sum(0), 1e-12))
        return mean, deviation

    def covariance(self, left: Array, right: Array) -> float:
        """Return the covariance of the function at two points, each of shape (dims,)."""
        both = np.stack([left, right])
        _, explained = self._explained(both)
        prior = matern52(both[:1], both[1:], np.full(self.x.shape[1], self.length))[0, 0]
        return float(self.variance * (prior - explained[:, 0] @ explained[:, 1]))

    def _explained(self, x: Array) -> tuple[Array, Array]:
        cross = matern52(self.x, x, np.full(self.x.shape[1], self.length))
        explained = solve_triangular(self.factor, cross, lower=True)
        return self.level + explained.T @ self.whitened, explained


def best_rows(gains: Sequence[float] | Array, share: float, least: int) -> npt.NDArray[np.intp]:
    """Return the rows of the best `share` of `gains`, `least` at least (all where there are fewer), in order."""
    n = min(len(gains), max(least, round(share * len(gains))))
    return np.sort(np.argsort(-np.asarray(gains), kind="stable")[:n])


def _conditioned(x: Array, gains: Array, length: float, noise: float) -> tuple[float, PlainProcess] | None:
    """Return the log marginal likelihood and the process, or None where the trials are too alike for it."""
    n = len(gains)
    correlation = matern52(x, x, np.full(x.shape[1], length))
    correlation[np.diag_indices_from(correlation)] += noise
    try:
        factor: Array = cholesky(correlation, lower=True)
    except LinAlgError:
        return None
    ones = solve_triangular(factor, np.ones(n), lower=True)
    values = solve_triangular(factor, gains, lower=True)
    level = float(ones @ values / (ones @ ones))
    whitened = values - level * ones
    variance = max(float(whitened @ whitened) / n, 1e-16)
    likelihood = -0.5 * n * float(np.log(variance)) - float(np.log(np.diag(factor)).sum())
    return likelihood, PlainProcess(x, length, noise, level, variance, factor, whitened)
