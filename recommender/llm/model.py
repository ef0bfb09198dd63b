"""A language model as the rest of the package sees it: text in, a typed answer out, costs counted."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Generic, TypeVar

from pydantic import BaseModel

from recommender.llm.streaming import Heard
from recommender.llm.usage import Usage

T = TypeVar("T", bound=BaseModel)

#: Calls of a model for one answer of a conversation, tools included, where nobody says how many.
MOST_STEPS = 24


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


@dataclass(frozen=True)
class Tool:
    """Something that a model may call, and that only reads."""

    name: str
    text: str
    """What it answers, for the model."""
    arguments: type[BaseModel]
    call: Callable[[Any], str]
    """Given the arguments, returns the answer: short JSON, never an exception of ours."""


class Conversation(ABC, Generic[T]):
    """A conversation in which the model may call tools before it answers, and remembers what was said."""

    @abstractmethod
    def ask(self, content: str, *, seconds: float | None = None) -> T:
        """Return the answer to `content` in the form of the conversation.

        Args:
            content: The user's message.
            seconds: Wall clock for the answer; None: what the limits of the model leave.

        Raises:
            ModelError: There is none within the limits.
        """


class ConversingModel(LanguageModel):
    """A model that can use tools."""

    @abstractmethod
    def conversation(
        self,
        instructions: str,
        tools: Sequence[Tool],
        schema: type[T],
        *,
        most_steps: int,
        heard: Heard | None = None,
    ) -> Conversation[T]:
        """Return a new conversation. Nothing is asked yet.

        Args:
            instructions: The system prompt.
            tools: What the model may call.
            schema: The form of its answers.
            most_steps: Calls of the model for one answer, at most.
            heard: Is given what the model writes while it writes it, in any thread, where the provider streams; the
                values of its answer excepted. None: nothing is streamed.
        """
