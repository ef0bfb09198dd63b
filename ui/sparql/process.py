"""The parent's side of one process that answers queries: start it, ask it, end it when it takes too long."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import select
import signal
import subprocess
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from kg.errors import InputError, StoreError
from kg.sparql.answering import Answer, NotAcceptableError
from kg.sparql.reading import RefusedQueryError
from recommender.validation import isolation
from ui.sparql.limits import QueryLimitError, ServiceLimits

#: Longest line that is no part of an answer.
_LINE_BYTES: Final = 1 << 20
_CHUNK: Final = 1 << 18


@dataclass(frozen=True)
class Job:
    """A query and how it is to be answered."""

    query: str
    private: bool
    """Whether sources that are the user's own may be seen."""
    rows_type: str | None
    graph_type: str | None
    """Media types, as in `kg.sparql.answering.Wanted`."""
    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
    bindings: Mapping[str, str] = field(default_factory=dict)
    """Variable -> the IRI that it is bound to."""


class QueryProcess:
    """One process; answers one query at a time.

    Args:
        graph: Folder of a graph to open at once.
        limits: What a query may take.

    Raises:
        StoreError: It does not start.
    """

    def __init__(self, graph: Path, limits: ServiceLimits) -> None:
        self._limits = limits
        self._buffer = bytearray()
        self._folder = tempfile.TemporaryDirectory(prefix="tunegraph-sparql-", ignore_cleanup_errors=True)
        self._log = Path(self._folder.name) / "log"
        command = isolation.boot_command("ui.sparql.worker", [str(graph.absolute()), str(limits.memory_mb)])
        environment = isolation.minimal_environment(secrets.token_hex(8), Path(self._folder.name), 1)
        # Else the allocator reserves address space for every thread of the engine, which the limit would count.
        environment["MALLOC_ARENA_MAX"] = "2"
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                cwd=self._folder.name,
                env=environment,
                start_new_session=True,
            )
        try:
            said = self._message(time.monotonic() + limits.start_s)
        except (InputError, OSError) as error:
            self.end()
            raise StoreError(f"No process to answer queries could be started: {error}") from error
        self.is_sealed = said.get("sealed") is True
        """Whether the kernel keeps it from the network."""

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked again."""
        return self._process.poll() is None

    def answer(self, job: Job, graph: Path) -> Answer:
        """Answer a query from the graph in the folder `graph`; where it breaks a limit, the process is ended.

        Raises:
            NotAcceptableError: None of the types that are taken fits.
            RefusedQueryError: It would write, or ask another server.
            QueryLimitError: It takes more than it may.
            InputError: It cannot be parsed or answered.
            StoreError: The graph cannot be read.
        """
        limits = self._limits
        sizes = {"rows": limits.rows, "bytes": limits.answer_bytes, "seconds": limits.query_s}
        done = False
        try:
            self._send({**vars(job), **sizes, "graph": str(graph.absolute())})
            said = self._message(time.monotonic() + limits.start_s)
            if "opened" in said:
                deadline = time.monotonic() + limits.query_s
                said = self._message(deadline)
                if "done" in said:
                    body = self._bytes(int(said["size"]), deadline)
                    done = True
                    return Answer(said["done"], body, int(said["rows"]))
            done = said["error"] != "memory"
            raise _error(said, limits)
        finally:
            if not done:
                self.end()

    def end(self) -> None:
        """End the process and all it started, whatever it is doing."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                with contextlib.suppress(BrokenPipeError):
                    stream.close()
        self._folder.cleanup()

    def _send(self, job: dict[str, Any]) -> None:
        assert self._process.stdin is not None  # noqa: S101  # opened as a pipe
        try:
            self._process.stdin.write(json.dumps(job).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError as error:
            raise StoreError(f"The process that answers queries is gone: {self._death()}") from error

    def _message(self, deadline: float) -> dict[str, Any]:
        while (end := self._buffer.find(b"\n")) < 0:
            if len(self._buffer) > _LINE_BYTES:
                raise StoreError("The process that answers queries wrote a message without end.")
            self._read(deadline)
        line = bytes(self._buffer[:end])
        del self._buffer[: end + 1]
        try:
            message: dict[str, Any] = json.loads(line)
        except json.JSONDecodeError as error:
            raise StoreError("The process that answers queries wrote what is no message.") from error
        return message

    def _bytes(self, size: int, deadline: float) -> bytes:
        while len(self._buffer) < size:
            self._read(deadline)
        body = bytes(self._buffer[:size])
        del self._buffer[:size]
        return body

    def _read(self, deadline: float) -> None:
        assert self._process.stdout is not None  # noqa: S101  # opened as a pipe
        left = deadline - time.monotonic()
        if left <= 0 or not select.select([self._process.stdout], [], [], left)[0]:
            raise QueryLimitError(
                f"The query takes longer than {self._limits.query_s:g} s.",
                where="query",
                allowed="fewer patterns, LIMIT, properties instead of paths",
            )
        chunk = os.read(self._process.stdout.fileno(), _CHUNK)
        if not chunk:
            raise self._died()
        self._buffer += chunk

    def _died(self) -> QueryLimitError:
        log = self._log.read_text(errors="replace")[-4000:] if self._log.exists() else ""
        if "memory" in log:
            return _too_much_memory(self._limits.memory_mb)
        return QueryLimitError(
            f"The query ended its process ({self._death()}).", where="query", allowed="less nesting, less memory"
        )

    def _death(self) -> str:
        """Return in words how the process came to its end."""
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=1)
        code = self._process.poll()
        return "it stopped answering" if code is None else isolation.describe_exit(code, "")


def _too_much_memory(memory_mb: int) -> QueryLimitError:
    return QueryLimitError(
        f"The query takes more than {memory_mb} MB.", where="query", allowed="fewer or smaller values"
    )


def _error(said: dict[str, str], limits: ServiceLimits) -> Exception:
    kind, where = said["error"], {"where": said["where"], "allowed": said["allowed"]}
    match kind:
        case "not_acceptable":
            return NotAcceptableError(said["message"], **where)
        case "refused":
            return RefusedQueryError(said["message"], **where)
        case "too_large":
            return QueryLimitError(said["message"], **where)
        case "memory":
            return _too_much_memory(limits.memory_mb)
        case "store":
            return StoreError(said["message"])
        case _:
            return InputError(said["message"], **where)
