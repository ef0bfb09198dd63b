"""Reads documents in a process of its own, so that no file can crash, hang or exhaust the ingestion."""

from __future__ import annotations

import contextlib
import json
import os
import select
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.documents.limits import DEFAULT_LIMITS, DocumentError, Limits
from ingest.documents.model import Document

#: Seconds that the process may take to start.
_START_S = 60.0
#: What is passed on of the environment: what a process needs to start, no secrets.
_KEPT = ("PATH", "LANG", "LC_ALL", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "LD_LIBRARY_PATH")
#: Largest answer.
_ANSWER_BYTES = 256 * 1024**2


class DocumentReader:
    """Reads one document after another; use it in a ``with`` statement.

    Args:
        limits: How much of a document is read, and what the process may take.
    """

    def __init__(self, limits: Limits = DEFAULT_LIMITS) -> None:
        self.limits = limits
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def read(self, path: Path, *, name: str = "") -> Document:
        """Read a file, an archive or folder of a paper's sources.

        Args:
            path: What to read.
            name: Name of the document. Default: that of the file.

        Raises:
            DocumentError: It cannot be read, takes too long, or crashed the reader.
        """
        called = name or path.name
        process = self._running(called)
        request = {"path": str(path.absolute()), "name": called, "limits": asdict(self.limits)}
        answer = self._exchange(process, json.dumps(request).encode() + b"\n", called)
        if answer.startswith(b'{"error"'):
            said = json.loads(answer)
            raise DocumentError(said["error"], where=called, allowed=said["allowed"])
        return Document.model_validate_json(answer)

    def close(self) -> None:
        """End the process."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()

    def _running(self, name: str) -> subprocess.Popen[bytes]:
        if self._process is None or self._process.poll() is not None:
            self.close()
            environment = {name: os.environ[name] for name in _KEPT if name in os.environ}
            environment["PYTHONPATH"] = os.pathsep.join(path or str(Path.cwd()) for path in sys.path)
            environment["PYTHONDONTWRITEBYTECODE"] = "1"
            self._process = subprocess.Popen(
                [sys.executable, "-c", "from ingest.documents.worker import main; main()"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                env=environment,
                start_new_session=True,
            )
            self._answer(self._process, name, _START_S)
        return self._process

    def _exchange(self, process: subprocess.Popen[bytes], request: bytes, name: str) -> bytes:
        """Send a request and return the line that answers it."""
        if process.stdin is not None:
            with contextlib.suppress(BrokenPipeError):
                process.stdin.write(request)
                process.stdin.flush()
        return self._answer(process, name, self.limits.seconds)

    def _answer(self, process: subprocess.Popen[bytes], name: str, seconds: float) -> bytes:
        """Return the next line that the process writes."""
        output = process.stdout.fileno() if process.stdout is not None else -1
        deadline = time.monotonic() + seconds
        parts: list[bytes] = []
        size = 0
        while not (parts and parts[-1].endswith(b"\n")):
            left = deadline - time.monotonic()
            ready = left > 0 and select.select([output], [], [], left)[0]
            part = os.read(output, 1 << 20) if ready else b""
            size += len(part)
            if not part or size > _ANSWER_BYTES:
                raise self._failed(process, name, late_after=None if ready else seconds)
            parts.append(part)
        return b"".join(parts)

    def _failed(self, process: subprocess.Popen[bytes], name: str, *, late_after: float | None) -> DocumentError:
        self.close()
        if late_after is not None:
            return DocumentError(f"Reading it takes longer than {late_after:g} seconds.", where=name)
        return DocumentError(f"It crashed its reader (exit code {process.returncode}).", where=name)
