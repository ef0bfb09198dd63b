"""The greedy covering portfolio: configurations of which, whatever the target is like, one is good.

Not the k best on average, which all serve the same data sets: each pick is the one that lowers most the expected
regret of the best pick so far, the expectation running over the sources by their weights (greedy portfolios: Feurer
et al. 2022, Auto-Sklearn 2.0, §3; Salinas and Erickson 2023, TabRepo, §5).

The target is no source. So each source stands for several functions: its own plus a smooth random residual
(`surface.ResponseSurface.residuals`). Without it, once every source is covered the remaining picks are arbitrary;
with it they go on to spread where good values may lie.

Where time is short, a pick is the one that lowers the expected regret most for what it costs (greedy choice by benefit
over cost under a budget: Khuller, Moss and Naor 1999; Leskovec et al. 2007, "Cost-effective outbreak detection").
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from kg.errors import InputError
from kg.response import CLIP

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Regret before anything was tried.
NOTHING_TRIED = CLIP
#: Sources that are named as the reason for a pick.
CITED_SOURCES = 5
#: Candidates whose gain is brought up to date at once.
_BATCH = 64


@dataclass(frozen=True)
class Pick:
    """One configuration of a portfolio."""

    candidate: int
    """Row of the regret matrix."""
    expected: float
    """Expected regret of the best pick up to this one."""
    covers: tuple[int, ...]
    """Sources (columns) that gain most by it, most first: the evidence for the pick."""


def greedy_portfolio(
    regrets: Array,
    weights: Array,
    k: int,
    *,
    allowed: Mask | None = None,
    residuals: npt.NDArray[np.float32] | None = None,
    costs: Array | None = None,
) -> tuple[Pick, ...]:
    """Return up to `k` picks, in the order to try them.

    Args:
        regrets: Predicted regret of each candidate on each source, shape (candidates, sources).
        weights: How much each source counts, shape (sources,); not negative.
        k: How many to pick; fewer come back where fewer are allowed.
        allowed: Which candidates may be picked. Default: all.
        residuals: Random residuals, shape (candidates, sources x draws), the draws of a source next to each other.
        costs: What each candidate costs, shape (candidates,), above 0. Default: all the same.

    Raises:
        InputError: Shapes do not fit, or no weight is positive.
    """
    n, n_sources = regrets.shape
    if weights.shape != (n_sources,) or not weights.sum() > 0 or weights.min() < 0:
        raise InputError(
            f"weights of shape {weights.shape} for {n_sources} sources", where="weights", allowed="one a source, > 0"
        )
    rows = np.flatnonzero(np.ones(n, dtype=bool) if allowed is None else allowed)
    draws = 1 if residuals is None else residuals.shape[1] // n_sources
    outcomes = np.repeat(regrets[rows], draws, axis=1).astype(np.float32)
    if residuals is not None:
        outcomes += residuals[rows]
    share = np.repeat(weights / weights.sum() / draws, draws).astype(np.float32)
    worth = np.ones(len(rows), dtype=np.float32) if costs is None else (costs.min() / costs[rows]).astype(np.float32)
    found = _Greedy(outcomes, share, worth).picks(k)
    return tuple(Pick(int(rows[local]), expected, _gainers(gain, draws)) for local, expected, gain in found)


@dataclass
class _Greedy:
    """The greedy choice, made lazily (Minoux 1978).

    A candidate's gain only falls as the portfolio grows, so that an old gain is a bound, and only the candidates with
    the highest bounds have to be looked at again.
    """

    outcomes: npt.NDArray[np.float32]
    share: npt.NDArray[np.float32]
    worth: npt.NDArray[np.float32]
    """What a gain counts for each row: less where it is dear."""
    greatest: _Greatest = field(default_factory=lambda: _Greatest(_BATCH))

    def picks(self, k: int) -> list[tuple[int, float, npt.NDArray[np.float32]]]:
        """Return (row, expected regret of the best so far, weighted gain of each column) for each pick."""
        best = np.full(self.outcomes.shape[1], NOTHING_TRIED, dtype=np.float32)
        bounds = self._gains(np.arange(len(self.outcomes)), best)
        picks = []
        for _ in range(min(k, len(self.outcomes))):
            chosen = self._best_candidate(best, bounds)
            gain = np.maximum(best - self.outcomes[chosen], 0) * self.share
            best = np.minimum(best, self.outcomes[chosen])
            bounds[chosen] = -np.inf
            picks.append((chosen, float(best @ self.share), gain))
        return picks

    def _best_candidate(self, best: npt.NDArray[np.float32], bounds: npt.NDArray[np.float32]) -> int:
        """Return the candidate of greatest gain; `bounds` is brought up to date for those that were looked at."""
        stale = bounds.copy()  # minus infinity where it was looked at, or chosen
        leader, most = -1, -np.inf
        while True:
            top = self.greatest.of(stale)
            bounds[top] = gains = self._gains(top, best)
            stale[top] = -np.inf
            gain = gains.max()
            found = int(top[gains == gain].min())
            if gain > most or (gain == most and found < leader):
                leader, most = found, gain
            if most >= stale.max():
                return leader

    def _gains(self, rows: npt.NDArray[np.intp], best: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        """Return what it is worth that each of `rows` lowers the expected regret, shape (rows,)."""
        # `take` and one array for all steps: three times as fast as the expression that they stand for.
        lowered = self.outcomes.take(rows, axis=0)
        np.subtract(best, lowered, out=lowered)
        np.maximum(lowered, 0, out=lowered)
        gains: npt.NDArray[np.float32] = (lowered @ self.share) * self.worth.take(rows)
        return gains


class _Greatest:
    """Finds the greatest of values that only fall, without sorting all of them each time."""

    def __init__(self, n: int) -> None:
        self._n = n
        self._cut = np.float32(np.inf)

    def of(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.intp]:
        """Return where the greatest finite values are, the greatest first, of equal ones those that come first."""
        places = np.flatnonzero(values > self._cut)
        if len(places) < self._n:
            spare = 2 * self._n
            self._cut = np.partition(values, -spare)[-spare] if len(values) > spare else np.float32(-np.inf)
            places = np.flatnonzero(values > self._cut)
        if len(places) < self._n:  # many are equal, or few are left
            places = np.flatnonzero(values > -np.inf)
        return places[np.argsort(-values.take(places), kind="stable")[: self._n]]


def _gainers(gain: npt.NDArray[np.float32], draws: int) -> tuple[int, ...]:
    """Return the sources that gain, most first; at most `CITED_SOURCES`."""
    by_source = gain.reshape(-1, draws).sum(1)
    order = np.argsort(-by_source, kind="stable")[:CITED_SOURCES]
    return tuple(int(i) for i in order if by_source[i] > 0)
