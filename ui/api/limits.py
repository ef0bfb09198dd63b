"""How often and how much: token buckets for callers, and a limit on the bytes of a body that holds while it is read."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from starlette.exceptions import HTTPException
from starlette.types import Message, Receive

from ui.api.problems import ApiError

#: Callers that are remembered; who has not asked for longest is forgotten, and starts with a full bucket.
_REMEMBERED: Final = 10_000


class RateLimit:
    """A token bucket for each caller.

    Args:
        per_minute: Tokens that a bucket gains a minute; 0: no limit.
        burst: Tokens that it holds.
        clock: Seconds that never go back.
    """

    def __init__(self, per_minute: float, burst: float, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._burst, self._clock = per_minute / 60.0, max(burst, 1.0), clock
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()
        self._mutex = threading.Lock()

    def wait(self, caller: str, *, cost: float = 1.0) -> float:
        """Take `cost` tokens of `caller`; return 0, or the seconds after which there will be enough."""
        if not self._rate:
            return 0.0
        with self._mutex:
            tokens = self._tokens(caller)
            enough = tokens >= cost
            self._buckets[caller] = (tokens - cost if enough else tokens, self._clock())
            if len(self._buckets) > _REMEMBERED:
                self._buckets.popitem(last=False)
        return 0.0 if enough else (cost - tokens) / self._rate

    def _tokens(self, caller: str) -> float:
        tokens, at = self._buckets.pop(caller, (self._burst, self._clock()))
        return min(self._burst, tokens + (self._clock() - at) * self._rate)


def limited(receive: Receive, most: int) -> Receive:
    """Return `receive` for a body of at most `most` bytes, whatever its headers say.

    The returned function raises `HTTPException` (413) when more arrives.
    """
    got = 0

    async def receive_limited() -> Message:
        nonlocal got
        message = await receive()
        got += len(message.get("body", b""))
        if got > most:
            # Not an error of ours: the framework lets no other through from where it reads a body.
            raise HTTPException(413, too_large(most).detail)
        return message

    return receive_limited


def too_large(most: int) -> ApiError:
    """Return the error of a body that has more than `most` bytes."""
    return ApiError(413, f"The body is larger than {most:,} bytes.", where="body", allowed=f"at most {most:,} bytes")
