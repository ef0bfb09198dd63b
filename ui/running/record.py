"""What is written down of a study that runs on its own, and what follows on how it stands."""

from __future__ import annotations

import json
import os
import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final, TypeVar

from pydantic import ValidationError

from kg.errors import StoreError
from kg.model.base import Value

V = TypeVar("V", bound=Value)

#: Files in the folder of a study. `RECORD` is written last: a folder without it holds no study (yet).
RECORD: Final = "study.json"
PROPOSAL: Final = "proposal.json"
STORAGE: Final = "study.sqlite"
WORKER: Final = "worker.json"
ENDED: Final = "ended.json"
STOP: Final = "stop"
LOG: Final = "worker.log"
#: Why a study stopped whose user stopped it.
STOPPED: Final = "stopped by hand"

#: What the name of a study is made of; nothing else is ever looked up below the folder of studies.
NAME: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,80}")


class StudyRecord(Value):
    """What a study is. Does not change."""

    name: str
    """Name of its folder, and of the study in its storage."""
    label: str
    """What the table is called; from who uploaded it, so to be shown as text only."""
    table: str
    """Name of the file of the table, in the folder."""
    target: str
    learner: str
    metric: str
    n_trials: int
    wall_clock_s: float
    seed: int
    began: str
    """Date and time in UTC, ISO 8601."""


class Worker(Value):
    """The process that runs a study."""

    pid: int
    created: float
    """Seconds since 1970, as the system tells: another process may get the same number later."""


class Ended(Value):
    """How a process came to its end, in its own words."""

    pid: int
    reason: str = ""
    """Why the study stopped."""
    problem: str = ""
    """What went wrong; empty where nothing did."""


class State(StrEnum):
    """How a study stands."""

    RUNNING = "running"
    STOPPING = "stopping"
    """Asked to stop; the trial that runs is brought to its end."""
    STOPPED = "stopped"
    """By hand. It can go on."""
    INTERRUPTED = "interrupted"
    """Its process is gone and did not say why: it was killed, or the machine was restarted. It can go on."""
    FINISHED = "finished"
    FAILED = "failed"


#: States in which a process runs.
ALIVE: Final = frozenset({State.RUNNING, State.STOPPING})
#: States from which a study can go on.
RESUMABLE: Final = frozenset({State.STOPPED, State.INTERRUPTED, State.FAILED})


@dataclass(frozen=True)
class Status:
    """How a study stands."""

    state: State
    said: str = ""
    """Why it stopped, or what went wrong; empty while it runs."""

    @property
    def is_alive(self) -> bool:
        """Whether a process runs."""
        return self.state in ALIVE

    @property
    def is_resumable(self) -> bool:
        """Whether it can go on."""
        return self.state in RESUMABLE


def status_of(folder: Path) -> Status:
    """Return how the study in `folder` stands."""
    worker, ended = worker_in(folder), _read(folder / ENDED, Ended)
    is_asked = (folder / STOP).exists()
    if worker is None:
        return Status(State.INTERRUPTED, "nobody has begun it")
    if ended is None or ended.pid != worker.pid:
        if is_alive(worker):
            return Status(State.STOPPING if is_asked else State.RUNNING)
        # It may have said how it ended between the two looks.
        ended = _read(folder / ENDED, Ended)
    if ended is None or ended.pid != worker.pid:
        if is_asked:
            return Status(State.STOPPED, STOPPED)
        return Status(State.INTERRUPTED, _last_line(folder / LOG) or "its process is gone")
    if ended.problem:
        return Status(State.FAILED, ended.problem)
    return Status(State.STOPPED if ended.reason == STOPPED else State.FINISHED, ended.reason)


def is_alive(worker: Worker) -> bool:
    """Say whether that very process runs."""
    import psutil

    try:
        process = psutil.Process(worker.pid)
        if process.status() == psutil.STATUS_ZOMBIE:
            return False
        return abs(float(process.create_time()) - worker.created) < 1.0
    except psutil.NoSuchProcess:
        return False
    except psutil.AccessDenied:
        return True


def record_in(folder: Path) -> StudyRecord | None:
    """Return the record in `folder`; None where it holds no study."""
    return _read(folder / RECORD, StudyRecord) if NAME.fullmatch(folder.name) else None


def worker_in(folder: Path) -> Worker | None:
    """Return the process that was last begun; None where none was."""
    return _read(folder / WORKER, Worker)


def write(path: Path, value: Value) -> None:
    """Write `value` whole or not at all.

    Raises:
        StoreError: It cannot be written.
    """
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(value.model_dump_json(indent=2), encoding="utf-8")
        beside.replace(path)
    except OSError as error:
        raise StoreError(f"Cannot write {str(path)!r}: {error.strerror}.") from error


def _read(path: Path, kind: type[V]) -> V | None:
    """Return what is in `path`; None where there is none, or it is none of that kind."""
    try:
        return kind.model_validate(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, UnicodeDecodeError, json.JSONDecodeError, ValidationError):
        return None


def _last_line(path: Path) -> str:
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - 2000))
            lines = file.read().decode("utf-8", errors="replace").split("\n")
    except OSError:
        return ""
    return next((line.strip() for line in reversed(lines) if line.strip()), "")[:500]
