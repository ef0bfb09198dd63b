"""What a kind of fault is, and what a mutator is given to plant it with."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from kg.model import Claim

Json = dict[str, Any]


class Unplantable(Exception):  # noqa: N818  # no error: this sound proposal has no place for this fault
    """The fault cannot be planted in this proposal."""


@dataclass(frozen=True)
class World:
    """What is known beside the proposal: pieces of evidence to cite wrongly."""

    evidence: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Learner -> IRIs of response models and published spaces."""
    claims: tuple[Claim, ...] = ()
    """Claims whose quotes stand in their document."""
    contrary: tuple[Claim, ...] = ()
    """Such that say otherwise than any proposal."""
    forged: tuple[Claim, ...] = ()
    """Such whose quotes stand nowhere."""


@dataclass(frozen=True)
class Plot:
    """One sound proposal to spoil, in place."""

    draft: Json
    rng: random.Random
    world: World = field(default_factory=World)

    @property
    def task(self) -> Json:
        """The task."""
        found: Json = self.draft["task"]
        return found

    @property
    def learner(self) -> str:
        """The learner's name."""
        return str(self.draft["learner"]["value"])

    @property
    def is_classification(self) -> bool:
        """Whether the task is a classification."""
        return bool(self.task["task_type"] == "classification")

    @property
    def space(self) -> Json:
        """The search space."""
        found: Json = self.draft["search_space"]["value"]
        return found

    @property
    def parameters(self) -> list[Json]:
        """The parameters of the space."""
        found: list[Json] = self.space["parameters"]
        return found

    @property
    def starts(self) -> list[Json]:
        """The warm starts."""
        found: list[Json] = self.draft["warm_starts"]["value"]
        return found

    def value(self, name: str) -> Any:
        """Return the value of a field."""
        return self.draft[name]["value"]

    def put(self, name: str, value: Any) -> None:
        """Replace the value of a field."""
        self.draft[name]["value"] = value

    def pick(self, found: list[Any] | tuple[Any, ...]) -> Any:
        """Return one of `found` by chance.

        Raises:
            Unplantable: There is none.
        """
        if not found:
            raise Unplantable
        return self.rng.choice(list(found))

    def numeric(self, *, log: bool | None = None, kind: str | None = None) -> Json:
        """Return a numeric parameter of the space, by chance, of some scale and kind."""
        found = [p for p in self.parameters if p["kind"] in ("int", "float") and p["low"] < p["high"]]
        found = [p for p in found if (log is None or p["log"] is log) and (kind is None or p["kind"] == kind)]
        picked: Json = self.pick(found)
        return picked

    def forget(self, *names: str) -> None:
        """Take parameters out of the space with all that names them, warm starts and fixed values included."""
        self.space["parameters"] = [p for p in self.parameters if p["name"] not in names]
        self.space["conditions"] = [c for c in self.space["conditions"] if not {c["child"], c["parent"]} & set(names)]
        self.space["forbidden"] = [f for f in self.space["forbidden"] if not set(f["clauses"]) & set(names)]
        for start in (*self.starts, self.value("fixed")):
            for name in names:
                start.pop(name, None)

    def needs(self, condition: object) -> None:
        """Go on only where `condition` holds.

        Raises:
            Unplantable: It does not.
        """
        if not condition:
            raise Unplantable


Mutator = Callable[[Plot], None]


@dataclass(frozen=True)
class Fault:
    """One kind of fault."""

    name: str
    stage: str
    """The stage that should find it; several are joined by ``/``."""
    codes: frozenset[str]
    """What it may be called there."""
    plant: Mutator
    what: str
    """For people."""
    needs_fit: bool = False
    """Whether it shows in a test run only."""


#: Every kind of fault, by name, in the order of the stages.
FAULTS: dict[str, Fault] = {}


def fault(stage: str, *codes: str, needs_fit: bool = False) -> Callable[[Mutator], Mutator]:
    """Register a mutator as a kind of fault; its docstring says what is wrong."""

    def decorate(plant: Mutator) -> Mutator:
        name = plant.__name__
        FAULTS[name] = Fault(name, stage, frozenset(codes), plant, (plant.__doc__ or "").strip().rstrip("."), needs_fit)
        return plant

    return decorate
