"""What more spending should bring: the predicted scores of a proposal against the seconds that they take."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from statistics import median

from recommender.proposal import PredictedScore, Proposal

#: Roles of fits of the test run that are like a trial's.
TRIAL_ROLES = frozenset({"warm_start", "corner", "random"})


@dataclass(frozen=True)
class Spending:
    """What to expect of a budget."""

    score: PredictedScore
    """After so many trials, with its interval."""
    seconds: float | None
    """Wall clock that they should take; None where no fit was timed."""


def spending_curve(proposal: Proposal) -> tuple[Spending, ...]:
    """Return score against spend, from the least number of trials that is foretold to the greatest."""
    return spending_of(proposal.prediction.value.scores, proposal)


def spending_of(scores: Iterable[PredictedScore], proposal: Proposal) -> tuple[Spending, ...]:
    """Return `scores`, which were foretold for `proposal`, with the seconds that so many trials should take."""
    trial_s = seconds_a_trial(proposal)
    workers = proposal.budget.value.n_workers
    return tuple(
        Spending(score, None if trial_s is None else trial_s * max(1.0, score.k / workers))
        for score in sorted(scores, key=lambda score: score.k)
    )


def seconds_a_trial(proposal: Proposal) -> float | None:
    """Return the seconds that a trial should take, all folds and repeats: the median of the test run's fits.

    A sample's seconds are scaled by the rows that a fold trains on. None where nothing like a trial was timed.
    """
    verdict, protocol = proposal.verdict, proposal.protocol.value
    runs = [run for run in (verdict.test_runs if verdict else ()) if run.role in TRIAL_ROLES and run.seconds]
    if not runs:
        return None
    rows = proposal.task.n_rows
    found = []
    for run in runs:
        wanted = (rows or run.rows) * (1 - 1 / protocol.folds)
        factor = max(1.0, wanted / (run.rows * (1 - 1 / run.folds)))
        found.append(sum(run.seconds) / len(run.seconds) * factor)
    return median(found) * protocol.folds * protocol.repeats
