"""Who asks, and what they may: the one gate that every request passes.

    no key made yet     this machine only; the public part of the graph, and proposals from it
    keys made           every request needs one, but for ``/health/...`` and ``/openapi.json``
    scope ``read``      all of the graph, and the user's own studies
    scope ``write``     adding and taking out own studies; without ``read``, the public part of the graph

Who needs no key is told from who does by the address of the connection alone. A request that came through a proxy
is nobody's on this machine, and neither is one that a page of another origin, or a name that leads here for a while
(DNS rebinding), makes a browser send.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Annotated, Final
from urllib.parse import urlsplit

from fastapi import Depends, Request, Security
from fastapi.security import HTTPBearer
from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Send
from starlette.types import Scope as AsgiScope

from kg.errors import StoreError
from ui.api.keys import KeyRing, Scope
from ui.api.limits import RateLimit, limited, too_large
from ui.api.problems import ApiError, response_of
from ui.api.settings import ApiSettings, is_loopback

#: Paths that tell nothing of anybody.
OPEN_PATHS: Final = frozenset({"/health/live", "/health/ready", "/openapi.json"})
#: Where tables and studies are uploaded.
UPLOAD_PATHS: Final = frozenset({"/v1/proposals/upload", "/v1/studies"})
_PROXIED: Final = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
_CHALLENGE: Final = {"WWW-Authenticate": 'Bearer realm="tunegraph"'}


@dataclass(frozen=True)
class Caller:
    """Who asks."""

    name: str
    """``key:<id>``, or ``address:<address>`` of one without a key."""
    scopes: frozenset[Scope] = frozenset()
    """Of the key; none without one."""

    @property
    def sees_private(self) -> bool:
        """Whether the user's own studies are shown."""
        return Scope.READ in self.scopes


class Gate:
    """Lets a request through with its `Caller` in ``request.state.caller``, or answers with the problem.

    Args:
        app: What is behind it.
        keys: The keys there are.
        settings: Limits.
    """

    def __init__(self, app: ASGIApp, keys: KeyRing, settings: ApiSettings) -> None:
        self._app, self._keys, self._settings = app, keys, settings
        self._rate = RateLimit(settings.requests_per_minute, settings.burst)

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        try:
            caller = self._admitted(scope)
            most = self._most_bytes(scope)
        except (ApiError, StoreError) as error:
            await response_of(error)(scope, receive, send)
            return
        scope.setdefault("state", {})["caller"] = caller
        await self._app(scope, limited(receive, most), send)

    def _admitted(self, scope: AsgiScope) -> Caller:
        """Return who asks; who is refused has had a request, too."""
        headers, address = Headers(scope=scope), str((scope.get("client") or ("unknown",))[0])
        caller, refusal = Caller(f"address:{address}"), None
        if scope["path"] not in OPEN_PATHS:
            given = headers.get("authorization")
            record = None if given is None else self._keys.verify(_bearer(given))
            if record is not None:
                caller = Caller(f"key:{record.id}", frozenset(record.scopes))
            else:
                refusal = self._refusal(headers, address)
        if wait := self._rate.wait(caller.name):
            raise _too_many(wait)
        if refusal is not None:
            raise refusal
        return caller

    def _refusal(self, headers: Headers, address: str) -> ApiError | None:
        """Return why a request without a valid key is not answered; None where it is."""
        if "authorization" in headers:
            return _unauthorised("The key is not known.")
        if self._keys.records():
            return _unauthorised("A key is needed.")
        if not is_loopback(address) or any(name in headers for name in _PROXIED):
            return _unauthorised("Without a key, only this machine itself is answered.")
        return _browser_refusal(headers, self._settings.cors_origins)

    def _most_bytes(self, scope: AsgiScope) -> int:
        upload = scope["path"] in UPLOAD_PATHS
        most = self._settings.max_upload_bytes if upload else self._settings.max_body_bytes
        length = Headers(scope=scope).get("content-length", "0")
        if length.isascii() and length.isdigit() and int(length) > most:
            raise too_large(most)
        return most


async def asking(request: Request) -> Caller:
    """Return who asks, as a dependency; one that is not async would be called in a thread, which costs more than it."""
    return caller_of(request)


def caller_of(request: Request) -> Caller:
    """Return who asks; nobody in particular where the application runs without its gate."""
    caller = getattr(request.state, "caller", None)
    return caller if isinstance(caller, Caller) else Caller("nobody")


def sees_private(request: Request) -> bool:
    """Say whether who asks may see the user's own studies."""
    return caller_of(request).sees_private


#: What makes OpenAPI say that there are keys; whether one is needed and right is for the gate.
_scheme = HTTPBearer(auto_error=False, scheme_name="key", description="An API key: `tunegraph keys add NAME`.")
KEYED: Final = Security(_scheme)


class Needs:
    """A dependency that lets those through whose key has a scope.

    Args:
        scope: The scope.
    """

    def __init__(self, scope: Scope) -> None:
        self._scope = scope

    async def __call__(self, caller: Annotated[Caller, Depends(asking)]) -> Caller:
        """Return the caller.

        Raises:
            ApiError: 401 without a key, 403 with one that lacks the scope.
        """
        if self._scope in caller.scopes:
            return caller
        if not caller.scopes:
            raise _unauthorised(f"This needs a key of scope {self._scope.value}.")
        raise ApiError(403, f"This needs a key of scope {self._scope.value}.", where="Authorization")


def _bearer(header: str) -> str:
    scheme, _, key = header.partition(" ")
    return key.strip() if scheme.lower() == "bearer" else ""


def _unauthorised(detail: str) -> ApiError:
    return ApiError(401, detail, headers=_CHALLENGE, where="Authorization", allowed="Bearer KEY")


def _browser_refusal(headers: Headers, origins: tuple[str, ...]) -> ApiError | None:
    """Return why a request that a page of a stranger may have made a browser send is not answered."""
    host = headers.get("host", "")
    if not is_loopback(urlsplit(f"//{host}").hostname or ""):
        return ApiError(403, "Without a key, the API is asked by the name of this machine only.", where="Host",
                        allowed="127.0.0.1, localhost")  # fmt: skip
    origin = headers.get("origin")
    if origin is not None and origin not in origins and urlsplit(origin).netloc != host:
        return ApiError(403, "Without a key, pages of other origins are not answered.", where="Origin")
    return None


def _too_many(wait: float) -> ApiError:
    return ApiError(429, "Too many requests.", headers={"Retry-After": str(math.ceil(wait))})
