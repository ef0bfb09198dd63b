"""Language models through LangChain: OpenAI, Anthropic, Ollama, and whatever speaks OpenAI's API at a base URL.

model = open_model("openai:gpt-4.1-mini")
model = open_model("openai:qwen3", base_url="http://127.0.0.1:8000/v1")

With `recommender.llm.conversing`, the only module that imports langchain. Keys are read from the environment by the
provider's own library (``OPENAI_API_KEY``, ``ANTHROPIC_API_KEY``), and are never logged, kept, or part of an error.
"""

from __future__ import annotations

import json
import os
import random
import re
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pydantic import BaseModel
from typing_extensions import override

from kg.errors import InputError, ModelError
from recommender.llm.answers import parsed
from recommender.llm.breaker import Breaker
from recommender.llm.cache import AnswerCache
from recommender.llm.deadline import within
from recommender.llm.model import Conversation, ConversingModel, Method, Tool
from recommender.llm.usage import Limits, Meter, Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")

#: Times that a call is made again where that may help, and the seconds before the first; they double each time.
RETRIES, PAUSE_S = 2, 0.5
#: Calls of the model in one answer of a conversation, tools included.
MOST_STEPS = 24
#: Providers whose package is an extra of ours.
PROVIDERS = {"openai": "langchain_openai", "anthropic": "langchain_anthropic", "ollama": "langchain_ollama"}
#: Set to any text, no provider is ever asked: for tests, and for who wants to be sure.
FORBIDDEN = "TUNEGRAPH_NO_LLM"

#: What may go away by itself: time-outs, refused connections, too many requests, an overloaded server.
_PASSING = re.compile(
    r"(?i)timeout|timed out|connection|rate.?limit|overloaded|unavailable|internal server|bad gateway"
)
_SECRET = re.compile(r"(?i)\b(sk|key|api|token|bearer)[-_a-z]*[-=: ]+['\"]?[\w.\-]{8,}")


def open_model(
    name: str,
    *,
    base_url: str | None = None,
    limits: Limits | None = None,
    cache: Path | None = None,
) -> ConversingModel:
    """Return the model called `name`. Nothing is asked of it yet.

    Args:
        name: ``provider:model``, such as ``openai:gpt-4.1-mini``, ``anthropic:claude-sonnet-4-5``, ``ollama:llama3``.
        base_url: Where a server speaks the provider's API; the provider's own by default.
        limits: What may be spent.
        cache: Folder that keeps answers. None: none are kept.

    Raises:
        InputError: The name is not of that form, the provider is not known, its package is not installed or its key
            is missing, or models are forbidden by ``TUNEGRAPH_NO_LLM``.
    """
    provider, colon, model = name.partition(":")
    if not colon or not model or provider not in PROVIDERS:
        raise InputError(
            f"{name!r} names no language model.",
            where="--llm",
            allowed=", ".join(f"{known}:MODEL" for known in PROVIDERS),
        )
    if os.environ.get(FORBIDDEN):
        raise InputError(f"Language models are forbidden: {FORBIDDEN} is set.", where="--llm", allowed="no --llm")
    return ChatModel(name, _chat(provider, model, base_url), limits=limits or Limits(), cache=AnswerCache(cache))


def _chat(provider: str, model: str, base_url: str | None) -> BaseChatModel:
    os.environ.setdefault("LANGSMITH_TRACING", "false")  # nothing is sent to a third party
    options: dict[str, Any] = {"temperature": 0.0, "max_retries": 0}
    if base_url is not None:
        options["base_url"] = base_url
    if provider == "openai" and base_url is not None and "OPENAI_API_KEY" not in os.environ:
        options["api_key"] = "none"  # servers at a base URL mostly want none, the client insists on one
    if provider == "ollama":
        del options["max_retries"]
    try:
        from langchain.chat_models import init_chat_model

        chat: BaseChatModel = init_chat_model(model, model_provider=provider, **options)
    except ImportError as error:
        raise InputError(
            f"The package for {provider!r} is not installed.", where="--llm", allowed="pip install 'tunegraph[llm]'"
        ) from error
    except Exception as error:  # noqa: BLE001  # each provider has its own family of errors for a missing key
        raise InputError(_told(error), where="--llm", allowed=f"the key of {provider!r} in the environment") from None
    return chat


