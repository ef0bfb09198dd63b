"""The files of published search spaces (`ingest/data/spaces/*.yaml`), and how one becomes a `SearchSpace`.

    name: FLAML AutoML
    family: flaml                      whose names these are (`kg.learners`)
    licence, url, version, locator, citation
    spaces:
      - learner: lightgbm              canonical
        parameters:                    under the source's names
          num_leaves: {kind: int, low: 4, high: 32768, log: true, high_expression: "min(32768, n)", initial: 4}
        notes: [what has no faithful counterpart here]
    left_out: {EBM: no learner of the registry}

A bound is a bound of the source; the registry turns names, values and bounds into canonical ones. `to` names the
canonical hyper-parameter outright where the registry's vocabulary has none. Conditions are the registry's.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import yaml
from pydantic import ValidationError

from kg.errors import InputError, RecordError
from kg.expressions import check
from kg.learners.registry import canonical_name, canonical_value, learner_named
from kg.learners.spec import LearnerSpec
from kg.model import (
    BoundExpression,
    CategoricalParameter,
    Condition,
    Configuration,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    ParameterValue,
    SearchSpace,
    TaskType,
)
from kg.model.base import FrozenMapping, Value


class ParameterEntry(Value):
    """One hyper-parameter, as the source has it."""

    kind: Literal["float", "int", "categorical", "constant"]
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[ParameterValue, ...] = ()
    value: ParameterValue = None
    """Of a constant."""
    initial: ParameterValue = None
    special: ParameterValue = None
    """A value beside the range that it may take too."""
    low_expression: str = ""
    """What the bound is for n rows and d columns; `low` is for large tables."""
    high_expression: str = ""
    task_types: tuple[TaskType, ...] = tuple(TaskType)
    to: str = ""
    """Canonical hyper-parameter, where the registry has no such name in the source's vocabulary."""


class SpaceEntry(Value):
    """The space of one learner."""

    learner: str
    name: str = ""
    """Where the source has several for one learner."""
    task_types: tuple[TaskType, ...] = tuple(TaskType)
    parameters: FrozenMapping[str, ParameterEntry]
    notes: tuple[str, ...] = ()


class SpaceFile(Value):
    """What one source lays down."""

    name: str
    family: str
    licence: str
    url: str
    version: str
    locator: str
    citation: str
    spaces: tuple[SpaceEntry, ...]
    left_out: FrozenMapping[str, str] = FrozenMapping({})
    """What of the source has no counterpart here -> why."""


class Translation(Value):
    """A space under canonical names, and what goes with it."""

    space: SearchSpace
    expressions: tuple[BoundExpression, ...]
    initial: Configuration
    special_values: FrozenMapping[str, ParameterValue]


def read_space_file(path: Path) -> SpaceFile:
    """Read a file of spaces.

    Raises:
        InputError: The file is not of the form above.
    """
    try:
        return SpaceFile.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except (ValidationError, yaml.YAMLError) as error:
        raise InputError(f"not a file of search spaces: {error}", where=path.name) from error


def translate(entry: SpaceEntry, family: str, task_type: TaskType) -> Translation:
    """Return the space of `entry` for `task_type` under canonical names.

    Raises:
        RecordError: A name is unknown to the registry, or a value is not legal.
        ExpressionError: An expression is not well formed.
    """
    spec = learner_named(entry.learner)
    found = {source: parameter for source, parameter in entry.parameters.items() if task_type in parameter.task_types}
    named = {source: parameter.to or _name(spec, family, source) for source, parameter in found.items()}
    values = _Values(spec, family, task_type)
    alias = spec.sources.get(family, None)
    fixed = [
        ConstantParameter(name=name, value=value)
        for name, value in (alias.fixed.items() if alias else ())
        if name not in named.values()
    ]
    parameters = [values.parameter(source, p, named[source]) for source, p in found.items()]
    return Translation(
        space=with_conditions(spec, [*parameters, *fixed], task_type),
        expressions=tuple(e for source, p in found.items() for e in _expressions(named[source], p)),
        initial=Configuration(
            {named[s]: values.read(s, p, p.initial) for s, p in found.items() if p.initial is not None}
        ),
        special_values=FrozenMapping[str, ParameterValue](
            {named[s]: values.read(s, p, p.special) for s, p in found.items() if p.special is not None}
        ),
    )


