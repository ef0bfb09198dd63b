"""What a model does, told as it does it: a tool called, a draft given. Told in the thread that waits for the answer.

Screens may be drawn from their own thread only, and a conversation runs in another, so that it can be given up.
"""

from __future__ import annotations

import queue
from collections.abc import Callable, Sequence
from typing import TypeVar

from pydantic import BaseModel

from recommender.llm.deadline import begun
from recommender.llm.model import Tool
from recommender.llm.streaming import Heard, Piece, unheard
from recommender.llm.tools import short

T = TypeVar("T")
#: Told what is being done: a short text, for people.
Told = Callable[[str], None]

#: Names of arguments whose values are told with a step, in this order.
_TOLD_ARGUMENTS = ("learner", "parameter", "statement", "question", "page")
#: Characters of an argument that are told: a model wrote it.
_MOST_CHARACTERS = 40


class Steps:
    """Takes note of steps in any thread, and tells them in the one that waits.

    Args:
        told: Is given each step, in words.
        heard: Is given what the model writes, piece by piece.
    """

    def __init__(self, told: Told, heard: Heard = unheard) -> None:
        self._told, self._heard = told, heard
        self._noted: queue.SimpleQueue[str | Piece | None] = queue.SimpleQueue()

    def note(self, text: str) -> None:
        """Take note of a step."""
        self._noted.put(text)

    def hear(self, piece: Piece) -> None:
        """Take note of what the model writes."""
        self._noted.put(piece)

    def watching(self, call: Callable[[], T]) -> T:
        """Return what `call` returns, or raise what it raises; meanwhile, tell what is noted."""
        outcome = begun(call, "tunegraph-steps")
        outcome.add_done_callback(lambda _: self._noted.put(None))
        while (noted := self._noted.get()) is not None:
            if isinstance(noted, Piece):
                self._heard(noted)
            else:
                self._told(noted)
        return outcome.result()

    def over(self, tools: Sequence[Tool], name: str) -> tuple[Tool, ...]:
        """Return tools that note each call of them.

        Args:
            tools: What the model may call.
            name: Of the model.
        """
        return tuple(self._noting(tool, name) for tool in tools)

    def _noting(self, tool: Tool, name: str) -> Tool:
        def call(given: BaseModel) -> str:
            self.note(f"{name} looks up {step_text(tool.name, given)}")
            return tool.call(given)

        return Tool(tool.name, tool.text, tool.arguments, call)


def step_text(tool: str, given: BaseModel) -> str:
    """Return the call of a tool in words: ``evidence (svm, C)``."""
    values = [getattr(given, argument, None) for argument in _TOLD_ARGUMENTS]
    shown = [short(str(value), _MOST_CHARACTERS) for value in values if value not in (None, "", 1)]
    return tool.replace("_", " ") + (f" ({', '.join(shown)})" if shown else "")
