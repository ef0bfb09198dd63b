"""A study is run until its budget is spent or a rule says stop; what stops it, what is told, and its result.

study = configure_study(proposal)
optimise(study, objective_for(frame, "churn", proposal), proposal)
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from kg.model import metric_named
from recommender.first_trials import counts, failure_of, was_withdrawn
from recommender.forecast import scores_ahead
from recommender.objective import Objective, objective_for
from recommender.proposal import Proposal
from recommender.spaces import suggest, to_distributions
from recommender.studies import FINISHED, STOP_REASON, configure_study, proposal_of, quiet
from recommender.termination import StopDecision, decide
from recommender.tracing import trace_of
from recommender.trial_notes import CONFIGURATION
from recommender.trial_time import seconds_covered
from recommender.workers import LIVENESS, Liveness, Workers

__all__ = [
    "configure_study",
    "objective_for",
    "optimise",
    "proposal_of",
    "result_of",
    "stop_callback",
    "suggest",
    "to_distributions",
]

Progress = Callable[[str], None]


def optimise(
    study: optuna.Study,
    objective: Callable[[optuna.Trial], float],
    proposal: Proposal,
    *,
    progress: Progress | None = None,
    n_workers: int | None = None,
    liveness: Liveness = LIVENESS,
) -> None:
    """Run `study` until its budget is spent or a rule says stop; the reason is in its user attributes.

    Trials and seconds that were spent before count, and so do those of other workers: any number of processes may call
    this on the same study. A trial whose worker dies is run once more (`recommender.workers`). A fit that runs when the
    time is over is ended where the objective is that of `objective_for`; of your own one the clock is looked at between
    trials.

    Args:
        study: From `configure_study`.
        objective: From `objective_for`, or your own.
        proposal: Holds the budget and the rules.
        progress: Told after each trial how things stand.
        n_workers: Threads of this process that run trials. None: as many as the proposal's workers.
        liveness: When the trial of another worker counts as lost.
    """
    budget, started = proposal.budget.value, time.monotonic()
    left = budget.n_trials - sum(map(counts, study.get_trials(deepcopy=False, states=FINISHED)))
    if left <= 0:
        study.set_user_attr(STOP_REASON, f"the budget of {budget.n_trials} trials is spent")
        return
    study.set_user_attr(STOP_REASON, "")
    callbacks: list[Callable[[optuna.Study, FrozenTrial], None]] = [stop_callback(proposal)]
    if progress is not None:
        callbacks.append(_reporter(proposal, progress))
    earlier = _seconds_before(study, 0.0)
    seconds = max(0.0, budget.wall_clock_s - earlier)
    if isinstance(objective, Objective):
        objective = objective.ending_at(started + seconds)
    with quiet():
        Workers(
            study,
            objective,
            n_places=budget.n_trials,
            seconds=seconds,
            is_over=lambda: bool(study.user_attrs.get(STOP_REASON)),
            callbacks=callbacks,
            liveness=liveness,
        ).run(n_workers or budget.n_workers)
    if not study.user_attrs[STOP_REASON]:
        spent = earlier + time.monotonic() - started
        over = spent >= budget.wall_clock_s
        reason = f"{spent:.0f} of {budget.wall_clock_s:g} seconds" if over else f"{budget.n_trials} trials"
        study.set_user_attr(STOP_REASON, f"the budget is spent: {reason}")


def stop_callback(proposal: Proposal) -> Callable[[optuna.Study, FrozenTrial], None]:
    """Return a callback for `study.optimize` that stops the study when the proposal's rules say so.

    The clock starts with this call; what earlier sessions of the study took is added.
    """
    started = time.monotonic()
    earlier: list[float] = []

    def stop(study: optuna.Study, trial: FrozenTrial) -> None:
        del trial
        if not earlier:
            earlier.append(_seconds_before(study, time.monotonic() - started))
        decision = decision_of(study, proposal, seconds=earlier[0] + time.monotonic() - started)
        if decision.stop:
            study.set_user_attr(STOP_REASON, decision.reason)
            study.stop()

    return stop


def decision_of(study: optuna.Study, proposal: Proposal, *, seconds: float) -> StopDecision:
    """Return whether `study` should stop after `seconds` of wall clock, and why; for ask-and-tell loops, too."""
    trials = [trial for trial in study.get_trials(deepcopy=False, states=FINISHED) if counts(trial)]
    termination, metric = proposal.termination.value, metric_named(proposal.metric.value)
    return decide(termination, trace_of(trials, proposal, seconds=seconds), metric)


def result_of(study: optuna.Study, proposal: Proposal) -> dict[str, Any]:
    """Return what `study` found, as plain JSON values.

    Returns:
        ``metric``, ``best_score`` (None where no trial succeeded), ``best_trial``, ``best_configuration`` (fixed
        hyper-parameters included), ``n_trials``, ``n_pruned``, ``n_failed``, ``failures`` (reason -> number) and
        ``stop_reason``.
    """
    trials = [trial for trial in study.get_trials(deepcopy=False, states=FINISHED) if not was_withdrawn(trial)]
    complete = [trial for trial in trials if trial.state is TrialState.COMPLETE]
    best = study.best_trial if complete else None
    failures = Counter(failure_of(trial) for trial in trials if trial.state is TrialState.FAIL)
    fixed = dict(proposal.fixed.value.items())
    return {
        "metric": proposal.metric.value,
        "best_score": best.value if best else None,
        "best_trial": best.number if best else None,
        "best_configuration": best.user_attrs.get(CONFIGURATION, {**fixed, **best.params}) if best else {},
        "n_trials": len(trials),
        "n_pruned": sum(trial.state is TrialState.PRUNED for trial in trials),
        "n_failed": failures.total(),
        "failures": dict(failures),
        "stop_reason": study.user_attrs.get(STOP_REASON, ""),
    }


def _seconds_before(study: optuna.Study, running: float) -> float:
    """Return the wall clock that trials, of whatever worker, took before this session began, `running` seconds ago."""
    began = datetime.now() - timedelta(seconds=running)  # noqa: DTZ005  # Optuna's times are local and say no zone
    return seconds_covered(study.get_trials(deepcopy=False, states=FINISHED), began)


def _reporter(proposal: Proposal, progress: Progress) -> Callable[[optuna.Study, FrozenTrial], None]:
    total, metric = proposal.budget.value.n_trials, proposal.metric.value

    def report(study: optuna.Study, trial: FrozenTrial) -> None:
        complete = study.get_trials(deepcopy=False, states=(TrialState.COMPLETE,))
        best = f"best {metric} {study.best_value:.5g}" if complete else "no score yet"
        ahead = _ahead(study, proposal) if complete else ""
        # Trials beside the budget have numbers, too.
        place = sum(map(counts, study.get_trials(deepcopy=False, states=FINISHED)))
        progress(f"Trial {place} of {total}: {trial.state.name.lower()}, {best}{ahead}")

    return report


def _ahead(study: optuna.Study, proposal: Proposal) -> str:
    """Return what further trials should bring, at the numbers of trials for which that was foretold; else nothing."""
    over = sum(map(counts, study.get_trials(deepcopy=False, states=FINISHED)))
    prediction, total = proposal.prediction.value, proposal.budget.value.n_trials
    said = [
        f"; expected after {score.k} trials: {score.expected:.5g} [{score.low:.5g}, {score.high:.5g}]"
        for score in scores_ahead(prediction, study.best_value, over, metric_named(proposal.metric.value))
        if score.k <= total
    ]
    return "".join(said)
