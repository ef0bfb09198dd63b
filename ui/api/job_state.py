"""How far a proposal is, as it is told and kept."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from pydantic import BaseModel, Field

from ui.api.problems import Problem


class State(StrEnum):
    """How far a proposal is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing changes any more."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


class Event(BaseModel):
    """Something that happened to a proposal."""

    number: int = Field(ge=1)
    """From 1, without gaps."""
    seconds: float = Field(examples=[2.4])
    """After it was asked for."""
    state: State
    text: str = Field(examples=["Composing from the graph"])
    checked: bool = True
    """False: what a language model has just written, which nothing has checked yet; its text says so, too."""


class JobView(BaseModel):
    """A proposal that was asked for: how far it is."""

    id: str = Field(examples=["p_3f6c1b0a9d2e4f58"])
    state: State
    asked: datetime
    seconds: float
    """Since it was asked for; of a finished one, what it took."""
    step: str = Field(examples=["Composing from the graph"])
    """What is being done, or was done last."""
    input_digest: str
    """SHA-256 of what was asked and of the table."""
    problem: Problem | None = None
    """Why it failed."""
