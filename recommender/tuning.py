"""A proposal as an Optuna study: sampler, pruner, warm starts, stopping; and the study's result.

study = configure_study(proposal)
optimise(study, objective_for(frame, "churn", proposal), proposal)
"""

from __future__ import annotations

import contextlib
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState

from kg.errors import InputError
from kg.model import ResponseModel, metric_named
from recommender.first_trials import (
    add_first_trials,
    counts,
    failure_of,
    promising_point,
    starting_order,
    was_withdrawn,
)
from recommender.forecast import scores_ahead
from recommender.objective import Objective, objective_for
from recommender.proposal import Proposal
from recommender.sampler import attach_sources, count_seconds
from recommender.samplers import pruner_of, sampler_of
from recommender.spaces import suggest, to_distributions, to_parameters
from recommender.storage import created_or_loaded, is_laid_out, laid_out, open_storage
from recommender.task import TuningTask
from recommender.termination import StopDecision, decide
from recommender.tracing import trace_of
from recommender.transfer.resampling import setting_of, transfer_sources
from recommender.trial_notes import CITATIONS, CONFIGURATION, ORIGIN, RATIONALE
from recommender.workers import LIVENESS, Liveness, Workers

__all__ = [
    "configure_study",
    "joined_study",
    "objective_for",
    "optimise",
    "proposal_of",
    "result_of",
    "stop_callback",
    "suggest",
    "to_distributions",
]

#: User attributes of a study.
PROPOSAL, META_FEATURES = "tunegraph:proposal", "tunegraph:meta_features"
STOP_REASON, LEFT_OUT = "tunegraph:stop_reason", "tunegraph:left_out_warm_starts"

#: Trials that are over, whatever came of them.
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)

Progress = Callable[[str], None]


def configure_study(
    proposal: Proposal,
    *,
    storage: str | optuna.storages.BaseStorage | None = None,
    study_name: str | None = None,
    seed: int | None = None,
    models: Sequence[ResponseModel] = (),
) -> optuna.Study:
    """Return the study that `proposal` lays down, its warm starts enqueued.

    What the gate has fitted already, on the same rows and folds, is there as finished trials (`first_trials`). A study
    that is in the storage already is loaded; nothing is added or enqueued twice.

    Args:
        proposal: What to tune and how.
        storage: Optuna storage or its URL. None: in memory.
        study_name: Name in the storage. None: Optuna makes one up.
        seed: Seed of the sampler. None: the task's.
        models: The response models that the transfer sampler learns from (`recommender.transfer.resampling.
            cited_models`). A new study keeps them in the storage; without any, TPE stands in and the study says so.

    Raises:
        InputError: The sampler is not there yet, the storage cannot be opened, or it holds another study of that
            name.
    """
    metric = metric_named(proposal.metric.value)
    with _quiet():
        study, made = created_or_loaded(
            open_storage(storage) if isinstance(storage, str) else storage,
            study_name,
            direction="maximize" if metric.greater_is_better else "minimize",
            sampler=sampler_of(proposal, proposal.task.seed if seed is None else seed),
            pruner=pruner_of(proposal),
        )
    text = proposal.to_json()
    stored = study.user_attrs.get(PROPOSAL)
    if stored not in (None, text):
        raise InputError(
            f"The storage holds a study {study.study_name!r} of another proposal.",
            where="study name",
            allowed="a new name, or the proposal that the study was made from",
        )
    if stored is None or not is_laid_out(study):  # whoever made it may have died on the way
        _lay_out(study, proposal, models)
    if not made:
        _differ(study)
    return study


def joined_study(storage: str, study_name: str, task: TuningTask, *, seed: int | None = None) -> optuna.Study | None:
    """Return the study of that name as one more worker sees it, or None where there is none yet.

    Args:
        storage: URL of the storage.
        study_name: Its name.
        task: What the worker was asked to tune.
        seed: Seed of the sampler. None: the task's.

    Raises:
        InputError: The storage cannot be opened, or its study of that name is for another task.
    """
    opened = open_storage(storage)
    if study_name not in {study.study_name for study in opened.get_all_studies()}:
        return None
    study, _ = created_or_loaded(opened, study_name, direction="minimize")  # it has a direction already
    if PROPOSAL not in study.user_attrs:
        return None
    proposal = proposal_of(study)
    if different := differences(proposal.task, task):
        raise InputError(
            f"The storage holds a study {study_name!r} of another task: {different}.",
            where="study name",
            allowed="a new name, or the table and the options that the study was begun with",
        )
    return configure_study(proposal, storage=opened, study_name=study_name, seed=seed)


def differences(stored: TuningTask, asked: TuningTask) -> str:
    """Return in which fields two tasks differ, as text.

    Seeds may (and with them the landmarkers), and the number of workers in a process.
    """
    beside = {"seed", "constraints", "metric_reason"} | ({"meta_features"} if stored.seed != asked.seed else set())
    names = [name for name in TuningTask.model_fields if name not in beside]
    said = [name for name in names if getattr(stored, name) != getattr(asked, name)]
    limits = stored.constraints.replace(n_workers=asked.constraints.n_workers)
    return ", ".join([*said, *(["limits"] if limits != asked.constraints else [])])


