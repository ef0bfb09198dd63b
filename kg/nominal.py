"""Counts, entropy and mutual information of nominal columns."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

Array = np.ndarray[Any, Any]


def value_counts(column: pd.Series) -> Array:
    """Return how often each value of a categorical `column` occurs; values that do not occur are left out."""
    codes = column.cat.codes.to_numpy()
    counts = np.bincount(codes[codes >= 0], minlength=1)
    return counts[counts > 0]


def entropy(counts: Array) -> float:
    """Return the entropy, in bits, of the distribution that `counts` (any shape) describe."""
    total = counts.sum()
    if total == 0:
        return 0.0
    shares = counts[counts > 0] / total
    return float(-(shares * np.log2(shares)).sum())


def mutual_information(codes: Array, classes: Array) -> float:
    """Return the mutual information, in bits, of two coded columns; rows with a negative code (missing) are left out.

    Args:
        codes: Whole numbers, shape (rows,); negative where missing.
        classes: Whole numbers from 0, shape (rows,).
    """
    known = codes >= 0
    if not known.any():
        return 0.0
    left, right = codes[known].astype(np.int64), classes[known].astype(np.int64)
    n_right = int(right.max()) + 1
    joint = np.bincount(left * n_right + right, minlength=(int(left.max()) + 1) * n_right).reshape(-1, n_right)
    return max(0.0, entropy(joint.sum(0)) + entropy(joint.sum(1)) - entropy(joint))
