"""Warm starts from response models: the covering portfolio and the runs that its picks were, as rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from kg.errors import EvidenceError
from kg.learners.registry import learner_named
from kg.model import Configuration, Iri, ParameterValue, ResponseModel, Run, SearchSpace, same_value
from recommender.composing.measured_space import wide_space
from recommender.composing.portfolio import Pick, greedy_portfolio
from recommender.composing.rule import CandidatePoints, Derived, RuleInputs
from recommender.composing.surface import ResponseSurface, support_configurations

#: What is picked of the candidates, in the order to try it, and what it is as a point of the space.
Picks: TypeAlias = tuple[tuple[Pick, Configuration], ...]

#: Support points are rounded to this relative precision.
ROUNDING = 1e-3
#: The first picks of the portfolio widen the box to hold them; later ones are taken from inside it.
FREE_PICKS = 5
#: Trees, rounds or epochs for each second of the user's time that cost about as much as the rest of a trial is worth
#: (leave-one-data-set-out over XGBoost with 300 to 4,000 rounds to spend: 300 to 1,000 are best, and level).
STEPS_A_SECOND = 10.0


def covering_portfolio(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Choose configurations of which, whatever the data set is like, one is good; all inside the proposed space.

    Args:
        inputs: Cites the response models; `space` is the proposed search space.
        arguments: ``k``: how many.
    """
    surface = inputs.surfaces.surface(inputs.of(ResponseModel))
    free = free_steps(inputs)
    found = portfolio(inputs, surface, int(arguments["k"]), free_steps=free)
    cheap = "" if free is None else ", and is cheap for what it brings, as you set a time"
    return Derived(
        tuple(configuration for _, configuration in found),
        f"Each covers data sets that those before it leave uncovered (greedy portfolio over {len(surface.datasets)} "
        f"data sets, weighted by likeness){cheap}.",
    )


def free_steps(inputs: RuleInputs) -> float | None:
    """Return the trees, rounds or epochs that hardly count in the user's time; None where no time was set."""
    seconds = inputs.task.constraints.wall_clock_s
    return None if seconds is None else STEPS_A_SECOND * seconds


