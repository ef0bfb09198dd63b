"""The graph at a SPARQL 1.1 protocol endpoint: any client asks, nobody writes, no query harms the server."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from kg.errors import InputError

if TYPE_CHECKING:
    from fastapi import APIRouter, Request

    from ui.compose import Tunegraph
    from ui.sparql.limits import ServiceLimits

#: Says whether who sends a request may see what is private.
MaySeePrivate = Callable[["Request"], bool]


def nobody(_: object) -> bool:
    """Let nobody see what is private."""
    return False


def router(
    tunegraph: Tunegraph, *, may_see_private: MaySeePrivate = nobody, limits: ServiceLimits | None = None
) -> APIRouter:
    """Return the routes of the endpoint ``/sparql``; its processes start at the first query and end with the app.

    Args:
        tunegraph: Whose graph it is.
        may_see_private: Whether a request may see the sources that are the user's own.
        limits: What one query, and all of them together, may take.

    Raises:
        InputError: FastAPI is not installed.
    """
    try:
        from ui.sparql.routes import make_router
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed.", where="SPARQL endpoint", allowed="pip install 'tunegraph[api]'"
        ) from error
    from ui.sparql.limits import ServiceLimits

    return make_router(tunegraph, may_see_private, limits or ServiceLimits())
