"""A proposal and the composed one beside it: both test-run on the same folds, the better one is shown.

What each would try first is compared: the best of as many configurations of each, warm starts before random points.
The composed proposal is shown where the other is worse beyond noise, paired over the folds.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean

from kg.model import METRICS
from recommender.proposal import Proposal
from recommender.validation.comparing import paired
from recommender.validation.verdict import Comparison, TestRun

#: Roles that are what a study would try, in the order in which it would.
TRIED = ("warm_start", "random")


def size_of(runs: Sequence[TestRun]) -> tuple[int, int] | None:
    """Return rows and folds on which most was tried, for the other side to be fitted on; None where nothing was."""
    sizes = [(run.rows, run.folds) for run in runs if run.is_complete and run.role in TRIED]
    return max(dict.fromkeys(sizes), key=sizes.count, default=None)


def compared(proposed: Proposal, composed: Proposal) -> Comparison:
    """Return how the two did on the same folds.

    Args:
        proposed: With its verdict.
        composed: With its verdict.
    """
    sides = proposed.proposer, composed.proposer
    if why := _incomparable(proposed, composed):
        return Comparison(proposed=sides[0], composed=sides[1], decision=f"Not compared: {why}.")
    left, right = _same_size(_tried(proposed), _tried(composed))
    if not left:
        return Comparison(proposed=sides[0], composed=sides[1], decision="Not compared: nothing was fitted of both.")
    metric = METRICS[proposed.metric.value]
    best = [max(runs, key=lambda run: metric.gain(fmean(run.scores))) for runs in (left, right)]
    sign = 1.0 if metric.greater_is_better else -1.0
    difference = paired(best[0].scores, best[1].scores, sign=sign)
    scores = [fmean(run.scores) for run in best]
    words = f"{scores[0]:.4g} against {scores[1]:.4g} {metric.name}, the best of {len(left)} each"
    worse = f"The composed proposal does better beyond noise: {words}."
    return Comparison(
        proposed=sides[0],
        composed=sides[1],
        composed_is_better=difference.is_worse,
        configurations=len(left),
        proposed_score=scores[0],
        composed_score=scores[1],
        difference=difference.mean,
        error=difference.error,
        rows=best[0].rows,
        folds=best[0].folds,
        decision=worse if difference.is_worse else f"The composed proposal does no better beyond noise: {words}.",
    )


def _incomparable(proposed: Proposal, composed: Proposal) -> str:
    """Return why scores of the two are not of the same folds; nothing where they are."""
    if proposed.metric.value != composed.metric.value:
        return f"one is scored by {proposed.metric.value}, the other by {composed.metric.value}"
    left, right = proposed.protocol.value, composed.protocol.value
    if (left.stratified, left.shuffle) != (right.stratified, right.shuffle) or proposed.task.seed != composed.task.seed:
        return "their folds are made in other ways"
    return ""


def _tried(proposal: Proposal) -> list[TestRun]:
    runs = proposal.verdict.test_runs if proposal.verdict is not None else ()
    complete = [run for run in runs if run.is_complete and run.fidelity is None]
    return [run for role in TRIED for run in complete if run.role == role]


def _same_size(left: list[TestRun], right: list[TestRun]) -> tuple[list[TestRun], list[TestRun]]:
    """Return as many runs of both sides, of the size that both have."""
    shared = [size for run in right if (size := (run.rows, run.folds)) in {(r.rows, r.folds) for r in left}]
    if not shared:
        return [], []
    sides = [[run for run in runs if (run.rows, run.folds) == shared[-1]] for runs in (left, right)]
    least = min(map(len, sides))
    return sides[0][:least], sides[1][:least]
