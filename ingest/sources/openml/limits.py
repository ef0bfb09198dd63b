"""Politeness and patience: how often a server is asked, how long an answer is waited for, and what is tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

from ingest.sources.openml.faults import FetchStopped, RefusedError, TransientError

T = TypeVar("T")


@dataclass(frozen=True)
class Limits:
    """What a server is asked for, and what is taken from it."""

    requests_per_second: float = 4.0
    """At most; the requests that the client makes of its own accord count, too."""
    connect_s: float = 15.0
    """Seconds to connect."""
    silence_s: float = 60.0
    """Seconds between two bytes."""
    answer_s: float = 180.0
    """Seconds for a whole answer, however steadily it drips."""
    answer_bytes: int = 64 * 2**20
    """Bytes of an answer, unpacked. A page of 10,000 evaluations has about 6 MB."""
    attempts: int = 5
    """Tries for one thing, the first included."""
    backoff_s: float = 1.0
    """Wait before the second try; doubles each time."""
    longest_backoff_s: float = 60.0
    longest_retry_after_s: float = 300.0
    """A server that asks for more than this is taken to refuse."""
    failures_in_a_row: int = 4
    """Things that fail one after the other, each after all its tries, before the server is taken to be down."""


@dataclass
class RateLimit:
    """Lets one pass every so often.

    Args:
        per_second: How many a second.
        clock: Seconds, rising.
        sleep: Waits.
    """

    per_second: float
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    _next: float = field(default=0.0, init=False)

    def wait(self) -> None:
        """Wait for one's turn."""
        now = self.clock()
        if now < self._next:
            self.sleep(self._next - now)
        self._next = max(now, self._next) + 1.0 / self.per_second


@dataclass
class Retrying:
    """Tries again what may go well the next time: exponential back-off with jitter, or as long as the server asks.

    Half of each wait is drawn at random, so that clients that failed together do not come back together (Brooker,
    "Exponential Backoff And Jitter", AWS Architecture Blog, 2015: "equal jitter").

    Args:
        limits: How often, and how long to wait.
        deadline: A time of `clock` after which nothing is waited for any more; None where there is none.
        clock: Seconds, rising.
        sleep: Waits.
        told: Called with the failure and the wait, before waiting.
        seed: Of the jitter.
    """

    limits: Limits
    deadline: float | None = None
    clock: Callable[[], float] = time.monotonic
    sleep: Callable[[float], None] = time.sleep
    told: Callable[[TransientError, float], None] = lambda _error, _wait: None
    seed: int | None = None
    retries: int = field(default=0, init=False)
    """How often something was tried again."""

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)  # noqa: S311  # spreads load, keeps no secret

    def call(self, ask: Callable[[], T]) -> T:
        """Return what `ask` returns.

        Raises:
            FetchError: It failed for good, or too often; the last failure.
            FetchStopped: The deadline is over, or would be.
        """
        for attempt in range(1, self.limits.attempts + 1):
            if self.deadline is not None and self.clock() >= self.deadline:
                raise FetchStopped("time budget")
            try:
                return ask()
            except TransientError as error:
                if attempt == self.limits.attempts:
                    raise
                wait = self._wait(error, attempt)
                if self.deadline is not None and self.clock() + wait >= self.deadline:
                    raise FetchStopped("time budget") from error
                self.told(error, wait)
                self.retries += 1
                self.sleep(wait)
        raise AssertionError("at least one attempt")  # pragma: no cover

    def _wait(self, error: TransientError, attempt: int) -> float:
        asked = error.retry_after_s or 0.0
        if asked > self.limits.longest_retry_after_s:
            raise RefusedError(error.reason, f"the server asks to wait for {asked:.0f} s. {error.detail}") from error
        wait = min(self.limits.backoff_s * 2.0 ** (attempt - 1), self.limits.longest_backoff_s)
        return max(asked, wait * (0.5 + self._random.random() / 2))
