"""How a LangChain chat model is asked for an answer in a form, and heard: requests, streams, messages."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel

from recommender.llm.model import Method
from recommender.llm.streaming import CallPart, Ear

if TYPE_CHECKING:
    from langchain_core.language_models import BaseChatModel
    from langchain_core.messages import AIMessage

#: Options that make a provider stream; a server at a base URL counts tokens only where it is asked to.
_STREAMED: dict[str, dict[str, Any]] = {"openai": {"stream": True, "stream_usage": True}}
#: What the providers call the reason why an answer ended; one without any broke off.
_ENDINGS = ("finish_reason", "stop_reason", "done_reason")


def request(chat: BaseChatModel, method: Method, schema: type[BaseModel], options: dict[str, Any]) -> Any:
    """Return what asks `chat` for an answer of `schema`.

    Args:
        chat: The model.
        method: How it is made to answer; by text, the instructions say the form.
        schema: Of the answer.
        options: Of the call, such as its time-out.
    """
    described = schema.model_json_schema()
    match method:
        case Method.JSON_SCHEMA:
            form = {"name": schema.__name__, "schema": described}
            return chat.bind(response_format={"type": "json_schema", "json_schema": form}, **options)
        case Method.TOOL_CALL:
            return chat.bind_tools([schema], tool_choice=schema.__name__, **options)
        case Method.TEXT:
            return chat.bind(**options)


def streamed(provider: str) -> dict[str, Any]:
    """Return the options that make a provider stream its answer."""
    return _STREAMED.get(provider, {"stream": True})


def has_ended(message: Any) -> bool:
    """Say whether a message came to its end."""
    return any(getattr(message, "response_metadata", {}).get(name) for name in _ENDINGS)


def listener(local: threading.local) -> Any:
    """Return what LangChain tells each part of an answer, in the thread that makes the call."""
    from langchain_core.callbacks import BaseCallbackHandler

    class Listener(BaseCallbackHandler):
        raise_error = True

        def on_llm_new_token(self, token: Any, *, chunk: Any = None, **_: Any) -> None:
            ear: Ear | None = getattr(local, "ear", None)
            if ear is None:
                return
            message = getattr(chunk, "message", None)
            parts = getattr(message, "tool_call_chunks", None) or ()
            words = token if isinstance(token, str) else str(getattr(message, "text", ""))
            ear.hear(words, [CallPart(p.get("index") or 0, p.get("name") or "", p.get("args") or "") for p in parts])

    return Listener()


def text_of(message: AIMessage) -> str:
    """Return the arguments of the first tool call, or else the text."""
    if message.tool_calls:
        return json.dumps(message.tool_calls[0]["args"])
    content = message.content
    if isinstance(content, str):
        return content
    return "".join(part if isinstance(part, str) else str(part.get("text", "")) for part in content)
