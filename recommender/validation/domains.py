"""What the parameters of a space can be, beside what the library uses and refuses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from kg.model import (
    CategoricalParameter,
    Condition,
    ConstantParameter,
    FloatParameter,
    Forbidden,
    IntParameter,
    ParameterValue,
    SearchSpace,
    same_value,
)

#: An integer range is looked through value by value up to this width.
MAX_ENUMERATED = 64

AnyParameter = FloatParameter | IntParameter | CategoricalParameter | ConstantParameter


def domain(parameter: AnyParameter) -> tuple[ParameterValue, ...] | None:
    """Return all values of `parameter` where they are few, or None where they are many."""
    if parameter.kind == "categorical":
        return parameter.choices
    if parameter.kind == "constant":
        return (parameter.value,)
    if parameter.low == parameter.high:
        return (parameter.low,)
    if parameter.kind == "int" and parameter.high - parameter.low < MAX_ENUMERATED:
        return tuple(range(parameter.low, parameter.high + 1))
    return None


def size(parameter: AnyParameter) -> float:
    """Return how many values `parameter` has; infinite for a range of real numbers."""
    if parameter.kind == "categorical":
        return len(parameter.choices)
    if parameter.kind == "constant" or parameter.low == parameter.high:
        return 1
    return parameter.high - parameter.low + 1 if parameter.kind == "int" else float("inf")


def with_parameters(
    space: SearchSpace,
    parameters: Sequence[AnyParameter],
    *,
    conditions: Sequence[Condition] | None = None,
    forbidden: Sequence[Forbidden] | None = None,
) -> SearchSpace:
    """Return `space` with other parameters, without the conditions and forbidden pairs that lose a parameter.

    Args:
        space: The space.
        parameters: What it is to have.
        conditions: Its conditions; those of `space` where None.
        forbidden: Its forbidden pairs; those of `space` where None.
    """
    names = {parameter.name for parameter in parameters}
    conditions = space.conditions if conditions is None else conditions
    forbidden = space.forbidden if forbidden is None else forbidden
    return SearchSpace(
        parameters=tuple(parameters),
        conditions=tuple(c for c in conditions if {c.child, c.parent} <= names),
        forbidden=tuple(f for f in forbidden if set(f.clauses) <= names),
    )


def without(space: SearchSpace, names: set[str]) -> SearchSpace:
    """Return `space` without the parameters called `names`."""
    return with_parameters(space, [p for p in space.parameters if p.name not in names])


def constants(space: SearchSpace) -> dict[str, ParameterValue]:
    """Return the values of the constant parameters of `space`."""
    return {p.name: p.value for p in space.parameters if p.kind == "constant"}


def is_refused(space: SearchSpace, part: Mapping[str, Sequence[ParameterValue]]) -> bool:
    """Say whether `space` itself forbids all combinations of the values in `part`."""
    return any(
        set(own.clauses) <= set(part) and all(_covers(own.clauses[name], part[name]) for name in own.clauses)
        for own in space.forbidden
    )


def reachable(
    space: SearchSpace, forbidden: Forbidden, settled: Mapping[str, ParameterValue]
) -> dict[str, tuple[ParameterValue, ...]] | None:
    """Return the part of `forbidden` that points of `space` can hold; None where no point can.

    Args:
        space: The space.
        forbidden: The combination that the library refuses.
        settled: What is not searched: fixed values and defaults.

    Returns:
        Parameter of the space -> the values of it that take part; empty where what is settled holds it all.
    """
    part: dict[str, tuple[ParameterValue, ...]] = {}
    for name, values in forbidden.clauses.items():
        if name in space:
            part[name] = tuple(value for value in values if space[name].contains(value))
            if not part[name]:
                return None
        elif name not in settled or not _covers(values, (settled[name],)):
            return None
    return part


def _covers(values: Sequence[ParameterValue], wanted: Sequence[ParameterValue]) -> bool:
    return all(any(same_value(value, w) for value in values) for w in wanted)
