"""A process apart in which configurations are fitted, under limits that hold against whatever a fit does.

    with Sandbox(sample, Limits()) as sandbox:
        result = sandbox.run(FitJob("random_forest", {"n_estimators": 10}, rows=500, folds=3, limit_s=5))

One process serves many jobs, because importing scikit-learn takes a second; after a job that had to be killed, the next
one starts a new process. POSIX only.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import secrets
import select
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from kg.errors import TunegraphError
from recommender.validation import isolation
from recommender.validation.jobs import LOG_FILE, SAMPLE_FILE, Ending, FitJob, JobResult, Sample, lacks_memory
from recommender.validation.messages import Child, is_endless, is_fold, messages_from, send

#: Seconds between two looks at what the process and its descendants use.
WATCH_SECONDS = 0.1
#: What the process itself may say of the end of a job; the rest is the parent's to see.
ENDINGS = frozenset({Ending.DONE, Ending.ERROR, Ending.MEMORY})


class SandboxError(TunegraphError, OSError):
    """No test process can be had: the system has no room for it, it did not start in time, or died at its start."""


@dataclass(frozen=True)
class Limits:
    """What a test process may use."""

    memory_mb: int = 4096
    """Memory of a fit, beyond what the libraries take; the process and its descendants together."""
    max_processes: int = 8
    """Processes that a fit may start."""
    disk_mb: int = 1024
    """What a fit may write, to many files or one, kept or not."""
    n_threads: int = 1
    startup_s: float = 60.0
    """Wall clock for starting the process and importing libraries."""


class Sandbox:
    """Runs fit jobs on a sample in a process apart; a context manager that leaves no process and no file behind.

    Args:
        sample: The data; a copy is handed to the process.
        limits: What the process may use.
        allowed: Dotted paths of estimators that may be built beside the registry's; for tests of the sandbox itself.
    """

    def __init__(self, sample: Sample, limits: Limits | None = None, *, allowed: tuple[str, ...] = ()) -> None:
        self.limits = limits or Limits()
        self._allowed = allowed
        self._folder = tempfile.TemporaryDirectory(prefix="tunegraph-test-run-", ignore_cleanup_errors=True)
        self._child: Child | None = None
        self._jobs = self._launches = 0
        self.startup_seconds = 0.0
        """What the last start took."""
        self.is_offline = False
        """Whether the kernel keeps the process from the network, native code included; known once it has started."""
        self._pickled = pickle.dumps(sample)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """End the process and all it started, and remove its folder."""
        self._end()
        self._folder.cleanup()

    def start(self, limit_s: float | None = None) -> None:
        """Start the process, unless it runs.

        Args:
            limit_s: Wall clock for it; the limits' own where it is None.

        Raises:
            SandboxError: There is no room for it (disk, memory, processes), it is not ready in time, or died.
        """
        if self._child is not None:
            return
        started = time.monotonic()
        child = self._child = self._launch()
        ending = JobResult(Ending.DONE)
        for message in self._listen(child, started + (limit_s or self.limits.startup_s)):
            if isinstance(message, JobResult):
                ending = message
            elif message.get("ready"):
                child.baseline_mb = isolation.footprint(child.process.pid)[1]
                self.startup_seconds = time.monotonic() - started
                self.is_offline = bool(isolation.name_space_prefix()) or message.get("sealed") is True
                return
        self._end()
        raise SandboxError(f"The test process did not start ({ending.ending}: {ending.detail}).")

    def run(self, job: FitJob) -> JobResult:
        """Run a job, within its limit, and return what came of it. A fit can do nothing that raises here.

        Raises:
            SandboxError: No process could be started.
        """
        self.start()
        assert self._child is not None  # noqa: S101  # `start` raised otherwise
        child, self._jobs = self._child, self._jobs + 1
        self._clear_log()
        deadline = time.monotonic() + job.limit_s
        scores: list[float] = []
        seconds: list[float] = []
        if not send(child, {"id": self._jobs, **asdict(job)}):
            return self._died(child, scores, seconds)
        for message in self._listen(child, deadline):
            if isinstance(message, JobResult):
                self._end()
                return JobResult(message.ending, tuple(scores), tuple(seconds), message.detail)
            if message.get("id") != self._jobs:
                continue
            if is_fold(message):
                scores.append(float(message["score"]))
                seconds.append(float(message["seconds"]))
            if (end := str(message.get("end"))) in ENDINGS:
                return JobResult(Ending(end), tuple(scores), tuple(seconds), str(message.get("detail", "")))
        return self._died(child, scores, seconds)

    @property
    def is_running(self) -> bool:
        """Whether the next job needs no new process."""
        return self._child is not None

    @property
    def _path(self) -> Path:
        """Folder of the process that runs; each has its own, so that none finds what another left or changed."""
        return Path(self._folder.name) / str(self._launches)

    def _launch(self) -> Child:
        self._launches += 1
        token = secrets.token_hex(16)
        messages, theirs = os.pipe()
        their_lifeline, lifeline = os.pipe()
        try:
            process = self._started(theirs, their_lifeline, token)
        except OSError as error:
            os.close(messages)
            os.close(lifeline)
            raise SandboxError(f"No test process can be started: {error}.") from error
        finally:
            os.close(theirs)
            os.close(their_lifeline)
        os.set_blocking(messages, False)
        return Child(process, messages, lifeline, token)

    def _started(self, messages: int, lifeline: int, token: str) -> subprocess.Popen[bytes]:
        """Start the process in a folder of its own, with the ends of the pipes that are its own."""
        self._path.mkdir()
        (self._path / SAMPLE_FILE).write_bytes(self._pickled)
        arguments = [messages, lifeline, self.limits.memory_mb, self.limits.n_threads]
        command = isolation.boot_command("recommender.validation.trial_runner", [*map(str, arguments), *self._allowed])
        with (self._path / LOG_FILE).open("ab") as log:
            return subprocess.Popen(  # noqa: S603  # our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                pass_fds=(messages, lifeline),
                close_fds=True,
                start_new_session=True,
                cwd=self._path,
                env=isolation.minimal_environment(token, self._path, self.limits.n_threads),
            )

    def _listen(self, child: Child, deadline: float) -> Iterator[Mapping[str, Any] | JobResult]:
        """Yield the messages of `child`, and last (unless the caller stops first) how it broke a limit or died."""
        next_look = 0.0
        while True:
            yield from messages_from(child)
            if is_endless(child):
                yield JobResult(Ending.ERROR, detail="the test process wrote a message without end")
                return
            now = time.monotonic()
            if now >= deadline:
                yield JobResult(Ending.TIMEOUT, detail="the wall clock ran out")
                return
            if child.process.poll() is not None:
                yield from messages_from(child)
                yield self._died(child, [], [])
                return
            if now >= next_look:
                if (broken := self._broken_limit(child)) is not None:
                    yield broken
                    return
                next_look = time.monotonic() + WATCH_SECONDS
            pause = max(0.0, min(WATCH_SECONDS, deadline - now))
            select.select([] if child.is_silent else [child.messages], [], [], pause)

    def _broken_limit(self, child: Child) -> JobResult | None:
        started, memory_mb = isolation.footprint(child.process.pid)
        # The name-space helper is the parent of the interpreter, which is therefore one of its descendants.
        started -= 1 if isolation.name_space_prefix() else 0
        if started > self.limits.max_processes:
            return JobResult(
                Ending.PROCESSES, detail=f"{started} processes started, {self.limits.max_processes} allowed"
            )
        if (written_mb := isolation.written(child.process.pid, self._path, self.limits.disk_mb)) > self.limits.disk_mb:
            return JobResult(Ending.DISK, detail=f"{written_mb:.0f} MB written, {self.limits.disk_mb} MB allowed")
        if not child.baseline_mb or memory_mb - child.baseline_mb <= self.limits.memory_mb:
            return None
        memory_mb = isolation.own_memory(child.process.pid)
        if memory_mb - child.baseline_mb > self.limits.memory_mb:
            return JobResult(Ending.MEMORY, detail=f"{memory_mb:.0f} MB resident, {self.limits.memory_mb} MB allowed")
        return None

    def _died(self, child: Child, scores: list[float], seconds: list[float]) -> JobResult:
        """Tell how `child`, which has ended by itself, came to its end, and clear up after it."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            child.process.wait(timeout=1)
        returncode = child.process.poll()
        log = self._log()
        self._end()
        detail = isolation.describe_exit(returncode, log) if returncode is not None else "stopped answering"
        ending = Ending.TIMEOUT if "SIGXCPU" in detail else Ending.MEMORY if lacks_memory(detail) else Ending.CRASH
        return JobResult(ending, tuple(scores), tuple(seconds), detail)

    def _clear_log(self) -> None:
        """Leave each fit the whole of the log: one that filled it would have the next fail where it writes a word."""
        with contextlib.suppress(OSError):
            os.truncate(self._path / LOG_FILE, 0)

    def _log(self) -> str:
        with contextlib.suppress(OSError), (self._path / LOG_FILE).open("rb") as file:
            file.seek(0, os.SEEK_END)
            file.seek(max(0, file.tell() - 4000))
            return file.read().decode(errors="replace")
        return ""

    def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        isolation.end_group(child.process, child.token)
        assert child.process.stdin is not None  # noqa: S101  # opened as a pipe
        with contextlib.suppress(BrokenPipeError):
            child.process.stdin.close()
        os.close(child.messages)
        os.close(child.lifeline)
        shutil.rmtree(self._path, ignore_errors=True)
