"""Search spaces: parameters, the conditions under which they are active, and forbidden combinations.

SearchSpace(
    parameters=(IntParameter(name="max_depth", low=1, high=20), ...),
    conditions=(Condition(child="degree", parent="kernel", values=("poly",)),),
    forbidden=(Forbidden(clauses={"penalty": ("l1",), "solver": ("lbfgs",)}),),
)
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from kg.model.base import FrozenMapping, ParameterValue, Value


class NumericPrior(Value):
    """Where good values lie, as a normal density in the parameter's own scale mapped to [0, 1]."""

    center: float = Field(ge=0, le=1)
    """Its mode, as a fraction of the way from `low` to `high` (on the log scale where the parameter has one)."""
    spread: float = Field(gt=0)
    """Its standard deviation, in the same unit."""


class _Numeric(Value):
    name: str
    log: bool = False
    """Whether values are sampled on a log scale."""
    prior: NumericPrior | None = None

    def _check_bounds(self, low: float, high: float) -> None:
        if low > high:
            raise PydanticCustomError(
                "swapped_bounds",
                "{name}: low {low} is above high {high}",
                {"name": self.name, "low": low, "high": high},
            )
        if self.log and low <= 0:
            raise PydanticCustomError(
                "log_range_touches_zero",
                "{name}: a log scale needs low > 0, not {low}",
                {"name": self.name, "low": low},
            )


class FloatParameter(_Numeric):
    """A real number in [low, high]."""

    kind: Literal["float"] = "float"
    low: float
    high: float

    @model_validator(mode="after")
    def _valid(self) -> Self:
        self._check_bounds(self.low, self.high)
        return self

    def contains(self, value: ParameterValue) -> bool:
        """Say whether `value` is a number within the bounds."""
        return _is_number(value) and self.low <= value <= self.high  # type: ignore[operator]


class IntParameter(_Numeric):
    """A whole number in [low, high]."""

    kind: Literal["int"] = "int"
    low: int
    high: int

    @model_validator(mode="after")
    def _valid(self) -> Self:
        self._check_bounds(self.low, self.high)
        return self

    def contains(self, value: ParameterValue) -> bool:
        """Say whether `value` is a whole number within the bounds."""
        whole = value.is_integer() if isinstance(value, float) else _is_number(value)
        return whole and self.low <= value <= self.high  # type: ignore[operator]


class CategoricalParameter(Value):
    """One of a few values."""

    kind: Literal["categorical"] = "categorical"
    name: str
    choices: tuple[ParameterValue, ...] = Field(min_length=1)
    prior: tuple[float, ...] | None = None
    """A weight for each choice; they sum to 1."""

    @model_validator(mode="after")
    def _valid(self) -> Self:
        if self.prior is not None and (
            len(self.prior) != len(self.choices)
            or min(self.prior) < 0
            or not math.isclose(sum(self.prior), 1, abs_tol=1e-6)
        ):
            raise ValueError(
                f"{self.name}: the prior must give each of the {len(self.choices)} choices a weight, sum 1"
            )
        if len({(type(choice), choice) for choice in self.choices}) != len(self.choices):
            raise ValueError(f"{self.name}: a choice is listed twice")
        return self

    def contains(self, value: ParameterValue) -> bool:
        """Say whether `value` is one of the choices (``True`` is not ``1``)."""
        return any(same_value(value, choice) for choice in self.choices)


class ConstantParameter(Value):
    """A hyper-parameter that is set and not searched."""

    kind: Literal["constant"] = "constant"
    name: str
    value: ParameterValue
    prior: None = None

    def contains(self, value: ParameterValue) -> bool:
        """Say whether `value` is the constant."""
        return same_value(value, self.value)


Parameter: TypeAlias = Annotated[
    FloatParameter | IntParameter | CategoricalParameter | ConstantParameter, Field(discriminator="kind")
]


class Condition(Value):
    """`child` is active only while `parent` is active and has one of `values`."""

    child: str
    parent: str
    values: tuple[ParameterValue, ...] = Field(min_length=1)


