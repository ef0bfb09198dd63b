"""Errors of the endpoint as problem details (RFC 9457): what was wrong, where, and what is allowed."""

from __future__ import annotations

from http import HTTPStatus

from starlette.responses import JSONResponse

from kg.errors import InputError, StoreError, TunegraphError
from kg.sparql.answering import NotAcceptableError
from kg.sparql.reading import RefusedQueryError
from ui.api.problems import problem_response
from ui.sparql.limits import BusyError, QueryLimitError

#: Error -> status; the first that fits.
_STATUS: tuple[tuple[type[TunegraphError], HTTPStatus], ...] = (
    (NotAcceptableError, HTTPStatus.NOT_ACCEPTABLE),
    (RefusedQueryError, HTTPStatus.FORBIDDEN),
    (QueryLimitError, HTTPStatus.UNPROCESSABLE_ENTITY),
    (InputError, HTTPStatus.BAD_REQUEST),
    (BusyError, HTTPStatus.SERVICE_UNAVAILABLE),
    (StoreError, HTTPStatus.SERVICE_UNAVAILABLE),
)
#: What `problem_of` turns into an answer.
TOLD: tuple[type[TunegraphError], ...] = tuple(error for error, _ in _STATUS)


class RequestError(InputError):
    """A request is not as the protocol says.

    Args:
        message: What is wrong.
        status: The status to answer with.
        allowed: What would have been right.
    """

    def __init__(self, message: str, *, status: HTTPStatus = HTTPStatus.BAD_REQUEST, allowed: str = "") -> None:
        super().__init__(message, where="request", allowed=allowed)
        self.status = status


def problem_of(error: TunegraphError) -> JSONResponse:
    """Return `error`, one of `TOLD`, as an answer."""
    status = error.status if isinstance(error, RequestError) else next(s for e, s in _STATUS if isinstance(error, e))
    if isinstance(error, InputError):
        return problem_response(status, error.message, where=error.where, allowed=error.allowed)
    if isinstance(error, BusyError):
        return problem_response(status, str(error), headers={"Retry-After": str(error.retry_s)})
    # What a store says of itself names files of the server.
    return problem_response(status, "The graph cannot be read at the moment.", headers={"Retry-After": "5"})
