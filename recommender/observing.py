"""The trials of an Optuna study as the transfer process sees them."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from optuna.trial import FrozenTrial, TrialState

from kg.model import Configuration, SearchSpace
from recommender.transfer.process import Points, Trials
from recommender.transfer.sources import TransferSources
from recommender.trial_notes import FOLD_SCORES, LOST, REASON, SECONDS
from recommender.trial_time import seconds_taken

#: Optuna's system attribute that holds the values of an enqueued trial, before they are asked for.
ENQUEUED = "fixed_params"
#: System attribute of a trial: what was suggested, before the objective asked for all of it.
SUGGESTED = "tunegraph:suggested"
#: How much noisier than a complete trial's score a pruned one's is; and a failure of which nobody knows whether the
#: configuration is to blame (a worker may have been killed).
PRUNED_NOISE, UNEXPLAINED_NOISE = 4.0, 10.0


#: States of trials that are not over.
OPEN = (TrialState.RUNNING, TrialState.WAITING)


@dataclass(frozen=True)
class Observed:
    """What a study shows."""

    trials: Trials | None
    """What was tried; None while no trial has a score."""
    pending: Points
    """What runs or waits; what failed, too, while no trial has a score."""
    taken: frozenset[Configuration]
    """All configurations that were tried, run or wait."""


@dataclass(frozen=True)
class _Seen:
    configuration: Configuration
    loss: float | None
    """None while it runs; infinite where it failed."""
    noise: float = 1.0
    seconds: float = math.nan


def observed(
    trials: Iterable[FrozenTrial], sources: TransferSources, *, maximise: bool, timed: bool = False
) -> Observed:
    """Return what `trials` show.

    A pruned trial counts as no better than the median of the complete ones; a failed one as bad as can be. One that
    was pruned before it reported anything says nothing, nor does one whose value is infinitely good. What is no
    complete point of the space is passed over.

    Args:
        trials: All others of the study.
        sources: The space.
        maximise: Whether a greater value is better.
        timed: Whether seconds are of interest.
    """
    whole = [(trial, point) for trial in trials if (point := _point(trial, sources)) is not None]
    complete = [_signed(t.value, maximise) for t, _ in whole if t.state is TrialState.COMPLETE and _is_score(t.value)]
    median = float(np.median(complete)) if complete else -math.inf
    n_folds = max((len(trial.user_attrs.get(SECONDS, ())) for trial, _ in whole), default=0)
    seen = [one for trial, point in whole if (one := _seen(trial, point, median, maximise, n_folds)) is not None]
    done = [one for one in seen if one.loss is not None]
    running = [one for one in seen if one.loss is None]
    taken = frozenset(one.configuration for one in seen)
    if not any(one.loss is not None and math.isfinite(one.loss) for one in done):
        return Observed(None, _points(seen, sources), taken)
    losses, noise = np.array([one.loss for one in done], dtype=float), np.array([one.noise for one in done])
    seconds = np.array([one.seconds for one in done]) if timed else None
    return Observed(Trials(_points(done, sources), losses, noise, seconds), _points(running, sources), taken)


def _seconds(trial: FrozenTrial) -> float:
    taken = seconds_taken(trial)
    return math.nan if taken is None else taken


def _whole_seconds(trial: FrozenTrial, n_folds: int) -> float:
    """Return what a trial that was stopped after some folds would have taken for all of them; NaN where unknown."""
    folds = trial.user_attrs.get(SECONDS)
    return n_folds * float(np.mean(folds)) if folds else math.nan


def _seen(trial: FrozenTrial, point: Configuration, median: float, maximise: bool, n_folds: int) -> _Seen | None:
    match trial.state:
        case TrialState.COMPLETE:
            loss = _signed(trial.value, maximise)
            return _Seen(point, loss, seconds=_seconds(trial)) if loss > -math.inf else None
        case TrialState.PRUNED:
            scores = trial.user_attrs.get(FOLD_SCORES) or [v for _, v in sorted(trial.intermediate_values.items())][-1:]
            if not scores or not math.isfinite(value := float(np.mean(scores))):
                return None
            seconds = _whole_seconds(trial, n_folds)
            return _Seen(point, max(_signed(value, maximise), median), PRUNED_NOISE, seconds)
        case TrialState.FAIL if LOST in trial.user_attrs:
            return None  # it says nothing of the configuration, and another trial stands for it
        case TrialState.FAIL:
            # One that was ended for its time took that long at least.
            noise = 1.0 if REASON in trial.user_attrs else UNEXPLAINED_NOISE
            return _Seen(point, math.inf, noise, seconds=_seconds(trial))
        case _:
            return _Seen(point, None)


def _point(trial: FrozenTrial, sources: TransferSources) -> Configuration | None:
    """Return the point of the space that a trial tries, or None where it is none or not known in full yet."""
    point = _values(trial, sources)
    return None if _lacking(point, sources.space) else point


def _values(trial: FrozenTrial, sources: TransferSources) -> Configuration:
    """Return what is known of the point that a trial tries: what is active in it."""
    space = sources.space
    constants = {p.name: p.value for p in space.parameters if p.kind == "constant"}
    told = {**trial.system_attrs.get(SUGGESTED, {}), **trial.system_attrs.get(ENQUEUED, {})}
    values = {**constants, **(told if trial.state in OPEN else {}), **trial.params}
    return space.active_part({name: values[name] for name in space.names if name in values})


def _lacking(point: Configuration, space: SearchSpace) -> tuple[str, ...]:
    """Return the parameters that are active in `point` and not in it."""
    return tuple(p.name for p in space.tunable if p.name not in point and space.is_active(p.name, point))


def never_asked_for(trials: Iterable[FrozenTrial], sources: TransferSources) -> tuple[str, ...]:
    """Return the parameters that an objective should ask for and does not, so that its trials are no points.

    Empty where any complete trial is a point of the space, or none is there yet.
    """
    lacking: tuple[str, ...] = ()
    for trial in trials:
        if trial.state is TrialState.COMPLETE and not (lacking := _lacking(_values(trial, sources), sources.space)):
            return ()
    return lacking


def _points(seen: list[_Seen], sources: TransferSources) -> Points:
    return sources.points(sources.lattice.encoder.encode([one.configuration.root for one in seen]))


def _is_score(value: float | None) -> bool:
    return value is not None and math.isfinite(value)


def _signed(value: float | None, maximise: bool) -> float:
    assert value is not None  # noqa: S101
    return -value if maximise else value
