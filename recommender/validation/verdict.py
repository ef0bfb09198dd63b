"""What the gate found: stage by stage, readable by a person and usable by a program."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field

from kg.model import Iri
from kg.model.base import FrozenMapping, ParameterValue, Value


class Outcome(StrEnum):
    """How a stage, or the whole gate, ended."""

    PASS = "pass"  # noqa: S105  # not a password
    REPAIRED = "repaired"
    """Something was wrong, had one right repair, and is repaired."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not run; the finding says why (no data, no time, an earlier failure)."""


class Finding(Value):
    """One thing that the gate has to say about one field."""

    field: str
    """Path in the proposal, such as ``search_space.parameters.max_depth.high``."""
    code: str
    """Stable name of the kind of fault, such as ``out_of_domain``."""
    message: str
    value: ParameterValue = None
    allowed: str = ""
    outcome: Outcome
    evidence: tuple[Iri, ...] = ()


class StageResult(Value):
    """What one stage found."""

    name: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    seconds: float = Field(ge=0)
    measurements: FrozenMapping[str, float | int | str | bool | None] = FrozenMapping({})


class Verdict(Value):
    """What all stages found. A proposal may be shown where `outcome` is ``pass`` or ``repaired``."""

    outcome: Outcome
    stages: tuple[StageResult, ...]

    @property
    def may_be_shown(self) -> bool:
        """Whether the proposal may be shown as a recommendation."""
        return self.outcome in (Outcome.PASS, Outcome.REPAIRED)
