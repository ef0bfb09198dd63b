"""Work that goes on while a page waits: a thread that tells its steps and can be cancelled between them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from kg.errors import TunegraphError

T = TypeVar("T")


class CancelledError(Exception):
    """The work was cancelled. Not one of ours that a stage could take for a fault of its own and go on."""


@dataclass(frozen=True)
class Step:
    """One thing that was done."""

    text: str
    at: float
    """Seconds after the start."""
    seconds: float | None = None
    """What it took; None while it goes on."""


@dataclass
class Job(Generic[T]):
    """One piece of work in a thread of its own.

    Cancelling is cooperative: `work` is ended the next time it tells a step. The gate tells one before each fit, so
    that a cancelled test run ends with the fit that is going on, and its process with it.

    Args:
        work: What to do; told where to tell its steps.
    """

    work: Callable[[Callable[[str], None]], T]
    started: float = field(default_factory=time.monotonic)
    _told: list[tuple[float, str]] = field(default_factory=list)
    _ended: float | None = None
    _result: T | None = None
    _problem: TunegraphError | None = None
    _is_cancelled: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def start(self) -> Job[T]:
        """Begin; returns at once."""
        self._thread = threading.Thread(target=self._run, name="tunegraph-job", daemon=True)
        self._thread.start()
        return self

    def cancel(self) -> None:
        """Ask the work to end."""
        self._is_cancelled.set()

    def wait(self, seconds: float | None = None) -> bool:
        """Wait for the end, at most `seconds`; say whether it has come."""
        if self._thread is not None:
            self._thread.join(seconds)
        return self.is_done

    @property
    def is_done(self) -> bool:
        """Whether nothing goes on any more."""
        return self._ended is not None

    @property
    def is_cancelled(self) -> bool:
        """Whether it was asked to end."""
        return self._is_cancelled.is_set()

    @property
    def seconds(self) -> float:
        """Wall clock so far."""
        return (self._ended if self._ended is not None else time.monotonic()) - self.started

    @property
    def problem(self) -> TunegraphError | None:
        """What was wrong with what was asked; None while it goes on, and where nothing was."""
        return self._problem

    @property
    def steps(self) -> tuple[Step, ...]:
        """What has been done, first to last."""
        told = list(self._told)
        ends = [at for at, _ in told[1:]] + [None if self._ended is None else self._ended - self.started]
        pairs = zip(told, ends, strict=False)  # where nothing was told, there is an end without a step
        return tuple(Step(text, at, None if end is None else end - at) for (at, text), end in pairs)

    @property
    def result(self) -> T | None:
        """What came of it; None where it was cancelled, goes on, found a `problem`, or broke down."""
        return self._result

    def _tell(self, text: str) -> None:
        if self._is_cancelled.is_set():
            raise CancelledError
        self._told.append((time.monotonic() - self.started, text))

    def _run(self) -> None:
        try:
            result = self.work(self._tell)
            self._result = None if self._is_cancelled.is_set() else result
        except CancelledError:
            pass
        except TunegraphError as error:
            self._problem = error
        finally:
            # Also where the work broke down: the interpreter logs why, and a page must not wait for ever.
            self._ended = time.monotonic()
