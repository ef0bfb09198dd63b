"""Rounding of figures, so that what is distilled is small and the same on every build."""

from __future__ import annotations

import math
from collections.abc import Iterable

#: Significant digits of fitted figures and of coordinates.
DIGITS = 4


def significant(value: float, digits: int = DIGITS) -> float:
    """Return `value` with `digits` significant digits.

    >>> significant(0.123456), significant(1234567.0)
    (0.1235, 1235000.0)
    """
    if value == 0 or not math.isfinite(value):
        return float(value)
    return float(f"{value:.{digits - 1}e}")


def all_significant(values: Iterable[float], digits: int = DIGITS) -> tuple[float, ...]:
    """Return `values`, each with `digits` significant digits."""
    return tuple(significant(float(value), digits) for value in values)
