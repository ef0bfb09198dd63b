"""Composing where no runs were measured: published search spaces, and what finished studies found best.

Spaces are never averaged: one is taken as it was published, and where another disagrees, the disagreement is told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from kg.errors import EvidenceError
from kg.expressions import bounded_space
from kg.learners.registry import learner_named
from kg.model import Configuration, FloatParameter, IntParameter, Parameter, PublishedSpace, SearchSpace, StudySummary
from kg.response import Encoder
from recommender.composing.rule import Derived, RuleInputs

#: Which published space is taken first: reviewed by the learners' authors; in production use; in a survey; a sampling
#: design that was meant to cover failures too.
PREFERENCE = ("tabarena", "autogluon", "flaml", "default", "rbv2", "rbv1", "hpo-b")
#: Numeric ranges that overlap less than this share of the shorter one are told as a conflict.
LITTLE_OVERLAP = 0.1


def by_preference(spaces: Sequence[PublishedSpace]) -> tuple[PublishedSpace, ...]:
    """Return `spaces` in the order in which they are taken; ties by name."""

    def place(space: PublishedSpace) -> tuple[int, str]:
        name = space.name.lower()
        return next((i for i, word in enumerate(PREFERENCE) if word in name), len(PREFERENCE)), name

    return tuple(sorted(spaces, key=place))


def published_space(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Take the first cited space, with bounds that depend on the data put in; tell where others disagree.

    Raises:
        EvidenceError: No space is cited, or none of its parameters exists in the installed library.
    """
    del arguments
    spaces = inputs.of(PublishedSpace)
    if not spaces:
        raise EvidenceError(f"no published space of {inputs.learner} is cited")
    task = inputs.task
    taken, others = spaces[0], spaces[1:]
    space = taken.space
    if task.n_rows is not None and task.n_columns is not None:
        space = bounded_space(space, taken.expressions, n=task.n_rows, d=max(task.n_columns, 1))
    space = restricted(space, learner_named(inputs.learner).space(task.task_type).names)
    if not space.parameters:
        raise EvidenceError(f"{taken.name} has no parameter of the installed {inputs.learner}")
    conflicts = [text for other in others for text in conflicts_between(taken, other)]
    disagreement = f" Others disagree: {'; '.join(conflicts)}." if conflicts else ""
    return Derived(space, f"The space of {taken.name}, as published.{disagreement}")


def published_parameter(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Return one parameter of the published space.

    Args:
        inputs: As for `published_space`.
        arguments: ``parameter``.
    """
    name = str(arguments["parameter"])
    derived = published_space(inputs, {})
    if name not in derived.value:
        raise EvidenceError(f"the cited space has no {name}")
    others = [s.name for s in inputs.of(PublishedSpace)[1:] if name in s.space]
    also = f"; also in {', '.join(others)}" if others else ""
    return Derived(derived.value[name], f"As {inputs.of(PublishedSpace)[0].name} has it{also}.")


def restricted(space: SearchSpace, names: Sequence[str]) -> SearchSpace:
    """Return the part of `space` that has the parameters `names`."""
    kept = tuple(p for p in space.parameters if p.name in names)
    present = {p.name for p in kept}
    return SearchSpace(
        parameters=kept,
        conditions=tuple(c for c in space.conditions if {c.child, c.parent} <= present),
        forbidden=tuple(f for f in space.forbidden if set(f.clauses) <= present),
    )


def conflicts_between(taken: PublishedSpace, other: PublishedSpace) -> tuple[str, ...]:
    """Return, in words, each parameter whose ranges in the two spaces hardly overlap."""
    return tuple(
        f"{other.name} has {parameter.name} {_words(other.space[parameter.name])}"
        for parameter in taken.space.parameters
        if parameter.name in other.space and _overlap(parameter, other.space[parameter.name]) < LITTLE_OVERLAP
    )


def _overlap(left: Parameter, right: Parameter) -> float:
    if not isinstance(left, FloatParameter | IntParameter) or not isinstance(right, FloatParameter | IntParameter):
        return 1.0
    shared = min(left.high, right.high) - max(left.low, right.low)
    shorter = min(left.high - left.low, right.high - right.low)
    return shared / shorter if shorter > 0 else float(shared >= 0)


def _words(parameter: Parameter) -> str:
    if parameter.kind == "constant":
        return f"= {parameter.value}"
    if parameter.kind == "categorical":
        return f"in {list(parameter.choices)}"
    return f"{parameter.low:g} to {parameter.high:g}"


def study_warm_starts(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Start with the library's default and published starting values, then what studies found best, spread out.

    Of the best configurations of the cited studies, those are taken that leave the others nearest to one taken
    (greedy k-medoids in the encoded space). All are brought into the proposed space.

    Args:
        inputs: `space` is the proposed search space.
        arguments: ``k``: how many, at most.
    """
    space, k = inputs.space, int(arguments["k"])
    default = learner_named(inputs.learner).default_point(inputs.task.task_type, n_columns=inputs.task.n_columns)
    starts = [brought_in(configuration, space, default) for configuration in (default, *_initials(inputs))]
    studies = inputs.of(StudySummary)
    found = [brought_in(study.best_configuration, space, default) for study in studies]
    starts += [found[i] for i in medoids(Encoder(space).encode([c.root for c in found]), k)] if found else []
    unique = tuple(dict.fromkeys(start for start in starts if start is not None))[:k]
    words = f" and what {len(studies)} finished studies found best" if studies else ""
    return Derived(unique, f"The library's default, published starting values{words}, brought into the space.")


def _initials(inputs: RuleInputs) -> list[Configuration]:
    return [space.initial for space in inputs.of(PublishedSpace) if len(space.initial)]


def brought_in(configuration: Configuration, space: SearchSpace, default: Configuration) -> Configuration:
    """Return the point of `space` nearest to `configuration`; what that lacks is the default, or the middle."""
    point: dict[str, Any] = {}
    for parameter in space.ordered():
        if space.is_active(parameter.name, point):
            wanted = configuration.get(parameter.name, default.get(parameter.name))
            point[parameter.name] = nearest_value(parameter, wanted)
    return Configuration(point)


def nearest_value(parameter: Parameter, wanted: Any) -> Any:
    """Return the value of `parameter` nearest to `wanted`; its middle or first choice where that is no number."""
    if parameter.kind == "constant":
        return parameter.value
    if parameter.kind == "categorical":
        return wanted if parameter.contains(wanted) else parameter.choices[0]
    if isinstance(wanted, bool) or not isinstance(wanted, int | float):
        low, high = float(parameter.low), float(parameter.high)
        wanted = float(np.sqrt(low * high)) if parameter.log else (low + high) / 2
    value = min(max(wanted, parameter.low), parameter.high)
    return round(value) if parameter.kind == "int" else float(value)


def medoids(points: np.ndarray[Any, np.dtype[np.float64]], k: int) -> tuple[int, ...]:
    """Return up to `k` rows of `points`, each the one that most lowers the mean distance to the nearest taken."""
    distances = np.sqrt(((points[:, None, :] - points[None, :, :]) ** 2).sum(-1))
    nearest = np.full(len(points), np.inf)
    taken: list[int] = []
    for _ in range(min(k, len(points))):
        totals = np.minimum(distances, nearest[None, :]).sum(1)
        totals[taken] = np.inf
        best = int(np.argmin(totals))
        taken.append(best)
        nearest = np.minimum(nearest, distances[best])
        if not nearest.any():
            break
    return tuple(taken)