def support_point(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Return a configuration that was run: a row of the support of the response model that is cited first.

    Args:
        inputs: Cites the response model; `space` is the proposed search space.
        arguments: ``row``: from 0.
    """
    model = inputs.of(ResponseModel)[0]
    row = int(arguments["row"])
    runs = support_configurations(model)
    point = Points(inputs, inputs.space)(runs[row]) if 0 <= row < len(runs) else None
    if point is None:
        raise EvidenceError(f"{model.iri} has no run {row} that can still be had")
    return Derived(point, "")


def found_in(
    candidate: Configuration, point: Configuration, models: Sequence[ResponseModel], inputs: RuleInputs
) -> tuple[ResponseModel, int]:
    """Return the first of `models` on whose data set a candidate was run, and the row of its support; -1 where none.

    Args:
        candidate: The candidate as the surface has it.
        point: What it is in the proposed space.
        models: Where to look, in this order.
        inputs: Learner, task and space.
    """
    to_point = Points(inputs, inputs.space)
    for model in models:
        wanted = [candidate.get(name) for name in model.parameters]
        for row, values in enumerate(model.support):
            if list(values) == wanted and to_point(support_configurations(model, [row])[0]) == point:
                return model, row
    return models[-1], -1


def same_runs(point: Configuration, runs: Sequence[Run], inputs: RuleInputs) -> tuple[Iri, ...]:
    """Return those of `runs` that are `point` in the proposed space, up to the rounding of support points."""
    to_point = Points(inputs, inputs.space)
    return tuple(run.iri for run in runs if (found := to_point(run.configuration)) and _is_close(found, point))


def _is_close(left: Configuration, right: Configuration) -> bool:
    return left.keys() == right.keys() and all(_is_about(value, right[name]) for name, value in left.items())


def _is_about(left: ParameterValue, right: ParameterValue) -> bool:
    if isinstance(left, float) and isinstance(right, float):
        return math.isclose(left, right, rel_tol=ROUNDING)
    return same_value(left, right)


class Points:
    """Puts runs in the terms of the installed library and of a space.

    What the run's source did not vary has the library's default; what is not searched is left out.

    Args:
        inputs: Learner and task.
        space: The space.
    """

    def __init__(self, inputs: RuleInputs, space: SearchSpace) -> None:
        self._spec, self._task_type, self._space = learner_named(inputs.learner), inputs.task.task_type, space
        self._gone = set(self._spec.space(self._task_type, historical=True).names) - {
            h.name for h in self._spec.available(self._task_type)
        }
        default = self._spec.default_point(self._task_type)
        self._filled = [(p, default[p.name]) for p in space.ordered() if p.name in default]
        self._filled = [(p, value) for p, value in self._filled if p.contains(value)]
        self._has_conditions = bool(space.conditions)

    def __call__(self, run: Configuration) -> Configuration | None:
        """Return the point that `run` is; None where it cannot be had any more."""
        possible: Configuration | None = run
        if any(name in run for name in self._gone):
            possible = self._spec.still_possible(run, self._task_type)
        if possible is None:
            return None
        point = {name: possible[name] for name in self._space.names if name in possible}
        for parameter, default in self._filled:
            if parameter.name not in point and self._space.is_active(parameter.name, point):
                point[parameter.name] = default
        return self._space.active_part(point) if self._has_conditions else Configuration(point)


def portfolio(
    inputs: RuleInputs,
    surface: ResponseSurface,
    k: int,
    *,
    within: SearchSpace | None = None,
    free_steps: float | None = None,
) -> Picks:
    """Return up to `k` picks and what they are in the terms of the installed library and of the space.

    Args:
        inputs: Task, weights and proposed space.
        surface: The candidates.
        k: How many.
        within: The space that must hold them. Default: the proposed one.
        free_steps: A candidate costs its trees, rounds or epochs (`LearnerSpec.fidelity`) and so many more. Default:
            what it costs does not count.
    """
    space = within if within is not None else inputs.space
    weights = [inputs.weight(dataset) for dataset in surface.datasets]
    plain_space = space.model_dump(mode="json")
    asked = (inputs.learner, inputs.task.task_type, surface.models, weights, plain_space, k, free_steps)

    def build() -> Picks:
        points, allowed = inputs.surfaces.points(surface, space, lambda: _points(inputs, surface, space))
        if not allowed.any():
            return ()
        costs = None if free_steps is None else _costs(points, inputs.learner, free_steps)
        found = greedy_portfolio(
            surface.regrets, np.array(weights), 2 * k, allowed=allowed, residuals=surface.residuals, costs=costs
        )
        chosen: dict[Configuration, Pick] = {}
        for pick in found:
            if (point := points[pick.candidate]) is not None:
                # Candidates that differ only in what is not searched are the same start.
                chosen.setdefault(point, pick)
        return tuple((pick, point) for point, pick in chosen.items())[:k]

    return inputs.surfaces.once("portfolio", asked, build)


def _costs(points: Sequence[Configuration | None], learner: str, free_steps: float) -> npt.NDArray[np.float64]:
    """Return what each point costs, in steps of the learner's fidelity."""
    fidelity = learner_named(learner).fidelity
    sizes = [fidelity.size(point.root) if fidelity is not None and point is not None else None for point in points]
    return np.array([free_steps + (size or 0.0) for size in sizes])


def _points(inputs: RuleInputs, surface: ResponseSurface, space: SearchSpace) -> CandidatePoints:
    """Return each candidate as a point of `space`, and whether it is one."""
    points = tuple(map(Points(inputs, space), surface.candidates))
    return points, np.array([p is not None and space.contains(p) for p in points])


def free_picks(inputs: RuleInputs, surface: ResponseSurface, n: int = FREE_PICKS) -> tuple[Configuration, ...]:
    """Return the first picks with nothing narrowed: what the space will be made to hold."""
    return tuple(point for _, point in portfolio(inputs, surface, n, within=wide_space(inputs)))


def pick_reason(pick: Pick, surface: ResponseSurface, origin: Iri, names: Mapping[Iri, str]) -> str:
    """Return, in words, where a pick was run and which data sets it is taken for."""
    covered = ", ".join(names.get(surface.datasets[i], surface.datasets[i]) for i in pick.covers[:3])
    expected = max(0.0, pick.expected)
    return f"Run on {names.get(origin, origin)}; brings the expected regret to {expected:.2f}, most for {covered}."
