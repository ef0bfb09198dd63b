"""Which hyper-parameters are not worth tuning: they explain little, and setting them once costs the best little.

Importance alone misleads: where most of the variance is made by configurations that are bad anyway, what decides among
the good ones explains next to nothing of it. So the best candidates of each source are looked at, too.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from kg.model import FloatParameter, IntParameter, Iri, Parameter, ParameterImportance, ParameterValue, same_value
from recommender.composing.narrowing import scaled_bounds, scaled_values
from recommender.composing.surface import ResponseSurface

#: A hyper-parameter that explains less of the variance than this, on every similar data set, is not tuned.
NEGLIGIBLE = 0.01
#: Mean regret that setting a hyper-parameter once may cost the best runs of the sources.
MOST_LOST = 0.01
#: Numbers within this share of the range of each other are taken for the same.
NEAR = 0.1
#: Data sets on which the importance must have been measured before a hyper-parameter is left out.
ENOUGH = 10


def negligible_parameters(
    importances: Sequence[ParameterImportance], *, threshold: float = NEGLIGIBLE, quantile: float = 0.9
) -> tuple[str, ...]:
    """Return the hyper-parameters whose importance stays below `threshold` on at least `quantile` of the data sets.

    Args:
        importances: One for each data set, of one learner and metric.
        threshold: Share of the variance.
        quantile: Share of the data sets.

    Returns:
        Canonical names, sorted; empty where fewer than `ENOUGH` data sets were measured.
    """
    shares: dict[str, list[float]] = defaultdict(list)
    for importance in importances:
        for parameter, share in importance.importances.items():
            shares[parameter].append(share)
    return tuple(
        sorted(
            name
            for name, values in shares.items()
            if len(values) >= ENOUGH and sum(v < threshold for v in values) / len(values) >= quantile
        )
    )


def mean_importance(importances: Sequence[ParameterImportance], weights: Mapping[Iri, float]) -> dict[str, float]:
    """Return hyper-parameter -> weighted mean importance, most important first."""
    totals: dict[str, float] = defaultdict(float)
    weight_sum = 0.0
    for importance in importances:
        weight = weights.get(importance.dataset, 0.0)
        weight_sum += weight
        for parameter, share in importance.importances.items():
            totals[parameter] += weight * share
    if not weight_sum:
        return {}
    return dict(sorted(((n, t / weight_sum) for n, t in totals.items()), key=lambda item: (-item[1], item[0])))


def loss_of_fixing(
    parameter: Parameter, value: ParameterValue, surface: ResponseSurface, weights: Mapping[Iri, float]
) -> float:
    """Return the weighted mean regret that the best candidates of the sources lose when `parameter` is set to `value`.

    On each source: the least regret of the candidates that have about that value (or in which the parameter is
    inactive), less the least of all. About: the same choice, or within a tenth of the range.
    """
    alike = np.array([_is_alike(parameter, candidate.get(parameter.name), value) for candidate in surface.candidates])
    if not alike.any():
        return float("inf")
    lost = surface.regrets[alike].min(axis=0) - surface.regrets.min(axis=0)
    share = np.array([weights.get(dataset, 0.0) for dataset in surface.datasets])
    return float(share @ lost / share.sum()) if share.sum() > 0 else float(lost.mean())


def _is_alike(parameter: Parameter, found: ParameterValue, value: ParameterValue) -> bool:
    if found is None and value is not None:
        return True
    if not isinstance(parameter, FloatParameter | IntParameter) or isinstance(found, str) or isinstance(value, str):
        return same_value(found, value)
    low, high = scaled_bounds(parameter)
    left, right = scaled_values(parameter, [found, value])
    return bool(abs(left - right) <= NEAR * (high - low))


def weighted_median(entries: Sequence[tuple[float, float]]) -> float:
    """Return the least of the values up to which half of the weight lies.

    Args:
        entries: Values with their weights; at least one.
    """
    ordered = sorted(entries)
    half, total = sum(weight for _, weight in ordered) / 2, 0.0
    for value, weight in ordered:
        total += weight
        if total >= half:
            return value
    return ordered[-1][0]
