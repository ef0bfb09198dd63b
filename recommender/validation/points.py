"""Points of a search space that a test run tries: corners and random ones, always complete, active and allowed."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

import numpy as np

from kg.learners.spec import LearnerSpec
from kg.model import CategoricalParameter, Configuration, ConstantParameter, ParameterValue, SearchSpace
from recommender.validation.domains import AnyParameter

#: Draws after which a space counts as one that forbids nearly everything.
MOST_DRAWS = 200

Choose = Callable[[AnyParameter], ParameterValue]


def random_point(space: SearchSpace, rng: np.random.Generator) -> Configuration | None:
    """Return a point of `space`, uniform on each parameter's own scale; None where all that is drawn is forbidden."""
    for _ in range(MOST_DRAWS):
        point = assemble(space, lambda parameter: at(parameter, rng.random()))
        if not any(forbidden.is_violated_by(point.root) for forbidden in space.forbidden):
            return point
    return None


def corner(space: SearchSpace, end: float) -> Configuration | None:
    """Return the point with every number at its low (0) or high (1) end; choices are the first or the last allowed."""
    for turn in range(MOST_DRAWS):
        point = assemble(space, lambda parameter: _turned(parameter, end, turn))  # noqa: B023  # used at once
        if not any(forbidden.is_violated_by(point.root) for forbidden in space.forbidden):
            return point
    return None


def cost_corner(space: SearchSpace, spec: LearnerSpec, *, cheap: bool) -> Configuration | None:
    """Return the corner at which a fit is cheapest or dearest, by what the registry says of each parameter's cost.

    Parameters whose cost is unknown are in the middle.
    """

    def choose(parameter: AnyParameter) -> ParameterValue:
        if isinstance(parameter, CategoricalParameter | ConstantParameter):
            return at(parameter, 0.0)
        low_cost = spec[parameter.name].low_cost if parameter.name in spec else None
        if not isinstance(low_cost, int | float):
            return at(parameter, 0.5)
        cheap_end = 0.0 if low_cost <= parameter.low else 1.0
        return at(parameter, cheap_end if cheap else 1 - cheap_end)

    point = assemble(space, choose)
    allowed = not any(forbidden.is_violated_by(point.root) for forbidden in space.forbidden)
    return point if allowed else None


def at(parameter: AnyParameter, fraction: float) -> ParameterValue:
    """Return the value at `fraction` of the way through `parameter`, on its own scale."""
    if parameter.kind == "constant":
        return parameter.value
    if parameter.kind == "categorical":
        return parameter.choices[min(int(fraction * len(parameter.choices)), len(parameter.choices) - 1)]
    if fraction in (0, 1):  # exactly, whatever the logarithm rounds
        return parameter.high if fraction else parameter.low
    low, high = float(parameter.low), float(parameter.high)
    if parameter.log:
        value = math.exp(math.log(low) + fraction * (math.log(high) - math.log(low)))
    else:
        value = low + fraction * (high - low)
    value = min(max(value, low), high)
    return min(max(round(value), parameter.low), parameter.high) if parameter.kind == "int" else value


def assemble(space: SearchSpace, choose: Choose) -> Configuration:
    """Return the point that `choose` makes, parents before children, without what is inactive."""
    point: dict[str, ParameterValue] = {}
    for parameter in space.ordered():
        if space.is_active(parameter.name, point):
            point[parameter.name] = choose(parameter)
    return Configuration(point)


def completed(point: Mapping[str, ParameterValue], space: SearchSpace, fixed: Configuration) -> Configuration:
    """Return what the learner is built with: `point`, the constants of the space that are active, and what is fixed."""
    constants = {p.name: p.value for p in space.parameters if p.kind == "constant" and space.is_active(p.name, point)}
    return Configuration({**fixed.root, **constants, **point})


def _turned(parameter: AnyParameter, end: float, turn: int) -> ParameterValue:
    """Return the end of `parameter`; further turns move its choices on, in case the first combination is forbidden."""
    if parameter.kind != "categorical":
        return at(parameter, end)
    start = 0 if end < 0.5 else len(parameter.choices) - 1
    return parameter.choices[(start + (turn if end < 0.5 else -turn)) % len(parameter.choices)]
