"""Conversations through LangChain's agent: the model calls tools until it answers in a form.

With `providers` and `chat_form`, the only module that imports langchain.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from pydantic import BaseModel
from typing_extensions import override

from kg.errors import ModelError
from recommender.llm.answers import parsed
from recommender.llm.model import Conversation, Tool
from recommender.llm.streaming import Ear, Form, Heard

if TYPE_CHECKING:
    from langchain.agents.middleware import AgentMiddleware
    from langchain_core.language_models import BaseChatModel

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")

#: How often a model that answers in no form is told so.
MOST_REMINDERS = 2


class Metered(Protocol):
    """Makes one call of the model within the limits (`providers.ChatModel`)."""

    def __call__(
        self,
        call: Callable[[dict[str, Any]], Any],
        message_of: Callable[[Any], Any],
        *,
        ear_of: Callable[[int], Ear] | None = None,
    ) -> Any:
        """Return what `call` returns; it is given options for the model, and its answer is heard where it streams."""


class AgentConversation(Conversation[T]):
    """A conversation with a LangChain chat model.

    Args:
        chat: The model.
        instructions: The system prompt.
        tools: What the model may call.
        schema: The form of its answers: the arguments of one more tool, which every model with tools has.
        most_steps: Calls of the model for one answer, at most.
        metered: Makes one call of the model.
        within: Keeps an answer to the time there is.
        heard: Is given what the model writes while it writes it. None: nothing is streamed.
    """

    def __init__(
        self,
        chat: BaseChatModel,
        instructions: str,
        tools: Sequence[Tool],
        schema: type[T],
        *,
        most_steps: int,
        metered: Metered,
        within: Callable[[Callable[[], Any], float | None], Any],
        heard: Heard | None = None,
    ) -> None:
        from langchain.agents import create_agent
        from langchain.agents.structured_output import ToolStrategy

        self._schema, self._within, self._most_steps = schema, within, most_steps
        self._gate = _Steps(most_steps)
        self._agent: Any = create_agent(
            chat,
            tools=[_as_langchain(tool, self._gate) for tool in tools],
            system_prompt=instructions,
            response_format=ToolStrategy(schema),
            middleware=[_middleware(metered, self._gate, self._ears(heard))],
        )
        self._messages: list[Any] = []

    def _ears(self, heard: Heard | None) -> Callable[[int], Ear] | None:
        if heard is None:
            return None
        gate, form = self._gate, Form(self._schema.__name__, tuple(self._schema.model_fields))
        return lambda most: Ear(heard, form, is_open=lambda: gate.is_open, most_tokens=most)

    @override
    def ask(self, content: str, *, seconds: float | None = None) -> T:
        self._gate.open()
        try:
            found: T = self._within(lambda: self._asked(content), seconds)
        finally:
            self._gate.close()  # what was given up and still runs must not call anything any more
        return found

    def _asked(self, content: str) -> T:
        reason = ""
        # One tool at a time, in the order called: the same answers get the same labels.
        config = {"recursion_limit": 4 * self._most_steps + 10, "max_concurrency": 1}
        for _ in range(MOST_REMINDERS + 1):
            state = self._agent.invoke({"messages": [*self._messages, ("human", content)]}, config)
            self._messages = list(state["messages"])
            answer = state.get("structured_response")
            if isinstance(answer, self._schema):
                return answer
            try:
                return parsed(str(self._messages[-1].text), self._schema)
            except ModelError as error:
                reason = str(error)
                content = f"{reason} Answer by calling the tool {self._schema.__name__}."
        raise ModelError(reason)


class _Steps:
    """Counts the calls of the model for one answer; closed, it lets nothing through."""

    def __init__(self, most: int) -> None:
        self._most, self._lock = most, threading.Lock()
        self._left, self._is_open = 0, False

    def open(self) -> None:
        with self._lock:
            self._left, self._is_open = self._most, True

    def close(self) -> None:
        with self._lock:
            self._is_open = False

    @property
    def is_open(self) -> bool:
        with self._lock:
            return self._is_open

    def check(self) -> None:
        if not self.is_open:
            raise ModelError("The conversation is over.")

    def step(self) -> None:
        self.check()
        with self._lock:
            if self._left <= 0:
                raise ModelError(f"The limit of {self._most} steps for one answer is reached.")
            self._left -= 1


def _as_langchain(tool: Tool, gate: _Steps) -> Any:
    from langchain.tools import tool as langchain_tool

    def call(**given: Any) -> str:
        gate.check()
        return tool.call(tool.arguments.model_validate(given))

    return langchain_tool(tool.name, description=tool.text, args_schema=tool.arguments)(call)


def _middleware(metered: Metered, gate: _Steps, ear_of: Callable[[int], Ear] | None) -> AgentMiddleware[Any, Any]:
    from langchain.agents.middleware import AgentMiddleware

    class Limited(AgentMiddleware):
        def wrap_model_call(self, request: Any, handler: Callable[[Any], Any]) -> Any:
            gate.step()

            def call(options: dict[str, Any]) -> Any:
                return handler(request.override(model_settings={**request.model_settings, **options}))

            return metered(call, lambda response: response.result[0] if response.result else None, ear_of=ear_of)

    return Limited()
