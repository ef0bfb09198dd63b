"""Requests of the SPARQL 1.1 protocol (https://www.w3.org/TR/sparql11-protocol/), read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl

from kg.sparql.reading import RefusedQueryError
from ui.sparql.problems import RequestError

if TYPE_CHECKING:
    from starlette.requests import Request

_FORM: Final = "application/x-www-form-urlencoded"
_QUERY: Final = "application/sparql-query"
_UPDATE: Final = "application/sparql-update"
#: Bytes that a form may have beside its query, whose every byte may be three of a form (``%20``): names of graphs.
_SPARE_BYTES: Final = 20_000
#: Parameters of a request; others are the business of whoever sends them.
_MOST_PARAMETERS: Final = 200


@dataclass(frozen=True)
class Asked:
    """What a request asks."""

    query: str | None
    """None: what the service is."""
    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


async def read_request(request: Request, *, query_bytes: int) -> Asked:
    """Return what `request` asks: GET, or POST of a form or of a query.

    Args:
        request: The request.
        query_bytes: Longest query; a form may be three times as long, and some graphs.

    Raises:
        RequestError: It is not as the protocol says, or too long.
        RefusedQueryError: It is an update.
    """
    parameters = _parameters(request.scope.get("query_string", b""))
    if request.method == "GET":
        return _asked(parameters, query_bytes)
    content_type = request.headers.get("content-type", "")
    kind, _, rest = content_type.partition(";")
    media_type = kind.strip().lower()
    if media_type == _FORM:
        body = await _body(request, 3 * query_bytes + _SPARE_BYTES)
        return _asked(_parameters(body), query_bytes, needed=True)
    if media_type == _QUERY:
        _check_charset(rest)
        text = _text(await _body(request, query_bytes))
        if any(name == "query" for name, _ in parameters):
            raise RequestError("The query is given twice.", allowed="the body, or the parameter query")
        return _asked([*parameters, ("query", text)], query_bytes)
    if media_type == _UPDATE:
        raise _refused()
    raise RequestError(
        f"{content_type[:100]!r} is no type of a query.",
        status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        allowed=f"{_FORM} or {_QUERY}",
    )


def _asked(parameters: Sequence[tuple[str, str]], query_bytes: int, *, needed: bool = False) -> Asked:
    queries = [value for name, value in parameters if name == "query"]
    if any(name == "update" for name, _ in parameters):
        raise _refused()
    if len(queries) > 1:
        raise RequestError("There are several queries.", allowed="one")
    if needed and not queries:
        raise RequestError("There is no query.", allowed="the parameter query")
    if queries and len(queries[0].encode()) > query_bytes:
        raise _too_long(query_bytes)
    default = tuple(value for name, value in parameters if name == "default-graph-uri")
    named = tuple(value for name, value in parameters if name == "named-graph-uri")
    return Asked(queries[0] if queries else None, default, named)


def _parameters(encoded: bytes) -> list[tuple[str, str]]:
    try:
        text = encoded.decode("ascii")
        return parse_qsl(text, keep_blank_values=True, errors="strict", max_num_fields=_MOST_PARAMETERS)
    except ValueError as error:  # no ASCII, no UTF-8 behind the percent signs, or too many
        raise RequestError("The parameters cannot be read.", allowed="percent-encoded UTF-8") from error


async def _body(request: Request, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    async for chunk in request.stream():
        parts.append(chunk)
        size += len(chunk)
        if size > most:
            raise _too_long(most)
    return b"".join(parts)


def _text(body: bytes) -> str:
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        raise RequestError("The query is no UTF-8.", allowed="UTF-8") from error


def _check_charset(parameters: str) -> None:
    for parameter in parameters.split(";"):
        name, _, value = parameter.strip().lower().partition("=")
        if name == "charset" and value.strip('"') not in {"utf-8", "utf8", "us-ascii"}:
            raise RequestError(
                f"The charset {value[:40]!r} is none of a query.",
                status=HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
                allowed="utf-8",
            )


def _refused() -> RefusedQueryError:
    return RefusedQueryError("Updates are not accepted here.", where="request", allowed="queries that read")


def _too_long(most: int) -> RequestError:
    return RequestError(
        "The request is too long.", status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE, allowed=f"at most {most} bytes"
    )
