"""The proposal that needs no evidence: the learner's wide space, the library's default first, TPE, 50 trials.

It stands in where neither a model nor the composer gave anything sound, and says so.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kg.learners.registry import learner_named
from kg.learners.spec import LearnerSpec
from kg.model import Configuration, Iri, PublishedSpace, SearchSpace, TaskType
from kg.model.base import FrozenMapping
from kg.store import KnowledgeStore
from recommender.composing.budgeting import DEFAULT_SECONDS, PER_TRIAL_SHARE, UNKNOWN_TRIALS
from recommender.proposal import (
    Advice,
    Budget,
    Derivation,
    Grounded,
    MaxTrials,
    Prediction,
    Proposal,
    Protocol,
    Pruner,
    Rule,
    Sampler,
    Stagnation,
    Termination,
    WallClock,
)
from recommender.task import Constraints, TuningTask

#: Name of the proposer.
PROPOSER = "defaults"
#: Name of the rule that all values of a default proposal follow from; its argument is the field.
RULE = "predefined_default"
#: Trials without a gain after which to stop (Optuna's BestValueStagnationEvaluator has 30).
PATIENCE = 30
#: Folds (scikit-learn's default).
FOLDS = 5
#: Trials before TPE learns (Optuna's default).
STARTUP_TRIALS = 10


def default_proposal(task: TuningTask, learner: str, store: KnowledgeStore | None = None, *, why: str = "") -> Proposal:
    """Return the predefined proposal for `learner`.

    Args:
        task: What is to be tuned.
        learner: Canonical name or alias.
        store: Where published spaces are looked up, to be cited beside the registry's ranges.
        why: Why nothing better stands here; becomes a warning.

    Raises:
        UnknownNameError: There is no such learner.
    """
    spec = learner_named(learner)
    cited = published_spaces(spec.name, task.task_type, store)
    values = default_values(spec, task)

    def field(name: str, rationale: str, citations: Sequence[Iri] = ()) -> Grounded[Any]:
        derivation = Derivation(rule=RULE, arguments=FrozenMapping[str, Any]({"field": name}))
        return Grounded[Any](
            value=values[name], citations=tuple(citations), derivation=derivation, rationale=rationale, confidence=0.0
        )

    return Proposal(
        task=task,
        learner=field("learner", "As asked for."),
        metric=field("metric", "As asked for."),
        protocol=field("protocol", f"{FOLDS} folds, stratified where there are classes."),
        search_space=field("search_space", f"The wide ranges that the registry holds for {spec.label}.", cited),
        warm_starts=field("warm_starts", "The library's default, or the point of the space nearest to it."),
        sampler=field("sampler", "TPE, which takes every kind of space."),
        pruner=field("pruner", "None: no fidelity is known to order configurations here."),
        budget=field("budget", f"Your limits; else {UNKNOWN_TRIALS} trials and {DEFAULT_SECONDS:g} s."),
        fidelity=field("fidelity", "None: nothing measured says that one pays."),
        termination=field("termination", f"The budget, or {PATIENCE} trials without a gain."),
        prediction=field("prediction", "None: nothing measured supports a figure."),
        fixed=field("fixed", "None."),
        advice=field("advice", "Nothing measured speaks against tuning."),
        warnings=(why or "These are predefined defaults; no evidence about similar data sets is behind them.",),
        proposer=PROPOSER,
    )


def default_values(spec: LearnerSpec, task: TuningTask) -> Mapping[str, Any]:
    """Return the value of each field of the default proposal; grounding compares with them."""
    budget = default_budget(task.constraints)
    point = spec.default_point(task.task_type, n_columns=task.n_columns)
    start = Configuration({name: spec[name].coerced(value) for name, value in point.items()})
    return {
        "learner": spec.name,
        "metric": task.metric,
        "protocol": Protocol(folds=FOLDS, stratified=task.task_type is TaskType.CLASSIFICATION),
        "search_space": spec.space(task.task_type),
        "warm_starts": default_starts(start, spec.space(task.task_type)),
        "sampler": Sampler(name="tpe", n_startup_trials=STARTUP_TRIALS),
        "pruner": Pruner(name="none"),
        "budget": budget,
        "fidelity": None,
        "termination": Termination(rules=default_rules(budget)),
        "prediction": Prediction(metric=task.metric),
        "fixed": Configuration({}),
        "advice": Advice.TUNE,
    }


def default_budget(given: Constraints) -> Budget:
    """Return the user's limits, completed by the predefined ones."""
    wall = given.wall_clock_s or DEFAULT_SECONDS
    n_trials = given.n_trials or UNKNOWN_TRIALS
    per_trial = wall * max(PER_TRIAL_SHARE, 1 / n_trials)
    return Budget(
        n_trials=n_trials, wall_clock_s=wall, per_trial_s=per_trial, n_workers=given.n_workers, binding="n_trials"
    )


def default_rules(budget: Budget) -> tuple[Rule, ...]:
    """Return the rules that stop a study of `budget`; those that could never fire are left out."""
    ends: tuple[Rule, ...] = (MaxTrials(n_trials=budget.n_trials), WallClock(seconds=budget.wall_clock_s))
    return (*ends, Stagnation(patience=PATIENCE)) if budget.n_trials > PATIENCE else ends


def default_starts(start: Configuration, space: SearchSpace) -> tuple[Configuration, ...]:
    """Return the library's default as the only warm start, where it is a point of the space."""
    return (start,) if space.contains(start.root) else ()


def published_spaces(learner: str, task_type: TaskType, store: KnowledgeStore | None) -> tuple[Iri, ...]:
    """Return the published spaces of `learner` that the graph holds, by IRI."""
    if store is None:
        return ()
    found = store.evidence("published_space", learner=learner)
    return tuple(e.iri for e in found if isinstance(e, PublishedSpace) and task_type in e.task_types)
