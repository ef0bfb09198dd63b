"""Kinds of failure of a provider: what may pass, what another way of asking may cure, and what is the end."""

from __future__ import annotations

import re

from kg.errors import ModelError
from recommender.llm.model import Method

#: Statuses that say that a key is wrong: asking otherwise will not help.
_NO_ENTRY = frozenset({401, 403})
#: What may go away by itself: time-outs, refused connections, too many requests, an overloaded server.
_PASSING = re.compile(
    r"(?i)timeout|timed out|connection|rate.?limit|overloaded|unavailable|internal server|bad gateway"
)
_SECRET = re.compile(r"(?i)\b(sk|key|api|token|bearer)[-_a-z]*[-=: ]+['\"]?[\w.\-]{8,}")


class PassingError(ModelError):
    """A failure that may go away by itself."""


class GoneError(ModelError):
    """A provider that did not answer, however often it was asked: another method will not help."""


class UnableError(ModelError):
    """A provider that has no such way of answering."""


def status_of(error: Exception) -> int | None:
    """Return the HTTP status that a failure came with; None where it came with none."""
    found: int | None = getattr(error, "status_code", None)
    return found or getattr(getattr(error, "response", None), "status_code", None)


def may_be_the_stream(error: Exception) -> bool:
    """Say whether a failure may be that of a server that cannot stream, and no other."""
    is_other = isinstance(error, ModelError | TimeoutError) or status_of(error) in _NO_ENTRY
    return not is_other and not isinstance(kind_of(error, Method.TEXT), PassingError)


def kind_of(error: Exception, method: Method) -> ModelError:
    """Return a failure as one of ours, told in a line.

    Args:
        error: What the provider's library raised.
        method: How the model was made to answer.
    """
    if isinstance(error, ModelError):
        return error
    text, status = told_of(error), status_of(error)
    if (status is not None and (status == 429 or status >= 500)) or (status is None and _PASSING.search(text)):
        return PassingError(text)
    if method is not Method.TEXT and (status in {400, 404, 422} or isinstance(error, NotImplementedError | TypeError)):
        return UnableError(text)
    return GoneError(text)


def told_of(error: Exception) -> str:
    """Return what went wrong in a line, without what may be a key."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    return _SECRET.sub(r"\1...", text)[:300]
