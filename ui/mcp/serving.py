"""Serves the tools: over standard input and output to the user's own assistant, or over HTTP."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any, Final

from kg.errors import InputError
from ui.mcp import make_server

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send

    from ui.compose import Tunegraph

#: Where the tools are answered over HTTP.
PATH: Final = "/mcp"


def serve_stdio(tunegraph: Tunegraph) -> None:
    """Serve who started this process, until standard input ends; all of the graph is shown.

    Raises:
        InputError: The package ``mcp`` is not installed.
    """
    make_server(tunegraph, may_read_files=True).run("stdio")


def http_app(tunegraph: Tunegraph, *, host: str = "127.0.0.1") -> ASGIApp:
    """Return the application that serves the tools at ``/mcp``.

    Who may ask, and how often, is for the gate of the API (`ui.api.access`): without a key made, this machine only and
    the public part of the graph. A key of scope ``read`` sees all of it.

    Args:
        tunegraph: The recommender over all of the graph; its home holds the keys.
        host: The address that it is served at.

    Raises:
        InputError: The packages are not installed.
    """
    try:
        from starlette.applications import Starlette
        from starlette.routing import Mount

        from ui.api.access import Gate
        from ui.api.keys import KeyRing
        from ui.api.settings import ApiSettings
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed.", where="mcp", allowed="pip install 'tunegraph[api]'"
        ) from error
    from ui.public import PublicTunegraph

    servers = {True: make_server(tunegraph), False: make_server(PublicTunegraph(tunegraph))}
    doors = {private: server.streamable_http_app(host=host) for private, server in servers.items()}

    async def by_caller(scope: Scope, receive: Receive, send: Send) -> None:
        caller = scope.get("state", {}).get("caller")
        await doors[bool(caller is not None and caller.sees_private)](scope, receive, send)

    @contextlib.asynccontextmanager
    async def lifespan(_: Any) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            for server in servers.values():
                await stack.enter_async_context(server.session_manager.run())
            yield

    app = Starlette(routes=[Mount("/", app=by_caller)], lifespan=lifespan)
    return Gate(app, keys=KeyRing(tunegraph.settings.home), settings=ApiSettings(host=host))


def serve_http(tunegraph: Tunegraph, *, host: str, port: int, told: Callable[[str], None]) -> None:
    """Serve over HTTP until interrupted.

    Args:
        tunegraph: The recommender over all of the graph.
        host: Address to listen on. Others than loopback need a key.
        port: 0: any that is free.
        told: Called with the address, once requests are taken.

    Raises:
        InputError: The address is public and there is no key, or it cannot be listened on; a package is missing.
    """
    app = http_app(tunegraph, host=host)
    import uvicorn

    from ui.api.allocator import share_memory
    from ui.api.keys import KeyRing
    from ui.api.serving import listening_socket
    from ui.api.settings import ApiSettings, check_binding

    share_memory()
    check_binding(host, has_keys=bool(KeyRing(tunegraph.settings.home).records()))
    listening = listening_socket(ApiSettings(host=host, port=port))
    name, number = listening.getsockname()[:2]
    told(f"Serving on http://{f'[{name}]' if ':' in name else name}:{number}{PATH}")
    config = uvicorn.Config(app, proxy_headers=False, server_header=False, log_level="warning")
    with listening:
        uvicorn.Server(config).run(sockets=[listening])
