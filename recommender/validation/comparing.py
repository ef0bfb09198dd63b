"""What fold scores say of a difference, and how far they leave it open."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

#: Critical values of Student's t, one-sided 5 %, by degrees of freedom; the normal one beyond.
T_95 = {1: 6.314, 2: 2.920, 3: 2.353, 4: 2.132, 5: 2.015, 6: 1.943, 7: 1.895, 8: 1.860, 9: 1.833}
Z_95 = 1.645
#: Least standard error of a mean gain: equal fold scores do not prove a difference.
LEAST_ERROR = 1e-9


@dataclass(frozen=True)
class Difference:
    """A mean difference of gains over folds, with the noise of it."""

    mean: float
    error: float
    """Standard error, corrected for training sets that overlap (Nadeau and Bengio 2003, section 3)."""
    folds: int

    @property
    def is_worse(self) -> bool:
        """Whether it is negative beyond noise (one-sided, 5 %)."""
        return self.mean < -T_95.get(self.folds - 1, Z_95) * self.error


def paired(left: Sequence[float], right: Sequence[float], *, sign: float) -> Difference:
    """Return how much more `left` gains than `right`, fold by fold.

    Args:
        left: Scores, one a fold.
        right: Scores on the same folds.
        sign: 1 where greater scores are better, else -1.

    Raises:
        ValueError: There are fewer than two folds, or not as many on both sides.
    """
    if len(left) != len(right) or len(left) < 2:
        raise ValueError(f"{len(left)} and {len(right)} folds cannot be compared")
    differences = sign * (np.asarray(left, dtype=float) - np.asarray(right, dtype=float))
    folds = len(differences)
    variance = float(np.var(differences, ddof=1))
    # Test share over training share of k folds is 1 / (k - 1).
    error = math.sqrt(variance * (1 / folds + 1 / (folds - 1)))
    return Difference(float(np.mean(differences)), max(error, LEAST_ERROR), folds)


@dataclass(frozen=True)
class RankCorrelation:
    """Spearman's correlation with its 90 % interval."""

    rho: float
    low: float
    high: float
    n: int


def rank_correlation(left: Sequence[float], right: Sequence[float]) -> RankCorrelation | None:
    """Return how alike two series order the same things; None for fewer than 5, or where one side is constant.

    The interval is Fisher's, with the variance of Bonett and Wright (2000) for Spearman's correlation.
    """
    n = len(left)
    if n < 5 or len(set(left)) < 2 or len(set(right)) < 2:
        return None
    rho = float(np.corrcoef(_ranks(left), _ranks(right))[0, 1])
    inner = min(max(rho, -0.999), 0.999)
    half = Z_95 * math.sqrt((1 + inner**2 / 2) / (n - 3))
    center = math.atanh(inner)
    return RankCorrelation(rho, math.tanh(center - half), math.tanh(center + half), n)


def _ranks(values: Sequence[float]) -> np.ndarray:
    from scipy.stats import rankdata

    return np.asarray(rankdata(values))
