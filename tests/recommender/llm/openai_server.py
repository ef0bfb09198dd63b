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
Answer = Callable[[dict[str, Any]], "str | int | Hangs | DropsOut | Calls"]


@dataclass(frozen=True)
class Hangs:
    """Answers a byte at a time, for ever."""

    seconds: float = 30.0


@dataclass(frozen=True)
class DropsOut:
    """Closes the connection in the middle of the answer."""


@dataclass(frozen=True)
class Calls:
    """Calls tools: (name, arguments as JSON, which need not be any)."""

    calls: tuple[tuple[str, str], ...]


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
        elif isinstance(found, Hangs):
            self._drip(found.seconds)
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


def _completion(body: dict[str, Any], text: str | Calls) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if isinstance(text, Calls):
        calls = [
            {"id": f"c{len(body['messages'])}_{i}", "type": "function", "function": {"name": name, "arguments": given}}
            for i, (name, given) in enumerate(text.calls)
        ]
        message = {"role": "assistant", "content": None, "tool_calls": calls}
    elif "Draft" in {tool["function"]["name"] for tool in body.get("tools", [])}:
        pass  # a text stays one, where a model could have called a tool
    elif "function_calling" in forms(body):
        name = body["tools"][0]["function"]["name"]
        call = {"id": "c1", "type": "function", "function": {"name": name, "arguments": text}}
        message = {"role": "assistant", "content": None, "tool_calls": [call]}
    choice = {"index": 0, "message": message, "finish_reason": "stop"}
    usage = {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15}
    return {"id": "x", "object": "chat.completion", "created": 0, "model": "m", "choices": [choice], "usage": usage}
