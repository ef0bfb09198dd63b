"""Hyper-parameters that count rows: what the library takes of them depends on the rows that a fold trains on."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kg.model import (
    CategoricalParameter,
    Configuration,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    ParameterValue,
    SearchSpace,
)
from recommender.validation.domains import AnyParameter, with_parameters
from recommender.validation.stage import failed, repaired
from recommender.validation.verdict import Finding

#: Learner -> hyper-parameters that may be no greater than the rows of a training fold.
COUNT_ROWS: Mapping[str, tuple[str, ...]] = {"knn": ("n_neighbors",)}


def trained_rows(rows: int, folds: int) -> int:
    """Return the rows that the smallest training fold has."""
    return rows - math.ceil(rows / folds)


def within_rows(learner: str, space: SearchSpace, most: int) -> tuple[SearchSpace, tuple[Finding, ...]]:
    """Return `space` with ranges and choices of at most `most` rows, and what was beyond them."""
    findings: list[Finding] = []
    parameters: list[AnyParameter] = []
    for parameter in space.parameters:
        kept = parameter
        if parameter.name in COUNT_ROWS.get(learner, ()):
            kept, found = _cut(parameter, most)
            findings += found
        parameters.append(kept)
    return (with_parameters(space, parameters) if findings else space), tuple(findings)


def fixed_beyond_rows(learner: str, fixed: Configuration, most: int) -> tuple[Finding, ...]:
    """Return what is wrong with fixed values that count more rows than `most`: no trial could be fitted."""
    words = f"A fold trains on {most:,} rows"
    return tuple(
        failed(f"fixed.{name}", "beyond_rows", f"{words}, {value} are fixed.", value=value, allowed=f"<= {most}")
        for name, value in fixed.items()
        if name in COUNT_ROWS.get(learner, ()) and _is_beyond(value, most)
    )


def needs_more_rows(learner: str, configuration: Mapping[str, ParameterValue], most: int) -> bool:
    """Say whether a configuration counts more rows than `most`."""
    return any(_is_beyond(configuration[name], most) for name in COUNT_ROWS.get(learner, ()) if name in configuration)


def _is_beyond(value: ParameterValue, most: int) -> bool:
    return isinstance(value, int | float) and value > most


def _cut(parameter: AnyParameter, most: int) -> tuple[AnyParameter, list[Finding]]:
    """Return a parameter without the values beyond `most`, with what was wrong; as it is where none would be left."""
    field, allowed = f"search_space.parameters.{parameter.name}", f"<= {most}"
    low, high = _ends(parameter)
    if not _is_beyond(high, most):
        return parameter, []
    words = f"A fold trains on {most:,} rows, {high:g} are searched"
    if _is_beyond(low, most) or isinstance(parameter, ConstantParameter):
        return parameter, [failed(field, "beyond_rows", f"{words}.", value=low, allowed=allowed)]
    cut: AnyParameter
    if isinstance(parameter, IntParameter | FloatParameter):
        cut = parameter.replace(high=most, prior=None)
        return cut, [repaired(field, "beyond_rows", f"{words}; the range is cut.", value=high, allowed=allowed)]
    choices = tuple(choice for choice in parameter.choices if not _is_beyond(choice, most))
    cut = parameter.replace(choices=choices, prior=None)
    return cut, [repaired(field, "beyond_rows", f"{words}; the choices are cut.", value=high, allowed=allowed)]


def _ends(parameter: AnyParameter) -> tuple[float, float]:
    """Return the least and the greatest number that a parameter can be; words count as none."""
    if isinstance(parameter, IntParameter | FloatParameter):
        return parameter.low, parameter.high
    values = parameter.choices if isinstance(parameter, CategoricalParameter) else (parameter.value,)
    numbers = [float(value) if isinstance(value, int | float) else 0.0 for value in values]
    return min(numbers), max(numbers)
