"""What to expect: the score after k trials, with an interval that held on the sources, each left out in turn.

Before any trial, the loss (distance from the perfect score) is regressed on meta-features over the sources.
Landmarkers, the error rates of quick learners, tell most. Square roots of losses and of error rates make the spread
about the same everywhere, so that intervals are narrow where the loss is small. Once there are trials, only the share
of the loss that further trials take away is predicted, and the incumbent is the other end. Widths are quantiles of
leave-one-out residuals with the finite-sample correction of split conformal prediction (Lei et al. 2018).
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from kg.model import LANDMARKERS, SIMPLE, MetaFeatures, Metric
from recommender.forecast import score_ahead
from recommender.proposal import PredictedScore, RemainingLoss

Array = npt.NDArray[np.float64]

#: Sources below which no interval is given: a 90 % interval needs nine residuals to have a finite end.
LEAST_SOURCES = 10
#: Strength of the ridge penalty on standardised meta-features.
RIDGE = 3.0


def losses_after(best: Sequence[float], median: Sequence[float], regrets: Array, metric: Metric) -> Array:
    """Return the distance from the perfect score after each trial on each source, shape (sources, trials).

    Args:
        best: Best score of each source, in the metric's unit.
        median: Median score of each source.
        regrets: Normalised regret of the best so far, shape (sources, trials): see `replay.replayed_regrets`.
        metric: A metric that has a perfect score.
    """
    top, middle = np.array(best, dtype=float)[:, None], np.array(median, dtype=float)[:, None]
    perfect = 0.0 if metric.perfect is None else metric.perfect
    losses: Array = np.abs(perfect - (top - regrets * (top - middle)))
    return losses


def predict_scores(
    target: MetaFeatures,
    sources: Sequence[MetaFeatures],
    losses: Array,
    metric: Metric,
    *,
    ks: Sequence[int],
    level: float = 0.9,
) -> tuple[PredictedScore, ...]:
    """Return what to expect after `ks` trials, before any trial was run.

    Args:
        target: What is known of the data set.
        sources: What is known of the sources.
        losses: Distance from the perfect score after 1, 2, ... trials on each source, shape (sources, trials); rows
            with NaN are passed over.
        metric: A metric with bounds. For one without (rmse) nothing can be carried over, and nothing is returned.
        ks: Numbers of trials, each at most the columns of `losses`.
        level: Nominal coverage.
    """
    usable = np.flatnonzero(~np.isnan(losses).any(1))
    if metric.perfect is None or metric.lower is None or metric.upper is None or len(usable) < LEAST_SOURCES:
        return ()
    x, asked = _design([sources[int(i)] for i in usable], target)
    found = []
    best = np.full(3, np.inf)
    for k in sorted(ks):
        expected, residuals = _ridge(x, np.sqrt(losses[usable, k - 1]), asked)
        reach = finite_sample_quantile(np.abs(residuals), level)
        roots = np.clip([expected - reach, expected, expected + reach], 0.0, math.sqrt(metric.upper - metric.lower))
        best = np.minimum(np.square(roots), best)
        found.append(_predicted(k, best, metric))
    return tuple(found)


def predict_from_trials(
    incumbent: float, after: int, losses: Array, metric: Metric, *, ks: Sequence[int], level: float = 0.9
) -> tuple[PredictedScore, ...]:
    """Return what to expect after `ks` trials in all, given the best score of the first `after` of them.

    Args:
        incumbent: The best score so far.
        after: How many trials it took; at least 1.
        losses: As in `predict_scores`.
        metric: A metric that has a perfect score.
        ks: Numbers of trials, each at least `after` and at most the columns of `losses`.
        level: Nominal coverage.
    """
    if metric.perfect is None:
        return ()
    left = [remaining_loss(losses, after, k, level=level) for k in ks]
    return tuple(score_ahead(incumbent, one, metric) for one in left if one is not None)


def remaining_loss(losses: Array, after: int, k: int, *, level: float = 0.9) -> RemainingLoss | None:
    """Return the share of the loss after `after` trials that is left after `k`; None where the sources are too few.

    More trials cannot make the best worse, so that end is certain, and all of the risk is on the other one.

    Args:
        losses: As in `predict_scores`.
        after: Trials that were run, at least 1.
        k: Trials in all, more than `after` and at most the columns of `losses`.
        level: Nominal coverage.
    """
    usable = ~np.isnan(losses).any(1) & (losses[:, after - 1] > 0)
    if usable.sum() < LEAST_SOURCES:
        return None
    shares = losses[usable, k - 1] / losses[usable, after - 1]
    least, expected = -finite_sample_quantile(-shares, level), float(np.median(shares))
    return RemainingLoss(after=after, k=k, least=_share(least), expected=_share(expected))


def finite_sample_quantile(residuals: Array, level: float) -> float:
    """Return the value that a further residual stays under with probability `level`: the ceil((n + 1) level)-th.

    The greatest one where there are too few residuals for that.
    """
    ordered = np.sort(residuals)
    place = math.ceil((len(ordered) + 1) * level)
    return float(ordered[min(place, len(ordered)) - 1])


def ridge_of(target: MetaFeatures, sources: Sequence[MetaFeatures], values: Array) -> tuple[float, Array]:
    """Return what `values` of the sources say of the target by meta-features, and each source's leave-one-out residual.

    Args:
        target: What is known of the data set.
        sources: What is known of the sources.
        values: A figure for each source, shape (sources,).
    """
    x, asked = _design(sources, target)
    return _ridge(x, values, asked)


def _design(sources: Sequence[MetaFeatures], target: MetaFeatures) -> tuple[Array, Array]:
    """Return standardised meta-features of sources (n, features) and target (features,): those the target has.

    What a source lacks is put at the mean. Counts and shares enter as logarithms, error rates as square roots.
    """
    names = [name for name in (*SIMPLE, *LANDMARKERS) if name in target]
    table = np.array([[_transformed(name, one.get(name, math.nan)) for name in names] for one in (*sources, target)])
    table = table.reshape(len(sources) + 1, len(names))
    columns = (~np.isnan(table[:-1])).sum(0) >= len(sources) / 2
    known, asked = table[:-1, columns], table[-1, columns]
    mean = np.nanmean(known, axis=0) if known.size else np.zeros(known.shape[1])
    scale = np.maximum(np.nanstd(known, axis=0), 1e-9) if known.size else np.ones(known.shape[1])
    # A target far outside what was seen is taken to be at the edge: a line is not to be trusted out there.
    beyond = np.clip((asked - mean) / scale, -3.0, 3.0)
    return np.nan_to_num((known - mean) / scale), beyond


def _transformed(name: str, value: float) -> float:
    if name in LANDMARKERS:
        return math.sqrt(max(value, 0.0)) if not math.isnan(value) else value
    return math.log1p(max(value, 0.0)) if not math.isnan(value) else value


def _ridge(x: Array, y: Array, asked: Array) -> tuple[float, Array]:
    """Return the prediction at `asked` and the leave-one-out residuals (n,) of ridge regression with an intercept."""
    design = np.column_stack([x, np.ones(len(y))])
    penalty = RIDGE * np.eye(design.shape[1])
    penalty[-1, -1] = 0.0
    solved = np.linalg.solve(design.T @ design + penalty, design.T)
    leverage = np.einsum("ij,ji->i", design, solved)
    coefficients = solved @ y
    residuals = (y - design @ coefficients) / np.maximum(1.0 - leverage, 1e-9)
    return float(np.append(asked, 1.0) @ coefficients), residuals


def _share(value: float) -> float:
    return round(min(max(value, 0.0), 1.0), 6)


def _predicted(k: int, losses: Array, metric: Metric) -> PredictedScore:
    """Return losses (least, expected, most) as scores."""
    perfect = 0.0 if metric.perfect is None else metric.perfect
    least, expected, most = losses.tolist()
    if metric.greater_is_better:
        return PredictedScore(k=k, low=perfect - most, expected=perfect - expected, high=perfect - least)
    return PredictedScore(k=k, low=perfect + least, expected=perfect + expected, high=perfect + most)
