"""Transactions within transactions: the outermost one is begun and ended, and nothing is kept where any has failed."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager


class Nesting:
    """The open transactions of the one thread that writes; other threads wait for it."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        """Held while a transaction is open."""
        self._depth = 0
        self._failed = False

    @contextmanager
    def block(self, begin: Callable[[], None], end: Callable[[bool, bool], None]) -> Iterator[None]:
        """Open a transaction for a block.

        Args:
            begin: Begins the outermost transaction.
            end: Ends it. Is told whether one within it, or it itself, has failed, and whether the error of that is
                being raised: it may have been dropped.
        """
        with self.lock:
            if self._depth == 0:
                begin()
                self._failed = False
            self._depth += 1
            done = False
            try:
                yield
                done = True
            finally:
                self._depth -= 1
                self._failed = self._failed or not done
                if self._depth == 0:
                    end(self._failed, not done)
