"""Priors: within the search space, where the sources' best configurations crowd.

A prior guides where a box would forbid: on learners whose good values interact, boxes bring nothing, but a density
does (Souza et al. 2021, Bayesian optimization with a prior for the optimum, ECML; Mallik et al. 2023, PriorBand).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kg.model import (
    CategoricalParameter,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    NumericPrior,
    Parameter,
    ParameterValue,
)
from recommender.composing.narrowing import scaled_bounds, scaled_values

Array = npt.NDArray[np.float64]

#: Bounds of a prior's spread: narrower than the evidence can carry, and wider than a uniform density (sd .29).
LEAST_SPREAD, MOST_SPREAD = 0.08, 0.5
#: Share of a categorical prior that is spread equally, so that no choice is ruled out.
EQUAL_SHARE = 0.2
_GRID = np.linspace(0.0, 1.0, 101)


def choice_prior(
    values: Sequence[ParameterValue], weights: Sequence[float], choices: Sequence[ParameterValue]
) -> tuple[float, ...] | None:
    """Return a weight for each choice, sum 1: its weighted share of `values`, a fifth of it spread equally.

    None where none of the choices occurs.
    """
    index = scaled_values(CategoricalParameter(name="choice", choices=tuple(choices)), values)
    mass = np.asarray(weights, dtype=float)
    shares = np.array([mass[index == i].sum() for i in range(len(choices))])
    if not shares.sum() > 0:
        return None
    mixed = (1.0 - EQUAL_SHARE) * shares / shares.sum() + EQUAL_SHARE / len(choices)
    return tuple(float(share) for share in mixed / mixed.sum())


def with_prior(parameter: Parameter, values: Sequence[ParameterValue], weights: Sequence[float]) -> Parameter:
    """Return `parameter` with the prior that `values` suggest; without one where they say nothing of it."""
    if isinstance(parameter, ConstantParameter):
        return parameter
    if isinstance(parameter, CategoricalParameter):
        return parameter.replace(prior=choice_prior(values, weights, parameter.choices))
    mass = np.asarray(weights, dtype=float)
    return parameter.replace(prior=_numeric(parameter, scaled_values(parameter, values), mass))


def _numeric(parameter: FloatParameter | IntParameter, scaled: Array, mass: Array) -> NumericPrior | None:
    """Return where `scaled` values crowd within the range of `parameter`, or None where none of them lies there.

    The centre is the mode of a weighted Gaussian kernel density (bandwidth by Silverman's rule on the effective
    sample size); the spread is the root mean square distance from it.
    """
    low, high = scaled_bounds(parameter)
    inside = (scaled >= low - 1e-9) & (scaled <= high + 1e-9) & (mass > 0)
    if not inside.any() or not high > low:
        return None
    points, shares = (scaled[inside] - low) / (high - low), mass[inside] / mass[inside].sum()
    mean = float(shares @ points)
    deviation = float(np.sqrt(shares @ (points - mean) ** 2))
    effective = 1.0 / float((shares**2).sum())
    bandwidth = max(1.06 * deviation * effective**-0.2, 0.02)
    density = np.exp(-(((_GRID[:, None] - points) / bandwidth) ** 2) / 2.0) @ shares
    center = float(_GRID[np.argmax(density)])
    spread = float(np.sqrt(shares @ (points - center) ** 2))
    return NumericPrior(center=center, spread=float(np.clip(spread, LEAST_SPREAD, MOST_SPREAD)))
