"""Which media types a route takes: another one is told as such (415), not as a body that lacks its fields."""

from __future__ import annotations

from typing import Final

from fastapi import Depends, Request

from ui.api.problems import ApiError


class _Takes:
    def __init__(self, *types: str) -> None:
        self._types = types

    async def __call__(self, request: Request) -> None:
        given = request.headers.get("content-type", "").partition(";")[0].strip().lower()
        if given not in self._types:
            raise ApiError(
                415, f"{given or 'no media type'} is not taken here.", where="Content-Type",
                headers={"Accept": ", ".join(self._types)}, allowed=", ".join(self._types),
            )  # fmt: skip


#: A route whose body is JSON.
JSON_ONLY: Final = Depends(_Takes("application/json"))
#: A route whose body is a form with a file.
FORM_ONLY: Final = Depends(_Takes("multipart/form-data"))
