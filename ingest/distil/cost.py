"""What training takes: cost profiles."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from ingest.distil.batch import Batch, weakest
from ingest.distil.rounding import all_significant, significant
from kg.iris import evidence_iri
from kg.model import CostProfile, Iri
from kg.response.encoding import Array

#: Timed runs below which there is no profile.
LEAST_RUNS = 10
#: Seconds below which a clock says nothing; shorter times are taken for this.
FLOOR_SECONDS = 1e-3
#: Ridge penalty, in rows: it holds one-hot columns, which sum to one, and columns that do not vary.
RIDGE = 1.0


def cost_profiles(batch: Batch) -> Iterator[CostProfile]:
    """Yield the cost of training on each data set of `batch` with timed runs at full fidelity.

    Log seconds are fitted by a line in the encoded configuration (ridge regression; the intercept is free).
    """
    timed = batch.rows[batch.rows["fidelity_kind"].isna() & batch.rows["seconds"].notna()]
    for dataset, rows in timed.drop_duplicates("run_id").groupby("dataset", sort=True):
        if len(rows) < LEAST_RUNS:
            continue
        seconds = np.maximum(rows["seconds"].to_numpy(dtype=float), FLOOR_SECONDS)
        x = batch.points[rows["configuration"].to_numpy()]
        intercept, slopes, residual = fit_line(x, np.log(seconds))
        low, median, high = all_significant(np.quantile(seconds, [0.1, 0.5, 0.9]))
        yield CostProfile(
            iri=evidence_iri("cost_profile", batch.scope.source, batch.scope.learner, dataset),
            standing=weakest(rows),
            n=len(rows),
            provenance=batch.scope.about(Iri(str(dataset)), "timed runs"),
            dataset=Iri(str(dataset)),
            learner=batch.scope.learner,
            seconds=(low, median, high),
            memory_mb=_median(rows["memory_mb"]),
            intercept=significant(intercept),
            coefficients=dict(zip(batch.scope.encoder.dims, all_significant(slopes), strict=True)),
            residual=significant(residual),
        )


def fit_line(x: Array, y: Array) -> tuple[float, Array, float]:
    """Return intercept, slopes (dims,) and residual standard deviation of the ridge regression of `y` (n,) on `x`."""
    center, mean = x.mean(0), float(y.mean())
    inner = x - center
    slopes = np.linalg.solve(inner.T @ inner + RIDGE * np.eye(x.shape[1]), inner.T @ (y - mean))
    residual = float(np.std(y - mean - inner @ slopes))
    return mean - float(center @ slopes), slopes, residual


def _median(values: pd.Series[float]) -> float | None:
    known = values.dropna()
    return significant(float(known.median())) if len(known) else None
