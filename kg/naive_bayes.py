"""Naive Bayes over numeric and nominal columns with gaps, as a landmarker.

A normal density for each numeric column, counts with Laplace's correction for each nominal one; a missing value is
left out of the product (John & Langley 1995; the defaults of Weka's NaiveBayes).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

Array = np.ndarray[Any, Any]

#: Least standard deviation as a share of a column's step: what Weka calls its precision.
_PRECISION_SHARE = 1 / 6
#: The step of a column that has one value (Weka's default precision).
_DEFAULT_STEP = 0.01


@dataclass(frozen=True, eq=False)
class MixedNaiveBayes:
    """A fitted model.

    Attributes:
        log_prior: Log share of each class, shape (classes,).
        mean: Of each class and numeric column, shape (classes, numeric).
        deviation: Standard deviations, same shape.
        log_tables: For each nominal column, log shares of its values by class, shape (values, classes).
    """

    log_prior: Array
    mean: Array
    deviation: Array
    log_tables: tuple[Array, ...]

    @classmethod
    def fit(cls, numeric: Array, codes: Array, target: Array) -> MixedNaiveBayes:
        """Fit to rows.

        Args:
            numeric: Shape (rows, n), NaN where missing.
            codes: Whole numbers, shape (rows, m), negative where missing.
            target: Class codes from 0, shape (rows,).
        """
        n_classes = int(target.max()) + 1
        member = np.eye(n_classes)[target]
        counts = member.sum(axis=0)
        known = ~np.isnan(numeric)
        filled = np.where(known, numeric, 0.0)
        n = np.maximum(member.T @ known, 1.0)
        mean = (member.T @ filled) / n
        centred = np.where(known, numeric - mean[target], 0.0)
        variance = (member.T @ (centred * centred)) / n
        deviation = np.maximum(np.sqrt(variance), _PRECISION_SHARE * _steps(numeric))
        tables = tuple(_log_table(column, target, n_classes) for column in codes.T)
        return cls(np.log((counts + 1) / (counts.sum() + n_classes)), mean, deviation, tables)

    def predict(self, numeric: Array, codes: Array) -> Array:
        """Return the likeliest class of each row."""
        score = np.tile(self.log_prior, (len(numeric), 1))
        for k in range(len(self.log_prior)):
            z = (numeric - self.mean[k]) / self.deviation[k]
            score[:, k] += np.nansum(-0.5 * z * z - np.log(self.deviation[k]), axis=1)
        for table, column in zip(self.log_tables, codes.T, strict=True):
            score += np.vstack([table, np.zeros(table.shape[1])])[np.clip(column, -1, len(table) - 1)]
        return np.asarray(score.argmax(axis=1))


def _steps(numeric: Array) -> Array:
    """Return the mean distance between neighbouring distinct values of each column, or `_DEFAULT_STEP`."""
    steps = np.full(numeric.shape[1], _DEFAULT_STEP)
    for index, column in enumerate(np.sort(numeric, axis=0).T):
        gaps = np.diff(column[~np.isnan(column)])
        if np.any(gaps > 0):
            steps[index] = gaps[gaps > 0].mean()
    return steps


def _log_table(column: Array, target: Array, n_classes: int) -> Array:
    known = column >= 0
    n_values = int(column.max(initial=0)) + 1
    counts = np.bincount(column[known] * n_classes + target[known], minlength=n_values * n_classes)
    table = counts.reshape(n_values, n_classes) + 1.0
    return np.asarray(np.log(table / table.sum(axis=0)))
