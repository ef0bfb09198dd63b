"""A server on loopback that speaks OpenAI's chat API over real HTTP, and answers as it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

#: Given what is asked: a text, an error status, or something that does worse.
Answer = Callable[[dict[str, Any]], "str | int | Hangs | DropsOut | Calls | Raw"]


@dataclass(frozen=True)
class Hangs:
    """Answers a byte at a time, for ever."""

    seconds: float = 30.0


@dataclass(frozen=True)
class DropsOut:
    """Closes the connection in the middle of the answer; where it streams, after some parts of one."""

    words: str = ""
    """What it says before, a part a word, where it streams."""
    is_quiet: bool = False
    """Whether a stream that is dropped looks as if it were over, but for its last part."""
    calls: tuple[tuple[str, str], ...] = ()
    """Calls of tools before, where it streams, as in `Calls`."""


@dataclass(frozen=True)
class Calls:
    """Calls tools: (name, arguments as JSON, which need not be any)."""

    calls: tuple[tuple[str, str], ...]
    words: str = ""
    """What it says before."""


@dataclass(frozen=True)
class Raw:
    """Answers some bytes that need be no answer at all."""

    content: bytes
    status: int = 200


@dataclass
class Server:
    """A running server: what it was asked, and how it answers."""

    url: str
    answer: Answer
    asked: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)


def forms(body: dict[str, Any]) -> set[str]:
    """Return how an answer is asked for: ``json_schema``, ``function_calling`` or ``text``."""
    found = {"json_schema"} if (body.get("response_format") or {}).get("type") == "json_schema" else set()
    return found | ({"function_calling"} if body.get("tools") else set()) or {"text"}


@contextmanager
def serving(answer: Answer) -> Iterator[Server]:
    """Run a server until the block ends."""
    httpd = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server = Server(f"http://127.0.0.1:{httpd.server_port}/v1", answer)
    httpd.server = server  # type: ignore[attr-defined]
    httpd.handle_error = lambda *_: None  # type: ignore[method-assign]  # who hangs up is no error here
    thread = threading.Thread(target=httpd.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield server
    finally:
        httpd.shutdown()
        httpd.server_close()


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        pass

    def do_POST(self) -> None:
        server: Server = self.server.server  # type: ignore[attr-defined]
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server.asked.append(body)
        server.headers.append(dict(self.headers))
        found = server.answer(body)
        if isinstance(found, int):
            self._send(found, {"error": {"message": f"status {found}", "type": "error", "code": str(found)}})
        elif isinstance(found, Raw):
            self._headers(found.status, len(found.content))
            self.wfile.write(found.content)
        elif isinstance(found, Hangs):
            self._drip(found.seconds)
        elif body.get("stream"):
            self._stream(body, found)
        elif isinstance(found, DropsOut):
            self._headers(200, 10_000)
            self.wfile.write(b'{"id": "x", "choices": [')
            self.close_connection = True
        else:
            self._send(200, _completion(body, found))

    def _headers(self, status: int, length: int) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def _send(self, status: int, content: dict[str, Any]) -> None:
        data = json.dumps(content).encode()
        self._headers(status, len(data))
        self.wfile.write(data)

    def _stream(self, body: dict[str, Any], found: str | Calls | DropsOut) -> None:
        """Send server-sent events, a few letters each, with the marks between chunks that HTTP/1.1 has."""
        is_quiet = isinstance(found, DropsOut) and found.is_quiet
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close") if is_quiet else self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()
        self.close_connection = isinstance(found, DropsOut)
        try:
            for event in _events(body, found):
                data = f"data: {event}\n\n".encode()
                self.wfile.write(data if is_quiet else b"%x\r\n%s\r\n" % (len(data), data))
                self.wfile.flush()
            if not isinstance(found, DropsOut):
                self.wfile.write(b"0\r\n\r\n")
        except OSError:  # who asked has gone
            self.close_connection = True

    def _drip(self, seconds: float) -> None:
        self._headers(200, 1_000_000)
        end = time.monotonic() + seconds
        try:
            while time.monotonic() < end:
                self.wfile.write(b" ")
                self.wfile.flush()
                time.sleep(0.05)
        except OSError:
            pass
        self.close_connection = True


def _events(body: dict[str, Any], found: str | Calls | DropsOut) -> Iterator[str]:
    """Yield an answer as parts of it: words, then calls, then why it ends, then what it cost."""
    said = Calls(found.calls, words=found.words) if isinstance(found, DropsOut) else found
    message = _completion(body, said)["choices"][0]["message"]
    words = message["content"] or ""
    for i in range(0, len(words), 4):
        yield _part({"role": "assistant", "content": words[i : i + 4]})
    for place, call in enumerate(message.get("tool_calls") or ()):
        given = call["function"]["arguments"]
        head = {"index": place, **call, "function": {"name": call["function"]["name"], "arguments": ""}}
        yield _part({"role": "assistant", "tool_calls": [head]})
        for i in range(0, len(given), 6):
            yield _part({"tool_calls": [{"index": place, "function": {"arguments": given[i : i + 6]}}]})
    if isinstance(found, DropsOut):
        return
    yield _part({}, "tool_calls" if message.get("tool_calls") else "stop")
    if (body.get("stream_options") or {}).get("include_usage"):
        yield json.dumps({**_HEAD, "choices": [], "usage": _USAGE})
    yield "[DONE]"


def _part(delta: dict[str, Any], finish: str | None = None) -> str:
    return json.dumps({**_HEAD, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


_HEAD = {"id": "x", "object": "chat.completion.chunk", "created": 0, "model": "m"}
_USAGE = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}


def _completion(body: dict[str, Any], text: str | Calls) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if isinstance(text, Calls):
        calls = [
            {"id": f"c{len(body['messages'])}_{i}", "type": "function", "function": {"name": name, "arguments": given}}
            for i, (name, given) in enumerate(text.calls)
        ]
        message = {"role": "assistant", "content": text.words or None, "tool_calls": calls}
    elif "Draft" in {tool["function"]["name"] for tool in body.get("tools", [])}:
        pass  # a text stays one, where a model could have called a tool
    elif "function_calling" in forms(body):
        name = body["tools"][0]["function"]["name"]
        call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": text}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    head = {"id": "x", "object": "chat.completion", "created": 0, "model": "m"}
    return {**head, "choices": [choice], "usage": _USAGE}
