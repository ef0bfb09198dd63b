"""Joining the range that runs support with the ranges that people published.

Runs speak where somebody ran them. Inside what the sources searched, the range found there stands, whatever was
published. Where it reaches the edge of what was searched, good values may lie beyond, and published ranges say how
far. What does not fit together is reported, never averaged away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from kg.model import Iri

#: A range that ends within this share of the edge of what was searched reaches it.
EDGE = 0.05
#: A published range that holds less than this share of the range found disagrees with it.
LEAST_OVERLAP = 0.25


@dataclass(frozen=True)
class Range:
    """A numeric range and where it comes from."""

    low: float
    high: float
    source: Iri | None = None
    """The evidence; None for a range that was derived."""


@dataclass(frozen=True)
class JoinedRange:
    """A range, what it rests on, and what spoke against it."""

    low: float
    high: float
    used: tuple[Iri, ...] = ()
    """Published ranges that moved an end."""
    conflicts: tuple[str, ...] = ()
    """What disagrees, in words."""


def join_ranges(found: Range, searched: Range, published: Sequence[Range], *, log: bool = False) -> JoinedRange:
    """Join the range `found` in runs with `published` ones.

    Args:
        found: Where the best configurations lie.
        searched: What the sources searched; `found` is taken to reach an edge of it within 5 %.
        published: Ranges of published spaces.
        log: Whether distances are measured on the log scale; published ends at or below 0 are then passed over.
    """
    usable = [r for r in published if r.low <= r.high and not (log and r.low <= 0)]
    near = EDGE * (_scaled(searched.high, log) - _scaled(searched.low, log))
    low, high, used = found.low, found.high, set[Iri | None]()
    if _scaled(found.low, log) - _scaled(searched.low, log) <= near and usable:
        low = min(low, float(np.median([r.low for r in usable])))
        used |= {r.source for r in usable if r.low < found.low}
    if _scaled(searched.high, log) - _scaled(found.high, log) <= near and usable:
        high = max(high, float(np.median([r.high for r in usable])))
        used |= {r.source for r in usable if r.high > found.high}
    moved = (low, high) != (found.low, found.high)
    return JoinedRange(
        low=low,
        high=high,
        used=tuple(sorted(source for source in used if source)) if moved else (),
        conflicts=tuple(_conflict(found, r) for r in usable if _overlap(found, r, log) < LEAST_OVERLAP),
    )


def _overlap(found: Range, other: Range, log: bool) -> float:
    """Return the share of `found` that `other` holds; for a point, whether it holds it."""
    left, right = (_scaled(end, log) for end in (found.low, found.high))
    shared = min(right, _scaled(other.high, log)) - max(left, _scaled(other.low, log))
    if right <= left:
        return float(shared >= 0)
    return max(shared, 0.0) / (right - left)


def _conflict(found: Range, other: Range) -> str:
    name = other.source or "a published range"
    return f"{name} has {other.low:g} to {other.high:g}; the best runs lie in {found.low:g} to {found.high:g}"


def _scaled(value: float, log: bool) -> float:
    return float(np.log(value)) if log else value
