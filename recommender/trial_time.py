"""What trials took, and what one more of them may take."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import optuna
from optuna.trial import FrozenTrial, TrialState

from recommender.trial_notes import ALLOWED_S, LOST, SECONDS


def seconds_taken(trial: FrozenTrial) -> float | None:
    """Return what a trial took: its folds, where it came to its end. None where that is unknown."""
    if SECONDS in trial.user_attrs and trial.state is TrialState.COMPLETE:
        return float(sum(trial.user_attrs[SECONDS]))
    return trial.duration.total_seconds() if trial.duration is not None else None


def allowed_s(trial: optuna.Trial, limit: float) -> float:
    """Return the seconds that `trial` may take: `limit`, or more where the trials of its study do not fit into that.

    A study of which every trial is cut short has no result. So while none has a score, each that was ended for its
    time doubles what the next one may take; then twice what the quickest of them took may be taken.

    Args:
        trial: One that was asked for. A `FixedTrial` or `FrozenTrial` belongs to no study and has `limit`.
        limit: Seconds that the budget gives a trial.
    """
    if not isinstance(trial, optuna.Trial):
        return limit
    trials = trial.study._storage.get_all_trials(trial.study._study_id, deepcopy=False)
    took = [s for t in trials if t.state is TrialState.COMPLETE and (s := seconds_taken(t))]
    cut = [float(t.user_attrs[ALLOWED_S]) for t in trials if ALLOWED_S in t.user_attrs]
    if not cut:
        return limit
    return max(limit, 2 * min(took)) if took else 2 * max(cut)


def seconds_covered(trials: Iterable[FrozenTrial], until: datetime) -> float:
    """Return the wall clock in which any of `trials` ran before `until`: what several ran at once counts once.

    Those that were lost with their worker are left out: when it died nobody knows.
    """
    spans = sorted(
        (trial.datetime_start, min(trial.datetime_complete, until))
        for trial in trials
        if trial.datetime_start is not None and trial.datetime_complete is not None and LOST not in trial.user_attrs
    )
    covered = 0.0
    reached: datetime | None = None
    for begin, end in spans:
        first = begin if reached is None else max(begin, reached)
        covered += max(0.0, (end - first).total_seconds())
        reached = max(first, end)
    return covered
