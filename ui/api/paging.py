"""Pages: a part of a sorted list, and an opaque cursor that says where the next one begins.

A cursor holds the key of the last item of a page, not its position, so that what is added or taken out meanwhile
makes no item come twice or be passed over. Rows of a question have no key; their cursor holds a position, and the
state of the graph that it belongs to.
"""

from __future__ import annotations

import base64
import binascii
import bisect
import json
from collections.abc import Callable, Sequence
from typing import Annotated, Final, Generic, TypeVar

from fastapi import Query
from pydantic import BaseModel, Field

from ui.api.problems import ApiError

MOST: Final = 500

T = TypeVar("T")
K = TypeVar("K")

#: How many items a page has at most.
Limit = Annotated[int, Query(ge=1, le=MOST, description="Most items of the page.")]
#: Where the page begins.
Cursor = Annotated[
    str | None, Query(max_length=1000, description="`next` of the page before; none for the first page.")
]


class Page(BaseModel, Generic[T]):
    """A part of a list."""

    items: list[T]
    total: int = Field(examples=[786])
    """Of the whole list, as it is now."""
    next: str | None = Field(None, examples=["WyJhIiwgMTAwXQ"])
    """The cursor of the next page; null where this is the last one."""


def page_after(
    items: Sequence[K], key: Callable[[K], str], *, cursor: str | None, limit: int
) -> tuple[Sequence[K], str | None]:
    """Return a page of `items`, which are sorted by `key`, and the cursor of the next.

    Raises:
        ApiError: 422: the cursor is not one of ours.
    """
    start = 0 if cursor is None else bisect.bisect_right(items, _text(_read(cursor)), key=key)
    found = items[start : start + limit]
    more = start + limit < len(items)
    return found, _written(key(found[-1])) if more else None


def page_at(items: Sequence[K], state: str, *, cursor: str | None, limit: int) -> tuple[Sequence[K], str | None]:
    """Return a page of `items`, which have no key, and the cursor of the next.

    Args:
        items: All of them.
        state: What they were read from; a cursor of another state is refused.
        cursor: Where the page begins.
        limit: Most items of the page.

    Raises:
        ApiError: 422: the cursor is not one of ours; 410: what it belongs to is not there any more.
    """
    start = 0
    if cursor is not None:
        found = _read(cursor)
        if not (isinstance(found, list) and len(found) == 2 and isinstance(found[1], int) and found[1] >= 0):
            raise _unknown()
        if found[0] != state:
            raise ApiError(410, "The graph has changed meanwhile.", where="cursor", allowed="the first page")
        start = found[1]
    stop = start + limit
    return items[start:stop], _written([state, stop]) if stop < len(items) else None


def _written(place: str | list[str | int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


def _read(cursor: str) -> object:
    try:
        padded = cursor.encode("ascii") + b"=" * (-len(cursor) % 4)
        found: object = json.loads(base64.b64decode(padded, altchars=b"-_", validate=True))
    except (UnicodeError, binascii.Error, ValueError, RecursionError):
        raise _unknown() from None
    return found


def _text(found: object) -> str:
    if not isinstance(found, str):
        raise _unknown()
    return found


def _unknown() -> ApiError:
    return ApiError(422, "This is no cursor of ours.", where="cursor", allowed="`next` of the page before, or none")
