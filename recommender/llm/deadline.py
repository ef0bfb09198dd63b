"""A call in a thread of its own, which is given up when its time is over, whatever it waits for."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future, wait
from typing import TypeVar

T = TypeVar("T")


def begun(call: Callable[[], T], name: str) -> Future[T]:
    """Return what will hold what `call` returns or raises, which is begun in a thread of its own.

    The thread does not keep the process from ending; those of `concurrent.futures` do.

    Args:
        call: What to do.
        name: Of the thread.
    """
    outcome: Future[T] = Future()

    def run() -> None:
        try:
            outcome.set_result(call())
        # Whatever it is, also the cut of a stream, is raised where it is waited for.
        except BaseException as error:  # noqa: BLE001
            outcome.set_exception(error)

    threading.Thread(target=run, daemon=True, name=name).start()
    return outcome


def within(seconds: float, call: Callable[[], T]) -> T:
    """Return what `call` returns, or raise what it raises, within `seconds`.

    A client's own time-out is for a single read: an answer that trickles in never exceeds it.

    Raises:
        TimeoutError: It takes longer.
    """
    outcome = begun(call, "tunegraph-call")
    if wait([outcome], timeout=seconds).not_done:
        raise TimeoutError(f"timed out after {seconds:.3g} s")
    return outcome.result()
