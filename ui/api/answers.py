"""Answers from the graph, each from one state of it, and kept for as long as that state is the last.

What such a route answers follows from the content of the graph, the request, who may see what, and the release: it
says so by its ETag (`ui.api.freshness`). So an answer that was made before is right as long as its tag would be the
same. And one during which the tag has changed may hold something of both states (a list from before, its items from
after): it is not sent, but made anew.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import anyio.to_thread
from anyio import CapacityLimiter
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from kg.errors import StoreError
from ui.api.problems import response_of

#: Paths below which routes answer from the graph.
_BELOW: Final = "/v1/"
#: Bytes of all answers that are kept, and of one.
_MOST: Final = 32 * 1024 * 1024
_MOST_OF_ONE: Final = 1024 * 1024
#: How often an answer is made where the graph has changed meanwhile.
_TRIES: Final = 5

#: Threads that ask the graph for its state: apart from those of the routes, which may all be at work for long.
_THREADS: Final = 8

_Key = tuple[bool, str, bytes, bool]


class Answers:
    """Gives answers that were made before, and holds back those that are from two states of the graph.

    Args:
        app: What is behind it.
        tag_of: Says which state of the graph an answer to a request would be from now; may wait for the graph.
        sees_private: Says of a request whether who asks may see what is private.
    """

    def __init__(self, app: ASGIApp, tag_of: Callable[[Scope], str], sees_private: Callable[[Scope], bool]) -> None:
        self._app, self._tag_of, self._sees_private = app, tag_of, sees_private
        self._kept: OrderedDict[_Key, _Answer] = OrderedDict()
        self._bytes = 0
        self._threads: CapacityLimiter | None = None  # of the event loop, which is not there yet

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or not scope["path"].startswith(_BELOW):
            await self._app(scope, receive, send)
            return
        try:
            key = self._key(scope)
            if not await self._is_told(scope, send, key):
                await self._make(scope, receive, send, key)
        except StoreError as error:
            await response_of(error)(scope, receive, send)

    def _key(self, scope: Scope) -> _Key:
        takes_gzip = "gzip" in Headers(scope=scope).get("accept-encoding", "")  # as the middleware behind this one asks
        return self._sees_private(scope), scope["path"], scope["query_string"], takes_gzip

    async def _is_told(self, scope: Scope, send: Send, key: _Key) -> bool:
        """Give the answer that is kept, if it is still right and is to be given whole; say whether it was."""
        kept = self._kept.get(key)
        # Who has an answer already is told so by the route.
        if kept is None or "if-none-match" in Headers(scope=scope) or kept.tag != await self._tag(scope):
            return False
        if key in self._kept:
            self._kept.move_to_end(key)
        scope["route"] = kept.route
        await kept.send(send)
        return True

    async def _make(self, scope: Scope, receive: Receive, send: Send, key: _Key) -> None:
        for _ in range(_TRIES):
            told = _Told(send)
            await self._app(scope, receive, told)
            if told.tag is None:  # sent already
                return
            answer = _Answer(told.tag, told.start, b"".join(told.parts), scope.get("route"))
            if answer.tag == await self._tag(scope):
                self._keep(key, answer)
                await answer.send(send)
                return
        raise StoreError("The graph changes faster than this can be answered.")

    async def _tag(self, scope: Scope) -> str:
        if self._threads is None:
            self._threads = CapacityLimiter(_THREADS)
        return await anyio.to_thread.run_sync(self._tag_of, scope, limiter=self._threads)

    def _keep(self, key: _Key, answer: _Answer) -> None:
        # Only the event loop comes here, one request at a time.
        if answer.start["status"] != 200 or len(answer.body) > _MOST_OF_ONE:
            return
        before = self._kept.pop(key, None)
        self._kept[key] = answer
        self._bytes += answer.size - (0 if before is None else before.size)
        while self._bytes > _MOST:
            self._bytes -= self._kept.popitem(last=False)[1].size


@dataclass(frozen=True)
class _Answer:
    tag: str
    start: Message
    body: bytes
    route: Any
    """Of the request, for whoever counts requests by route."""

    @property
    def size(self) -> int:
        """Bytes, with a guess of what goes with the content."""
        return len(self.body) + 1024

    async def send(self, send: Send) -> None:
        # Whoever adds headers on the way does so to the message that is passed.
        await send({**self.start, "headers": list(self.start["headers"])})
        await send({"type": "http.response.body", "body": self.body, "more_body": False})


class _Told:
    """Takes what a route sends: keeps it where it has a tag, else passes it on at once."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.tag: str | None = None
        self.start: Message = {}
        self.parts: list[bytes] = []

    async def __call__(self, message: Message) -> None:
        """Take one message."""
        if message["type"] == "http.response.start":
            self.start, self.tag = message, Headers(raw=message["headers"]).get("etag")
        elif self.tag is not None and message["type"] == "http.response.body":
            self.parts.append(message.get("body", b""))
        if self.tag is None:
            await self._send(message)
