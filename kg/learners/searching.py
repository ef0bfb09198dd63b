"""From what the registry knows of a learner to its wide search space."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING

from kg.learners.installed import version_of
from kg.model import Condition, Forbidden, Parameter, ParameterValue, SearchSpace, TaskType
from kg.model.base import FrozenMapping

if TYPE_CHECKING:
    from kg.learners.spec import Dependency, LearnerSpec

#: An integer range that a condition enumerates must be no wider.
MAX_ENUMERATED = 64


def search_space(spec: LearnerSpec, task_type: TaskType, *, historical: bool = False) -> SearchSpace:
    """Return the space of all hyper-parameters of `spec` that are worth tuning (see `LearnerSpec.space`)."""
    version = version_of((spec.distribution, *spec.alternatives)) if spec.distribution else None
    return _cached(_ById(spec), task_type, historical, version)


class _ById:
    """A spec as a cache key: by identity first, for hashing all of it costs more than building the space."""

    def __init__(self, spec: LearnerSpec) -> None:
        self.spec = spec

    def __hash__(self) -> int:
        return hash(self.spec.name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ById) and (self.spec is other.spec or self.spec == other.spec)


@lru_cache(maxsize=128)
def _cached(key: _ById, task_type: TaskType, historical: bool, version: str | None) -> SearchSpace:  # noqa: ARG001  # the version is there for the cache
    spec = key.spec
    found = {h.name: h.search_for(task_type) for h in spec.available(task_type, historical=historical)}
    parameters = {name: parameter for name, parameter in found.items() if parameter is not None}
    dependencies = spec.conditions + spec.search_conditions
    defaults = spec.effective({}, task_type, historical=historical)
    while dropped := [
        d.child for d in dependencies if d.child in parameters and not _can_hold(d, parameters, defaults)
    ]:
        parameters = {name: p for name, p in parameters.items() if name not in dropped}
    conditions = [_condition(d, parameters[d.parent]) for d in dependencies if {d.child, d.parent} <= set(parameters)]
    forbidden = [_restricted(f, parameters) for f in spec.forbidden]
    return SearchSpace(
        parameters=tuple(parameters.values()),
        conditions=tuple(c for c in conditions if c is not None),
        forbidden=tuple(f for f in forbidden if f is not None),
    )


def _can_hold(
    dependency: Dependency, parameters: Mapping[str, Parameter], defaults: Mapping[str, ParameterValue]
) -> bool:
    """Say whether the child can have an effect in the space; a parent that is not searched has its default."""
    parent = parameters.get(dependency.parent)
    if parent is not None:
        domain = _domain(parent)
        return domain is None or any(dependency.holds(value) for value in domain)
    return dependency.parent not in defaults or dependency.holds(defaults[dependency.parent])


def _condition(dependency: Dependency, parent: Parameter) -> Condition | None:
    """Return the dependency as a condition on the values that `parent` can take; None where it always holds."""
    domain = _domain(parent)
    if domain is None:
        raise ValueError(f"{dependency.child}: a condition on {parent.name} needs a parent with few values")
    values = tuple(value for value in domain if dependency.holds(value))
    if len(values) == len(domain):
        return None
    return Condition(child=dependency.child, parent=dependency.parent, values=values)


def _domain(parameter: Parameter) -> tuple[ParameterValue, ...] | None:
    if parameter.kind == "categorical":
        return parameter.choices
    if parameter.kind == "constant":
        return (parameter.value,)
    if parameter.kind == "int" and parameter.high - parameter.low < MAX_ENUMERATED:
        return tuple(range(parameter.low, parameter.high + 1))
    return None


def _restricted(forbidden: Forbidden, parameters: Mapping[str, Parameter]) -> Forbidden | None:
    """Return `forbidden` restricted to what the space can hold; None where it cannot hold the combination."""
    if not set(forbidden.clauses) <= set(parameters):
        return None
    clauses = {n: tuple(v for v in values if parameters[n].contains(v)) for n, values in forbidden.clauses.items()}
    return Forbidden(clauses=FrozenMapping(clauses), reason=forbidden.reason) if all(clauses.values()) else None
