"""HEAD and OPTIONS for every route: the headers that a GET would have got, and which methods there are (RFC 9110)."""

from __future__ import annotations

from typing import Final

import anyio.lowlevel
from starlette.responses import Response
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

#: What routes are made for; HEAD and OPTIONS follow from them.
_MADE: Final = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Methods:
    """Answers HEAD with the headers of the GET, and OPTIONS with the methods of the path.

    Args:
        app: What is behind it.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        method = scope.get("method") if scope["type"] == "http" else None
        if method == "HEAD":
            await self._head(scope, receive, send)
        elif method == "OPTIONS" and (allowed := allow(scope)):
            await Response(status_code=204, headers={"Allow": allowed})(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _head(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The scope of the request itself stays one of HEAD: the server looks there whether content is to follow.
        asked = {**scope, "method": "GET"}
        with anyio.CancelScope() as answering:

            async def send_headers(message: Message) -> None:
                if message["type"] != "http.response.body":
                    await send(message)
                    return
                await send({**message, "body": b"", "more_body": False})
                if message.get("more_body"):  # a stream may go on for as long as what it tells of
                    answering.cancel()
                    await anyio.lowlevel.checkpoint()  # ends it here, even where it never waits for anything

            await self._app(asked, receive, send_headers)
        if "route" in asked:
            scope["route"] = asked["route"]


def allow(scope: Scope) -> str:
    """Return the methods that the path of a request takes, as the header ``Allow`` lists them; empty for no path."""
    routes: list[BaseRoute] = scope["app"].routes
    made = [one for one in _MADE if any(route.matches({**scope, "method": one})[0] is Match.FULL for route in routes)]
    if not made:
        return ""
    return ", ".join([*made, *(["HEAD"] if "GET" in made else []), "OPTIONS"])
