"""Quads on disk, in generations of an Oxigraph database.

Oxigraph lets one process open a database for writing, and leaves undefined what a reader sees meanwhile. So a
database is never changed once it is published:

    <path>/CURRENT        names the published generation; replacing this file is the commit
    <path>/g-000007/      an Oxigraph database; readers open it read-only, as many as like
    <path>/g-000007.lock  held (shared) by its readers, so that nobody deletes it under them
    <path>/g-000007.cache answers that were read from it before (`kg.rdf_cache`)
    <path>/WRITE          held by the one writer

A writer copies the published generation (hard links: the data files never change) to ``draft-<random>``, writes
there, and publishes a copy of that, which nobody ever opens for writing. Killed at any moment it leaves the published
one as it was. Readers move on at their next question.
"""

from __future__ import annotations

import secrets
import shutil
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyoxigraph import Quad, Store
from typing_extensions import override

from kg.atomic_files import write_atomically
from kg.errors import StoreError
from kg.file_lock import FileLock
from kg.rdf_archive import load_quads
from kg.rdf_backend import Backend

#: Quads from which writing data files at once is faster than going through the log.
_BULK: Final = 20_000
#: Seconds that a writer waits for another one.
WRITE_TIMEOUT_S: Final = 30.0
#: Seconds that a reader waits for the lock of a generation, which a writer holds while it deletes an old one.
_LOCK_TIMEOUT_S: Final = 1.0
#: How often opening is tried anew when the generation is replaced at that very moment.
_TRIES: Final = 20


@dataclass(frozen=True)
class _Snapshot:
    name: str
    store: Store
    lock: FileLock


