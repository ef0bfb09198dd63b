"""What the API's description says of the endpoint: parameters, bodies, and every answer that there is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from ui.sparql.media import GRAPHS, ROWS


def contents(types: Iterable[str]) -> dict[str, Any]:
    """Return how OpenAPI tells of answers in these media types: JSON of the standards' own form, others as text."""
    return {one: {"schema": {} if one.endswith("json") else {"type": "string"}} for one in types}


#: The answer that tells a problem.
PROBLEM: Final = {
    "content": {
        "application/problem+json": {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status", "detail"],
                "properties": {
                    "type": {"type": "string"},
                    "title": {"type": "string"},
                    "status": {"type": "integer"},
                    "detail": {"type": "string"},
                    "where": {"type": "string"},
                    "allowed": {"type": "string"},
                },
            }
        }
    }
}
_PROBLEMS: Final = {
    400: "The query or the request cannot be read.",
    403: "An update, or SERVICE: this endpoint only reads what it has.",
    406: "The answer cannot be given in what is accepted.",
    413: "The query is too long.",
    422: "The query takes more time, memory, rows or bytes than it may.",
    501: "The graph is in memory alone, where no SPARQL is answered.",
    503: "Too many queries at once, or the graph cannot be read at the moment.",
}
_GRAPH_PARAMETER: Final = {"type": "array", "items": {"type": "string", "format": "uri"}}
_QUERY_PARAMETER: Final = {
    "type": "string",
    "description": "A SPARQL 1.1 query.",
    "examples": ["SELECT * WHERE { ?dataset a mls:Dataset } LIMIT 5"],
}
_GRAPHS: Final = [
    {"name": name, "in": "query", "required": False, "schema": _GRAPH_PARAMETER, "description": text}
    for name, text in (
        ("default-graph-uri", "A graph to ask; several make up their union. Default: all."),
        ("named-graph-uri", "A graph that GRAPH may name. Default: all."),
    )
]
_ANSWERS: Final[dict[int | str, dict[str, Any]]] = {
    200: {"description": "The answer.", "content": contents((*ROWS, *GRAPHS))},
    **{status: {"description": text, **PROBLEM} for status, text in _PROBLEMS.items()},
}

#: Arguments of the route for GET.
SPARQL_GET: Final[dict[str, Any]] = {
    "responses": _ANSWERS,
    "openapi_extra": {
        "parameters": [{"name": "query", "in": "query", "required": False, "schema": _QUERY_PARAMETER}, *_GRAPHS]
    },
}
#: Arguments of the route for POST.
SPARQL_POST: Final[dict[str, Any]] = {
    "responses": {**_ANSWERS, 415: {"description": "The body is of another type.", **PROBLEM}},
    "openapi_extra": {
        "parameters": _GRAPHS,
        "requestBody": {
            "required": True,
            "content": {
                "application/x-www-form-urlencoded": {
                    "schema": {
                        "type": "object",
                        "required": ["query"],
                        "properties": {
                            "query": _QUERY_PARAMETER,
                            "default-graph-uri": _GRAPH_PARAMETER,
                            "named-graph-uri": _GRAPH_PARAMETER,
                        },
                    }
                },
                "application/sparql-query": {"schema": _QUERY_PARAMETER},
            },
        },
    },
}
