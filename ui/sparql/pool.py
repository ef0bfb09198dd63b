"""A few processes that answer queries, and a queue of limited length before them."""

from __future__ import annotations

import contextlib
import threading
import weakref
from collections.abc import Callable, Iterator
from pathlib import Path

from kg.errors import StoreError
from kg.sparql.answering import Answer
from ui.sparql.limits import BusyError, ServiceLimits
from ui.sparql.process import Job, QueryProcess


class QueryPool:
    """Answers queries, a few at a time; for any number of threads.

    A process is started when a query needs one, and serves those that follow.

    Args:
        folder: Says in which folder what may be seen lies, as it now is: with what is private, or without.
        limits: What one query, and all of them together, may take.
    """

    def __init__(self, folder: Callable[[bool], Path], limits: ServiceLimits) -> None:
        self._folder, self.limits = folder, limits
        self._free = threading.BoundedSemaphore(limits.workers)
        self._idle: list[QueryProcess] = []
        self._mutex = threading.Lock()
        self._waiting = 0
        self._closed = False
        self._finalizer = weakref.finalize(self, _end_all, self._idle)

    def answer(self, job: Job) -> Answer:
        """Answer a query.

        Raises:
            BusyError: Too many queries wait, or this one waited too long.
            NotAcceptableError: None of the types that are taken fits.
            RefusedQueryError: It would write, or ask another server.
            QueryLimitError: It takes more than it may.
            InputError: It cannot be parsed or answered.
            StoreError: The graph cannot be read, or no process be started.
        """
        with self._place():
            graph = self._folder(job.private)
            process = self._take(graph)
            try:
                return process.answer(job, graph)
            finally:
                self._give_back(process)

    @property
    def is_closed(self) -> bool:
        """Whether it answers nothing any more."""
        return self._closed

    def close(self) -> None:
        """End the processes; those that are at work end with their query."""
        with self._mutex:
            self._closed = True
        self._finalizer()

    @contextlib.contextmanager
    def _place(self) -> Iterator[None]:
        """Wait for one of the places at work, unless too many wait already."""
        limits = self.limits
        with self._mutex:
            if self._waiting >= limits.waiting + limits.workers:
                raise BusyError(f"{limits.waiting} queries wait already.", retry_s=int(limits.query_s))
            self._waiting += 1
        try:
            if not self._free.acquire(timeout=limits.wait_s):
                raise BusyError(f"No query ended within {limits.wait_s:g} s.", retry_s=int(limits.query_s))
            try:
                yield
            finally:
                self._free.release()
        finally:
            with self._mutex:
                self._waiting -= 1

    def _take(self, graph: Path) -> QueryProcess:
        with self._mutex:
            if self._closed:
                raise StoreError("The endpoint is closed.")
            while self._idle:
                process = self._idle.pop()
                if process.is_alive:
                    return process
                process.end()
        return QueryProcess(graph, self.limits)

    def _give_back(self, process: QueryProcess) -> None:
        with self._mutex:
            if process.is_alive and not self._closed:
                self._idle.append(process)
                return
        process.end()


def _end_all(idle: list[QueryProcess]) -> None:
    while idle:
        idle.pop().end()
