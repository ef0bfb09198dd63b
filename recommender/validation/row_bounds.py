"""Hyper-parameters that count rows: what the library takes of them depends on the rows that a fold trains on."""

from __future__ import annotations

import math
from collections.abc import Mapping

from kg.model import FloatParameter, IntParameter, ParameterValue, SearchSpace
from recommender.validation.domains import AnyParameter, with_parameters
from recommender.validation.stage import failed, repaired
from recommender.validation.verdict import Finding

#: Learner -> hyper-parameters that may be no greater than the rows of a training fold.
COUNT_ROWS: Mapping[str, tuple[str, ...]] = {"knn": ("n_neighbors",)}


def trained_rows(rows: int, folds: int) -> int:
    """Return the rows that the smallest training fold has."""
    return rows - math.ceil(rows / folds)


def within_rows(learner: str, space: SearchSpace, most: int) -> tuple[SearchSpace, tuple[Finding, ...]]:
    """Return `space` with ranges of at most `most` rows, and what was beyond them."""
    findings: list[Finding] = []
    parameters: list[AnyParameter] = []
    for parameter in space.parameters:
        kept = parameter
        if parameter.name in COUNT_ROWS.get(learner, ()) and isinstance(parameter, IntParameter | FloatParameter):
            kept, found = _cut(parameter, most)
            findings += found
        parameters.append(kept)
    return (with_parameters(space, parameters) if findings else space), tuple(findings)


def needs_more_rows(learner: str, configuration: Mapping[str, ParameterValue], most: int) -> bool:
    """Say whether a configuration counts more rows than `most`."""
    values = [configuration[name] for name in COUNT_ROWS.get(learner, ()) if name in configuration]
    return any(isinstance(value, int | float) and value > most for value in values)


def _cut(parameter: IntParameter | FloatParameter, most: int) -> tuple[AnyParameter, list[Finding]]:
    if parameter.high <= most:
        return parameter, []
    field = f"search_space.parameters.{parameter.name}"
    words, allowed = f"A fold trains on {most:,} rows, {parameter.high:g} are searched", f"<= {most}"
    if parameter.low > most:
        return parameter, [failed(field, "beyond_rows", f"{words}.", value=parameter.low, allowed=allowed)]
    finding = repaired(field, "beyond_rows", f"{words}; the range is cut.", value=parameter.high, allowed=allowed)
    cut: AnyParameter = parameter.replace(high=most, prior=None)
    return cut, [finding]
