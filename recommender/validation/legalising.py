"""A search space held against the installed library: what is illegal, and the space without it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kg.learners.registry import FaultCode, LegalFault, legal_part, parameter_faults
from kg.learners.spec import Dependency, LearnerSpec
from kg.model import (
    CategoricalParameter,
    Condition,
    FloatParameter,
    Forbidden,
    IntParameter,
    ParameterValue,
    SearchSpace,
    TaskType,
)
from kg.model.base import FrozenMapping
from recommender.validation.domains import AnyParameter, domain, is_refused, reachable, with_parameters, without
from recommender.validation.stage import failed, repaired
from recommender.validation.verdict import Finding

_ROOT = "search_space.parameters"


@dataclass(frozen=True)
class Checked:
    """A space, and what was found in it."""

    space: SearchSpace
    findings: tuple[Finding, ...] = ()


def legal_space(
    spec: LearnerSpec, space: SearchSpace, task_type: TaskType, fixed: Mapping[str, ParameterValue]
) -> Checked:
    """Return the part of `space` that the installed library takes and uses, with what was wrong.

    Args:
        spec: The learner.
        space: The space.
        task_type: Classification or regression.
        fixed: What is set and not searched.
    """
    findings: list[Finding] = []
    parameters: list[AnyParameter] = []
    for parameter in space.parameters:
        kept, found = legal_parameter(spec, parameter, task_type)
        findings += found
        parameters += [kept] if kept is not None else []
    checked = with_parameters(space, parameters)
    settled = {h.name: h.default_for(task_type) for h in spec.available(task_type)} | dict(fixed)
    for step in (_active, _conditioned, _allowed):
        result = step(spec, checked, settled)
        checked, findings = result.space, [*findings, *result.findings]
    return Checked(checked, tuple(findings))


def legal_parameter(
    spec: LearnerSpec, parameter: AnyParameter, task_type: TaskType
) -> tuple[AnyParameter | None, tuple[Finding, ...]]:
    """Return the legal part of a parameter (None where there is none), and what was wrong with it."""
    faults = parameter_faults(spec, parameter, task_type)
    if not faults:
        return parameter, ()
    if all(fault.code is FaultCode.OUT_OF_DOMAIN for fault in faults) and parameter.kind in ("int", "float"):
        return _clipped(spec, parameter, task_type, faults)
    values = {FaultCode.OUT_OF_DOMAIN, FaultCode.WRONG_TYPE}
    if parameter.kind == "categorical" and all(fault.code in values for fault in faults):
        return _chosen(parameter, faults)
    return None, tuple(_failure(fault) for fault in faults)


def _clipped(
    spec: LearnerSpec, parameter: FloatParameter | IntParameter, task_type: TaskType, faults: tuple[LegalFault, ...]
) -> tuple[AnyParameter | None, tuple[Finding, ...]]:
    hyperparameter = spec[parameter.name]
    part = legal_part(hyperparameter, parameter.low, parameter.high, kind=parameter.kind)
    if part is None:
        return None, tuple(_failure(fault) for fault in faults)
    low, high = part
    wide = hyperparameter.search_for(task_type)
    # Next to an open bound lies no particular number, so the registry's own wide range says where to begin.
    if wide is not None and wide.kind in ("int", "float") and low < abs(wide.low) * 1e-6 < high:
        low = wide.low
    cast = int if parameter.kind == "int" else float
    kept = parameter.replace(low=cast(low), high=cast(high))
    return kept, tuple(
        repaired(
            f"{_ROOT}.{parameter.name}",
            "out_of_domain",
            f"{fault.message}; the range is cut to [{kept.low:g}, {kept.high:g}].",
            value=fault.value,
            allowed=fault.allowed,
        )
        for fault in faults
    )


def _chosen(
    parameter: CategoricalParameter, faults: tuple[LegalFault, ...]
) -> tuple[AnyParameter | None, tuple[Finding, ...]]:
    bad = {(type(fault.value), fault.value) for fault in faults}
    kept = tuple(i for i, choice in enumerate(parameter.choices) if (type(choice), choice) not in bad)
    if not kept:
        return None, tuple(_failure(fault) for fault in faults)
    weights = [parameter.prior[i] for i in kept] if parameter.prior is not None else []
    prior = tuple(w / sum(weights) for w in weights) if sum(weights) > 0 else None
    findings = tuple(
        repaired(
            f"{_ROOT}.{fault.parameter}.choices",
            str(fault.code),
            f"{fault.message}; the choice is left out.",
            value=fault.value,
            allowed=fault.allowed,
        )
        for fault in faults
    )
    return parameter.replace(choices=tuple(parameter.choices[i] for i in kept), prior=prior), findings


def _failure(fault: LegalFault) -> Finding:
    field = f"{_ROOT}.{fault.parameter}"
    return failed(field, str(fault.code), f"{fault.message}.", value=fault.value, allowed=fault.allowed)


def _active(spec: LearnerSpec, space: SearchSpace, settled: Mapping[str, ParameterValue]) -> Checked:
    """Leave out what never has an effect, because its parent is never as it must be."""
    findings: list[Finding] = []
    while dead := [d for d in spec.conditions if d.child in space and not _can_hold(d, space, settled)]:
        for dependency in dead:
            words = (
                f"{dependency.child} never has an effect, because {dependency.parent} is never {_wanted(dependency)}"
            )
            field = f"{_ROOT}.{dependency.child}"
            findings.append(repaired(field, "inactive", f"{words}; it is left out.", allowed=_wanted(dependency)))
        space = without(space, {dependency.child for dependency in dead})
    return Checked(space, tuple(findings))


def _conditioned(spec: LearnerSpec, space: SearchSpace, _: Mapping[str, ParameterValue]) -> Checked:
    """Add the library's conditions where the space lacks them."""
    findings, added = [], []
    for dependency in spec.conditions:
        if not {dependency.child, dependency.parent} <= set(space.names):
            continue
        wanted = _holding(dependency, space)
        if wanted is None or _is_conditioned(space, dependency):
            continue
        added.append(Condition(child=dependency.child, parent=dependency.parent, values=wanted))
        findings.append(
            repaired(
                f"search_space.conditions.{dependency.child}",
                "missing_condition",
                f"{dependency.child} has an effect only while {dependency.parent} is {_wanted(dependency)}; "
                "the condition is added.",
                allowed=_wanted(dependency),
            )
        )
    return Checked(with_parameters(space, space.parameters, conditions=(*space.conditions, *added)), tuple(findings))