class ChatModel(ConversingModel):
    """A LangChain chat model that answers in a form, within limits.

    Args:
        name: ``provider:model``.
        chat: The model.
        limits: What may be spent.
        cache: Answers given before.
        sleep: Waits between retries.
    """

    def __init__(
        self,
        name: str,
        chat: BaseChatModel,
        *,
        limits: Limits,
        cache: AnswerCache | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.name = name
        self._chat = chat
        self._meter = Meter(limits)
        self._cache = cache or AnswerCache(None)
        self._breaker = Breaker()
        self._sleep = sleep
        self._methods: tuple[Method, ...] = tuple(Method)

    @property
    @override
    def usage(self) -> Usage:
        return self._meter.usage

    @override
    def structured(self, instructions: str, content: str, schema: type[T]) -> T:
        asked = (self.name, instructions, content, json.dumps(schema.model_json_schema(), sort_keys=True))
        if (kept := self._cache.get(*asked)) is not None:
            self._meter.note(cached=1)
            return parsed(kept, schema)
        reasons: list[str] = []
        for method in self._methods:
            try:
                answer = parsed(self._retried(method, instructions, content, schema), schema)
            except _UnableError as error:
                # The provider has no such method: it is not tried again.
                self._methods = tuple(m for m in self._methods if m is not method) or (Method.TEXT,)
                reasons.append(str(error))
            except ModelError as error:
                if method is self._methods[-1] or isinstance(error, _GoneError):
                    raise
                reasons.append(str(error))
            else:
                self._cache.put(answer.model_dump_json(), *asked)
                return answer
        raise ModelError("; ".join(reasons) or "The model has no way to answer in a form.")

    @override
    def conversation(
        self, instructions: str, tools: Sequence[Tool], schema: type[T], *, most_steps: int = MOST_STEPS
    ) -> Conversation[T]:
        from recommender.llm.conversing import AgentConversation

        return AgentConversation(
            self._chat, instructions, tools, schema, most_steps=most_steps, metered=self._metered, within=self._within
        )

    def _retried(self, method: Method, instructions: str, content: str, schema: type[BaseModel]) -> str:
        system = instructions
        if method is Method.TEXT:
            system += "\n\nAnswer with one JSON object of this schema and nothing else:\n"
            system += json.dumps(schema.model_json_schema())
        messages = [("system", system), ("human", content)]
        message: AIMessage = self._metered(
            lambda options: self._runnable(method, schema, options).invoke(messages), lambda m: m, method
        )
        return _text_of(message)

    def _metered(
        self,
        call: Callable[[dict[str, Any]], R],
        message_of: Callable[[R], Any],
        method: Method = Method.TEXT,
    ) -> R:
        """Return what `call` returns, tried again where that may help, within the limits.

        Args:
            call: Asks the model; is given the options that keep it to its time.
            message_of: Gives the model's message in what `call` returns, for its tokens.
            method: How the model is made to answer.

        Raises:
            ModelError: There is no answer.
        """
        for attempt in range(RETRIES + 1):
            self._breaker.check()
            try:
                answer = self._timed(call, method)
            except _PassingError as error:
                self._breaker.failed()
                self._meter.note(failed=1)
                if attempt == RETRIES:
                    raise _GoneError(str(error)) from None
                self._sleep(PAUSE_S * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311  # no secret: spreads load
            else:
                self._breaker.succeeded()
                spent = getattr(message_of(answer), "usage_metadata", None) or {}
                tokens = {"prompt_tokens": spent.get("input_tokens", 0), "answer_tokens": spent.get("output_tokens", 0)}
                self._meter.note(**tokens)
                return answer
        raise AssertionError("unreachable")

    def _timed(self, call: Callable[[dict[str, Any]], R], method: Method) -> R:
        seconds = self._meter.admit()
        options: dict[str, Any] = {} if self.name.startswith("ollama:") else {"timeout": seconds}
        started = time.monotonic()
        try:
            return within(seconds, lambda: call(options))
        except Exception as error:  # noqa: BLE001  # the providers' errors have no common root
            raise _kind_of(error, method) from None
        finally:
            self._meter.note(seconds=time.monotonic() - started)

    def _within(self, call: Callable[[], R], seconds: float | None) -> R:
        """Return what `call`, many calls of the model, returns, before `seconds` or the time for all is over."""
        left = self._meter.seconds_left
        try:
            return within(left if seconds is None else min(left, seconds), call)
        except TimeoutError:
            limit = self._meter.limits.seconds if seconds is None else seconds
            raise ModelError(f"The limit of {limit:g} seconds is reached.") from None

    def _runnable(self, method: Method, schema: type[BaseModel], options: dict[str, Any]) -> Any:
        described = schema.model_json_schema()
        match method:
            case Method.JSON_SCHEMA:
                form = {"name": schema.__name__, "schema": described}
                return self._chat.bind(response_format={"type": "json_schema", "json_schema": form}, **options)
            case Method.TOOL_CALL:
                return self._chat.bind_tools([schema], tool_choice=schema.__name__, **options)
            case Method.TEXT:
                return self._chat.bind(**options)


class _PassingError(ModelError):
    """A failure that may go away by itself."""


class _GoneError(ModelError):
    """A provider that did not answer, however often it was asked: another method will not help."""


class _UnableError(ModelError):
    """A provider that has no such way of answering."""


def _kind_of(error: Exception, method: Method) -> ModelError:
    if isinstance(error, ModelError):
        return error
    text = _told(error)
    status = getattr(error, "status_code", None) or getattr(getattr(error, "response", None), "status_code", None)
    if (status is not None and (status == 429 or status >= 500)) or (status is None and _PASSING.search(text)):
        return _PassingError(text)
    if method is not Method.TEXT and (status in {400, 404, 422} or isinstance(error, NotImplementedError | TypeError)):
        return _UnableError(text)
    return _GoneError(text)


def _told(error: Exception) -> str:
    """Return what went wrong in a line, without what may be a key."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return _SECRET.sub(r"\1...", text)[:300]


def _text_of(message: AIMessage) -> str:
    """Return the arguments of the first tool call, or else the text."""
    if message.tool_calls:
        return json.dumps(message.tool_calls[0]["args"])
    content = message.content
    if isinstance(content, str):
        return content
    return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)
