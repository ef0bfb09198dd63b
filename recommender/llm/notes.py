"""What became of a wish in a draft that did not come through as it was."""

from __future__ import annotations

from typing import Literal

from kg.model.base import Value
from recommender.llm.tools import short


class Note(Value):
    """One thing that was repaired or dropped, and why."""

    field: str
    """Of the draft, such as ``parameters.C``."""
    outcome: Literal["repaired", "dropped"]
    message: str

    @property
    def text(self) -> str:
        """The note in a line, for people."""
        return f"{self.field}: {self.outcome}, because {self.message}."


def dropped(field: str, message: str) -> Note:
    """Return a note that something counts for nothing."""
    return Note(field=short(field, 80), outcome="dropped", message=short(message.rstrip(".")))


def repaired(field: str, message: str) -> Note:
    """Return a note that something was cut to what is supported."""
    return Note(field=short(field, 80), outcome="repaired", message=short(message.rstrip(".")))
