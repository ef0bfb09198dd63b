"""A prediction that is one: possible scores, in order, not getting worse with more trials."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

from kg.model import Metric
from recommender.proposal import PredictedLevel, PredictedScore, Proposal
from recommender.validation.sanity.budget import without_late_scores
from recommender.validation.sanity.scores import is_percent, is_possible, metric_of
from recommender.validation.stage import failed, repaired
from recommender.validation.verdict import Finding

#: Scores are compared up to this.
TOLERANCE = 1e-9


def check_prediction(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` without scores after more trials than there are, and what is wrong with the others."""
    found = list(_faults(proposal))
    n_trials = proposal.budget.value.n_trials
    curve = proposal.prediction.value.curve
    late = [("scores", score.k) for score in proposal.prediction.value.scores if score.k > n_trials]
    late += [("curve", curve.k)] if curve is not None and curve.k > n_trials else []
    if late:
        found += [_beyond(part, k, n_trials) for part, k in late]
        proposal = without_late_scores(proposal)
    return proposal, tuple(found)


def _beyond(part: str, k: int, n_trials: int) -> Finding:
    what = "A score" if part == "scores" else "A curve of the best"
    message = f"{what} after {k} trials, of which there are {n_trials}; it is left out."
    return repaired(
        f"prediction.{part}.{k}" if part == "scores" else "prediction.curve", "beyond_budget", message, value=k
    )


def _faults(proposal: Proposal) -> Iterator[Finding]:
    metric = metric_of(proposal.task)
    scores = sorted(proposal.prediction.value.scores, key=lambda score: score.k)
    for score in scores:
        yield from _one(metric, f"prediction.scores.{score.k}", score)
    curve = proposal.prediction.value.curve
    for level in curve.levels if curve is not None else ():
        yield from _one(metric, f"prediction.curve.{level.value:g}", level)
    for earlier, later in itertools.pairwise(scores):
        if metric.gain(later.expected) < metric.gain(earlier.expected) - TOLERANCE:
            message = f"{later.expected:g} after {later.k} trials is worse than {earlier.expected:g} after {earlier.k}."
            yield failed(f"prediction.scores.{later.k}", "prediction_gets_worse", message, value=later.expected)


def _one(metric: Metric, field: str, score: PredictedScore | PredictedLevel) -> Iterator[Finding]:
    if not score.low <= score.expected <= score.high:
        message = f"{score.expected:g} is not within [{score.low:g}, {score.high:g}]."
        yield failed(field, "interval_disordered", message, value=score.expected)
    for value in (score.low, score.expected, score.high):
        if not is_possible(metric, value):
            code = "unit_slip" if is_percent(metric, value) else "impossible_score"
            yield failed(field, code, f"{metric.name} cannot be {value:g}.", value=value, allowed=_bounds(metric))
            return


def _bounds(metric: Metric) -> str:
    low = "-inf" if metric.lower is None else f"{metric.lower:g}"
    return f"{low} to {'inf' if metric.upper is None else f'{metric.upper:g}'}"
