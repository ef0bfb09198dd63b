"""Everything that goes wrong is told the same way: RFC 9457's ``application/problem+json``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

from pydantic import BaseModel, Field
from starlette.responses import JSONResponse

from kg.errors import EvidenceError, InputError, StoreError, TunegraphError

MEDIA_TYPE: Final = "application/problem+json"
_KIND: Final = "urn:tunegraph:problem:"


class Fault(BaseModel):
    """One thing that is wrong with a request."""

    where: str = Field(examples=["body.meta_features"])
    """Place in the request."""
    message: str = Field(examples=["Field required"])


class Problem(BaseModel):
    """What went wrong, where, and what would have been right (RFC 9457)."""

    type: str = Field(examples=["urn:tunegraph:problem:not-found"])
    """Stable name of the kind of problem."""
    title: str = Field(examples=["Not found"])
    status: int = Field(examples=[404])
    detail: str = Field("", examples=["Nothing in the graph is named https://w3id.org/tunegraph/dataset/x."])
    where: str = Field("", examples=["learner"])
    """The field, parameter or header that holds it, where there is one."""
    allowed: str = ""
    """What would have been right, where that can be said."""
    errors: list[Fault] = []
    """Where several things are wrong at once."""


class ApiError(TunegraphError):
    """A problem of the API's own.

    Args:
        status: HTTP status.
        detail: What is wrong, for people.
        headers: That go with the answer, such as ``Retry-After``.
        said: Further fields of `Problem`.
    """

    def __init__(self, status: int, detail: str, *, headers: Mapping[str, str] | None = None, **said: Any) -> None:
        self.status, self.detail, self.headers, self.said = status, detail, dict(headers or {}), said
        super().__init__(detail)


def problem_response(
    status: int, detail: str = "", *, headers: Mapping[str, str] | None = None, **said: Any
) -> JSONResponse:
    """Return the answer that tells a problem; `said` are further fields of `Problem`."""
    content = problem_of(status, detail, **said).model_dump(exclude_defaults=True)
    return JSONResponse(_plain(content), status, headers=dict(headers or {}), media_type=MEDIA_TYPE)


def problem_of(status: int, detail: str, **said: Any) -> Problem:
    """Return a problem whose kind and title follow from its status; `said` are further fields."""
    title = HTTPStatus(status).phrase
    return Problem(type=_KIND + title.lower().replace(" ", "-"), title=title, status=status, detail=detail, **said)


def response_of(error: TunegraphError) -> JSONResponse:
    """Return the answer that tells one of our own errors."""
    match error:
        case ApiError():
            return problem_response(error.status, error.detail, headers=error.headers, **error.said)
        case InputError():
            return problem_response(422, error.message, where=error.where, allowed=error.allowed)
        case EvidenceError():
            return problem_response(404, str(error))
        case StoreError():
            return problem_response(503, str(error), headers={"Retry-After": "5"})
        case _:
            return problem_response(500, str(error))


def validation_response(errors: Sequence[Mapping[str, Any]]) -> JSONResponse:
    """Return the answer to a request that breaks its schema; what it held is not repeated."""
    faults = [Fault(where=".".join(str(part) for part in e["loc"]), message=str(e["msg"])) for e in errors]
    first = faults[0] if faults else Fault(where="", message="")
    return problem_response(422, f"{first.where}: {first.message}", where=first.where, errors=faults[:20])


def _plain(content: Any) -> Any:
    """Return `content` without what UTF-8 cannot hold: a request may have had half of a surrogate pair in it."""
    if isinstance(content, str):
        return content.encode("utf-8", "replace").decode()
    if isinstance(content, dict):
        return {name: _plain(value) for name, value in content.items()}
    return [_plain(value) for value in content] if isinstance(content, list) else content


def documented(*statuses: int) -> dict[int | str, dict[str, Any]]:
    """Return the part of a route's OpenAPI that says which problems it may tell."""
    return {status: {"model": Problem, "description": _MEANING[status], "content": _CONTENT} for status in statuses}


_CONTENT: Final[dict[str, Any]] = {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}}
_MEANING: Final = {
    400: "The request cannot be read at all.",
    401: "A key is needed, or the one given is not known.",
    403: "The key has not the scope that is needed, or who asks may not without one.",
    404: "There is no such thing, or it is not for who asks.",
    405: "Not with this method.",
    409: "Not in the state that this is in now.",
    410: "The graph has changed since the first page; begin again.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "A parameter or a field is wrong; says which, and what is allowed.",
    429: "Too many requests; try again after the seconds that `Retry-After` says.",
    500: "A fault of ours.",
    503: "Not now: everything is busy, or the store cannot be read.",
}