def _allowed(spec: LearnerSpec, space: SearchSpace, settled: Mapping[str, ParameterValue]) -> Checked:
    """Forbid in the space what the library refuses."""
    findings, added = [], []
    for forbidden in spec.forbidden:
        part = reachable(space, forbidden, settled)
        if part is None or is_refused(space, part):
            continue
        field, words = "search_space.forbidden", " with ".join(f"{n}={list(v)}" for n, v in forbidden.clauses.items())
        if _is_certain(space, part):
            findings.append(failed(field, "forbidden", f"Every point combines {words}: {forbidden.reason}."))
        else:
            added.append(Forbidden(clauses=FrozenMapping(part), reason=forbidden.reason))
            message = f"Points may combine {words}, which {spec.label} refuses; the combination is forbidden."
            findings.append(repaired(field, "forbidden", message))
    return Checked(with_parameters(space, space.parameters, forbidden=(*space.forbidden, *added)), tuple(findings))


def _is_certain(space: SearchSpace, part: Mapping[str, tuple[ParameterValue, ...]]) -> bool:
    """Say whether every point of `space` holds `part`."""
    domains = {name: domain(space[name]) for name in part}
    return all(values is not None and len(values) <= len(part[name]) for name, values in domains.items())


def _can_hold(dependency: Dependency, space: SearchSpace, settled: Mapping[str, ParameterValue]) -> bool:
    if dependency.parent in space:
        values = domain(space[dependency.parent])
        return values is None or any(dependency.holds(value) for value in values)
    return dependency.parent not in settled or dependency.holds(settled[dependency.parent])


def _holding(dependency: Dependency, space: SearchSpace) -> tuple[ParameterValue, ...] | None:
    """Return the parent's values in the space under which the child has an effect; None where all are such."""
    values = domain(space[dependency.parent])
    if values is None:
        return None
    holding = tuple(value for value in values if dependency.holds(value))
    return None if len(holding) == len(values) else holding


def _is_conditioned(space: SearchSpace, dependency: Dependency) -> bool:
    """Say whether the space has the child active under no value that the library has it idle under."""
    own = [c for c in space.conditions if (c.child, c.parent) == (dependency.child, dependency.parent)]
    return any(all(dependency.holds(value) for value in condition.values) for condition in own)


def _wanted(dependency: Dependency) -> str:
    if dependency.values:
        return " or ".join(map(repr, dependency.values))
    return "other than " + " or ".join(map(repr, dependency.unless))
