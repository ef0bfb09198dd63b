"""The near end of `ui.api.worker`: a process that is asked for one proposal at a time, and killed when need be."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ui.api.worker import Work

_DIED: Final = {"problem": {"status": 500, "detail": "The process that worked on it ended before it was done."}}


class WorkerProcess:
    """A process that works on proposals. It is started when it is first asked, and again after it was killed.

    Args:
        home: The user's home.
        memory_mb: Address space that it may have; 0: no limit.
    """

    def __init__(self, home: Path, memory_mb: int) -> None:
        self._command = [sys.executable, "-m", "ui.api.worker", str(home), str(memory_mb)]
        self._process: subprocess.Popen[str] | None = None
        self._scratch: tempfile.TemporaryDirectory[str] | None = None
        self._work: Work | None = None
        self._mutex = threading.Lock()

    def ask(self, work: Work) -> Iterator[dict[str, Any]]:
        """Yield what the process says of `work`: steps, a model's talk, and at last an answer or a problem."""
        process = self._started(work)
        with contextlib.suppress(BrokenPipeError):
            assert process.stdin is not None  # noqa: S101  # it is a pipe
            process.stdin.write(work.model_dump_json() + "\n")
            process.stdin.flush()
        assert process.stdout is not None  # noqa: S101  # it is a pipe
        for line in process.stdout:
            message: dict[str, Any] = json.loads(line)
            if "answer" in message or "problem" in message:
                with self._mutex:
                    self._work = None
                yield message
                return
            yield message
        self.kill()
        yield _DIED

    def kill(self, work: Work | None = None) -> None:
        """End the process with all that it has started, and remove what it left behind.

        Args:
            work: Only if it works on this; None: whatever it does.
        """
        with self._mutex:
            if work is not None and self._work is not work:
                return
            process, scratch = self._process, self._scratch
            self._process = self._scratch = self._work = None
        if process is not None:
            # The test runs of a proposal have sessions of their own; they end when this one does.
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        if scratch is not None:
            scratch.cleanup()

    def _started(self, work: Work) -> subprocess.Popen[str]:
        with self._mutex:
            self._work = work
            if self._process is None or self._process.poll() is not None:
                self._scratch = tempfile.TemporaryDirectory(prefix="tunegraph-worker-", ignore_cleanup_errors=True)
                self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                    self._command,
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                    encoding="utf-8",
                    start_new_session=True,
                    env={**os.environ, "TMPDIR": self._scratch.name},
                )
            return self._process