def _lay_out(study: optuna.Study, proposal: Proposal, models: Sequence[ResponseModel]) -> None:
    """Put the proposal, what the sampler learns from and the first trials into `study`."""
    transfers = proposal.sampler.value.name == "transfer" and _attach(study, proposal, models)
    study.set_user_attr(PROPOSAL, proposal.to_json())
    study.set_user_attr(META_FEATURES, dict(proposal.task.meta_features.items()))
    if not study.get_trials(deepcopy=False):
        add_first_trials(study, proposal)
    if proposal.budget.value.binding == "wall_clock_s":
        count_seconds(study)
    # The transfer sampler takes over early; it goes on from the rest of the warm starts by itself.
    with _quiet():  # what a test run has been is skipped, and need not be told
        _enqueue(study, proposal, proposal.sampler.value.n_startup_trials if transfers else None)
    laid_out(study)


def _differ(study: optuna.Study) -> None:
    """Make this worker's sampler differ from those of the others, which were given the same seed."""
    trials = study.get_trials(deepcopy=False)
    if any(trial.state is TrialState.RUNNING for trial in trials) or not any(t.state in FINISHED for t in trials):
        study.sampler.reseed_rng()


def proposal_of(study: optuna.Study) -> Proposal:
    """Return the proposal that `study` was made from.

    Raises:
        InputError: It was not made by `configure_study`.
    """
    if PROPOSAL not in study.user_attrs:
        raise InputError(
            f"The study {study.study_name!r} holds no proposal.", where="study", allowed="a study of configure_study"
        )
    return Proposal.from_json(study.user_attrs[PROPOSAL])


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

    Trials that were run before count, and so do those of other workers: any number of processes may call this on the
    same study. A trial whose worker dies is run once more (`recommender.workers`). A fit that runs when the time
    is over is ended where the objective is that of `objective_for`; of your own one the clock is looked at between
    trials.

    Args:
        study: From `configure_study`.
        objective: From `objective_for`, or your own.
        proposal: Holds the budget and the rules.
        progress: Told after each trial how things stand.
        n_workers: Threads of this process that run trials. None: as many as the proposal's workers.
        liveness: When the trial of another worker counts as lost.
    """
    budget = proposal.budget.value
    left = budget.n_trials - sum(map(counts, study.get_trials(deepcopy=False, states=FINISHED)))
    if left <= 0:
        study.set_user_attr(STOP_REASON, f"the budget of {budget.n_trials} trials is spent")
        return
    study.set_user_attr(STOP_REASON, "")
    callbacks: list[Callable[[optuna.Study, FrozenTrial], None]] = [stop_callback(proposal)]
    if progress is not None:
        callbacks.append(_reporter(proposal, progress))
    started = time.monotonic()
    if isinstance(objective, Objective):
        objective = objective.ending_at(started + budget.wall_clock_s)
    with _quiet():
        Workers(
            study,
            objective,
            n_places=budget.n_trials,
            seconds=budget.wall_clock_s,
            is_over=lambda: bool(study.user_attrs.get(STOP_REASON)),
            callbacks=callbacks,
            liveness=liveness,
        ).run(n_workers or budget.n_workers)
    if not study.user_attrs[STOP_REASON]:
        spent = time.monotonic() - started
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
            earlier.append(_seconds_before(study, time.monotonic() - started, proposal.budget.value.n_workers))
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


def _attach(study: optuna.Study, proposal: Proposal, models: Sequence[ResponseModel]) -> bool:
    """Put what the transfer sampler learns from into the study; say whether there is anything."""
    if not models or not proposal.search_space.value.tunable:
        return False
    attach_sources(study, transfer_sources(models, setting_of(proposal)))
    return True


def _enqueue(study: optuna.Study, proposal: Proposal, limit: int | None) -> None:
    """Enqueue up to `limit` warm starts that lie inside the space; say which do not (Optuna itself only warns)."""
    space = proposal.search_space.value
    left_out, enqueued = [], 0
    for number in starting_order(proposal):
        configuration = proposal.warm_starts.value[number]
        if faults := space.faults(configuration.root):
            left_out.append(f"warm start {number}: {'; '.join(faults)}")
            continue
        if limit is not None and enqueued >= limit:
            continue
        enqueued += 1
        why = proposal.warm_starts.parts.get(str(number), None)
        attributes: dict[str, Any] = {ORIGIN: f"warm start {number}"}
        if why is not None:
            attributes |= {CITATIONS: list(why.citations), RATIONALE: why.rationale}
        study.enqueue_trial(to_parameters(configuration, space), user_attrs=attributes, skip_if_exists=True)
    if (point := promising_point(proposal)) is not None:
        attributes = {ORIGIN: "best of the test run, on a sample"}
        study.enqueue_trial(to_parameters(point, space), user_attrs=attributes, skip_if_exists=True)
    study.set_user_attr(LEFT_OUT, left_out)


def _seconds_before(study: optuna.Study, running: float, n_workers: int) -> float:
    """Return the wall clock of earlier sessions: what finished trials took, but for the `running` session's."""
    took = [trial.duration.total_seconds() for trial in study.get_trials(deepcopy=False) if trial.duration]
    return max(0.0, sum(took) / n_workers - running)


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


@contextlib.contextmanager
def _quiet() -> Iterator[None]:
    """Keep Optuna from logging each trial, and each failure twice."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
