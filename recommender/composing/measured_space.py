"""The search space from response models: as wide as was varied, then cut to where the best runs lie, as rules."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from kg.errors import EvidenceError, InputError
from kg.learners.registry import learner_named
from kg.learners.spec import LearnerSpec
from kg.model import (
    Configuration,
    FloatParameter,
    IntParameter,
    Parameter,
    PublishedSpace,
    ResponseModel,
    SearchSpace,
    TaskType,
)
from recommender.composing.joining import Range, join_ranges
from recommender.composing.narrowing import Narrowing, narrow_parameter, parameter_values
from recommender.composing.prior import with_prior
from recommender.composing.rule import Derived, RuleInputs
from recommender.composing.surface import ResponseSurface


def wide_space(inputs: RuleInputs) -> SearchSpace:
    """Return what was varied in the cited runs and can be set in the installed library, as wide as is sensible.

    Raises:
        EvidenceError: No response model is cited, or nothing that was varied can be set any more.
    """
    responses = inputs.of(ResponseModel)
    given = (inputs.learner, inputs.task.task_type, [response.iri for response in responses])
    return inputs.surfaces.once("wide space", given, lambda: _wide_space(inputs, responses))


def _wide_space(inputs: RuleInputs, responses: Sequence[ResponseModel]) -> SearchSpace:
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
    name, level, hold = str(arguments["parameter"]), arguments["level"], arguments.get("hold", ())
    weights = [[response.iri, inputs.weight(response.dataset)] for response in inputs.of(ResponseModel)]
    published = [space.iri for space in inputs.of(PublishedSpace)]
    given = (inputs.learner, inputs.task.task_type, weights, published, name, level, hold)
    return inputs.surfaces.once("range", given, lambda: _narrowed(inputs, name, level, hold))


def _narrowed(inputs: RuleInputs, name: str, level: Any, hold: Sequence[Any]) -> Derived:
    wide = wide_space(inputs)
    if name not in wide:
        raise EvidenceError(f"{name} was not varied in the cited runs of {inputs.learner}")
    responses = inputs.of(ResponseModel)
    tops = [inputs.surfaces.tops(response) for response in responses]
    values, masses = parameter_values(name, tops, [inputs.weight(r.dataset) for r in responses])
    if level is None:
        reason = "Not narrowed: on the sources every narrower range lost too much."
        return Derived(with_prior(wide[name], values, masses), reason)
    narrowed = narrow_parameter(wide[name], values, masses, _narrowing(float(level)))
    joined, said = _joined(narrowed, wide[name], inputs)
    held = _holding(joined, wide[name], hold)
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
    known = inputs.surfaces.once("settings", surface.models, lambda: _settings(surface)) | {
        (n, repr(v)) for n, v in learner_named(inputs.learner).default_point(inputs.task.task_type).items()
    }
    for configuration in hold:
        for name, value in configuration.items():
            if (name, repr(value)) not in known:
                raise EvidenceError(f"no cited run has {name} = {value!r}")


def _settings(surface: ResponseSurface) -> frozenset[tuple[str, str]]:
    return frozenset((name, repr(value)) for candidate in surface.candidates for name, value in candidate.items())


def _range_reason(parameter: Parameter, level: float, n: int) -> str:
    if parameter.kind == "categorical":
        return f"The choices that the best runs on {n} data sets take, weighted by likeness."
    return f"Where the best runs on {n} data sets lie, weighted by likeness, without the outer {level:.0%} at each end."
