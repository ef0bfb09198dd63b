"""The graph and the recommender over HTTP: ``tunegraph serve``.

app = create_app(Tunegraph(Settings.from_environment()), ApiSettings())
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from kg.errors import InputError
from ui.api.settings import ApiSettings

if TYPE_CHECKING:
    from fastapi import FastAPI

    from ui.compose import Tunegraph

__all__ = ["ApiSettings", "create_app"]


def create_app(tunegraph: Tunegraph, settings: ApiSettings | None = None) -> FastAPI:
    """Return the application over one graph; any ASGI server can serve it.

    Args:
        tunegraph: The recommender over all of the graph. Its home holds the keys.
        settings: Limits; the defaults suit one machine.

    Raises:
        InputError: FastAPI is not installed.
    """
    # Imported here: a process that works on proposals is of this package, too, and needs none of it.
    try:
        from ui.api.app import application
    except ModuleNotFoundError as error:
        raise InputError(
            f"{error.name} is not installed.", where="REST API", allowed="pip install 'tunegraph[api]'"
        ) from error
    return application(tunegraph, settings or ApiSettings())
