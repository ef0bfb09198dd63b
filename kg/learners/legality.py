"""What is wrong with a configuration, or with a parameter of a search space, as the installed library sees it."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from enum import StrEnum

from kg.learners.families import all_specs
from kg.learners.hyperparameter import HyperParameter
from kg.learners.spec import LearnerSpec
from kg.model import Parameter, ParameterValue, TaskType, same_value
from kg.model.base import Value


class FaultCode(StrEnum):
    """The kinds of legal fault."""

    UNKNOWN_PARAMETER = "unknown_parameter"
    """The learner has no such hyper-parameter."""
    REMOVED_PARAMETER = "removed_parameter"
    """The installed release of the library has it no more, or not yet."""
    WRONG_TASK = "wrong_task"
    """The learner has it for the other task type only."""
    WRONG_TYPE = "wrong_type"
    OUT_OF_DOMAIN = "out_of_domain"
    INACTIVE = "inactive"
    """It has no effect beside the others."""
    FORBIDDEN = "forbidden"
    """The library refuses the combination."""


class LegalFault(Value):
    """One thing that is not legal."""

    parameter: str
    """The hyper-parameter; of a forbidden combination all of them, joined by ``, ``."""
    code: FaultCode
    message: str
    value: ParameterValue = None
    allowed: str = ""


def legal_faults(
    spec: LearnerSpec, configuration: Mapping[str, ParameterValue], task_type: TaskType
) -> tuple[LegalFault, ...]:
    """Return what the installed library would refuse in `configuration`, or take without using it; empty where nothing.

    What the configuration does not name has its default.
    """
    found = [fault for n, v in configuration.items() if (fault := value_fault(spec, n, v, task_type))]
    known = {name: value for name, value in configuration.items() if name in spec}
    effective = spec.effective(known, task_type)
    found += [_inactive(spec, n, known[n], effective, task_type) for n in known if not spec.is_active(n, effective)]
    for forbidden in spec.forbidden:
        if forbidden.is_violated_by(effective) and set(forbidden.clauses) & set(known):
            held = {name: effective[name] for name in forbidden.clauses}
            found.append(
                LegalFault(
                    parameter=", ".join(held),
                    code=FaultCode.FORBIDDEN,
                    message=f"{spec.label} cannot combine {_settings(held)}: {forbidden.reason}",
                )
            )
    return tuple(found)


def value_fault(spec: LearnerSpec, name: str, value: ParameterValue, task_type: TaskType) -> LegalFault | None:
    """Return what is wrong with one value by itself: name, release, task, type, domain; None where nothing is."""
    if (fault := name_fault(spec, name, task_type)) is not None:
        return fault.replace(value=_finite(value))
    hyperparameter = spec[name]
    if hyperparameter.is_legal(value, task_type):
        return None
    code = FaultCode.OUT_OF_DOMAIN if _has_legal_type(hyperparameter, value, task_type) else FaultCode.WRONG_TYPE
    allowed = hyperparameter.allowed(task_type)
    message = f"{name} of {spec.label} cannot be {value!r}; it must be {allowed}"
    return LegalFault(parameter=name, code=code, message=message, value=_finite(value), allowed=allowed)


def name_fault(spec: LearnerSpec, name: str, task_type: TaskType) -> LegalFault | None:
    """Return what is wrong with the name of a hyper-parameter; None where the installed learner has it."""
    available = [h.name for h in spec.available(task_type)]
    if name in available:
        return None
    if name not in spec:
        code, reason = FaultCode.UNKNOWN_PARAMETER, f"{spec.label} has no hyper-parameter {name!r}{_hint(spec, name)}"
    elif task_type not in spec[name].task_types:
        code, reason = FaultCode.WRONG_TASK, f"{spec.label} has no hyper-parameter {name!r} for {task_type}"
    else:
        code = FaultCode.REMOVED_PARAMETER
        reason = f"{name!r} is not in the installed release of {spec.distribution} ({_lifetime(spec[name])})"
    return LegalFault(parameter=name, code=code, message=reason, allowed=", ".join(sorted(available)))


def parameter_faults(spec: LearnerSpec, parameter: Parameter, task_type: TaskType) -> tuple[LegalFault, ...]:
    """Return what is wrong with one parameter of a search space: its name, kind, bounds and choices."""
    values: tuple[ParameterValue, ...]
    if parameter.kind == "categorical":
        values = parameter.choices
    elif parameter.kind == "constant":
        values = (parameter.value,)
    else:
        values = (parameter.low, parameter.high)
        if fault := _kind_fault(spec, parameter, task_type):
            return (fault,)
    different = {(type(value), value): value for value in values}  # True is not 1, though the two are equal
    faults = [value_fault(spec, parameter.name, value, task_type) for value in different.values()]
    return tuple(fault for fault in faults if fault)


def legal_part(hyperparameter: HyperParameter, low: float, high: float, *, kind: str) -> tuple[float, float] | None:
    """Return the part of the range [low, high] that the library accepts; None where it accepts none of it.

    Args:
        hyperparameter: The hyper-parameter.
        low: Lower bound.
        high: Upper bound.
        kind: ``int`` or ``float``. An open bound is moved inwards by 1, or by the least possible step.
    """
    for numbers in hyperparameter.numbers:
        if numbers.type != kind and not (kind == "int" and len(hyperparameter.numbers) == 1):
            continue
        least = -math.inf if numbers.low is None else numbers.low
        greatest = math.inf if numbers.high is None else numbers.high
        if numbers.low_open:
            least = math.floor(least) + 1 if kind == "int" else math.nextafter(least, math.inf)
        if numbers.high_open:
            greatest = math.ceil(greatest) - 1 if kind == "int" else math.nextafter(greatest, -math.inf)
        if max(low, least) <= min(high, greatest):
            return max(low, least), min(high, greatest)
    return None


def _kind_fault(spec: LearnerSpec, parameter: Parameter, task_type: TaskType) -> LegalFault | None:
    """Return the fault of a range of real numbers where the library takes whole ones only, or no numbers at all."""
    if fault := name_fault(spec, parameter.name, task_type):
        return fault
    types = {numbers.type for numbers in spec[parameter.name].numbers}
    if parameter.kind in types or (parameter.kind == "int" and "float" in types):
        return None
    allowed = spec[parameter.name].allowed(task_type)
    message = f"{parameter.name} of {spec.label} cannot be searched as {parameter.kind}; it must be {allowed}"
    return LegalFault(parameter=parameter.name, code=FaultCode.WRONG_TYPE, message=message, allowed=allowed)


def _inactive(
    spec: LearnerSpec,
    name: str,
    value: ParameterValue,
    effective: Mapping[str, ParameterValue],
    task_type: TaskType,
) -> LegalFault:
    """Return the fault of a hyper-parameter without effect; where the library refuses it, it is a forbidden one.

    The default is never refused.
    """
    parents = [c for c in spec.conditions if c.child == name and c.parent in effective]
    blame = next((c for c in parents if not c.holds(effective[c.parent])), parents[0])
    refused = blame.refused and not same_value(value, spec[name].default_for(task_type))
    verb = "cannot be set" if refused else "has no effect"
    wanted = f"one of {list(blame.values)}" if blame.values else f"none of {list(blame.unless)}"
    return LegalFault(
        parameter=name,
        code=FaultCode.FORBIDDEN if refused else FaultCode.INACTIVE,
        message=f"{name} of {spec.label} {verb} while {blame.parent} is {effective[blame.parent]!r}",
        value=_finite(value),
        allowed=f"{blame.parent} {wanted}",
    )


def _has_legal_type(hyperparameter: HyperParameter, value: ParameterValue, task_type: TaskType) -> bool:
    listed = any(type(value) is type(v) for v in hyperparameter.legal_values(task_type) if v is not None)
    return listed or any(numbers.accepts_type(value) for numbers in hyperparameter.numbers)


def _hint(spec: LearnerSpec, name: str) -> str:
    """Say under which name the learner has it, or which other learner has it."""
    for hyperparameter, family in _aliases(spec, name):
        return f"; {family} calls {hyperparameter!r} so"
    owners = [other.label for other in all_specs().values() if name in other]
    return f"; {', '.join(owners[:3])} has" if owners else ""


def _aliases(spec: LearnerSpec, name: str) -> Iterator[tuple[str, str]]:
    for family, alias in spec.sources.items():
        if name in alias.parameters:
            yield alias.parameters[name], family


def _lifetime(hyperparameter: HyperParameter) -> str:
    words = [f"{word} {v}" for word, v in (("since", hyperparameter.since), ("until", hyperparameter.until)) if v]
    return ", ".join(words)


def _settings(values: Mapping[str, ParameterValue]) -> str:
    return ", ".join(f"{name}={value!r}" for name, value in values.items())


def _finite(value: ParameterValue) -> ParameterValue:
    """Return `value`, infinities and NaN as text: no JSON number can hold them."""
    return repr(value) if isinstance(value, float) and not math.isfinite(value) else value
