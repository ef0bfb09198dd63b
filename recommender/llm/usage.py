"""How much a language model may be used, and how much it was."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from pydantic import Field

from kg.errors import ModelError
from kg.model.base import Value


class Limits(Value):
    """What may be spent on one task; the next call is refused where a limit is reached."""

    calls: int = Field(default=200, ge=1)
    tokens: int = Field(default=1_000_000, ge=1)
    """Of prompts and answers together."""
    seconds: float = Field(default=600.0, gt=0)
    """Wall clock, from the first call."""
    call_seconds: float = Field(default=60.0, gt=0)
    """For one call."""
    money: float | None = Field(default=None, gt=0)
    """In the currency of the prices; None: no limit."""
    prompt_price: float = Field(default=0.0, ge=0)
    """Of a million tokens of prompts."""
    answer_price: float = Field(default=0.0, ge=0)
    """Of a million tokens of answers."""


class Usage(Value):
    """What was spent."""

    calls: int = 0
    cached: int = 0
    """Answers that were taken from the cache: they cost nothing, and are no calls."""
    failed: int = 0
    """Calls that gave no usable answer."""
    prompt_tokens: int = 0
    answer_tokens: int = 0
    seconds: float = 0.0
    """Spent waiting for answers."""
    money: float = 0.0
    """By the prices of `Limits`; 0 where these are not given."""

    @property
    def tokens(self) -> int:
        """Tokens of prompts and answers."""
        return self.prompt_tokens + self.answer_tokens


class Meter:
    """Counts what is spent, and refuses what would go beyond the limits. Safe with many threads.

    Args:
        limits: What may be spent.
        clock: Tells the time in seconds.
    """

    def __init__(self, limits: Limits, *, clock: Callable[[], float] = time.monotonic) -> None:
        self.limits = limits
        self._clock = clock
        self._lock = threading.Lock()
        self._usage = Usage()
        self._started: float | None = None

    @property
    def usage(self) -> Usage:
        """What was spent so far."""
        return self._usage

    @property
    def seconds_left(self) -> float:
        """Wall clock that is left for the task; its clock starts with the first call, or here."""
        with self._lock:
            now = self._clock()
            self._started = now if self._started is None else self._started
            return max(0.0, self.limits.seconds - (now - self._started))

    @property
    def tokens_left(self) -> int:
        """Tokens that are left for the task."""
        return max(0, self.limits.tokens - self._usage.tokens)

    def admit(self) -> float:
        """Note that a call begins; return the seconds that it may take.

        Raises:
            ModelError: A limit is reached.
        """
        with self._lock:
            now = self._clock()
            self._started = now if self._started is None else self._started
            left = self.limits.seconds - (now - self._started)
            for spent, most, what in (
                (self._usage.calls, self.limits.calls, "calls"),
                (self._usage.tokens, self.limits.tokens, "tokens"),
            ):
                if spent >= most:
                    raise ModelError(f"The limit of {most:,} {what} is reached.")
            if self.limits.money is not None and self._usage.money >= self.limits.money:
                raise ModelError(f"The limit of {self.limits.money:g} in money is reached.")
            if left <= 0:
                raise ModelError(f"The limit of {self.limits.seconds:g} seconds is reached.")
            self._usage = self._usage.replace(calls=self._usage.calls + 1)
            return min(left, self.limits.call_seconds)

    def note(self, **spent: float) -> None:
        """Add to the counts of `Usage`, by name."""
        with self._lock:
            spent["money"] = (
                spent.get("prompt_tokens", 0) * self.limits.prompt_price
                + spent.get("answer_tokens", 0) * self.limits.answer_price
            ) / 1e6
            before = self._usage.model_dump()
            self._usage = self._usage.replace(**{name: before[name] + value for name, value in spent.items()})
