"""The plan around the search: folds, sampler, pruner, fidelity, what is fixed, and whether to tune at all, as rules."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from kg.errors import EvidenceError
from kg.learners.registry import learner_named
from kg.model import (
    Configuration,
    FidelityProfile,
    Parameter,
    ParameterImportance,
    ParameterValue,
    ResponseModel,
    RunSummary,
    SystemResult,
    TaskType,
)
from kg.response import Encoder
from recommender.composing.fidelity_choice import choose_fidelity
from recommender.composing.fixing import MOST_LOST, NEGLIGIBLE, loss_of_fixing, mean_importance, negligible_parameters
from recommender.composing.foresight import expected_curve
from recommender.composing.learner_choice import rank_learners
from recommender.composing.measured_space import wide_space
from recommender.composing.narrowing import parameter_values
from recommender.composing.published import nearest_value
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


def fixed(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Set what is not worth tuning to what the best runs have most often.

    Args:
        inputs: Cites importances and the response models.
        arguments: ``names``: the hyper-parameters.

    Raises:
        EvidenceError: One of them is worth tuning, as far as is cited.
    """
    names = [str(name) for name in arguments["names"]]
    if names and (worth := sorted(set(names) - set(not_worth_tuning(inputs)))):
        raise EvidenceError(f"nothing cited says that {', '.join(worth)} of {inputs.learner} is not worth tuning")
    values = {name: fixed_value(inputs, {"parameter": name}).value for name in names}
    if not values:
        return Derived(Configuration({}), "Everything that was varied matters somewhere.")
    return Derived(
        Configuration(values),
        f"Each explains less than {NEGLIGIBLE:.0%} of the variance on at least nine in ten data sets.",
    )


def not_worth_tuning(inputs: RuleInputs) -> tuple[str, ...]:
    """Return the hyper-parameters that explain little everywhere and cost the best runs little when they are set.

    Those on which others depend are always kept, and one at least is left to tune.

    Args:
        inputs: Cites importances and the response models.
    """
    wide = wide_space(inputs)
    parents = {condition.parent for condition in wide.conditions}
    candidates = [n for n in negligible_parameters(inputs.of(ParameterImportance)) if n in wide and n not in parents]
    found = [
        name
        for name in candidates
        if loss_of_value(inputs, wide[name], fixed_value(inputs, {"parameter": name}).value) <= MOST_LOST
    ]
    return tuple(found[: len(wide.parameters) - 1])


def loss_of_value(inputs: RuleInputs, parameter: Parameter, value: ParameterValue) -> float:
    """Return the mean regret that setting `parameter` to `value` costs the best candidates of the cited sources."""
    return loss_of_fixing(parameter, value, inputs.surfaces.surface(inputs.of(ResponseModel)), inputs.weights)


def fixed_value(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Return the value of one hyper-parameter that is not worth tuning.

    The library's default where that costs the best candidates little, else what the best runs have most: the heaviest
    choice, or the weighted median.

    Args:
        inputs: Cites importances and the response models.
        arguments: ``parameter``.
    """
    name = str(arguments["parameter"])
    responses = inputs.of(ResponseModel)
    parameter = wide_space(inputs)[name]
    share = mean_importance(inputs.of(ParameterImportance), inputs.weights).get(name, 0.0)
    explains = f"It explains {share:.1%} of the variance on similar data sets"
    default = learner_named(inputs.learner).default_point(inputs.task.task_type).get(name)
    if parameter.contains(default) and loss_of_value(inputs, parameter, default) <= MOST_LOST:
        return Derived(default, f"{explains}; the library's default costs the best runs nothing to speak of.")
    reason = f"{explains}; the best runs there have this value most."
    tops = [inputs.surfaces.tops(response) for response in responses]
    values, masses = parameter_values(name, tops, [inputs.weight(r.dataset) for r in responses])
    if parameter.kind in ("categorical", "constant"):
        mass: dict[str, float] = defaultdict(float)
        for value, weight in zip(values, masses, strict=True):
            mass[repr(value)] += weight
        best = max(values, key=lambda value: (mass[repr(value)], repr(value)), default=None)
        return Derived(nearest_value(parameter, best), reason)
    numbers = sorted((float(v), w) for v, w in zip(values, masses, strict=True) if isinstance(v, int | float))
    half, reached = sum(w for _, w in numbers) / 2, 0.0
    for value, weight in numbers:
        reached += weight
        if reached >= half:
            return Derived(nearest_value(parameter, value), reason)
    return Derived(nearest_value(parameter, None), reason)


def nothing_fixed(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Fix nothing: no importance was measured."""
    del inputs, arguments
    return Derived(Configuration({}), "No measurement says which hyper-parameters matter little.")


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
