"""Linked data: an IRI of the graph answers as a page, Turtle or JSON-LD; and what the graph as a whole is.

The IRI ``https://w3id.org/tunegraph/learner/xgboost`` is answered at ``/id/learner/xgboost``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.errors import InputError

if TYPE_CHECKING:
    from fastapi import APIRouter

    from ui.compose import Tunegraph
    from ui.sparql import MaySeePrivate
    from ui.sparql.limits import ServiceLimits


def router(
    tunegraph: Tunegraph, *, may_see_private: MaySeePrivate | None = None, limits: ServiceLimits | None = None
) -> APIRouter:
    """Return the routes ``/id/...`` and ``/.well-known/void``; their answers come from the endpoint's processes.

    Args:
        tunegraph: Whose graph it is.
        may_see_private: Whether a request may see the sources that are the user's own. Default: none may.
        limits: What one answer may take; those of the endpoint hold where it was asked first.

    Raises:
        InputError: FastAPI is not installed.
    """
    try:
        from ui.linked.routes import make_router
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed.", where="linked data", allowed="pip install 'tunegraph[api]'"
        ) from error
    from ui.sparql import nobody
    from ui.sparql.limits import ServiceLimits

    return make_router(tunegraph, may_see_private or nobody, limits or ServiceLimits())
