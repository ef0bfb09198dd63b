"""Where to try next: the maximum of the expected improvement over a study's space, and what to try before any trial."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.response import CLIP
from recommender.transfer.cost import cost_model
from recommender.transfer.process import (
    FEW_SOURCES,
    HYPOTHESES,
    MANY_DIMENSIONS,
    NEAR_HYPOTHESES,
    Hypothesis,
    Points,
    Process,
    Trials,
)
from recommender.transfer.sources import TransferSources

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Points drawn evenly from the space, beside the knots.
N_RANDOM = 400
#: Rounds of looking about the best candidates: each with steps of this size (of [0, 1]).
STEPS = (0.15, 0.05, 0.015)
#: Candidates that a round looks about, and points about each.
LEADERS, ABOUT = 8, 20
#: Trials of the portfolio before the process takes over, where the sources explain much and where they explain little.
EARLY_START, LATE_START = 1, 8
#: Encoded points nearer than this are the same.
SAME = 1e-6


@dataclass(frozen=True)
class Suggestion:
    """A row of the space's lattice to try, and what is expected of it."""

    row: Array
    hope: float
    """Expected improvement in units of (best - median), by which a study can tell that there is no more to gain."""


def suggestion(sources: TransferSources, trials: Trials, pending: Points, generator: np.random.Generator) -> Suggestion:
    """Return the row of the space's lattice to try next, one that is allowed and new where there is any.

    It is that of the greatest expected improvement; where the trials tell their seconds, per second.

    Args:
        sources: The other data sets and the space.
        trials: What was tried.
        pending: What runs.
        generator: Source of randomness.
    """
    process = Process(trials, pending, sources.weights, sources.unit, hypotheses=hypotheses_for(sources))
    lattice = sources.lattice
    drawn = lattice.random(N_RANDOM, generator)
    rows = np.concatenate([sources.knots, drawn])
    points = sources.at_knots.joined(sources.points(lattice.encode(drawn)))
    known = trials.points.joined(pending)
    priced = _prices(sources, trials)
    prices = priced(points)
    gains = _restricted(process.expected_improvement(points), rows, points, known, sources)
    for step in STEPS:
        leaders = rows[np.argsort(-gains / prices, kind="stable")[:LEADERS]]
        near = lattice.around(leaders, ABOUT, step, generator)
        points = sources.points(lattice.encode(near))
        found = _restricted(process.expected_improvement(points), near, points, known, sources)
        rows, gains = np.concatenate([rows, near]), np.concatenate([gains, found])
        prices = np.concatenate([prices, priced(points)])
    if np.isneginf(gains).all():
        # All of a small space was tried: again is as good as anything.
        rows, gains, prices = lattice.random(1, generator), np.zeros(1), np.ones(1)
    best = int(np.argmax(gains / prices))
    # Whether there is more to gain does not depend on what it costs.
    return Suggestion(rows[best], max(0.0, float(gains.max())) / process.unit)


def _prices(sources: TransferSources, trials: Trials) -> Callable[[Points], Array]:
    """Return what gives the seconds of points over those of a typical trial; 1 where no cost is known."""
    model = None
    if trials.seconds is not None:
        model = cost_model(trials.points.x * sources.length_scales, trials.seconds)

    def priced(points: Points) -> Array:
        return np.ones(len(points)) if model is None else model.relative(points.x * sources.length_scales)

    return priced


def opening_row(sources: TransferSources, taken: Points) -> Array:
    """Return the knot that most lowers the expected regret of the best so far: nothing has been learnt yet.

    Args:
        sources: The other data sets and the space.
        taken: What runs, or failed.
    """
    best = np.min(taken.functions, axis=0) if len(taken) else np.full(len(sources.names), CLIP)
    gains = np.maximum(best - sources.regrets, 0.0) @ sources.weights
    # Where all are covered: what is good for most.
    gains -= 1e-3 * sources.regrets @ sources.weights
    gains = _restricted(gains, sources.knots, sources.at_knots, taken, sources)
    row: Array = sources.knots[int(np.argmax(gains))]
    return row


def hypotheses_for(sources: TransferSources) -> tuple[Hypothesis, ...]:
    """Return what may be true of a task, by how much the sources can explain."""
    return NEAR_HYPOTHESES if explain_little(len(sources.names), len(sources.length_scales)) else HYPOTHESES


def explain_little(n_sources: int, n_dimensions: int) -> bool:
    """Say whether sources are too few, or a space has too many encoded dimensions, for them to explain it well."""
    return n_sources < FEW_SOURCES or n_dimensions >= MANY_DIMENSIONS


def startup_trials(n_sources: int, n_dimensions: int) -> int:
    """Return how many trials of the portfolio should go before the process takes over.

    The leave-one-data-set-out study found 1 to 2 best where the sources explain much; where they explain little
    (XGBoost: 15 dimensions), the portfolio covers better than the process learns for the first eight.
    """
    return LATE_START if explain_little(n_sources, n_dimensions) else EARLY_START


def _restricted(gains: Array, rows: Array, points: Points, known: Points, sources: TransferSources) -> Array:
    """Return `gains` with minus infinity for what was tried, runs or is forbidden."""
    allowed = ~_is_among(points.x, known.x) & sources.lattice.allowed(rows)
    restricted: Array = np.where(allowed, gains, -np.inf)
    return restricted


def _is_among(left: Array, right: Array) -> Mask:
    """Say which rows of `left` are the same as one of `right`."""
    same = np.zeros(len(left), dtype=np.bool_)
    for row in right:
        same |= np.abs(left - row).max(axis=1) < SAME
    return same
