"""Locks between processes: advisory, on a file, and given back by the operating system when a process dies."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path
from typing import Final

#: Seconds between two tries for a lock that another process holds.
_PAUSE_S: Final = 0.02


class FileLock:
    """A lock on a file, held by at most one process; or by any number of them where they share it.

    On Windows a shared lock is no lock at all: what is open cannot be deleted there anyway.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._handle: int | None = None

    @property
    def held(self) -> bool:
        """Whether this object holds the lock."""
        return self._handle is not None

    def acquire(self, *, shared: bool = False, timeout_s: float = 0.0) -> bool:
        """Take the lock, waiting up to `timeout_s`; return whether it was had.

        Args:
            shared: Whether other processes may share it.
            timeout_s: Seconds; infinity waits for as long as it takes.

        Raises:
            OSError: The file cannot be made, opened or locked.
        """
        if self._handle is not None:
            raise RuntimeError(f"{self.path} is locked by this object already")
        self.path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o644)
        deadline = time.monotonic() + timeout_s
        try:
            while not _lock(handle, shared=shared):
                if time.monotonic() >= deadline:
                    return False
                time.sleep(_PAUSE_S)
            self._handle = handle
        finally:
            if self._handle is None:
                os.close(handle)
        return True

    def release(self) -> None:
        """Give the lock back; nothing happens where it is not held."""
        if self._handle is not None:
            os.close(self._handle)
            self._handle = None


if sys.platform == "win32":
    import msvcrt

    def _lock(handle: int, *, shared: bool) -> bool:
        if shared:
            return True
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _lock(handle: int, *, shared: bool) -> bool:
        try:
            fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True
