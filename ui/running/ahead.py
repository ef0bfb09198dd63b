"""What a running study should still reach, in a sentence: the latest figure for its number of trials."""

from __future__ import annotations

from collections.abc import Sequence

from kg.model import metric_named
from recommender.forecast import score_ahead
from recommender.proposal import Proposal
from ui.running.watching import Point
from ui.view import number


def ahead_text(points: Sequence[Point], proposal: Proposal) -> str:
    """Return what is expected of the trials to come; empty where nothing was foretold, or what was is behind.

    Args:
        points: Trials that are over; those beside the budget are left out, as the prediction does.
        proposal: What the study was made from.
    """
    metric, budget = metric_named(proposal.metric.value), proposal.budget.value.n_trials
    mine = [point for point in points if point.place is not None]
    remaining = [one for one in proposal.prediction.value.remaining if one.after <= len(mine) < one.k <= budget]
    if not remaining:
        return ""
    latest = max(remaining, key=lambda one: one.after)
    scores = [point.score for point in mine[: latest.after] if point.score is not None]
    if not scores:
        return ""
    best = max(scores, key=metric.gain)
    score = score_ahead(best, latest, metric)
    trials = "1 trial" if latest.after == 1 else f"{latest.after} trials"
    return (
        f"By the best of {trials}, {number(best)}, the best of {score.k} should be about {number(score.expected)}, "
        f"between {number(score.low)} and {number(score.high)} ({proposal.prediction.value.level:.0%} of cases)."
    )
