"""How scores move along the fidelity: fidelity curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ingest.distil.batch import Batch
from ingest.distil.fidelity import LEAST_PAIRS, groups
from ingest.distil.rounding import significant
from kg.model import FidelityCurve, FidelityPoint, Metric

#: Quantiles of the change over the best configurations.
QUANTILES = (0.1, 0.5, 0.9)
#: Share of the configurations, best at full fidelity, whose change is kept beside that of all.
BEST = 0.25
#: Decimal places below which a difference of scores is rounding of the arithmetic.
PLACES = 9


def fidelity_curves(batch: Batch) -> Iterator[FidelityCurve]:
    """Yield a curve for each data set and metric of `batch` on which configurations were run at several fidelities.

    A configuration that was run several times at a level counts with its mean score.
    """
    for group in groups(batch):
        if points := tuple(_points(group.cheap, group.full, group.metric)):
            score = significant(float(group.full.groupby("configuration")["score"].mean().median()))
            yield FidelityCurve(**group.named("fidelity_curve", "scores"), score=score, points=points)


def _points(cheap: pd.DataFrame, full: pd.DataFrame, metric: Metric) -> Iterator[FidelityPoint]:
    reference = full.groupby("configuration")["score"].mean().rename("full")
    for value, rows in cheap.groupby("fidelity_value", sort=True):
        both = rows.groupby("configuration")["score"].mean().rename("low").to_frame().join(reference, how="inner")
        if len(both) < LEAST_PAIRS:
            continue
        changes = (both["low"] - both["full"]).to_numpy(dtype=float)
        gains = both["full"] if metric.greater_is_better else -both["full"]
        best = np.argsort(-gains.to_numpy(dtype=float), kind="stable")[: int(np.ceil(BEST * len(both)))]
        low, middle, high = np.quantile(changes[best], QUANTILES)
        yield FidelityPoint(
            value=float(str(value)),
            score=significant(float(both["low"].median())),
            change=_rounded(np.median(changes)),
            best_low_change=_rounded(low),
            best_change=_rounded(middle),
            best_high_change=_rounded(high),
            configurations=len(both),
        )


def _rounded(change: float) -> float:
    return significant(round(float(change), PLACES))
