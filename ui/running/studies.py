"""Starts, stops, finds and removes the studies of a home. Nothing is kept in this process."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

from kg.errors import InputError, StoreError, UnknownNameError
from kg.file_lock import FileLock
from ui.running.record import (
    ENDED,
    LOG,
    NAME,
    PROPOSAL,
    RECORD,
    STOP,
    STORAGE,
    WORKER,
    Status,
    StudyRecord,
    Worker,
    is_alive,
    record_in,
    status_of,
    worker_in,
    write,
)
from ui.running.worker import storage_url

if TYPE_CHECKING:
    import optuna

    from recommender.proposal import Proposal
    from ui.compose import Tunegraph

#: Seconds after which a folder that nobody made a study of is taken for one whose making was cut off.
_ABANDONED_S: Final = 3600.0
#: Seconds to wait for another page that starts or resumes the same study.
_LOCK_S: Final = 10.0
_SUFFIX: Final = re.compile(r"(\.[a-z0-9]{1,10}){1,2}", re.IGNORECASE)


class Studies:
    """The studies of one home. Whoever uses the home sees all of them.

    Args:
        home: The folder; nothing is made in it before a study is started.
        most: Studies that may run at the same time. Default: one for each two processors, at least one.
    """

    def __init__(self, home: Path, *, most: int | None = None) -> None:
        self.root = home / "studies"
        self.most = most if most is not None else max(1, (os.cpu_count() or 1) // 2)

    def records(self) -> tuple[StudyRecord, ...]:
        """Return the studies, the newest first."""
        if not self.root.is_dir():
            return ()
        found = [record for folder in self.root.iterdir() if (record := record_in(folder)) is not None]
        return tuple(sorted(found, key=lambda record: (record.began, record.name), reverse=True))

    def record(self, name: str) -> StudyRecord:
        """Return what is known of a study.

        Raises:
            UnknownNameError: There is none of that name.
        """
        found = record_in(self.root / name) if NAME.fullmatch(name) else None
        if found is None:
            raise UnknownNameError("study", name, [record.name for record in self.records()])
        return found

    def status(self, name: str) -> Status:
        """Return how a study stands.

        Raises:
            UnknownNameError: There is none of that name.
        """
        return status_of(self._folder(name))

    def proposal(self, name: str) -> Proposal:
        """Return the proposal that a study was made from.

        Raises:
            UnknownNameError: There is none of that name.
            InputError: It cannot be read.
        """
        from recommender.proposal import Proposal

        try:
            text = (self._folder(name) / PROPOSAL).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"Its proposal cannot be read: {error}.", where=name, allowed="a study whose folder is whole: remove it"
            ) from error
        return Proposal.from_json(text)

    def table(self, name: str) -> Path:
        """Return the file of the table that a study tunes on.

        Raises:
            UnknownNameError: There is no study of that name.
        """
        return self._folder(name) / self.record(name).table

    def study(self, name: str) -> optuna.Study:
        """Return the study as it is in its storage, to be read.

        Raises:
            UnknownNameError: There is none of that name.
            InputError: The storage cannot be opened.
        """
        from recommender.storage import stored_study

        return stored_study(str(self._folder(name) / STORAGE), name)

    def start(self, proposal: Proposal, table: Path, *, tunegraph: Tunegraph, label: str = "") -> StudyRecord:
        """Copy the table, lay the study out, and begin it in a process of its own.

        Args:
            proposal: What to tune and how.
            table: The file that it is for; it is copied, for it may go with its session.
            tunegraph: Its graph holds what the sampler learns from.
            label: What people call the table. Default: the file's name.

        Raises:
            InputError: There is nothing to tune, or as many studies run as may.
            StoreError: The folder cannot be written.
        """
        if not proposal.search_space.value.tunable:
            raise InputError(
                "There is nothing to tune.", where="search_space", allowed="a hyper-parameter with a range"
            )
        if not table.is_file():
            raise InputError("The table is not there any more.", where=table.name, allowed="upload it and ask again")
        self._check_place()
        self._sweep()
        folder = self._new_folder(label or proposal.task.name or table.name)
        with contextlib.ExitStack() as cut_off:
            # Whatever ends this, a copy of the table must not stay behind.
            cut_off.callback(shutil.rmtree, folder, ignore_errors=True)
            record = _laid_out(folder, proposal, table, tunegraph=tunegraph, label=label or table.name)
            with self._place():
                write(folder / RECORD, record)
                cut_off.pop_all()
                self._begin(record.name)
        return record

    def stop(self, name: str, *, at_once: bool = False) -> None:
        """Stop a study; one that does not run is left as it is.

        Args:
            name: Its name.
            at_once: Kill its process; the trial that runs is lost, and tried again when the study goes on. Otherwise
                that trial is brought to its end, which takes at most the seconds that the budget gives a trial.

        Raises:
            UnknownNameError: There is none of that name.
        """
        if not self.status(name).is_alive:
            return
        (self._folder(name) / STOP).touch()
        worker = worker_in(self._folder(name))
        if at_once and worker is not None:
            _kill(worker)

    def resume(self, name: str) -> None:
        """Go on with a study that was stopped, interrupted, or failed; one that runs goes on as it does.

        Raises:
            UnknownNameError: There is none of that name.
            InputError: It is finished, or as many studies run as may.
        """
        status = self.status(name)
        if status.is_alive:
            return
        if not status.is_resumable:
            raise InputError(
                f"The study {name!r} is {status.state}: {status.said}.", where="study", allowed="a new one"
            )
        with self._place():
            self._begin(name)

    def remove(self, name: str) -> None:
        """Take a study away, its copy of the table and its trials included. What was learnt from it stays learnt.

        Raises:
            UnknownNameError: There is none of that name.
            InputError: It runs.
            StoreError: It cannot be deleted.
        """
        with self._locked(name) as folder:
            if status_of(folder).is_alive:
                raise InputError(f"The study {name!r} runs.", where="study", allowed="one that is stopped")
            (folder / RECORD).unlink(missing_ok=True)  # from here on it is no study, whatever stops us
        try:
            shutil.rmtree(folder)
        except OSError as error:
            raise StoreError(f"Cannot delete {str(folder)!r}: {error.strerror}.") from error

    def _folder(self, name: str) -> Path:
        return self.root / self.record(name).name

    @contextlib.contextmanager
    def _place(self) -> Iterator[None]:
        """Keep others from beginning a study between the count of those that run and the beginning of one more."""
        with _held(self.root.with_suffix(".lock"), "Somebody else is starting a study; try again."):
            self._check_place()
            yield

    def _check_place(self) -> None:
        running = [record.name for record in self.records() if self.status(record.name).is_alive]
        if len(running) >= self.most:
            raise InputError(
                f"{len(running)} studies run already ({', '.join(running)}).",
                where="start",
                allowed=f"{self.most} at a time on this machine: wait for one, or stop it",
            )

    def _new_folder(self, label: str) -> Path:
        stem = re.sub(r"[^a-z0-9]+", "-", label.lower().partition(".")[0]).strip("-")[:40] or "study"
        stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
        for number in range(1, 1000):
            folder = self.root / (f"{stem}-{stamp}" if number == 1 else f"{stem}-{stamp}-{number}")
            try:
                folder.mkdir(parents=True, mode=0o700)  # it holds a table of somebody's
            except FileExistsError:
                continue
            except OSError as error:
                raise StoreError(f"Cannot make {str(folder)!r}: {error.strerror}.") from error
            return folder
        raise StoreError(f"There are too many studies called {stem!r}.")

    def _sweep(self) -> None:
        """Delete what a start that was cut off has left: a copy of a table that no study is of."""
        if not self.root.is_dir():
            return
        for folder in self.root.iterdir():
            with contextlib.suppress(FileNotFoundError):  # another page has just removed it
                is_old = time.time() - folder.stat().st_mtime > _ABANDONED_S
                if is_old and folder.is_dir() and not (folder / RECORD).exists():
                    shutil.rmtree(folder, ignore_errors=True)

    @contextlib.contextmanager
    def _locked(self, name: str) -> Iterator[Path]:
        """Keep other pages from starting or removing the study meanwhile."""
        folder = self._folder(name)
        with _held(folder / ".lock", f"Somebody else is starting or removing the study {name!r}."):
            yield folder

    def _begin(self, name: str) -> None:
        with self._locked(name) as folder:
            if status_of(folder).is_alive:
                return
            for left in (STOP, ENDED, WORKER):
                (folder / left).unlink(missing_ok=True)
            worker = _launched(folder)
            try:
                write(folder / WORKER, worker)
            except StoreError:
                _kill(worker)  # nobody would know of it, and begin another one
                raise


@contextlib.contextmanager
def _held(path: Path, otherwise: str) -> Iterator[None]:
    """Hold the lock on a file.

    Raises:
        StoreError: It cannot be had; says `otherwise`.
    """
    lock = FileLock(path)
    if not lock.acquire(timeout_s=_LOCK_S):
        raise StoreError(otherwise)
    try:
        yield
    finally:
        lock.release()


def _laid_out(folder: Path, proposal: Proposal, table: Path, *, tunegraph: Tunegraph, label: str) -> StudyRecord:
    """Fill the folder of a new study, and return its record."""
    matched = _SUFFIX.search("".join(table.suffixes[-2:]))
    copied = f"table{matched.group(0).lower() if matched else ''}"
    try:
        shutil.copyfile(table, folder / copied)
        (folder / PROPOSAL).write_text(proposal.to_json(), encoding="utf-8")
    except OSError as error:
        raise StoreError(f"Cannot write to {str(folder)!r}: {error.strerror}.") from error
    budget, seed = proposal.budget.value, proposal.task.seed
    tunegraph.study(proposal, storage=storage_url(folder), study_name=folder.name, seed=seed)
    return StudyRecord(
        name=folder.name,
        label=label,
        table=copied,
        target=proposal.task.target,
        learner=proposal.learner.value,
        metric=proposal.metric.value,
        n_trials=budget.n_trials,
        wall_clock_s=budget.wall_clock_s,
        seed=seed,
        began=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def _launched(folder: Path) -> Worker:
    """Start the process of a study: in a session of its own, so that what ends the server does not end it."""
    import psutil

    own = str(Path(__file__).resolve().parents[2])
    path = os.pathsep.join(entry for entry in (own, os.environ.get("PYTHONPATH", "")) if entry)
    with (folder / LOG).open("ab") as log:
        process = subprocess.Popen(  # noqa: S603  # our own interpreter and module
            [sys.executable, "-P", "-m", "ui.running.worker", str(folder)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            cwd=folder,
            env={**os.environ, "PYTHONPATH": path},
            start_new_session=True,
        )
    # Somebody has to take note of its end, or it stays in the system's table as long as the server runs.
    threading.Thread(target=process.wait, name=f"end of {folder.name}", daemon=True).start()
    try:
        created = float(psutil.Process(process.pid).create_time())
    except psutil.NoSuchProcess:  # it has ended already
        created = 0.0
    return Worker(pid=process.pid, created=created)


def _kill(worker: Worker) -> None:
    """End the process and wait until it is gone; what it started ends with it (`recommender.fitting.apart`)."""
    import psutil

    if not is_alive(worker):
        return
    with contextlib.suppress(psutil.NoSuchProcess, psutil.TimeoutExpired):
        process = psutil.Process(worker.pid)
        process.kill()
        process.wait(timeout=5)
