"""Questions whose answers are graphs: what the whole graph is (VoID, DCAT), and what it says of one thing.

They are constant texts; what they are about is bound to a variable.
"""

from __future__ import annotations

from functools import cache
from importlib import resources
from typing import Final

_FOLDER: Final = "kg.sparql"


@cache
def _text(name: str) -> str:
    return resources.files(_FOLDER).joinpath(name).read_text("utf-8")


def service_query() -> str:
    """Return the CONSTRUCT query for the description of graph and service; binds ``?endpoint`` to its address."""
    return _text("void.rq")


def resource_query() -> str:
    """Return the CONSTRUCT query for what is said of ``?this``, and labels of what that refers to."""
    return _text("resource.rq")


def statements_query() -> str:
    """Return the SELECT query for what is said of ``?this``: ``?property``, ``?value``, their labels, graph."""
    return _text("statements.rq")


def mentions_query() -> str:
    """Return the SELECT query for what refers to ``?this``: ``?subject``, ``?property``, their labels."""
    return _text("mentions.rq")
