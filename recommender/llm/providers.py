"""Language models through LangChain: OpenAI, Anthropic, Ollama, and whatever speaks OpenAI's API at a base URL.

model = open_model("openai:gpt-4.1-mini")
model = open_model("openai:qwen3", base_url="http://127.0.0.1:8000/v1")

With `chat_form` and `conversing`, the only module that imports langchain. Keys are read from the environment by the
provider's own library (``OPENAI_API_KEY``, ``ANTHROPIC_API_KEY``), and are never logged, kept, or part of an error.
"""

from __future__ import annotations

import json
import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, TypeVar

from pydantic import BaseModel
from typing_extensions import override

from kg.errors import InputError, ModelError
from recommender.llm.answers import parsed
from recommender.llm.breaker import Breaker
from recommender.llm.cache import AnswerCache
from recommender.llm.chat_form import has_ended, listener, request, streamed, text_of
from recommender.llm.deadline import within
from recommender.llm.failures import GoneError, PassingError, UnableError, kind_of, may_be_the_stream, told_of
from recommender.llm.model import MOST_STEPS, Conversation, ConversingModel, Method, Tool
from recommender.llm.streaming import CutOff, Ear, Heard
from recommender.llm.usage import Limits, Meter, Usage

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

T = TypeVar("T", bound=BaseModel)
R = TypeVar("R")
#: Given the tokens that are left, makes the ear for one call.
EarOf: TypeAlias = Callable[[int], Ear]

