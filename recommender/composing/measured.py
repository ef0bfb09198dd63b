"""Composing from response models: the narrowed search space and the covering portfolio, as rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.errors import EvidenceError, InputError
from kg.learners.registry import learner_named
from kg.learners.spec import LearnerSpec
from kg.model import (
    Configuration,
    FloatParameter,
    IntParameter,
    Iri,
    Parameter,
    ParameterValue,
    PublishedSpace,
    ResponseModel,
    Run,
    SearchSpace,
    TaskType,
    same_value,
)
from recommender.composing.joining import Range, join_ranges
from recommender.composing.narrowing import Narrowing, narrow_parameter, parameter_values
from recommender.composing.portfolio import Pick, greedy_portfolio
from recommender.composing.prior import with_prior
from recommender.composing.rule import CandidatePoints, Derived, RuleInputs
from recommender.composing.surface import ResponseSurface, support_configurations

#: Support points are rounded to this relative precision.
ROUNDING = 1e-3
#: The first picks of the portfolio widen the box to hold them; later ones are taken from inside it.
FREE_PICKS = 5
#: Trees, rounds or epochs for each second of the user's time that cost about as much as the rest of a trial is worth
#: (leave-one-data-set-out over XGBoost with 300 to 4,000 rounds to spend: 300 to 1,000 are best, and level).
STEPS_A_SECOND = 10.0


def wide_space(inputs: RuleInputs) -> SearchSpace:
    """Return what was varied in the cited runs and can be set in the installed library, as wide as is sensible.

    Raises:
        EvidenceError: No response model is cited, or nothing that was varied can be set any more.
    """
    responses = inputs.of(ResponseModel)
    spec = learner_named(inputs.learner)
    registered = spec.space(inputs.task.task_type)
    available = {h.name for h in spec.available(inputs.task.task_type)}
    wide = {parameter.name: parameter for parameter in registered.parameters}
    varied: dict[str, Parameter] = {}
    for response in responses:
        for parameter in response.space.tunable:
            if parameter.name in available:
                varied.setdefault(parameter.name, wide.get(parameter.name, parameter))
    varied = _with_effect(varied, spec, inputs.task.task_type)
    if not varied:
        raise EvidenceError(f"no cited run of {inputs.learner} varied a hyper-parameter that the library still has")
    order = [*(n for n in registered.names if n in varied), *sorted(set(varied) - set(registered.names))]
    return SearchSpace(
        parameters=tuple(varied[name] for name in order),
        conditions=tuple(c for c in registered.conditions if {c.child, c.parent} <= varied.keys()),
        forbidden=tuple(f for f in registered.forbidden if varied.keys() >= set(f.clauses)),
    )


def _with_effect(varied: Mapping[str, Parameter], spec: LearnerSpec, task_type: TaskType) -> dict[str, Parameter]:
    """Return the parameters that can have an effect while what is not varied has the library's default.

    A source may have held a parent at another value (liblinear, under which logistic regression has L1 and L2).
    """
    effective = spec.effective({}, task_type)
    kept = dict(varied)
    while True:
        idle = {
            c.child
            for c in spec.conditions
            if c.child in kept and c.parent not in kept and c.parent in effective and not c.holds(effective[c.parent])
        }
        if not idle:
            return kept
        kept = {name: parameter for name, parameter in kept.items() if name not in idle}


def narrowed_parameter(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Cut one parameter to the weighted quantiles of the sources' best configurations; widen it to hold `hold`.

    Its prior says where within the range they crowd.

    Args:
        inputs: Cites the response models, and published spaces to join the range with.
        arguments: ``parameter``; ``level``: quantile level, or None for the wide range; ``hold``: values.

    Raises:
        EvidenceError: It was not varied in the cited runs.
        InputError: The level is not one of two quantiles that lie apart.
    """
    wide = wide_space(inputs)
    name = str(arguments["parameter"])
    if name not in wide:
        raise EvidenceError(f"{name} was not varied in the cited runs of {inputs.learner}")
    level = arguments["level"]
    responses = inputs.of(ResponseModel)
    tops = [inputs.surfaces.tops(response) for response in responses]
    values, masses = parameter_values(name, tops, [inputs.weight(r.dataset) for r in responses])
    if level is None:
        reason = "Not narrowed: on the sources every narrower range lost too much."
        return Derived(with_prior(wide[name], values, masses), reason)
    narrowed = narrow_parameter(wide[name], values, masses, _narrowing(float(level)))
    joined, said = _joined(narrowed, wide[name], inputs)
    held = _holding(joined, wide[name], arguments.get("hold", ()))
    found = with_prior(held, values, masses)
    return Derived(found, _range_reason(found, float(level), len(responses)) + said)


