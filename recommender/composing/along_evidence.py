"""The curve along the fidelity from cited evidence: of which curves, after how many trials, or why there is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from kg.model import FidelityCurve, Iri, Metric
from recommender.composing.along import LEAST_CURVES, CurveSource, is_carried, predict_curve
from recommender.composing.rule import RuleInputs
from recommender.proposal import PredictedCurve

#: Trials whose best is followed along the fidelity, at most: as many as there are warm starts by default.
MOST_TRIALS = 10

_LossesAfter = Mapping[Iri, npt.NDArray[np.float64]]


def curve_of(
    inputs: RuleInputs, losses: _LossesAfter, metric: Metric, ks: Sequence[int]
) -> tuple[PredictedCurve | None, str]:
    """Return what to expect along the fidelity, or None, and in words what it rests on or why there is none.

    Args:
        inputs: Cites fidelity curves.
        losses: Data set -> distance from the perfect score after 1, 2, ... trials of the replayed portfolio.
        metric: The metric of the evidence.
        ks: Numbers of trials that scores are foretold after; the greatest of at most `MOST_TRIALS` is followed.
    """
    k = max((k for k in ks if k <= MOST_TRIALS), default=None)
    curves = usable_curves(inputs.of(FidelityCurve), metric)
    if not is_carried(metric):
        return None, f"Scores in {metric.name}, which has no bounds, are not carried over."
    if not curves or k is None:
        return None, f"No scores of this learner at lower fidelity are known in {metric.name}."
    sources = [
        CurveSource(
            inputs.datasets[c.dataset].meta_features, float(losses[c.dataset][k - 1]), inputs.weight(c.dataset), c
        )
        for c in curves
        if c.dataset in losses and losses[c.dataset][k - 1] > 0 and c.dataset in inputs.datasets
    ]
    found = predict_curve(inputs.task.meta_features, sources, metric, k=k)
    if found is None:
        return None, f"Scores at lower fidelity are known on {len(sources)} data sets, fewer than {LEAST_CURVES}."
    return found, f"Along {found.parameter}: how scores change on {len(sources)} data sets, the most similar first."


def usable_curves(curves: Sequence[FidelityCurve], metric: Metric) -> tuple[FidelityCurve, ...]:
    """Return the curves in `metric` of the fidelity that most data sets have one of, the best founded of each."""
    kinds = Counter((curve.parameter, curve.full) for curve in curves if curve.metric == metric.name)
    if not kinds:
        return ()
    kind = max(sorted(kinds), key=lambda one: kinds[one])
    found: dict[Iri, FidelityCurve] = {}
    for curve in sorted(curves, key=lambda one: (one.n, one.iri)):
        if (curve.parameter, curve.full) == kind and curve.metric == metric.name:
            found[curve.dataset] = curve
    return tuple(found[iri] for iri in sorted(found))
