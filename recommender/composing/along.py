"""What to expect along the fidelity: the score of the best of the first trials at each lower level, with intervals.

Each source says by its fidelity curve how the scores of its best configurations change below the full fidelity. Added
to what the replayed portfolio reaches there, in square roots of losses as in `prediction`, that is a shift; what to
expect is the median shift of the sources, the most similar counting most, from the score predicted in full.
Widths are leave-one-out residuals of both steps together, with the finite-sample correction of split conformal
prediction (Lei et al. 2018). A source stands for three configurations, its percentiles 10, 50 and 90, with the shares
of Swanson's rule (Hurst et al. 2000): configurations of one data set do not all move alike.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from kg.model import FidelityCurve, FidelityPoint, MetaFeatures, Metric
from recommender.composing.prediction import finite_sample_quantile, ridge_of
from recommender.proposal import PredictedCurve, PredictedLevel

Array = npt.NDArray[np.float64]
#: A metric with bounds, and a nominal coverage.
_Asked: TypeAlias = tuple[Metric, float]

#: Sources below which no level is predicted: the least that give a 90 % interval a finite end.
LEAST_CURVES = 9
#: Swanson's rule: shares of the percentiles 10, 50 and 90.
SHARES = np.array([0.3, 0.4, 0.3])


@dataclass(frozen=True)
class CurveSource:
    """A data set on which scores along the fidelity are known."""

    features: MetaFeatures
    loss: float
    """Distance from the perfect score after the trials that are asked about, at full fidelity."""
    weight: float
    """How much it is like the target."""
    curve: FidelityCurve


@dataclass(frozen=True)
class _Foreseen:
    """A level, in square roots of losses."""

    full: float
    """Expected at full fidelity."""
    shift: float
    """Expected change from there."""
    less: float
    """How far the change may lie below; not negative."""
    more: float
    reach: float
    """How far the root at this level may lie from the one expected, on either side."""


def predict_curve(
    target: MetaFeatures,
    sources: Sequence[CurveSource],
    metric: Metric,
    *,
    k: int,
    level: float = 0.9,
    least: int = LEAST_CURVES,
) -> PredictedCurve | None:
    """Return what to expect along the fidelity of the best of `k` trials; None where too little is known.

    Args:
        target: What is known of the data set.
        sources: Curves of one learner, metric and fidelity, one a data set.
        metric: A metric with bounds and a perfect score; for another nothing can be carried over.
        k: Trials that `CurveSource.loss` was reached after.
        level: Nominal coverage of every interval.
        least: Sources that a level must be known on at least.
    """
    if not is_carried(metric):
        return None
    counts = Counter(point.value for source in sources for point in source.curve.points)
    # Sources must have all levels, so one that few have would cost the others their sources.
    enough = max(least, max(counts.values(), default=0) / 2)
    values = sorted(value for value, n in counts.items() if n >= enough)
    known = [source for source in sources if set(values) <= {point.value for point in source.curve.points}]
    if not values or len(known) < least:
        return None
    foreseen = {value: _foreseen(target, known, value, (metric, level)) for value in values}
    return PredictedCurve(
        parameter=known[0].curve.parameter,
        full=known[0].curve.full,
        k=k,
        score=_score(foreseen[values[0]].full, metric),
        levels=tuple(_level(value, seen, metric) for value, seen in foreseen.items()),
    )


def is_carried(metric: Metric) -> bool:
    """Say whether scores can be carried from one data set to another: the metric has bounds and a perfect score."""
    return metric.perfect is not None and metric.lower is not None and metric.upper is not None


def carried(curve: PredictedCurve, level: PredictedLevel, full: float, metric: Metric) -> tuple[float, float, float]:
    """Return (low, expected, high) of the score at `level` of a configuration that scored `full` at full fidelity."""
    start, measured = _root(curve.score, metric), _root(full, metric)
    shifts = (
        _root(curve.score + change, metric) - start for change in (level.low_change, level.change, level.high_change)
    )
    low, expected, high = (_score(measured + shift, metric) for shift in shifts)
    return low, expected, high


def shifts_of(source: CurveSource, point: FidelityPoint, metric: Metric) -> Array:
    """Return the changes of a source's best configurations in square roots of losses: percentiles 10, 50 and 90."""
    changes = np.array([point.best_low_change, point.best_change, point.best_high_change])
    losses = source.loss - changes if metric.greater_is_better else source.loss + changes
    shifts: Array = np.sqrt(np.clip(losses, 0.0, _range(metric))) - math.sqrt(source.loss)
    return shifts


def weighted_median(values: Array, weights: Array) -> float:
    """Return the least value at which half of the weight is reached."""
    return float(weighted_quantile(values, weights, 0.5))


def weighted_quantile(values: Array, weights: Array, share: float) -> float:
    """Return the least value at which `share` of the weight is reached; the greatest where `share` is 1 or more."""
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][min(int(np.searchsorted(reached, share - 1e-9)), len(values) - 1)])


def _foreseen(target: MetaFeatures, sources: Sequence[CurveSource], value: float, asked: _Asked) -> _Foreseen:
    metric, level = asked
    weights = np.array([source.weight for source in sources])
    weights = weights if weights.sum() > 0 else np.ones(len(sources))
    roots = np.sqrt([source.loss for source in sources])
    full, off = ridge_of(target, [source.features for source in sources], roots)
    shifts = np.stack([shifts_of(source, _point(source.curve, value), metric) for source in sources])
    expected = weighted_median(shifts[:, 1], weights)
    others = ~np.eye(len(sources), dtype=bool)
    left_out = np.array([weighted_median(shifts[rest, 1], weights[rest]) for rest in others])
    moved = shifts - left_out[:, None]
    # Both tails of a change are risky, each gets half of what may go wrong.
    tail = (1 + level) / 2
    share = math.ceil((len(sources) + 1) * level) / len(sources)
    reach = weighted_quantile(np.abs(off[:, None] + moved).ravel(), np.tile(SHARES, len(sources)), share)
    return _Foreseen(
        full=min(max(full, 0.0), math.sqrt(_range(metric))),
        shift=expected,
        less=max(0.0, finite_sample_quantile(-moved[:, 1], tail)),
        more=max(0.0, finite_sample_quantile(moved[:, 1], tail)),
        reach=reach,
    )


def _level(value: float, seen: _Foreseen, metric: Metric) -> PredictedLevel:
    here = seen.full + seen.shift
    scores = sorted(_score(here + reach, metric) for reach in (-seen.reach, seen.reach))
    start = _score(seen.full, metric)
    changes = sorted(_score(here + reach, metric) - start for reach in (-seen.less, seen.more))
    return PredictedLevel(
        value=value,
        low=scores[0],
        expected=_score(here, metric),
        high=scores[1],
        low_change=changes[0],
        change=_score(here, metric) - start,
        high_change=changes[1],
    )


def _point(curve: FidelityCurve, value: float) -> FidelityPoint:
    return next(point for point in curve.points if point.value == value)


def _range(metric: Metric) -> float:
    return (metric.upper or 0.0) - (metric.lower or 0.0)


def _root(score: float, metric: Metric) -> float:
    return math.sqrt(min(abs((metric.perfect or 0.0) - score), _range(metric)))


def _score(root: float, metric: Metric) -> float:
    loss = min(max(root, 0.0) ** 2, _range(metric))
    perfect = metric.perfect or 0.0
    return perfect - loss if metric.greater_is_better else perfect + loss
