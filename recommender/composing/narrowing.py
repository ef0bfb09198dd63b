"""The narrowed search space: where the sources' best configurations lie.

Each parameter is cut by itself to weighted quantiles of the values that the sources' best runs have (Perrone et al.
2019, Learning search spaces for Bayesian optimization, NeurIPS, draw the box of the best points; weights and quantiles
keep one odd source from undoing it). How far to cut is calibrated a learner: see `narrowing_level`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.model import (
    CategoricalParameter,
    Condition,
    Configuration,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    ParameterValue,
    ResponseModel,
    SearchSpace,
)
from recommender.composing.surface import support_configurations

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Share of a source's runs that count as its best, and the least number of them.
TOP_SHARE, TOP_LEAST = 0.05, 5


@dataclass(frozen=True)
class Narrowing:
    """How far to cut."""

    level: float
    """Numeric ranges run from this quantile to its counterpart; within [0, .5)."""
    slack: float = 0.1
    """What a range is widened by at either end, as a share of its width."""
    least_width: float = 0.2
    """Least width of a range, as a share of the wide one."""
    least_share: float = 0.05
    """Choices with less than this share of the weight go; 0 keeps all."""


def top_configurations(
    model: ResponseModel, *, share: float = TOP_SHARE, at_least: int = TOP_LEAST
) -> tuple[Configuration, ...]:
    """Return the best of the runs that `model` rests on, best first: `share` of them, all within its support."""
    wanted = min(max(at_least, round(share * model.n)), len(model.support))
    rows = np.argsort(np.array(model.regrets), kind="stable")[:wanted]
    return support_configurations(model, [int(row) for row in rows])


def quantile_ranges(values: Array, mass: Array, level: float, *, slack: float) -> tuple[Array, Array]:
    """Return ranges of `values` (n,) under each row of `mass` (rows, n), both ends of shape (rows,).

    The low end is the least value with more than `level` of the mass up to it, the high end its counterpart. A row
    without mass gives an infinite range.

    Args:
        values: Of a parameter, on its own scale.
        mass: Weights, not negative.
        level: Within [0, .5); 0 gives the least and the greatest value that have mass.
        slack: What is added at either end, as a share of the distance of the ends.
    """
    order = np.argsort(values, kind="stable")
    ordered, shares = values[order], mass[:, order]
    total = shares.sum(1, keepdims=True)
    reached = np.cumsum(shares, axis=1) > (level + 1e-12) * total
    above = np.cumsum(shares[:, ::-1], axis=1) > (level + 1e-12) * total
    lows = ordered[reached.argmax(1)]
    highs = ordered[len(ordered) - 1 - above.argmax(1)]
    empty = ~(total[:, 0] > 0)
    reach = slack * (highs - lows)
    return np.where(empty, -np.inf, lows - reach), np.where(empty, np.inf, highs + reach)


def widened(lows: Array, highs: Array, bounds: tuple[float, float], least_width: float) -> tuple[Array, Array]:
    """Keep ranges within `bounds`, and at least `least_width` of them wide; all on the parameter's own scale."""
    bottom, top = bounds
    least = least_width * (top - bottom)
    left, right = np.clip(lows, bottom, top), np.clip(highs, bottom, top)
    missing = np.maximum(least - (right - left), 0.0) / 2.0
    left = np.clip(left - missing, bottom, top - least)
    right = np.clip(np.maximum(right + missing, left + least), bottom, top)
    return np.minimum(left, right - least), right


def kept_choices(index: npt.NDArray[np.intp], mass: Array, n_choices: int, least_share: float) -> Mask:
    """Say which choices keep their place under each row of `mass` (rows, n), shape (rows, choices).

    Those with `least_share` of the row's mass, and the one with the most; all of them where a row has no mass.
    """
    shares = np.stack([mass[:, index == choice].sum(1) for choice in range(n_choices)], axis=1)
    kept: Mask = (shares >= least_share * shares.sum(1, keepdims=True)) | (shares == shares.max(1, keepdims=True))
    return kept


