"""Processes of our own that share out work; how many there are changes no digit of what they return.

They are started by their own command and not by `multiprocessing`, which would run the script of whoever calls us a
second time where it has no ``if __name__ == "__main__"``.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, TypeVar

from kg.errors import StoreError, TunegraphError

T = TypeVar("T")

#: Results that may wait to be taken, beside those that are worked on.
AHEAD = 2


def usable_cores() -> int:
    """Return how many processor cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


class Workers:
    """A few processes that call functions of importable modules, with arguments and results that can be pickled.

    Args:
        n: How many.
    """

    def __init__(self, n: int) -> None:
        self._threads = ThreadPoolExecutor(n)
        self._idle: SimpleQueue[subprocess.Popen[bytes]] = SimpleQueue()
        self._all = [_started() for _ in range(n)]
        for process in self._all:
            self._idle.put(process)
        self._most = n + AHEAD

    def __enter__(self) -> Workers:
        return self

    def __exit__(self, *_: object) -> None:
        for process in self._all:
            process.kill()
        self._threads.shutdown(cancel_futures=True)
        for process in self._all:
            process.communicate()

    def map(self, function: Callable[..., T], arguments: Iterable[tuple[Any, ...]]) -> Iterator[T]:
        """Yield ``function(*these)`` for all of `arguments`, in order, a few of them worked on ahead.

        Raises:
            StoreError: A call failed with an error of ours, or a process died, for want of memory perhaps.
        """
        waiting: deque[Future[T]] = deque()
        for these in arguments:
            waiting.append(self._threads.submit(self._call, function, these))
            if len(waiting) >= self._most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()

    def _call(self, function: Callable[..., T], arguments: tuple[Any, ...]) -> T:
        process = self._idle.get()
        try:
            pickle.dump((function, arguments), _pipe(process.stdin))
            _pipe(process.stdin).flush()
            result, fault = pickle.load(_pipe(process.stdout))  # noqa: S301  # of our own process
        except (EOFError, BrokenPipeError, pickle.UnpicklingError) as dead:
            raise StoreError(f"A process that distils runs died with exit code {process.poll()}.") from dead
        finally:
            self._idle.put(process)
        if fault:
            raise StoreError(fault)
        found: T = result
        return found


def _started() -> subprocess.Popen[bytes]:
    path = os.pathsep.join([str(Path(__file__).resolve().parents[2]), *filter(None, [os.environ.get("PYTHONPATH")])])
    return subprocess.Popen(
        [sys.executable, "-c", "from ingest.distil.workers import serve; serve()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )


def _pipe(stream: IO[bytes] | None) -> IO[bytes]:
    if stream is None:
        raise StoreError("A process that distils runs has no pipe.")
    return stream


def serve() -> None:
    """Answer the calls that come in, in a process that `Workers` started, until the other side ends."""
    from threadpoolctl import threadpool_limits

    calls, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    while True:
        try:
            function, arguments = pickle.load(calls)  # noqa: S301  # of the process that started this one
        except EOFError:
            return
        answer: tuple[Any, str]
        try:
            with threadpool_limits(1):
                answer = function(*arguments), ""
        except TunegraphError as error:  # any other ends this process, and its traceback is seen
            answer = None, str(error)
        pickle.dump(answer, answers)
        answers.flush()