#: Times that a call is made again where that may help, and the seconds before the first; they double each time.
RETRIES, PAUSE_S = 2, 0.5
#: Providers whose package is an extra of ours.
PROVIDERS = {"openai": "langchain_openai", "anthropic": "langchain_anthropic", "ollama": "langchain_ollama"}
#: Set to any text, no provider is ever asked: for tests, and for who wants to be sure.
FORBIDDEN = "TUNEGRAPH_NO_LLM"


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
        raise InputError(told_of(error), where="--llm", allowed=f"the key of {provider!r} in the environment") from None
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
        self._streams = True
        self._listening = threading.local()  # the ear of the call that this thread makes
        chat.callbacks = [listener(self._listening)]

    @property
    @override
    def usage(self) -> Usage:
        return self._meter.usage

    @override
    def structured(self, instructions: str, content: str, schema: type[T]) -> T:
        asked = (self.name, instructions, content, json.dumps(schema.model_json_schema(), sort_keys=True))
        if (kept := self._kept(asked, schema)) is not None:
            self._meter.note(cached=1)
            return kept
        reasons: list[str] = []
        for method in self._methods:
            try:
                answer = parsed(self._retried(method, instructions, content, schema), schema)
            except UnableError as error:
                # The provider has no such method: it is not tried again.
                self._methods = tuple(m for m in self._methods if m is not method) or (Method.TEXT,)
                reasons.append(str(error))
            except ModelError as error:
                if method is self._methods[-1] or isinstance(error, GoneError):
                    raise
                reasons.append(str(error))
            else:
                self._cache.put(answer.model_dump_json(), *asked)
                return answer
        raise ModelError("; ".join(reasons) or "The model has no way to answer in a form.")

    def _kept(self, asked: Sequence[str], schema: type[T]) -> T | None:
        """Return the answer that was given before; None where there is none, or its file is damaged."""
        text = self._cache.get(*asked)
        try:
            return None if text is None else parsed(text, schema)
        except ModelError:
            return None

    @override
    def conversation(
        self,
        instructions: str,
        tools: Sequence[Tool],
        schema: type[T],
        *,
        most_steps: int = MOST_STEPS,
        heard: Heard | None = None,
    ) -> Conversation[T]:
        from recommender.llm.conversing import AgentConversation

        options: dict[str, Any] = {"most_steps": most_steps, "heard": heard}
        return AgentConversation(
            self._chat, instructions, tools, schema, **options, metered=self._metered, within=self._within
        )

    def _retried(self, method: Method, instructions: str, content: str, schema: type[BaseModel]) -> str:
        system = instructions
        if method is Method.TEXT:
            system += "\n\nAnswer with one JSON object of this schema and nothing else:\n"
            system += json.dumps(schema.model_json_schema())
        messages = [("system", system), ("human", content)]
        message: AIMessage = self._metered(
            lambda options: request(self._chat, method, schema, options).invoke(messages), lambda m: m, method
        )
        return text_of(message)

    def _metered(
        self,
        call: Callable[[dict[str, Any]], R],
        message_of: Callable[[R], Any],
        method: Method = Method.TEXT,
        *,
        ear_of: EarOf | None = None,
    ) -> R:
        """Return what `call` returns, tried again where that may help, within the limits.

        Args:
            call: Asks the model; is given the options that keep it to its time.
            message_of: Gives the model's message in what `call` returns, for its tokens.
            method: How the model is made to answer.
            ear_of: Makes what hears the answer while it is written. None: it is not streamed.

        Raises:
            ModelError: There is no answer.
        """
        for attempt in range(RETRIES + 1):
            self._breaker.check()
            try:
                answer = self._timed(call, message_of, method, ear_of if self._streams else None)
            except PassingError as error:
                self._breaker.failed()
                self._meter.note(failed=1)
                if attempt == RETRIES:
                    raise GoneError(str(error)) from None
                self._sleep(PAUSE_S * 2**attempt * random.uniform(0.5, 1.5))  # noqa: S311  # no secret: spreads load
            else:
                self._breaker.succeeded()
                return answer
        raise AssertionError("unreachable")

    def _timed(
        self,
        call: Callable[[dict[str, Any]], R],
        message_of: Callable[[R], Any],
        method: Method,
        ear_of: EarOf | None,
    ) -> R:
        seconds, started = self._meter.admit(), time.monotonic()
        provider = self.name.partition(":")[0]
        options: dict[str, Any] = {} if provider == "ollama" else {"timeout": seconds}
        ear = None if ear_of is None else ear_of(self._meter.tokens_left)
        options |= {} if ear is None else streamed(provider)
        why, is_again = "the answer broke off", False
        try:
            answer = within(seconds, lambda: self._listened(ear, lambda: call(options)))
            self._count(message_of(answer), ear)
            # What a model wrote to its end in no form is its fault, which it is told of where nothing was streamed.
            why, is_again = "", ear is not None and not ear.is_whole
        except CutOff as cut:
            raise GoneError(str(cut)) from None
        except Exception as error:  # noqa: BLE001  # the providers' errors have no common root
            if ear is None or ear.tokens or not may_be_the_stream(error):
                raise kind_of(error, method) from None
            self._streams, is_again, why = False, True, ""
        finally:
            self._meter.note(seconds=time.monotonic() - started)
            if ear is not None:
                ear.end(why)
                self._meter.note(answer_tokens=ear.tokens if why else 0)  # what broke off is paid for, too
        return self._timed(call, message_of, method, None) if is_again else answer

    def _listened(self, ear: Ear | None, call: Callable[[], R]) -> R:
        self._listening.ear = ear  # this thread makes this call alone, and the listener is called in it
        return call()

    def _count(self, message: Any, ear: Ear | None) -> None:
        """Count the tokens of an answer; one that was streamed and has no end broke off, and is none."""
        has_calls = bool(getattr(message, "tool_calls", ()))
        if ear is not None and not has_ended(message) and not (has_calls and ear.is_whole):
            raise PassingError("the connection was closed in the middle of the answer")
        spent = getattr(message, "usage_metadata", None) or {}
        known = spent.get("output_tokens") or (0 if ear is None else ear.tokens)
        self._meter.note(prompt_tokens=spent.get("input_tokens", 0), answer_tokens=known)

    def _within(self, call: Callable[[], R], seconds: float | None) -> R:
        """Return what `call`, many calls of the model, returns, before `seconds` or the time for all is over."""
        left = self._meter.seconds_left
        try:
            return within(left if seconds is None else min(left, seconds), call)
        except TimeoutError:
            limit = self._meter.limits.seconds if seconds is None else seconds
            raise ModelError(f"The limit of {limit:g} seconds is reached.") from None
