"""ETags: whoever has an answer from the graph as it is now need not be sent it again.

What the graph answers follows from its content, the request and the release; so the tag is a digest of these, known
before anything is looked up. It is weak: gzip changes the bytes, and not what they say.
"""

from __future__ import annotations

from typing import Annotated, Any, Final

from fastapi import Depends, Request, Response
from starlette.types import Scope

from kg.iris import digest
from kg.store import KnowledgeStore
from ui.api.access import caller_of
from ui.api.services import Asking, Seen, services_of

#: Tags from before a change of what the routes answer must not fit any more.
_FORMAT: Final = 1


class NotModified(Exception):  # noqa: N818  # no error: what the caller has is right
    """The caller has the answer already.

    Args:
        headers: That a full answer would have had.
    """

    def __init__(self, headers: dict[str, str]) -> None:
        self.headers = headers
        super().__init__("not modified")


def tag_of(scope: Scope) -> str:
    """Return the ETag that an answer from the graph as it is now would have.

    Raises:
        StoreError: The graph cannot be read.
    """
    request = Request(scope)
    caller = caller_of(request)
    return _tag(request, services_of(request).tunegraph_for(caller).store, sees_private=caller.sees_private)


def _tag(request: Request, store: KnowledgeStore, *, sees_private: bool) -> str:
    url = request.url
    return f'W/"{digest(_FORMAT, request.app.version, store.fingerprint(), sees_private, url.path, url.query)}"'


def _check(request: Request, response: Response, seen: Seen, caller: Asking) -> None:
    tag = _tag(request, seen.store, sees_private=caller.sees_private)
    headers = {"ETag": tag, "Cache-Control": "private, no-cache", "Vary": "Authorization"}
    named = {one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")}
    if tag.removeprefix("W/") in named:
        raise NotModified(headers)
    response.headers.update(headers)


#: A route of which a fresh answer need not be sent again.
Fresh = Depends(_check)
#: How OpenAPI tells of it.
NOT_MODIFIED: Final[dict[int | str, dict[str, Any]]] = {304: {"description": "The caller has it already."}}
Checked = Annotated[None, Fresh]