class DiskBackend(Backend):
    """Quads on disk, in generations.

    Args:
        path: The folder; made where it is missing.
        write_timeout_s: How long to wait for another writer.

    Raises:
        StoreError: The folder cannot be made, read or written.
    """

    def __init__(self, path: Path, *, write_timeout_s: float = WRITE_TIMEOUT_S) -> None:
        self.path = path
        self._timeout_s = write_timeout_s
        self._mutex = threading.RLock()
        self._write_lock = FileLock(path / "WRITE")
        self._writer: Store | None = None
        self._snapshot: _Snapshot | None = None
        # The one before, kept locked so that answers that are still being read stay whole.
        self._retired: _Snapshot | None = None
        try:
            path.mkdir(parents=True, exist_ok=True)
            if not (path / "CURRENT").exists():
                self._create()
        except OSError as error:
            if isinstance(error, StoreError):
                raise
            raise StoreError(f"The graph in {path} cannot be opened: {error}") from error
        self.reading()

    @override
    def reading(self) -> Store:
        with self._mutex:
            name = self._current()
            if self._snapshot is None or self._snapshot.name != name:
                fresh = self._open()
                _unlock(self._retired)
                self._retired, self._snapshot = self._snapshot, fresh
            return self._snapshot.store

    @override
    def cache_of(self, view: Store) -> Path | None:
        with self._mutex:
            current = self._snapshot
        return self.path / f"{current.name}.cache" if current is not None and current.store is view else None

    @override
    def writing(self) -> Store:
        return self.reading() if self._writer is None else self._writer

    @override
    def begin(self) -> None:
        with self._told():
            locked = self._write_lock.acquire(timeout_s=self._timeout_s)
        if not locked:
            raise StoreError(
                f"Another process is writing to the graph in {self.path}, and was not done after {self._timeout_s:g} s."
                " Reading is possible meanwhile; try again when the other one has finished."
            )

    @override
    def insert(self, quads: Collection[Quad]) -> None:
        if quads:
            store = self._changing()
            with self._told():
                (store.bulk_extend if len(quads) >= _BULK else store.extend)(quads)

    @override
    def load(self, quads: bytes) -> None:
        store = self._changing()
        with self._told():
            load_quads(store, quads)

    @override
    def remove(self, quads: Collection[Quad]) -> None:
        if quads:
            store = self._changing()
            with self._told():
                for quad in quads:
                    store.remove(quad)

    @override
    def commit(self) -> None:
        try:
            if self._writer is not None:
                with self._told():
                    self._publish(self._writer, f"g-{int(self._current()[2:]) + 1:06d}")
                self._writer = None
                self.reading()
                self._sweep()
        finally:
            self._writer = None
            self._write_lock.release()

    @override
    def rollback(self) -> None:
        self._writer = None
        if self._write_lock.held:
            try:
                self._sweep()
            finally:
                self._write_lock.release()

    @override
    def close(self) -> None:
        with self._mutex:
            self._writer = None
            _unlock(self._retired)
            _unlock(self._snapshot)
            self._retired = self._snapshot = None
            self._write_lock.release()

    def copy_from(self, other: Store) -> None:
        """Make the content of `other`, a database on disk, what the transaction goes on from (hard links)."""
        draft = self._draft()
        with self._told():
            other.backup(str(draft))
            self._writer = Store(str(draft))

    def _changing(self) -> Store:
        """Return the draft of the next generation, made at the first change of a transaction."""
        if self._writer is None:
            base = self.reading()
            self._sweep()
            draft = self._draft()
            with self._told():
                base.backup(str(draft))
                self._writer = Store(str(draft))
        return self._writer

    @contextmanager
    def _told(self) -> Iterator[None]:
        """Tell as our own error what the disk says while the graph is written: that it is full, above all."""
        try:
            yield
        except StoreError:
            raise
        except OSError as error:
            raise StoreError(f"The graph in {self.path} cannot be written: {error}") from error

    def _create(self) -> None:
        self.begin()
        try:
            if not (self.path / "CURRENT").exists():
                shutil.rmtree(self.path / "g-000000", ignore_errors=True)
                self._publish(Store(str(self._draft())), "g-000000")
                self._sweep()
        finally:
            self._write_lock.release()

    def _current(self) -> str:
        try:
            return (self.path / "CURRENT").read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise StoreError(f"The graph in {self.path} is gone or cannot be read: {error}") from error

    def _open(self) -> _Snapshot:
        for _ in range(_TRIES):
            name = self._current()
            lock = FileLock(self.path / f"{name}.lock")
            try:
                # Nobody deletes a generation that was current while its lock was held.
                lock.acquire(shared=True, timeout_s=_LOCK_TIMEOUT_S)
                if self._current() == name:
                    return _Snapshot(name, Store.read_only(str(self.path / name)), lock)
            except (OSError, RuntimeError) as error:  # the library reports corruption as a RuntimeError
                lock.release()
                if isinstance(error, StoreError):
                    raise
                raise StoreError(f"The graph in {self.path / name} cannot be read: {error}") from error
            lock.release()
        raise StoreError(f"The graph in {self.path} changes faster than it can be opened.")

    def _draft(self) -> Path:
        return self.path / f"draft-{secrets.token_hex(4)}"

    def _publish(self, written: Store, name: str) -> None:
        # A copy of links, synced to disk. The draft itself is never read by others: while anything in this process
        # still refers to it, the database goes on tidying up its files.
        written.backup(str(self.path / name))
        write_atomically(self.path / "CURRENT", f"{name}\n".encode())

    def _sweep(self) -> None:
        """Delete generations that are not current and that nobody reads; the write lock is held."""
        current = self._current()
        for draft in self.path.glob("draft-*"):
            shutil.rmtree(draft, ignore_errors=True)
        for folder in self.path.glob("g-??????"):
            lock = FileLock(self.path / f"{folder.name}.lock")
            if folder.name != current and lock.acquire():
                shutil.rmtree(folder, ignore_errors=True)
                with suppress(OSError):
                    lock.path.unlink()
                lock.release()
        for answers in self.path.glob("g-??????.cache"):
            if not answers.with_suffix("").exists():
                shutil.rmtree(answers, ignore_errors=True)


def _unlock(snapshot: _Snapshot | None) -> None:
    if snapshot is not None:
        snapshot.lock.release()
