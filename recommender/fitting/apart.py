"""Fits in a process apart, so that one can be ended when its time is over, whatever it is doing.

    with fitting(setup) as fits:
        score = fits.scored(Fit({"n_estimators": 500}, fold=0), within=20.0).score

A process serves many trials, because importing scikit-learn takes a second or two; it is kept for the next trial, also
of another study, and ends with the program. One that had to be killed is replaced when a fit is next asked for. POSIX
only: elsewhere fits are made in the caller's process, and a limit is seen between them.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Protocol

import psutil

from recommender.fitting.folds import Fit, FitError, FoldFits, Scored, Setup
from recommender.validation import isolation

#: Seconds that a process may take until it is ready.
STARTUP_S = 120.0


class TimeOverError(FitError):
    """A fit was ended because its time was over."""


class Fits(Protocol):
    """Makes fits."""

    def start(self, *, within: float) -> None:
        """Be ready, so that no fit is charged for the start.

        Raises:
            TimeOverError: It took longer than `within` seconds.
        """

    def scored(self, fit: Fit, *, within: float) -> Scored:
        """Return the score of `fit`, and those of its first rounds where they are asked for.

        Raises:
            TimeOverError: It took longer than `within` seconds, and was ended.
            FitError: It failed.
        """

    def cpu_s(self) -> float:
        """Return the processor seconds that fits took so far, those of ended processes included."""


@dataclass
class FitsHere:
    """Makes fits in this process; a limit is seen when a fit has ended."""

    fits: FoldFits

    def start(self, *, within: float) -> None:
        """Do nothing; see `Fits`."""

    def scored(self, fit: Fit, *, within: float) -> Scored:
        """Return what came of `fit`; see `Fits`."""
        if within <= 0:
            raise TimeOverError("no time is left")
        return self.fits.scored(fit)

    def cpu_s(self) -> float:
        """Return the processor seconds of this process; see `Fits`."""
        return time.process_time()


class FitsApart:
    """A process that makes fits. Not for several threads at once: each takes one of its own (`fitting`)."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._connection: Connection | None = None
        self._lifeline = -1
        self._token = ""
        self._setup: Setup | None = None
        self.busy = False
        """Whether a fit is under way."""
        self._spent_s = 0.0
        """Processor seconds of the processes that were ended."""
        self._seen_s = 0.0
        """Processor seconds that this one was last seen to have taken: of one that is gone nobody can tell."""
        self._folder = tempfile.TemporaryDirectory(prefix="tunegraph-fits-", ignore_cleanup_errors=True)

    def use(self, setup: Setup) -> None:
        """Make the fits to come those of `setup`."""
        if setup is not self._setup:
            self._setup = setup
            try:
                if self._connection is not None:
                    self._connection.send(setup)
            except ConnectionError:
                self.close()  # it died while it was idle; the next fit starts another

    def is_for(self, setup: Setup) -> bool:
        """Say whether the process has the table of `setup` already."""
        return self._setup is setup

    def start(self, *, within: float = STARTUP_S) -> None:
        """Start the process, unless it runs.

        Raises:
            TimeOverError: It was not ready after `within` seconds.
            FitError: It does not start.
        """
        if self._process is not None and self._process.poll() is not None:
            self.close()  # it died while nothing was asked of it, which is no fault of the fit to come
        if self._connection is None:
            self._launch(within)

    def scored(self, fit: Fit, *, within: float) -> Scored:
        """Return what came of `fit`; see `Fits`. The start of a process is not counted to `within`."""
        if within <= 0:
            raise TimeOverError("no time is left")
        self.start()
        connection = self._connection
        assert connection is not None  # noqa: S101  # `start` raised otherwise
        deadline = time.monotonic() + within
        try:
            self.busy = True
            connection.send(fit)
            if not connection.poll(max(0.0, deadline - time.monotonic())):
                self.close()
                raise TimeOverError(f"ended after {within:.3g} s")
            answer = connection.recv()
            self.busy = False
        except (EOFError, ConnectionError) as error:
            raise FitError(f"the process of the fit died ({self._obituary()})") from error
        if not isinstance(answer, Scored):
            raise FitError(str(answer))
        return answer

    def cpu_s(self) -> float:
        """Return the processor seconds of the processes for fits and of what they started; see `Fits`."""
        self._seen_s = max(self._seen_s, _cpu_s_of(self._process))
        return self._spent_s + self._seen_s

    def close(self) -> None:
        """End the process and all it started."""
        self._spent_s, self._seen_s = self.cpu_s(), 0.0
        process, connection = self._process, self._connection
        self._process = self._connection = None
        self.busy = False
        if process is None or connection is None:
            return
        isolation.end_group(process, self._token)
        connection.close()
        os.close(self._lifeline)

    def _launch(self, within: float) -> None:
        ours, theirs = Pipe()
        their_lifeline, self._lifeline = os.pipe()
        self._token = secrets.token_hex(16)
        descriptors = [theirs.fileno(), their_lifeline]
        command = isolation.boot_command("recommender.fitting.child", [str(number) for number in descriptors])
        threads = self._setup.n_threads if self._setup else 1
        self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=descriptors,
            start_new_session=True,
            cwd=self._folder.name,
            env=isolation.minimal_environment(self._token, Path(self._folder.name), threads),
        )
        theirs.close()
        os.close(their_lifeline)
        self._connection = ours
        try:
            if not ours.poll(max(0.0, min(within, STARTUP_S))):
                self.close()
                raise TimeOverError("the process for fits was not ready in time")
            ours.recv()
            if self._setup is not None:
                ours.send(self._setup)
        except (EOFError, ConnectionError) as error:
            raise FitError(f"the process for fits did not start ({self._obituary()})") from error

    def _obituary(self) -> str:
        """Return in words how the process ended, and clear up after it."""
        process = self._process
        if process is None:
            return "it is gone"
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(timeout=1)
        returncode = process.poll()
        self.close()
        return "it stopped answering" if returncode is None else isolation.describe_exit(returncode, "")