def narrow_parameter(
    parameter: Parameter, values: Sequence[ParameterValue], weights: Sequence[float], narrowing: Narrowing
) -> Parameter:
    """Return `parameter` cut to where `values` lie; unchanged where they say nothing of it.

    A numeric range stays within the wide one and keeps at least `least_width` of it; a choice stays where it has
    `least_share` of the weight, and the one with the most always does.
    """
    if isinstance(parameter, ConstantParameter):
        return parameter
    coordinates = scaled_values(parameter, values)
    mass = np.asarray(weights, dtype=float)[None, ~np.isnan(coordinates)]
    known = coordinates[~np.isnan(coordinates)]
    if not mass.sum() > 0:
        return parameter
    if isinstance(parameter, CategoricalParameter):
        kept = kept_choices(known.astype(np.intp), mass, len(parameter.choices), narrowing.least_share)[0]
        choices = tuple(choice for choice, keep in zip(parameter.choices, kept, strict=True) if keep)
        return parameter.replace(choices=choices, prior=None)
    lows, highs = quantile_ranges(known, mass, narrowing.level, slack=narrowing.slack)
    lows, highs = widened(lows, highs, scaled_bounds(parameter), narrowing.least_width)
    return _with_bounds(parameter, float(lows[0]), float(highs[0]))


def narrow_space(
    space: SearchSpace, tops: Sequence[Sequence[Configuration]], weights: Sequence[float], narrowing: Narrowing
) -> SearchSpace:
    """Return `space` with every parameter cut to where the sources' best configurations lie.

    Args:
        space: The wide space.
        tops: The best configurations of each source (`top_configurations`).
        weights: One a source; a source's best configurations share its weight.
        narrowing: How far to cut.
    """
    narrowed = [
        narrow_parameter(parameter, *parameter_values(parameter.name, tops, weights), narrowing)
        for parameter in space.parameters
    ]
    return space.replace(parameters=tuple(narrowed), conditions=_still_possible(space, narrowed))


def parameter_values(
    name: str, tops: Sequence[Sequence[Configuration]], weights: Sequence[float]
) -> tuple[list[ParameterValue], list[float]]:
    """Return the values that the configurations in which `name` is active have, and the weight of each."""
    values: list[ParameterValue] = []
    masses: list[float] = []
    for configurations, weight in zip(tops, weights, strict=True):
        active = [configuration[name] for configuration in configurations if name in configuration]
        values += active
        # Of all its best, not of those in which the parameter is active: a source that rarely uses it says little.
        masses += [weight / len(configurations)] * len(active)
    return values, masses


def scaled_values(parameter: Parameter, values: Sequence[ParameterValue]) -> Array:
    """Return `values` on the parameter's own scale (log, or the number of the choice); NaN what it cannot have."""
    if isinstance(parameter, CategoricalParameter):
        place = {_key(choice): float(i) for i, choice in enumerate(parameter.choices)}
        return np.array([place.get(_key(value), np.nan) for value in values], dtype=float)
    numbers = np.array([v if _is_number(v) else np.nan for v in values], dtype=float)
    if isinstance(parameter, FloatParameter | IntParameter) and parameter.log:
        return np.log(np.where(numbers > 0, numbers, np.nan))
    return numbers


def scaled_bounds(parameter: FloatParameter | IntParameter) -> tuple[float, float]:
    """Return the bounds of `parameter` on its own scale."""
    low, high = scaled_values(parameter, (parameter.low, parameter.high))
    return float(low), float(high)


def _with_bounds(parameter: FloatParameter | IntParameter, low: float, high: float) -> Parameter:
    """Return `parameter` with bounds given on its own scale; whole numbers are rounded outward."""
    ends = np.exp([low, high]) if parameter.log else np.array([low, high])
    # exp(log(x)) may miss x by a last bit, which must not put the range outside the wide one.
    left, right = max(float(ends[0]), parameter.low), min(float(ends[1]), parameter.high)
    if isinstance(parameter, IntParameter):
        return parameter.replace(low=int(np.floor(left + 1e-9)), high=int(np.ceil(right - 1e-9)), prior=None)
    return parameter.replace(low=left, high=right, prior=None)


def _still_possible(space: SearchSpace, narrowed: Sequence[Parameter]) -> tuple[Condition, ...]:
    """Return the conditions without the parents' values that were dropped; one with no value left is kept as it is."""
    by_name = {parameter.name: parameter for parameter in narrowed}
    kept = []
    for condition in space.conditions:
        values = tuple(v for v in condition.values if by_name[condition.parent].contains(v))
        kept.append(condition.replace(values=values) if values else condition)
    return tuple(kept)


def _key(value: ParameterValue) -> tuple[bool, ParameterValue]:
    """Return a key under which True is not 1."""
    return isinstance(value, bool), value


def _is_number(value: ParameterValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
