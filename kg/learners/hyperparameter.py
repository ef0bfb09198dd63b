"""One hyper-parameter of a learner: its default, what the library accepts, and the wide range worth searching."""

from __future__ import annotations

import math
import sys
from typing import Any, Literal

from pydantic import model_validator

from kg.model import Parameter, ParameterValue, TaskType, same_value
from kg.model.base import FrozenMapping, Value

#: Columns that a table is taken to have where they are not known, for defaults that depend on them.
TYPICAL_COLUMNS = 20

StandIn = Literal["lowest", "highest", "inverse_columns", "inverse_sqrt_columns"]


class LegalNumbers(Value):
    """The numbers that the library accepts for a hyper-parameter."""

    type: Literal["int", "float"]
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    """Whether `low` itself is refused."""
    high_open: bool = False

    def accepts_type(self, value: ParameterValue) -> bool:
        """Say whether `value` is a number of the type; a whole number is a float too, ``True`` is none."""
        kinds = (int,) if self.type == "int" else (int, float)
        return isinstance(value, kinds) and not isinstance(value, bool)

    def contains(self, value: ParameterValue) -> bool:
        """Say whether `value` is one of the numbers."""
        if not self.accepts_type(value) or not isinstance(value, int | float):
            return False
        if isinstance(value, float) and not math.isfinite(value):  # a whole number may be too large to be asked
            return False
        above = self.low is None or value > self.low or (value == self.low and not self.low_open)
        below = self.high is None or value < self.high or (value == self.high and not self.high_open)
        return above and below

    def __str__(self) -> str:
        left = "(-inf" if self.low is None else f"{'(' if self.low_open else '['}{self.low:g}"
        right = "inf)" if self.high is None else f"{self.high:g}{')' if self.high_open else ']'}"
        return f"{self.type} in {left}, {right}"