def with_conditions(spec: LearnerSpec, parameters: list[Parameter], task_type: TaskType) -> SearchSpace:
    """Return the space of `parameters` with those of the registry's conditions that bear on it.

    Raises:
        RecordError: A parameter has no effect anywhere in the space.
    """
    by_name = {parameter.name: parameter for parameter in parameters}
    defaults = spec.effective({}, task_type, historical=True)
    conditions: list[Condition] = []
    for dependency in spec.conditions:
        if dependency.child not in by_name:
            continue
        parent = by_name.get(dependency.parent)
        domain = _domain(parent) if parent is not None else (defaults.get(dependency.parent),)
        active = tuple(value for value in domain if dependency.holds(value))
        if not active:
            raise RecordError(f"{spec.name}: {dependency.child} has no effect in the space ({dependency.parent})")
        if parent is not None and len(active) < len(domain):
            conditions.append(Condition(child=dependency.child, parent=dependency.parent, values=active))
    return SearchSpace(parameters=tuple(parameters), conditions=tuple(conditions))


class _Values:
    """Reads values of one learner's hyper-parameters, named as in a source."""

    def __init__(self, spec: LearnerSpec, family: str, task_type: TaskType) -> None:
        self._spec, self._family, self._task_type = spec, family, task_type

    def read(self, source: str, entry: ParameterEntry, raw: ParameterValue) -> ParameterValue:
        name = entry.to or _name(self._spec, self._family, source)
        hyperparameter = self._spec[name]
        value = hyperparameter.coerced(raw) if entry.to else canonical_value(self._spec, self._family, source, raw)
        if not hyperparameter.is_legal(value, self._task_type):
            allowed = hyperparameter.allowed(self._task_type)
            raise RecordError(f"{self._spec.name}: {raw!r} of {source} is not legal; allowed is {allowed}")
        return value

    def parameter(self, source: str, entry: ParameterEntry, name: str) -> Parameter:
        match entry.kind:
            case "constant":
                return ConstantParameter(name=name, value=self.read(source, entry, entry.value))
            case "categorical":
                return CategoricalParameter(
                    name=name, choices=tuple(self.read(source, entry, choice) for choice in entry.choices)
                )
            case _:
                low, high = (self._bound(source, entry, bound) for bound in (entry.low, entry.high))
                if entry.kind == "int":
                    return IntParameter(name=name, low=round(low), high=round(high), log=entry.log)
                return FloatParameter(name=name, low=low, high=high, log=entry.log)

    def _bound(self, source: str, entry: ParameterEntry, bound: float | None) -> float:
        if bound is None:
            raise RecordError(f"{self._spec.name}: {source} lacks a bound")
        value = self.read(source, entry, int(bound) if entry.kind == "int" else bound)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise RecordError(f"{self._spec.name}: {bound!r} of {source} is no number here, but {value!r}")
        return value


def _expressions(name: str, entry: ParameterEntry) -> Iterator[BoundExpression]:
    sides: tuple[tuple[Literal["low", "high"], str], ...] = (
        ("low", entry.low_expression),
        ("high", entry.high_expression),
    )
    for side, text in sides:
        if text:
            check(text)
            yield BoundExpression(parameter=name, side=side, expression=text)


def _name(spec: LearnerSpec, family: str, source: str) -> str:
    name = canonical_name(spec, family, source)
    if name is None:
        raise RecordError(f"{spec.name}: the registry leaves {source!r} of {family} out")
    return name


def _domain(parameter: Parameter) -> tuple[ParameterValue, ...]:
    match parameter:
        case CategoricalParameter(choices=choices):
            return choices
        case ConstantParameter(value=value):
            return (value,)
        case _:
            raise RecordError(f"{parameter.name}: a condition hangs on it, but it is no choice")