class Forbidden(Value):
    """A combination that must not occur: every named parameter has one of its listed values."""

    clauses: FrozenMapping[str, tuple[ParameterValue, ...]]
    reason: str = ""

    def is_violated_by(self, configuration: Mapping[str, ParameterValue]) -> bool:
        """Say whether `configuration` holds the combination."""
        return all(
            name in configuration and any(same_value(configuration[name], value) for value in values)
            for name, values in self.clauses.items()
        )


class Configuration(FrozenMapping[str, ParameterValue]):
    """Hyper-parameter name -> value; inactive hyper-parameters are absent."""


class SearchSpace(Value):
    """What may be tried."""

    parameters: tuple[Parameter, ...]
    conditions: tuple[Condition, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()

    @model_validator(mode="after")
    def _valid(self) -> Self:
        names = [parameter.name for parameter in self.parameters]
        if len(set(names)) != len(names):
            raise ValueError("a parameter is listed twice")
        mentioned = [name for c in self.conditions for name in (c.child, c.parent)]
        mentioned += [name for f in self.forbidden for name in f.clauses]
        if missing := sorted(set(mentioned) - set(names)):
            raise ValueError(
                f"conditions or forbidden pairs name parameters that the space lacks: {', '.join(missing)}"
            )
        self._order()
        return self

    def __getitem__(self, name: str) -> Parameter:
        for parameter in self.parameters:
            if parameter.name == name:
                return parameter
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(parameter.name == name for parameter in self.parameters)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the parameters, in order."""
        return tuple(parameter.name for parameter in self.parameters)

    @property
    def tunable(self) -> tuple[Parameter, ...]:
        """The parameters that are searched (not constant)."""
        return tuple(p for p in self.parameters if p.kind != "constant")

    def ordered(self) -> tuple[Parameter, ...]:
        """Return the parameters with every parent before its children."""
        return tuple(self[name] for name in self._order())

    def is_active(self, name: str, configuration: Mapping[str, ParameterValue]) -> bool:
        """Say whether `name` is active under `configuration`, which must hold its ancestors."""
        return all(
            condition.parent in configuration
            and self.is_active(condition.parent, configuration)
            and any(same_value(configuration[condition.parent], value) for value in condition.values)
            for condition in self.conditions
            if condition.child == name
        )

    def active_part(self, configuration: Mapping[str, ParameterValue]) -> Configuration:
        """Return `configuration` without the parameters that are inactive under it."""
        return Configuration(
            {n: v for n, v in configuration.items() if n not in self or self.is_active(n, configuration)}
        )

    def faults(self, configuration: Mapping[str, ParameterValue]) -> tuple[str, ...]:
        """Return what keeps `configuration` from being a point of this space, in words; empty where nothing does."""
        found = [f"{name}: not a parameter of the space" for name in configuration if name not in self]
        for parameter in self.parameters:
            active = self.is_active(parameter.name, configuration)
            if parameter.name not in configuration:
                if active and parameter.kind != "constant":
                    found.append(f"{parameter.name}: active, but has no value")
            elif not active:
                found.append(f"{parameter.name}: has a value, but is inactive")
            elif not parameter.contains(configuration[parameter.name]):
                found.append(f"{parameter.name}: {configuration[parameter.name]!r} is outside the space")
        found += [
            f"forbidden combination: {dict(f.clauses)}" for f in self.forbidden if f.is_violated_by(configuration)
        ]
        return tuple(found)

    def contains(self, configuration: Mapping[str, ParameterValue]) -> bool:
        """Say whether `configuration` is a point of this space: complete, active only, in bounds, not forbidden."""
        return not self.faults(configuration)

    def _order(self) -> tuple[str, ...]:
        done: list[str] = []
        waiting = list(self.names)
        while waiting:
            ready = [n for n in waiting if all(c.parent in done for c in self.conditions if c.child == n)]
            if not ready:
                raise ValueError(f"conditions form a cycle among: {', '.join(waiting)}")
            done += ready
            waiting = [n for n in waiting if n not in ready]
        return tuple(done)


def same_value(left: ParameterValue, right: ParameterValue) -> bool:
    """Compare two values without taking ``True`` for ``1``; 1 and 1.0 are the same."""
    return left == right and isinstance(left, bool) == isinstance(right, bool)


def _is_number(value: ParameterValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
