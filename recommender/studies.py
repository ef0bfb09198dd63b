"""A proposal as an Optuna study: sampler, pruner, first trials, warm starts; made, or loaded and gone on with."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import optuna
from optuna.trial import TrialState

from kg.errors import InputError
from kg.model import ResponseModel, metric_named
from recommender.first_trials import add_first_trials, promising_point, starting_order
from recommender.proposal import Proposal
from recommender.sampler import attach_sources, count_seconds
from recommender.samplers import pruner_of, sampler_of
from recommender.spaces import to_parameters
from recommender.storage import created_or_loaded, is_laid_out, laid_out, open_storage
from recommender.task import TuningTask
from recommender.transfer.resampling import setting_of, transfer_sources
from recommender.trial_notes import CITATIONS, ORIGIN, RATIONALE

#: User attributes of a study.
PROPOSAL, META_FEATURES = "tunegraph:proposal", "tunegraph:meta_features"
STOP_REASON, LEFT_OUT = "tunegraph:stop_reason", "tunegraph:left_out_warm_starts"

#: Trials that are over, whatever came of them.
FINISHED = (TrialState.COMPLETE, TrialState.PRUNED, TrialState.FAIL)


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
    with quiet():
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
    with quiet():  # what a test run has been is skipped, and need not be told
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


@contextlib.contextmanager
def quiet() -> Iterator[None]:
    """Keep Optuna from logging each trial, and each failure twice, for a block."""
    before = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    try:
        yield
    finally:
        optuna.logging.set_verbosity(before)
