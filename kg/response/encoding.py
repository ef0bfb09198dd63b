"""Configurations as points of the unit cube, the way the response functions see them.

    kernel=poly, degree=3, C=10   ->   [kernel=linear 0, kernel=poly 1, kernel=rbf 0, degree .33, C .75]

Numbers run from 0 at the lower to 1 at the upper bound, on the log scale where the space has one; choices are
one-hot; every dimension of an inactive parameter is -0.2, a little outside the cube, so that "inactive" is near
nothing else. Constants are left out.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from kg.model import CategoricalParameter, Configuration, FloatParameter, IntParameter, ParameterValue, SearchSpace

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: The coordinate of an inactive parameter.
INACTIVE = -0.2


class Encoder:
    """Turns configurations of one search space into rows of numbers.

    Args:
        space: The space. Its bounds are 0 and 1; values beyond them are clipped.
    """

    def __init__(self, space: SearchSpace) -> None:
        self.space = space
        self._columns = [(parameter, _encoder_of(parameter)) for parameter in space.tunable]
        self.owners: tuple[str, ...] = tuple(p.name for p, column in self._columns for _ in range(column.width))
        """The parameter that each dimension belongs to."""
        self.dims: tuple[str, ...] = tuple(label for _, column in self._columns for label in column.labels)
        """A label for each dimension: the parameter's name, or ``name=choice`` (JSON) for a one-hot column."""

    def encode(self, configurations: Iterable[Mapping[str, ParameterValue] | Configuration]) -> Array:
        """Return `configurations` as an array of shape (n, dims).

        A parameter that a configuration lacks, or that is inactive under it, is inactive. A parameter that the
        space lacks is passed over. A choice that the space lacks is none of the choices (all zeros).
        """
        rows = list(configurations)
        columns = {name: [row.get(name, _ABSENT) for row in rows] for name in self.space.names}
        return self._encode(columns, len(rows))

    def encode_rows(self, names: Sequence[str], rows: Sequence[Sequence[ParameterValue]]) -> Array:
        """Return `rows`, whose values are in the order of `names`, as an array of shape (n, dims).

        None is a value where the parameter has it among its choices; elsewhere it says that the parameter is inactive.
        """
        unknown: dict[str, list[object]] = {
            name: [_ABSENT] * len(rows) for name in self.space.names if name not in names
        }
        given: dict[str, list[object]] = {
            name: [row[j] for row in rows] for j, name in enumerate(names) if name in self.space
        }
        return self._encode({**unknown, **given}, len(rows))

    def _encode(self, columns: Mapping[str, list[object]], n: int) -> Array:
        if not self._columns:
            return np.zeros((n, 0))
        active = self._active(columns, n)
        blocks = []
        for parameter, column in self._columns:
            block, known = column.encode(columns[parameter.name])
            block[~(known & active[parameter.name])] = INACTIVE
            blocks.append(block)
        return np.concatenate(blocks, axis=1)

    def _active(self, columns: Mapping[str, list[object]], n: int) -> dict[str, Mask]:
        """Return, for each parameter, which rows meet all conditions on it and on its ancestors."""
        active = {name: np.ones(n, dtype=bool) for name in self.space.names}
        for parameter in self.space.ordered():
            for condition in self.space.conditions:
                if condition.child == parameter.name:
                    allowed = {_key(value) for value in condition.values}
                    meets = [_key(value) in allowed for value in columns[condition.parent]]
                    active[condition.child] &= active[condition.parent] & np.array(meets, dtype=bool)
        return active


_ABSENT = object()


def _key(value: object) -> tuple[bool, object]:
    """Return a key under which 1 and 1.0 are the same and True is not 1."""
    return isinstance(value, bool), value


class _Number:
    """One dimension: the fraction of the way from low to high."""

    width = 1

    def __init__(self, parameter: FloatParameter | IntParameter) -> None:
        self.labels = (parameter.name,)
        self._log = parameter.log
        self._low, self._high = self._scaled(np.array([parameter.low, parameter.high], dtype=float))

    def _scaled(self, values: Array) -> Array:
        return np.log(np.maximum(values, 1e-300)) if self._log else values

    def encode(self, values: Sequence[object]) -> tuple[Array, Mask]:
        """Return the coordinates, shape (n, 1), and which rows have a number."""
        numbers = np.array([v if isinstance(v, int | float) else np.nan for v in values], dtype=float)
        known = ~np.isnan(numbers)
        span = self._high - self._low
        coordinates = (self._scaled(numbers) - self._low) / span if span > 0 else np.where(known, 0.5, np.nan)
        return np.clip(coordinates, 0.0, 1.0)[:, None], known


class _Choice:
    """One dimension a choice, 1 where it is taken."""

    def __init__(self, parameter: CategoricalParameter) -> None:
        self.width = len(parameter.choices)
        self.labels = tuple(f"{parameter.name}={json.dumps(choice)}" for choice in parameter.choices)
        self._index = {_key(choice): i for i, choice in enumerate(parameter.choices)}

    def encode(self, values: Sequence[object]) -> tuple[Array, Mask]:
        """Return the coordinates, shape (n, choices), and which rows have a value (of the choices or not)."""
        index = np.array([self._index.get(_key(v), -1) for v in values], dtype=int)
        without_none = _key(None) not in self._index
        known = np.array([v is not _ABSENT and not (v is None and without_none) for v in values], dtype=bool)
        return (index[:, None] == np.arange(self.width)).astype(float), known


def _encoder_of(parameter: object) -> _Number | _Choice:
    if isinstance(parameter, CategoricalParameter):
        return _Choice(parameter)
    if isinstance(parameter, FloatParameter | IntParameter):
        return _Number(parameter)
    raise TypeError(f"a {type(parameter).__name__} is not searched and has no coordinates")
