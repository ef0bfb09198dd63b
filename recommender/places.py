"""Who may run which trial, where many workers share a study: pure functions of its trials.

A budget of n trials is n places. A trial takes a place when it is made, in the order of the numbers that the storage
gives out. A trial whose worker died is tried once more, in the same place. So every place is run to its end exactly
once, whatever number of workers there is, and whichever of them are killed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from optuna.trial import FrozenTrial, TrialState

from recommender.trial_notes import EXTRA, LOST

#: User attribute of a trial: the number of the one, lost with its worker, that it stands for.
RETRY_OF = "tunegraph:retry_of"


def taken(trials: Iterable[FrozenTrial]) -> int:
    """Return how many places are taken: by trials that run, or are over."""
    return sum(_takes_place(trial) and trial.state is not TrialState.WAITING for trial in trials)


def unfinished(trials: Iterable[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that run now."""
    return [trial for trial in trials if trial.state is TrialState.RUNNING]


def waiting_retries(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return what waits to be tried once more, whether or not it `may_run`."""
    return [trial for trial in trials if trial.state is TrialState.WAITING and _is_retry(trial)]


def may_run(trial: FrozenTrial, trials: Sequence[FrozenTrial], n_places: int) -> bool:
    """Say whether `trial`, which a worker has just been given, has one of the places.

    Args:
        trial: One of `trials`.
        trials: All trials of the study, read after `trial` was given.
        n_places: Trials that the budget allows.
    """
    if _is_retry(trial):
        return not _is_second(trial, trials)
    # Those that wait come first: whoever asks gets the lowest number that waits.
    return sum(_takes_place(other) and other.number < trial.number for other in trials) < n_places


def to_retry(trials: Sequence[FrozenTrial]) -> list[FrozenTrial]:
    """Return the trials that were lost with their worker and not tried once more yet; a second time there is not.

    A configuration that takes its worker down each time (by its memory, say) would go round for ever.
    """
    again = {trial.user_attrs[RETRY_OF] for trial in trials if _is_retry(trial)}
    return [t for t in trials if is_lost(t) and _takes_place(t) and t.number not in again]


def is_lost(trial: FrozenTrial) -> bool:
    """Say whether a trial has failed because its worker died."""
    return trial.state is TrialState.FAIL and LOST in trial.user_attrs


def _takes_place(trial: FrozenTrial) -> bool:
    return not trial.user_attrs.get(EXTRA, False) and not _is_retry(trial)


def _is_retry(trial: FrozenTrial) -> bool:
    return RETRY_OF in trial.user_attrs


def _is_second(trial: FrozenTrial, trials: Iterable[FrozenTrial]) -> bool:
    """Say whether another worker has enqueued the same retry before."""
    of = trial.user_attrs[RETRY_OF]
    return any(_is_retry(o) and o.user_attrs[RETRY_OF] == of and o.number < trial.number for o in trials)
