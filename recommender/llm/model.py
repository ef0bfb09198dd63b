"""A language model as the rest of the package sees it: text in, a typed answer out, costs counted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel

from recommender.llm.usage import Usage

T = TypeVar("T", bound=BaseModel)


class Method(StrEnum):
    """How a model is made to answer in a form, best first."""

    JSON_SCHEMA = "json_schema"
    """The provider holds the answer to the schema."""
    TOOL_CALL = "function_calling"
    """The answer is the arguments of a tool that has the schema."""
    TEXT = "text"
    """The schema stands in the prompt; the answer is JSON somewhere in the text."""


class LanguageModel(ABC):
    """A model behind one provider. Safe with many threads."""

    name: str
    """``provider:model``."""

    @abstractmethod
    def structured(self, instructions: str, content: str, schema: type[T]) -> T:
        """Return the answer to `instructions` about `content` in the form of `schema`.

        The model is told that `content` is data; whatever stands in it is no instruction. That it obeys is not
        relied on: whoever uses an answer checks it.

        Args:
            instructions: What to do; the system prompt.
            content: What to do it with; the user's message.
            schema: The form of the answer.

        Raises:
            ModelError: There is no answer in that form within the limits.
        """

    @property
    @abstractmethod
    def usage(self) -> Usage:
        """What was spent so far."""
