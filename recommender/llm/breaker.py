"""A circuit breaker: a provider that keeps failing is left alone for a while, so that nobody waits for it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from kg.errors import ModelError

#: Failures in a row after which a provider is left alone, and for how many seconds (Nygard, "Release It!", ch. 5).
FAILURES, REST_S = 3, 60.0


class Breaker:
    """Lets calls through until `failures` in a row have failed; then none for `rest_s` seconds, then one to try.

    Args:
        failures: Failures in a row that open it.
        rest_s: Seconds that it stays open.
        clock: Tells the time in seconds.
    """

    def __init__(
        self, failures: int = FAILURES, rest_s: float = REST_S, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._most, self._rest_s, self._clock = failures, rest_s, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._until = 0.0

    def check(self) -> None:
        """Pass, or refuse at once.

        Raises:
            ModelError: The provider is left alone for now.
        """
        with self._lock:
            left = self._until - self._clock()
            if self._failed >= self._most and left > 0:
                raise ModelError(
                    f"The provider failed {self._failed} times in a row; it is asked again in {left:.0f} s."
                )

    def succeeded(self) -> None:
        """Note an answer."""
        with self._lock:
            self._failed = 0

    def failed(self) -> None:
        """Note a failure."""
        with self._lock:
            self._failed += 1
            self._until = self._clock() + self._rest_s