def narrowed_space(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Cut every parameter but those that are not worth tuning.

    Args:
        inputs: Cites the response models.
        arguments: ``level``; ``hold``: configurations that the space must hold; ``fixed``: names left out.
    """
    wide = wide_space(inputs)
    responses = inputs.of(ResponseModel)
    hold = [Configuration(one) for one in arguments.get("hold", ())]
    _check_held(hold, responses, inputs)
    fixed = set(arguments.get("fixed", ()))
    parameters = tuple(
        narrowed_parameter(inputs, range_arguments(name, arguments["level"], hold)).value
        for name in wide.names
        if name not in fixed
    )
    space = _conditioned(parameters, wide)
    level = arguments["level"]
    cut = "not narrowed" if level is None else f"the {level:.0%} to {1 - level:.0%} quantiles of their best runs"
    return Derived(space, f"What {len(responses)} data sets say of {inputs.learner}: {cut}, nearest data sets first.")


def _conditioned(parameters: Sequence[Parameter], wide: SearchSpace) -> SearchSpace:
    """Return the space of `parameters` under what is left of the conditions of `wide`.

    A parameter whose condition can no longer hold, because every choice that made it active was cut, is left out.
    """
    present = {p.name: p for p in parameters}
    conditions = [c for c in wide.conditions if {c.child, c.parent} <= present.keys()]
    possible = {c: tuple(v for v in c.values if present[c.parent].contains(v)) for c in conditions}
    idle = {c.child for c, values in possible.items() if not values}
    if idle:
        return _conditioned([p for p in parameters if p.name not in idle], wide)
    return SearchSpace(
        parameters=tuple(parameters),
        conditions=tuple(c.replace(values=values) for c, values in possible.items()),
        forbidden=tuple(f for f in wide.forbidden if set(f.clauses) <= present.keys()),
    )


def range_arguments(name: str, level: float | None, hold: Sequence[Configuration]) -> dict[str, Any]:
    """Return the arguments with which `narrowed_parameter` gives the range of `name`."""
    values = [configuration[name] for configuration in hold if name in configuration]
    return {"parameter": name, "level": level, "hold": values}


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
) -> list[tuple[Pick, Configuration]]:
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
    points, allowed = inputs.surfaces.points(surface, space, lambda: _points(inputs, surface, space))
    weights = np.array([inputs.weight(dataset) for dataset in surface.datasets])
    if not allowed.any():
        return []
    costs = None if free_steps is None else _costs(points, inputs.learner, free_steps)
    picks = greedy_portfolio(surface.regrets, weights, 2 * k, allowed=allowed, residuals=surface.residuals, costs=costs)
    chosen: dict[Configuration, Pick] = {}
    for pick in picks:
        point = points[pick.candidate]
        if point is not None:
            # Candidates that differ only in what is not searched are the same start.
            chosen.setdefault(point, pick)
    return [(pick, point) for point, pick in chosen.items()][:k]


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


def _joined(parameter: Parameter, wide: Parameter, inputs: RuleInputs) -> tuple[Parameter, str]:
    """Return the range joined with the cited published ones (`joining.join_ranges`), and what is to be told of them."""
    if not isinstance(parameter, FloatParameter | IntParameter) or not isinstance(wide, FloatParameter | IntParameter):
        return parameter, ""
    name = parameter.name
    ranges = {s.iri: s.space[name] for s in inputs.of(PublishedSpace) if name in s.space}
    published = [Range(p.low, p.high, iri) for iri, p in ranges.items() if isinstance(p, FloatParameter | IntParameter)]
    run = [r.space[name] for r in inputs.of(ResponseModel) if name in r.space]
    bounds = [p for p in run if isinstance(p, FloatParameter | IntParameter)]
    if not published or not bounds:
        return parameter, ""
    searched = Range(min(p.low for p in bounds), max(p.high for p in bounds))
    joined = join_ranges(Range(parameter.low, parameter.high), searched, published, log=parameter.log)
    names = {space.iri: space.name for space in inputs.of(PublishedSpace)}
    low, high = max(wide.low, joined.low), min(wide.high, joined.high)
    if isinstance(parameter, IntParameter):
        low, high = math.floor(low), math.ceil(high)
    said = f" Widened as in {', '.join(names[iri] for iri in joined.used)}." if joined.used else ""
    for iri, words in ((iri, names[iri]) for iri in names):
        said += "".join(f" {conflict.replace(iri, words)}." for conflict in joined.conflicts if iri in conflict)
    return parameter.replace(low=low, high=high), said


def _holding(parameter: Parameter, wide: Parameter, values: Sequence[Any]) -> Parameter:
    """Return `parameter` widened to hold `values`, as far as `wide` does."""
    held = [value for value in values if wide.contains(value)]
    if not held or parameter.kind == "constant":
        return parameter
    if parameter.kind == "categorical":
        missing = tuple(v for v in dict.fromkeys(held) if not parameter.contains(v))
        return parameter.replace(choices=(*parameter.choices, *missing), prior=None) if missing else parameter
    return parameter.replace(low=min(parameter.low, *held), high=max(parameter.high, *held))


def _narrowing(level: float) -> Narrowing:
    if not 0 <= level < 0.5:
        raise InputError(
            f"there is no range between the quantiles {level} and {1 - level}", where="level", allowed="0 to .5"
        )
    return Narrowing(level)


def _check_held(hold: Sequence[Configuration], responses: Sequence[ResponseModel], inputs: RuleInputs) -> None:
    """Make sure that what the space is widened for was run on a source, or is the library's default (`Points`)."""
    if not hold:
        return
    surface = inputs.surfaces.surface(responses)
    known = {(name, repr(value)) for candidate in surface.candidates for name, value in candidate.items()}
    known |= {(n, repr(v)) for n, v in learner_named(inputs.learner).default_point(inputs.task.task_type).items()}
    for configuration in hold:
        for name, value in configuration.items():
            if (name, repr(value)) not in known:
                raise EvidenceError(f"no cited run has {name} = {value!r}")


def _range_reason(parameter: Parameter, level: float, n: int) -> str:
    if parameter.kind == "categorical":
        return f"The choices that the best runs on {n} data sets take, weighted by likeness."
    return f"Where the best runs on {n} data sets lie, weighted by likeness, without the outer {level:.0%} at each end."