class HyperParameter(Value):
    """One hyper-parameter: its default, what the library accepts, and the wide range worth searching."""

    name: str
    default: ParameterValue = None
    defaults: FrozenMapping[TaskType, ParameterValue] = FrozenMapping({})
    """Defaults that differ by task type; they take precedence over `default`."""
    numbers: tuple[LegalNumbers, ...] = ()
    """Legal numbers; several where the meaning depends on the type (``max_features``: int columns or float share)."""
    values: tuple[ParameterValue, ...] = ()
    """Legal values that are no numbers, or numbers with a meaning of their own (``-1``)."""
    values_by_task: FrozenMapping[TaskType, tuple[ParameterValue, ...]] = FrozenMapping({})
    """Legal values that only one task type has (``criterion``)."""
    search: Parameter | None = None
    """The wide space worth searching where nothing is known; None where it is not worth tuning."""
    search_by_task: FrozenMapping[TaskType, Parameter] = FrozenMapping({})
    """Spaces that differ by task type; they take precedence over `search`."""
    stand_in: StandIn | float | str | None = None
    """What stands for the default in the search space where the default is no point of it (see `stand_in_for`)."""
    task_types: tuple[TaskType, ...] = (TaskType.CLASSIFICATION, TaskType.REGRESSION)
    until: str | None = None
    """The release of the library that removed or deprecated it; evidence may still speak of it."""
    implied: ParameterValue = None
    """The value that the library behaves as if it had since `until`; other values cannot be had any more."""
    since: str | None = None
    """The release of the library that brought it, where older ones are in use."""
    composed_into: str | None = None
    """The constructor argument that is made of it, where the library has it under no name of its own."""
    checked_by: Literal["library", "registry"] = "library"
    """Who refuses values outside the legal domain: the library, or only we (it takes them in silence, or crashes)."""
    low_cost: ParameterValue = None
    """The end of the range at which a fit is cheapest, where one is known (FLAML's annotation)."""
    note: str = ""

    @model_validator(mode="before")
    @classmethod
    def _name_searches(cls, data: Any) -> Any:
        """Give the search parameters, which the YAML writes without a name, the hyper-parameter's."""
        if not isinstance(data, dict):
            return data
        named = dict(data)
        if isinstance(data.get("search"), dict):
            named["search"] = {"name": data["name"], **data["search"]}
        if isinstance(data.get("search_by_task"), dict):
            named["search_by_task"] = {task: {"name": data["name"], **p} for task, p in data["search_by_task"].items()}
        return named

    def legal_values(self, task_type: TaskType) -> tuple[ParameterValue, ...]:
        """Return the legal values beside the legal numbers."""
        return self.values + self.values_by_task.get(task_type, ())

    def is_legal(self, value: ParameterValue, task_type: TaskType) -> bool:
        """Say whether the library accepts `value` for this hyper-parameter.

        Where whole numbers and shares are both legal, a whole number is never taken for a share. Infinity is not
        accepted, though some libraries do: no JSON can hold it.
        """
        if any(same_value(value, v) for v in self.legal_values(task_type)):
            return True
        counts = [numbers for numbers in self.numbers if numbers.type == "int"]
        fitting = counts if counts and isinstance(value, int) else self.numbers
        return any(numbers.contains(value) for numbers in fitting)

    def allowed(self, task_type: TaskType) -> str:
        """Return the legal domain in words."""
        values = [repr(value) for value in self.legal_values(task_type)]
        return " or ".join([*map(str, self.numbers), *([f"one of {', '.join(values)}"] if values else [])])

    def default_for(self, task_type: TaskType) -> ParameterValue:
        """Return the library's default."""
        return self.defaults.get(task_type, self.default)

    def search_for(self, task_type: TaskType) -> Parameter | None:
        """Return the wide search range, or None where it is not worth tuning for `task_type`."""
        return self.search_by_task.get(task_type, self.search)

    def coerced(self, value: ParameterValue) -> ParameterValue:
        """Return `value` as the number type that the library wants, where only one makes sense: 3.0 -> 3, 1 -> 1.0."""
        types = {numbers.type for numbers in self.numbers}
        if isinstance(value, bool) or any(same_value(value, listed) for listed in self.values):
            return value
        if types == {"int"} and isinstance(value, float) and value.is_integer():
            return int(value)
        # What is too large for a float stays whole, to be refused by its domain.
        fits = types == {"float"} and isinstance(value, int) and abs(value) <= sys.float_info.max
        return float(value) if fits and value is not None else value

    def stand_in_for(self, task_type: TaskType, n_columns: int | None) -> ParameterValue:
        """Return the point of the search range that is, or comes nearest to, the default.

        Args:
            task_type: Classification or regression.
            n_columns: Columns of the table, which some defaults depend on; None takes `TYPICAL_COLUMNS`.
        """
        parameter, default = self.search_for(task_type), self.default_for(task_type)
        if parameter is None or parameter.contains(default):
            return default
        if parameter.kind in ("categorical", "constant"):
            if not parameter.contains(self.stand_in):
                raise ValueError(f"{self.name}: no choice stands for the default {default!r}")
            return self.stand_in
        columns = max(1, n_columns or TYPICAL_COLUMNS)
        named = {
            "lowest": parameter.low,  # type: ignore[union-attr]  # categorical kinds left above
            "highest": parameter.high,  # type: ignore[union-attr]
            "inverse_columns": 1 / columns,
            "inverse_sqrt_columns": columns**-0.5,
        }
        value = named[self.stand_in] if isinstance(self.stand_in, str) else self.stand_in
        if value is None:
            raise ValueError(f"{self.name}: nothing stands for the default {default!r}")
        return clipped(parameter, value, None)


def clipped(parameter: Parameter, value: ParameterValue, otherwise: ParameterValue) -> ParameterValue:
    """Return the value of `parameter` nearest to `value`; `otherwise` where none is (no number, another choice)."""
    if parameter.contains(value):
        return value
    if parameter.kind in ("categorical", "constant") or isinstance(value, bool) or not isinstance(value, int | float):
        return otherwise
    bounded = min(max(value, parameter.low), parameter.high)  # type: ignore[union-attr]  # categorical kinds left above
    return round(bounded) if parameter.kind == "int" else float(bounded)
