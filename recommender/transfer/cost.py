"""What a trial takes, learnt from a study's own trials: where time is short, what is gained a second counts.

Expected improvement per second: Snoek, Larochelle and Adams 2012, "Practical Bayesian optimization of machine learning
algorithms", section 3.2. Theirs models the logarithm of the seconds by a Gaussian process; a dozen trials in as many
dimensions bear a linear one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

#: Trials that must have been timed.
LEAST_TIMED = 3
#: Variance of the noise of log seconds, and prior variance of a slope: from one end of a dimension to the other, a
#: factor of seven in seconds is usual.
NOISE, SLOPE = 0.1, 4.0
#: A trial is taken to be at most so many times dearer or cheaper than the typical one.
MOST_FACTOR = 20.0


@dataclass(frozen=True)
class CostModel:
    """Log seconds as a linear function of encoded configurations."""

    centre: Array
    slopes: Array

    def relative(self, encoded: Array) -> Array:
        """Return the seconds of configurations (n, dims) over those of a typical trial, shape (n,)."""
        logs = (encoded - self.centre) @ self.slopes
        bound = np.log(MOST_FACTOR)
        relative: Array = np.exp(np.clip(logs, -bound, bound))
        return relative


def cost_model(encoded: Array, seconds: Array) -> CostModel | None:
    """Return what `seconds` (n,) tell of the cost of configurations (n, dims); None where too few were timed.

    Args:
        encoded: Configurations that were tried, encoded as for response functions.
        seconds: What each took, all folds; NaN where that is unknown.
    """
    timed = np.isfinite(seconds) & (seconds > 0)
    if int(timed.sum()) < LEAST_TIMED:
        return None
    x, y = encoded[timed], np.log(seconds[timed])
    centre = x.mean(0)
    away = x - centre
    precision = away.T @ away + NOISE / SLOPE * np.eye(x.shape[1])
    return CostModel(centre, np.linalg.solve(precision, away.T @ (y - y.mean())))
