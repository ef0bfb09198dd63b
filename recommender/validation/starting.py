"""Warm starts and fixed values held against the space and the installed library."""

from __future__ import annotations

from collections.abc import Mapping

from kg.learners.registry import FaultCode, LegalFault, legal_faults, value_fault
from kg.learners.spec import LearnerSpec
from kg.model import Configuration, ParameterValue, SearchSpace, TaskType, same_value
from recommender.proposal import Proposal
from recommender.validation.domains import constants
from recommender.validation.repairs import with_starts
from recommender.validation.stage import failed, repaired
from recommender.validation.verdict import Finding


def legal_fixed(proposal: Proposal, spec: LearnerSpec) -> tuple[Configuration, tuple[Finding, ...]]:
    """Return the fixed values that the library takes and uses, with what was wrong with the others."""
    task_type, space = proposal.task.task_type, proposal.search_space.value
    kept: dict[str, ParameterValue] = {}
    findings: list[Finding] = []
    for name, value in proposal.fixed.value.items():
        fault = value_fault(spec, name, value, task_type)
        if fault is not None:
            findings.append(_failure(f"fixed.{name}", fault))
        elif name in space and not (space[name].kind == "constant" and space[name].contains(value)):
            findings.append(
                failed(f"fixed.{name}", "fixed_and_searched", f"{name} is fixed and searched.", value=value)
            )
        else:
            kept[name] = value
    for name in _idle(spec, space, kept, task_type):
        message = f"{name} has no effect beside what else is set; it is left out."
        findings.append(repaired(f"fixed.{name}", "inactive", message, value=kept.pop(name)))
    return Configuration(kept), tuple(findings)


def _idle(spec: LearnerSpec, space: SearchSpace, fixed: Mapping[str, ParameterValue], task_type: TaskType) -> list[str]:
    """Return the fixed values that no point of `space` uses, but for defaults, which the library takes anywhere."""
    settled = spec.effective({**constants(space), **fixed}, task_type)
    searched = {parameter.name for parameter in space.tunable}
    idle = {
        d.child
        for d in spec.conditions
        if d.child in fixed and d.parent not in searched and not d.holds(settled[d.parent])
    }
    return sorted(name for name in idle if not same_value(fixed[name], spec[name].default_for(task_type)))


def legal_starts(proposal: Proposal, spec: LearnerSpec) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` with the warm starts that are points of its space and legal, with what was wrong."""
    given = proposal.warm_starts
    kept: list[tuple[int | None, Configuration]] = []
    findings: list[Finding] = []
    for number, start in enumerate(given.value):
        point, found = _point(proposal, spec, start, f"warm_starts.{number}")
        if point is not None and any(point == other for _, other in kept):
            found = (*found, _dropped(f"warm_starts.{number}", "duplicate", "It repeats another one"))
            point = None
        findings += found
        kept += [(number, point)] if point is not None else []
    if given.value and not kept:
        findings.append(failed("warm_starts", "no_warm_start_left", "None of the warm starts can be tried."))
    return (with_starts(proposal, kept) if findings else proposal), tuple(findings)


def _point(
    proposal: Proposal, spec: LearnerSpec, start: Configuration, field: str
) -> tuple[Configuration | None, tuple[Finding, ...]]:
    """Return the warm start as a point of the space, or None, with what was wrong."""
    space, task_type = proposal.search_space.value, proposal.task.task_type
    findings: list[Finding] = []
    plain = {name: _typed(spec, name, value, task_type) for name, value in start.items()}
    if any(type(plain[name]) is not type(value) for name, value in start.items()):
        findings.append(repaired(field, "wrong_type", "Numbers are given the type that the library wants."))
    settled = {**constants(space), **proposal.fixed.value}
    plain = {n: v for n, v in plain.items() if n in space or n not in settled or not same_value(settled[n], v)}
    active = space.active_part(plain)
    if idle := sorted(set(plain) - set(active.keys())):
        findings.append(repaired(field, "inactive", f"{', '.join(idle)}: no effect beside the others; left out."))
    if outside := space.faults(active.root):
        return None, (*findings, _dropped(field, "outside_space", "; ".join(outside)))
    if illegal := _illegal(spec, {**settled, **active.root}, task_type, active):
        return None, (*findings, _dropped(field, str(illegal.code), illegal.message))
    return active, tuple(findings)


def _typed(spec: LearnerSpec, name: str, value: ParameterValue, task_type: TaskType) -> ParameterValue:
    """Return `value` as it is where it is legal, or else as the type of number that the library wants."""
    if name not in spec or spec[name].is_legal(value, task_type):
        return value
    return spec[name].coerced(value)


def _illegal(
    spec: LearnerSpec, configuration: Mapping[str, ParameterValue], task_type: TaskType, start: Configuration
) -> LegalFault | None:
    """Return the first legal fault of `start`; what is fixed may be idle under it."""
    faults = legal_faults(spec, configuration, task_type)
    return next((f for f in faults if f.code is not FaultCode.INACTIVE or f.parameter in start), None)


def _failure(field: str, fault: LegalFault) -> Finding:
    return failed(field, str(fault.code), f"{fault.message}.", value=fault.value, allowed=fault.allowed)


def _dropped(field: str, code: str, why: str) -> Finding:
    return repaired(field, code, f"{why}; the warm start is left out.")
