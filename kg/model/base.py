"""The base of every value type: frozen, strict about unknown fields, comparable by value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NewType, Self, TypeAlias, TypeVar

from pydantic import BaseModel, ConfigDict, RootModel, model_validator

Iri = NewType("Iri", str)
"""An absolute IRI that names something in the graph."""

ParameterValue: TypeAlias = bool | int | float | str | None
"""A value that a hyper-parameter can take. ``None`` is a value (as in ``max_depth=None``), not an absence."""


class Value(BaseModel):
    """A frozen value: equal when its fields are equal; unknown fields are refused."""

    # Defaults are validated so that a default `FrozenMapping({})` has the type of the field, as any other value has.
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, validate_default=True)

    def replace(self, **changes: Any) -> Self:
        """Return a copy with `changes`, validated again (unlike `model_copy`)."""
        return type(self).model_validate({**dict(self), **changes})


K = TypeVar("K")
V = TypeVar("V")


class FrozenMapping(RootModel[dict[K, V]], Mapping[K, V]):
    """A read-only, hashable mapping that serialises as a plain JSON object."""

    model_config = ConfigDict(frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _unwrap(cls, data: Any) -> Any:
        """Take a mapping of another type of keys or values by its content."""
        return data.root if isinstance(data, FrozenMapping) else data

    def __getitem__(self, key: K) -> V:
        return self.root[key]

    def __iter__(self) -> Iterator[K]:  # type: ignore[override]  # a mapping iterates over its keys
        return iter(self.root)

    def __len__(self) -> int:
        return len(self.root)

    def __contains__(self, key: object) -> bool:
        return key in self.root

    def __hash__(self) -> int:
        return hash(frozenset(self.root.items()))