def _cpu_s_of(process: subprocess.Popen[bytes] | None) -> float:
    """Return the processor seconds of a process and its children so far; 0 where it is gone."""
    if process is None:
        return 0.0
    try:
        one = psutil.Process(process.pid)
        times = [one.cpu_times(), *(child.cpu_times() for child in one.children(recursive=True))]
    except psutil.Error:
        return 0.0
    waited_for = getattr(times[0], "children_user", 0.0) + getattr(times[0], "children_system", 0.0)
    return float(sum(part.user + part.system for part in times) + waited_for)


_LOCK = threading.Lock()
_IDLE: list[FitsApart] = []
_OWNER = os.getpid()


@contextlib.contextmanager
def fitting(setup: Setup, *, apart: bool = True) -> Iterator[Fits]:
    """Lend what makes fits for one trial: the same process as before where it is free.

    Args:
        setup: What to fit, and how.
        apart: In a process apart; otherwise here.
    """
    if not apart or os.name != "posix":
        yield FitsHere(FoldFits(setup))
        return
    fits = _taken(setup)
    try:
        fits.use(setup)
        yield fits
    finally:
        # One may be under way (the user stopped the study): its answer would be taken for that of another one.
        if fits.busy:
            fits.close()
        with _LOCK:
            _IDLE.append(fits)


def end_all() -> None:
    """End the processes that are kept for later fits."""
    with _LOCK:
        while _IDLE:
            _IDLE.pop().close()


def _taken(setup: Setup) -> FitsApart:
    global _OWNER  # noqa: PLW0603  # a fork has copies of its parent's processes, which are not its own
    with _LOCK:
        if os.getpid() != _OWNER:
            _IDLE.clear()
            _OWNER = os.getpid()
        found = next((fits for fits in _IDLE if fits.is_for(setup)), None) or (_IDLE[-1] if _IDLE else None)
        if found is None:
            return FitsApart()
        _IDLE.remove(found)
        return found


atexit.register(end_all)
