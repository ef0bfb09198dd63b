"""Which hyper-parameters are not worth tuning, and what to set them to."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.model import Iri, ParameterImportance

#: A hyper-parameter that explains less of the variance than this, on every similar data set, is not tuned.
NEGLIGIBLE = 0.01
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
