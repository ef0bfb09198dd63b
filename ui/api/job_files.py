"""Proposals as files, so that a restart of the service loses nothing that was promised.

    <home>/jobs/p_3f6c1b0a9d2e4f58.json     state, who asked, a digest of the input, and what came of it
    <home>/jobs/b_1c0d2e3f4a5b6c7d.lock     held by the service that works on the unfinished ones among them

A file is written before a proposal is acknowledged, and before anybody is told that it is finished. It holds neither
the table nor a key: who asked is named by the public id of a key, or by an address.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel, ConfigDict, ValidationError

from kg.errors import StoreError
from kg.file_lock import FileLock
from ui.api.job_state import Event
from ui.api.problems import Problem
from ui.api.worker import Work

FOLDER: Final = "jobs"
_NAME: Final = re.compile(r"p_[0-9a-f]{16}")
_CHUNK: Final = 1 << 20
_log = logging.getLogger(__name__)


class KeptJob(BaseModel):
    """What is kept of a proposal."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    owner: str
    board: str
    """The service that took it on."""
    input_digest: str
    asked: datetime
    events: tuple[Event, ...]
    problem: Problem | None = None
    answer: dict[str, Any] | None = None

    @property
    def is_final(self) -> bool:
        """Whether nothing changes any more."""
        return self.events[-1].state.is_final


class JobFiles:
    """The proposals of a home, of this service and of those before it.

    Args:
        home: The user's home.
        kept_days: After so many days a finished proposal is removed.
    """

    def __init__(self, home: Path, kept_days: float) -> None:
        self.folder = home / FOLDER
        self.board = f"b_{secrets.token_hex(8)}"
        self._kept_for = timedelta(days=kept_days)
        self._lock = FileLock(self.folder / f"{self.board}.lock")

    def write(self, job: KeptJob) -> None:
        """Keep a proposal as it now is, all or nothing.

        Raises:
            StoreError: It cannot be written.
        """
        path = self._path(job.id)
        draft = path.with_suffix(".new")
        try:
            self._open()
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.write(job.model_dump_json().encode())
                file.flush()
                os.fsync(file.fileno())
            draft.replace(path)
        except OSError as error:
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise StoreError(f"The proposal cannot be kept: {error.strerror or error}.") from error

    def read(self, job_id: str) -> KeptJob | None:
        """Return what is kept of a proposal; None where there is nothing, or nothing that can be read."""
        if not _NAME.fullmatch(job_id):
            return None
        try:
            return KeptJob.model_validate_json(self._path(job_id).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValidationError) as error:
            # Without its cause, which would show what stands in the file.
            _log.warning("The proposal %s cannot be read (%s).", job_id, type(error).__name__)
            return None

    def all(self) -> Iterator[KeptJob]:
        """Yield what is kept of each proposal, oldest first."""
        found = (self.read(path.stem) for path in self.folder.glob("p_*.json"))
        yield from sorted((job for job in found if job is not None), key=lambda job: job.asked)

    def is_alone(self, job: KeptJob) -> bool:
        """Say whether the service that took on a proposal is gone."""
        return job.board != self.board and _is_gone(self.folder / f"{job.board}.lock")

    def remove(self, job_id: str) -> None:
        """Remove what is kept of a proposal."""
        with suppress(OSError):
            self._path(job_id).unlink(missing_ok=True)

    def remove_old(self) -> None:
        """Remove what has been kept for long enough, and what services left that are gone."""
        before = (datetime.now(UTC) - self._kept_for).timestamp()
        for path in self.folder.glob("p_*"):
            with suppress(OSError):
                if path.stat().st_mtime < before:
                    path.unlink()
        for path in self.folder.glob("b_*.lock"):
            if path != self._lock.path:
                _is_gone(path)

    def close(self) -> None:
        """Say that this service works on nothing any more."""
        if self._lock.held:
            with suppress(OSError):
                self._lock.path.unlink()
            self._lock.release()

    def _open(self) -> None:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not self._lock.held:
            self._lock.acquire()

    def _path(self, job_id: str) -> Path:
        return self.folder / f"{job_id}.json"


def _is_gone(path: Path) -> bool:
    """Say whether nobody holds a lock; its file is removed then."""
    lock = FileLock(path)
    try:
        is_gone = lock.acquire()
    except OSError:
        return False
    if is_gone:
        with suppress(OSError):
            path.unlink()
        lock.release()
    return is_gone


def input_digest(work: Work, table: Path | None) -> str:
    """Return SHA-256 over what was asked and the bytes of the table: the same for who asks the same again."""
    asked: Mapping[str, Any] = work.model_dump(mode="json", exclude={"path"})
    found = hashlib.sha256(repr(sorted(asked.items())).encode())
    if table is not None:
        with table.open("rb") as file:
            while chunk := file.read(_CHUNK):
                found.update(chunk)
    return found.hexdigest()
