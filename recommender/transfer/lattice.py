"""Configurations of a search space as rows of numbers in [0, 1], one a parameter, to draw and move about.

Numbers run from the lower to the upper bound, on the log scale where the space has one; a choice is the middle of its
share of [0, 1]. Inactive parameters have a number, too, which has no effect: what is active follows from the others.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from kg.model import (
    CategoricalParameter,
    Configuration,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    ParameterValue,
    SearchSpace,
    same_value,
)
from kg.response import Encoder

Array = npt.NDArray[np.float64]


class Lattice:
    """Rows of numbers <-> configurations of `space` <-> what response functions take.

    Args:
        space: The space; what is constant in it has no number.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self.encoder = Encoder(space)
        self.names = tuple(parameter.name for parameter in space.tunable)
        self._columns = [_column_of(parameter) for parameter in space.tunable]
        self._constants = {p.name: p.value for p in space.parameters if isinstance(p, ConstantParameter)}

    @property
    def width(self) -> int:
        """Numbers in a row."""
        return len(self._columns)

    def encode(self, rows: Array) -> Array:
        """Return `rows` (n, width) encoded for response functions, shape (n, dims)."""
        columns = [column.values(rows[:, j]) for j, column in enumerate(self._columns)]
        constants = [[value] * len(rows) for value in self._constants.values()]
        names = (*self.names, *self._constants)
        return self.encoder.encode_rows(names, list(zip(*columns, *constants, strict=True)))

    def configuration(self, row: Array) -> Configuration:
        """Return the configuration that `row` (width,) is: active parameters only, constants included."""
        values = dict(self._constants)
        for j, (name, column) in enumerate(zip(self.names, self._columns, strict=True)):
            values[name] = column.values(row[[j]])[0]
        chosen: dict[str, ParameterValue] = {}
        for parameter in self.space.ordered():
            if self.space.is_active(parameter.name, chosen):
                chosen[parameter.name] = values[parameter.name]
        return Configuration(chosen)

    def rows(self, configurations: Sequence[Mapping[str, ParameterValue] | Configuration]) -> Array:
        """Return `configurations` as rows, shape (n, width); .5 for what they lack or the space does not hold."""
        found = np.full((len(configurations), self.width), 0.5)
        for i, configuration in enumerate(configurations):
            for j, (name, column) in enumerate(zip(self.names, self._columns, strict=True)):
                if name in configuration and self.space[name].contains(configuration[name]):
                    found[i, j] = column.number(configuration[name])
        return found

    def random(self, n: int, generator: np.random.Generator) -> Array:
        """Return `n` rows drawn evenly, shape (n, width)."""
        return self.snapped(generator.random((n, self.width)))

    def around(self, centres: Array, n: int, step: float, generator: np.random.Generator) -> Array:
        """Return `n` rows near each of `centres` (m, width), shape (m n, width).

        About two parameters of each move, one at least: numbers by a Gaussian step, choices to any choice.

        Args:
            centres: Where to look.
            n: Rows for each centre.
            step: Standard deviation of a move.
            generator: Source of randomness.
        """
        rows = np.repeat(centres, n, axis=0)
        moved = generator.random(rows.shape) < min(1.0, 2.0 / max(self.width, 1))
        moved[np.arange(len(rows)), generator.integers(0, self.width, len(rows))] = True
        steps = rows + step * generator.standard_normal(rows.shape)
        # Reflected at the bounds, so that they are not preferred.
        steps = 1.0 - np.abs(1.0 - np.abs(steps) % 2.0)
        chosen = generator.random(rows.shape)
        is_choice = np.array([isinstance(column, _Choice) for column in self._columns])
        return self.snapped(np.where(moved, np.where(is_choice, chosen, steps), rows))

    def allowed(self, rows: Array) -> npt.NDArray[np.bool_]:
        """Say which of `rows` (n, width) hold no forbidden combination."""
        found = np.ones(len(rows), dtype=np.bool_)
        if self.space.forbidden:
            for i, row in enumerate(rows):
                configuration = self.configuration(row)
                found[i] = not any(f.is_violated_by(configuration) for f in self.space.forbidden)
        return found

    def snapped(self, rows: Array) -> Array:
        """Return `rows` with whole numbers and choices at their places."""
        return np.stack([column.snapped(rows[:, j]) for j, column in enumerate(self._columns)], axis=1)


class _Number:
    def __init__(self, parameter: FloatParameter | IntParameter) -> None:
        self._low, self._high, self._log = parameter.low, parameter.high, parameter.log
        self._whole = isinstance(parameter, IntParameter)
        self._scale: Callable[[npt.ArrayLike], Array] = np.log if parameter.log else np.asarray
        self._from, self._to = (float(self._scale(float(bound))) for bound in (parameter.low, parameter.high))

    def values(self, numbers: Array) -> list[ParameterValue]:
        scaled = self._from + np.clip(numbers, 0, 1) * (self._to - self._from)
        values = np.clip(np.exp(scaled) if self._log else scaled, self._low, self._high)
        found: list[ParameterValue] = (np.rint(values).astype(int) if self._whole else values).tolist()
        return found

    def number(self, value: ParameterValue) -> float:
        assert isinstance(value, int | float)  # noqa: S101  # `Lattice.rows` has looked
        span = self._to - self._from
        return (float(self._scale(float(value))) - self._from) / span if span > 0 else 0.5

    def snapped(self, numbers: Array) -> Array:
        span = self._to - self._from
        if not self._whole or span <= 0:
            return np.clip(numbers, 0.0, 1.0)
        places: Array = (self._scale(np.array(self.values(numbers), dtype=float)) - self._from) / span
        return places


class _Choice:
    def __init__(self, parameter: CategoricalParameter) -> None:
        self._choices = parameter.choices

    def _index(self, numbers: Array) -> npt.NDArray[np.intp]:
        n = len(self._choices)
        return np.clip((numbers * n).astype(np.intp), 0, n - 1)

    def values(self, numbers: Array) -> list[ParameterValue]:
        return [self._choices[i] for i in self._index(numbers)]

    def number(self, value: ParameterValue) -> float:
        index = next(i for i, choice in enumerate(self._choices) if same_value(choice, value))
        return (index + 0.5) / len(self._choices)

    def snapped(self, numbers: Array) -> Array:
        places: Array = (self._index(numbers) + 0.5) / len(self._choices)
        return places


def _column_of(parameter: Parameter) -> _Number | _Choice:
    if isinstance(parameter, CategoricalParameter):
        return _Choice(parameter)
    if isinstance(parameter, FloatParameter | IntParameter):
        return _Number(parameter)
    raise TypeError(f"a {type(parameter).__name__} is not searched")
