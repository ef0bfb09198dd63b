"""A call that is given up when its time is over, whatever it waits for."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return what `call` returns, or raise what it raises, within `seconds`.

    A client's own time-out is for a single read: an answer that trickles in never exceeds it. The abandoned call ends
    in a thread of its own, which does not keep the process from ending.

    Raises:
        TimeoutError: It takes longer.
    """
    outcome: queue.SimpleQueue[tuple[bool, T | BaseException]] = queue.SimpleQueue()

    def run() -> None:
        try:
            outcome.put((True, call()))
        except BaseException as error:  # noqa: BLE001  # it is raised where it was waited for
            outcome.put((False, error))

    threading.Thread(target=run, daemon=True, name="tunegraph-call").start()
    try:
        done, found = outcome.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError(f"timed out after {seconds:.3g} s") from None
    if done:
        return found  # type: ignore[return-value]
    raise found  # type: ignore[misc]
