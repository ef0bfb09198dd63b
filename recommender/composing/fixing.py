"""Which hyper-parameters are not worth tuning: they explain little, and setting them once costs the best little.

Importance alone misleads: where most of the variance is made by configurations that are bad anyway, what decides among
the good ones explains next to nothing of it. So the best runs of each source are asked, with the value put in.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from kg.model import Iri, ParameterImportance, ParameterValue, ResponseModel
from kg.response import Encoder, ResponseFunction
from recommender.composing.narrowing import top_configurations

#: A hyper-parameter that explains less of the variance than this, on every similar data set, is not tuned.
NEGLIGIBLE = 0.01
#: Mean regret that setting a hyper-parameter once may cost the best runs of the sources.
MOST_LOST = 0.01
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
    name: str,
    value: ParameterValue,
    responses: Sequence[ResponseModel],
    weights: Mapping[Iri, float],
) -> float:
    """Return the weighted mean regret that the best runs of the sources lose when `name` is set to `value`.

    On each source, the least expected regret of its best runs, with the value put in less without.
    """
    lost, total = 0.0, 0.0
    for response in responses:
        tops = [dict(configuration) for configuration in top_configurations(response)]
        changed = [{**top, name: value} if name in top else top for top in tops]
        encoder, function = Encoder(response.space), ResponseFunction.from_model(response)
        before, after = function.mean(encoder.encode(tops)).min(), function.mean(encoder.encode(changed)).min()
        weight = weights.get(response.dataset, 0.0)
        lost += weight * max(0.0, float(after - before))
        total += weight
    return lost / total if total else 0.0
