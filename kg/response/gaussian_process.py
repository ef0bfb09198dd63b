"""Gaussian processes over encoded configurations: how a learner's score on a data set answers to its configuration.

The kernel is Matern 5/2 with a length scale for each dimension (Rasmussen and Williams 2006, Gaussian Processes for
Machine Learning, §4.2, §5.1). Length scales are shared by the data sets of a learner; level, signal and noise are
each data set's own. What is modelled is the clipped regret, `regret`.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

from kg.errors import InputError
from kg.model import Metric, ResponseModel
from kg.response.encoding import Array, Encoder

#: Regrets above this are taken for this: how bad a failure is matters, but not without end.
CLIP = 2.0
#: Share of the signal variance that is added to the diagonal, so that equal points leave a matrix that has an inverse:
#: far below any noise that is fitted (`kg.response.fitting.NOISE_SHARES`), far above the rounding of a float.
JITTER = 1e-9


def matern52(x: Array, y: Array, length_scales: npt.ArrayLike) -> Array:
    """Return the Matern 5/2 correlation of each row of `x` (n, d) with each row of `y` (m, d), shape (n, m)."""
    distance = np.sqrt(5.0) * scaled_distance(x, y, length_scales)
    correlation: Array = (1.0 + distance + distance**2 / 3.0) * np.exp(-distance)
    return correlation


def scaled_distance(x: Array, y: Array, length_scales: npt.ArrayLike) -> Array:
    """Return the Euclidean distance between rows of `x` and `y` after division by `length_scales`, shape (n, m)."""
    scales = np.asarray(length_scales, dtype=float)
    a, b = x / scales, y / scales
    square = (a**2).sum(1)[:, None] + (b**2).sum(1)[None, :] - 2.0 * (a @ b.T)
    distance: Array = np.sqrt(np.maximum(square, 0.0))
    return distance


def regret(scores: npt.ArrayLike, metric: Metric) -> Array:
    """Return ``(best - score) / (best - median)`` of each score, clipped at 2: 0 is best, 1 is the median run.

    Raises:
        InputError: Best and median are the same (or there is no score), so that there is nothing to answer to.
    """
    given = np.asarray(scores, dtype=float)
    gains = given if metric.greater_is_better else -given
    spread = float(gains.max() - np.median(gains)) if gains.size else 0.0
    if not spread > 0:
        raise InputError(f"the best {metric.name} is not better than the median", where="regret", allowed="a spread")
    clipped: Array = np.minimum((gains.max() - gains) / spread, CLIP)
    return clipped


@dataclass(frozen=True)
class Scales:
    """What a data set's function has of its own."""

    level: float
    """Prior mean."""
    signal: float
    """Prior standard deviation of the function."""
    noise: float
    """Standard deviation of the noise."""


@dataclass(frozen=True)
class ResponseFunction:
    """A Gaussian process given its support points: the regret to expect of any configuration.

    It takes encoded configurations, shape (n, dims): see `encoder`.
    """

    support: Array
    """Encoded support points, shape (n, dims)."""
    weights: Array
    """K^-1 (regrets - level) with K = signal^2 matern52 + noise^2 I, shape (n,)."""
    length_scales: Array
    signal: float
    noise: float
    level: float
    encoder: Encoder | None = None
    """Turns configurations into what the methods take; None where the function was fitted to encoded points."""

    @classmethod
    def fitted(
        cls, x: Array, y: Array, length_scales: npt.ArrayLike, scales: Scales, *, encoder: Encoder | None = None
    ) -> ResponseFunction:
        """Return the process with support `x` (n, dims) and regrets `y` (n,)."""
        lengths = np.asarray(length_scales, dtype=float)
        covariance = scales.signal**2 * matern52(x, x, lengths)
        covariance[np.diag_indices_from(covariance)] += scales.noise**2 + JITTER * scales.signal**2
        weights = cho_solve(cho_factor(covariance, lower=True), np.asarray(y, dtype=float) - scales.level)
        return cls(x, weights, lengths, scales.signal, scales.noise, scales.level, encoder)

    @classmethod
    def from_model(cls, model: ResponseModel) -> ResponseFunction:
        """Return the function that `model` lays down."""
        encoder = Encoder(model.space)
        x = encoder.encode_rows(model.parameters, model.support)
        scales = Scales(level=model.level, signal=model.signal, noise=model.noise)
        return cls.fitted(x, np.array(model.regrets), model.length_scales, scales, encoder=encoder)

    def mean(self, x: Array) -> Array:
        """Return the expected regret at each row of `x`, shape (n,)."""
        cross = self.signal**2 * matern52(x, self.support, self.length_scales)
        expected: Array = self.level + cross @ self.weights
        return expected
