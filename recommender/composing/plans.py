"""The plan around the search: learner, folds, sampler, pruner, fidelity, and whether to tune at all, as rules."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kg.errors import EvidenceError
from kg.learners.registry import learner_named
from kg.model import FidelityProfile, ResponseModel, RunSummary, SystemResult, TaskType
from kg.response import Encoder
from recommender.composing.fidelity_choice import choose_fidelity
from recommender.composing.foresight import expected_curve
from recommender.composing.learner_choice import rank_learners
from recommender.composing.rule import Derived, RuleInputs
from recommender.proposal import Advice, Protocol, Pruner, Sampler
from recommender.similarity import similarity
from recommender.task import TuningTask
from recommender.transfer.search import startup_trials

#: Folds of cross-validation; fewer where the table is large enough that a single fold says much.
FOLDS, FOLDS_LARGE, LARGE_ROWS = 5, 3, 20_000
#: Cells of a table for each second of time above which a boosted ensemble has few trials with five folds (on one core,
#: 150 to 1,500 trees take .5 to 5 s a fold and 500,000 cells).
CELLS_A_SECOND = 1_000
#: A table with fewer rows is scored over several repeats: one split says too little.
SMALL_ROWS, REPEATS_SMALL = 200, 3
#: Gain in score below which tuning is not worth its time (the near-constant limit of the leave-one-out study).
WORTHWHILE = 0.002


def learner(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Take the learner asked for, or the one that fared best on similar data sets.

    Args:
        inputs: Cites results of tuned learners.
        arguments: ``candidates``: canonical names; ``modelled``: those that have response models.
    """
    asked = inputs.task.constraints.learners
    if len(asked) == 1:
        return Derived(learner_named(asked[0]).name, "You asked for it.")
    results = inputs.of(SystemResult)
    sources = [inputs.datasets[d] for d in sorted({r.dataset for r in results}) if d in inputs.datasets]
    weights = {s.dataset.iri: s.weight for s in similarity(inputs.task.meta_features, sources).neighbours}
    ranked = rank_learners(arguments["candidates"], results, weights, modelled=arguments["modelled"])
    if not ranked:
        raise EvidenceError("there is no learner to choose from")
    best, others = ranked[0], [f"{r.learner} {r.standing:.2f}" for r in ranked[1:4] if r.standing is not None]
    if best.standing is None:
        return Derived(best.learner, "No result compares learners for this kind of task: the usual first choice.")
    modelled = ", and response models stand behind its settings" if best.learner in arguments["modelled"] else ""
    return Derived(
        best.learner,
        f"Tuned, it reaches {best.standing:.2f} of the way from the worst to the best learner on {len(sources)} "
        f"similar data sets{modelled}." + (f" Then come {', '.join(others)}." if others else ""),
    )


def metric(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Take the task's metric."""
    del arguments
    return Derived(inputs.task.metric, inputs.task.metric_reason)


def protocol(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Choose the folds: five, three on tables large for themselves or for the time, repeated on small ones.

    No more than the rarest class has rows.
    """
    del arguments
    task = inputs.task
    rows = task.n_rows or LARGE_ROWS - 1
    hurried = _cells(task) > CELLS_A_SECOND * (task.constraints.wall_clock_s or math.inf)
    folds = FOLDS_LARGE if rows >= LARGE_ROWS or hurried else FOLDS
    rarest = task.meta_features.get("MinorityClassSize", None)
    if task.task_type is TaskType.CLASSIFICATION and rarest is not None:
        folds = max(2, min(folds, int(rarest)))
    repeats = REPEATS_SMALL if rows < SMALL_ROWS else 1
    stratified = task.task_type is TaskType.CLASSIFICATION
    size = f"{task.n_rows:,} rows" if task.n_rows else "a table of unknown size"
    again = f", {repeats} times over, because one split of so few rows says little" if repeats > 1 else ""
    if hurried:
        size += f" and {task.constraints.wall_clock_s:g} s, in which more folds would leave few trials"
    return Derived(Protocol(folds=folds, repeats=repeats, stratified=stratified), f"{folds} folds suit {size}{again}.")


def _cells(task: TuningTask) -> float:
    return float((task.n_rows or 0) * (task.n_columns or 0))


def sampler(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Take TPE, which takes any space; it learns once the warm starts are done.

    Args:
        inputs: Unused.
        arguments: ``n_warm_starts``.
    """
    del inputs
    n = max(1, min(10, int(arguments["n_warm_starts"])))
    return Derived(
        Sampler(name="tpe", n_startup_trials=n),
        f"Multivariate TPE takes any space and any number of workers; it learns from trial {n + 1} on.",
    )


def transfer_sampler(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Take the transfer sampler, which hands over from the warm starts early (`recommender.transfer.search`).

    Args:
        inputs: Cites the response models that it learns from.
        arguments: ``n_warm_starts``.

    Raises:
        EvidenceError: No response model is cited, or there is nothing to search.
    """
    responses = inputs.of(ResponseModel)
    if not responses or not inputs.space.tunable:
        raise EvidenceError("the transfer sampler learns from response models, and searches a parameter at least")
    first = min(startup_trials(len(responses), len(Encoder(inputs.space).dims)), max(1, arguments["n_warm_starts"]))
    return Derived(
        Sampler(name="transfer", n_startup_trials=first),
        f"From trial {first + 1} on, a Gaussian process built of {len(responses)} data sets' functions chooses.",
    )


def pruner(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Take successive halving where there is a fidelity, else the Wilcoxon test over folds, else nothing.

    Args:
        inputs: Unused.
        arguments: ``has_fidelity``; ``folds``: test scores a trial reports.
    """
    del inputs
    if arguments["has_fidelity"]:
        return Derived(Pruner(name="successive_halving"), "Screens at low fidelity; what looks bad stops there.")
    if int(arguments["folds"]) >= FOLDS:
        return Derived(
            Pruner(name="wilcoxon"),
            "After each fold, a trial that is worse than the best so far on the same folds (Wilcoxon, p < 0.1) stops.",
        )
    return Derived(Pruner(name="none"), "Too few folds to stop a trial on.")


def fidelity(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Screen at a lower fidelity where that ranks well enough and is cheap enough on similar data sets."""
    del arguments
    choice = choose_fidelity(inputs.of(FidelityProfile), inputs.weights)
    return Derived(choice.fidelity, choice.reason)


def advice(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Say whether tuning is worth it: what it gains over the library's default on similar data sets.

    Args:
        inputs: Cites response models and run summaries of the same data sets.
        arguments: ``n_trials``: of the budget.
    """
    responses, summaries = inputs.of(ResponseModel), inputs.of(RunSummary)
    default = learner_named(inputs.learner).default_point(inputs.task.task_type, n_columns=inputs.task.n_columns)
    curve = expected_curve(replace(inputs, cited=responses))
    if not summaries or not curve:
        return Derived(Advice.TUNE, "Nothing says that the defaults are as good as it gets.")
    tuned = curve[min(int(arguments["n_trials"]), len(curve)) - 1][1]
    weights = np.array([inputs.weight(response.dataset) for response in responses])
    spreads = np.array([abs(response.best - response.median) for response in responses])
    gaps = inputs.surfaces.default_regrets(responses, default) - tuned
    gain = float(weights @ (gaps * spreads) / weights.sum())
    words = f"On similar data sets tuning gains about {gain:.4f} {summaries[0].metric} over the default"
    if gain < WORTHWHILE:
        return Derived(Advice.DO_NOT_TUNE, f"{words}: not worth the time.")
    return Derived(Advice.TUNE, f"{words}.")
