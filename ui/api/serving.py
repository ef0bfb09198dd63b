"""The application behind a server that listens."""

from __future__ import annotations

import logging
import socket
from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING

from kg.errors import InputError
from ui.api import create_app
from ui.api.allocator import share_memory
from ui.api.keys import PATTERN, KeyRing
from ui.api.settings import ApiSettings, check_binding

if TYPE_CHECKING:
    from ui.compose import Tunegraph

#: Seconds that a connection may stay open without a request, and that what is going on may take when the server ends.
_IDLE_S, _GRACE_S = 10, 5


def serve(tunegraph: Tunegraph, settings: ApiSettings, *, told: Callable[[str], None]) -> None:
    """Serve until interrupted.

    Args:
        tunegraph: The recommender over all of the graph.
        settings: Address and limits.
        told: Called with the address, once requests are taken.

    Raises:
        InputError: The address is public and there is no key, or it cannot be listened on; FastAPI is not installed.
        StoreError: The graph cannot be opened.
    """
    share_memory()
    uvicorn = _server_library()
    check_binding(settings.host, has_keys=bool(KeyRing(tunegraph.settings.home).records()))
    app = create_app(tunegraph, settings)
    _ = app.state.services.public.store  # opened before the first request, which would wait for it
    listening = listening_socket(settings)
    config = uvicorn.Config(
        app,
        # Who asks is who connects: a header that says otherwise could be anybody's.
        proxy_headers=False,
        server_header=False,
        timeout_keep_alive=_IDLE_S,
        timeout_graceful_shutdown=_GRACE_S,
        log_level="info",
    )
    for name in ("uvicorn.access", "uvicorn.error"):
        logging.getLogger(name).addFilter(WithoutKeys())
    host, port = listening.getsockname()[:2]
    told(f"Serving on http://{f'[{host}]' if ':' in host else host}:{port}")
    with listening:
        uvicorn.Server(config).run(sockets=[listening])


class WithoutKeys(logging.Filter):
    """Takes keys out of what is logged: a key is for a header, but somebody will put one into an address."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Change `record`; let it through."""
        if isinstance(record.args, tuple):
            record.args = tuple(_without_keys(one) for one in record.args)
        record.msg = _without_keys(record.msg)
        return True


def _without_keys(said: object) -> object:
    return PATTERN.sub("tg_***", said) if isinstance(said, str) else said


def _server_library() -> ModuleType:
    try:
        import uvicorn
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed.", where="REST API", allowed="pip install 'tunegraph[api]'"
        ) from error
    return uvicorn


def listening_socket(settings: ApiSettings) -> socket.socket:
    """Return a socket that listens where `settings` say.

    Raises:
        InputError: The address is taken, or is none of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((settings.host.strip("[]"), settings.port))
        found.listen(1024)
    except OSError as error:
        found.close()
        raise InputError(
            f"Cannot listen on {settings.host}:{settings.port}: {error.strerror or error}.",
            where="--host, --port",
            allowed="an address of this machine and a port that is free",
        ) from error
    return found
