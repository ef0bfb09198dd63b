"""Proposals that are being made: a queue, a few processes that work it off, and what is told of each meanwhile.

    job = board.submit(caller.name, work)          queued -> running -> done | failed | cancelled
    job.view(), job.events(after=3)

A proposal takes seconds to minutes of computing, so it is made in a process of its own (`ui.api.worker`): the service
goes on answering, and cancelling kills the process rather than asking it to stop. What is finished is kept in memory,
for whoever asked for it.
"""

from __future__ import annotations

import queue
import secrets
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, Field

from ui.api.problems import ApiError, Problem, problem_of
from ui.api.settings import ApiSettings
from ui.api.worker import Work
from ui.api.workers import WorkerProcess


class State(StrEnum):
    """How far a proposal is."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_final(self) -> bool:
        """Whether nothing changes any more."""
        return self in (State.DONE, State.FAILED, State.CANCELLED)


class Event(BaseModel):
    """Something that happened to a proposal."""

    number: int = Field(ge=1)
    """From 1, without gaps."""
    seconds: float = Field(examples=[2.4])
    """After it was asked for."""
    state: State
    text: str = Field(examples=["Composing from the graph"])


class JobView(BaseModel):
    """A proposal that was asked for: how far it is."""

    id: str = Field(examples=["p_3f6c1b0a9d2e4f58"])
    state: State
    asked: datetime
    seconds: float
    """Since it was asked for; of a finished one, what it took."""
    step: str = Field(examples=["Composing from the graph"])
    """What is being done, or was done last."""
    problem: Problem | None = None
    """Why it failed."""


class Job:
    """One proposal.

    Args:
        owner: Who asked for it.
        work: What is to be done.
        folder: Holds the table; it is removed as soon as it is not needed any more.
    """

    def __init__(self, owner: str, work: Work, folder: tempfile.TemporaryDirectory[str] | None) -> None:
        self.id = f"p_{secrets.token_hex(8)}"
        self.owner, self.work, self._folder = owner, work, folder
        self.asked = datetime.now(UTC)
        self.answer: Mapping[str, Any] | None = None
        self.problem: Problem | None = None
        self.worker: WorkerProcess | None = None
        self._began = time.monotonic()
        self._events: list[Event] = []
        self._mutex = threading.Lock()
        self.move(State.QUEUED, "Waiting for its turn")

    @property
    def state(self) -> State:
        """How far it is."""
        return self._events[-1].state

    def view(self) -> JobView:
        """Return what is told of it."""
        last = self._events[-1]
        seconds = last.seconds if last.state.is_final else time.monotonic() - self._began
        return JobView(
            id=self.id, state=last.state, asked=self.asked, seconds=round(seconds, 3), step=last.text,
            problem=self.problem,
        )  # fmt: skip

    def events(self, after: int = 0) -> list[Event]:
        """Return what happened after event number `after`."""
        return self._events[after:]

    def move(self, state: State, text: str) -> bool:
        """Note that it is in `state` now, and return True; or False where it is finished already."""
        with self._mutex:
            if self._events and self.state.is_final:
                return False
            seconds = round(time.monotonic() - self._began, 3)
            self._events.append(Event(number=len(self._events) + 1, seconds=seconds, state=state, text=text))
        if state.is_final and self._folder is not None:
            self._folder.cleanup()
        return True


class JobBoard:
    """All proposals of one service.

    Args:
        home: The user's home.
        settings: How many at once, how many may wait, how long, how much memory.
    """

    def __init__(self, home: Path, settings: ApiSettings) -> None:
        self._home, self._settings = home, settings
        self._jobs: dict[str, Job] = {}
        self._waiting: queue.Queue[Job | None] = queue.Queue()
        self._threads: list[threading.Thread] = []
        self._mutex = threading.Lock()
        self._is_closed = False

    def submit(self, owner: str, work: Work, folder: tempfile.TemporaryDirectory[str] | None = None) -> Job:
        """Queue a proposal.

        Raises:
            ApiError: 503: so many are waiting that it would take too long.
        """
        with self._mutex:
            if self._is_closed or self._count(State.QUEUED) >= self._settings.max_waiting:
                raise ApiError(503, "Too many proposals are waiting.", headers={"Retry-After": "30"})
            job = Job(owner, work, folder)
            self._jobs[job.id] = job
            self._forget_old()
            self._start()
        self._waiting.put(job)
        return job

    def get(self, job_id: str, owner: str) -> Job:
        """Return a proposal of `owner`.

        Raises:
            ApiError: 404: there is none of that name, or it is somebody else's.
        """
        job = self._jobs.get(job_id)
        if job is None or job.owner != owner:
            raise ApiError(404, f"There is no proposal {job_id!r}.", where="id")
        return job

    def of(self, owner: str) -> list[Job]:
        """Return the proposals of `owner`, newest first."""
        return [job for job in reversed(list(self._jobs.values())) if job.owner == owner]

    def cancel(self, job: Job) -> None:
        """End the work on a proposal; nothing happens where it is finished."""
        worker = job.worker
        if job.move(State.CANCELLED, "Cancelled") and worker is not None:
            worker.kill(job.work)

    def counts(self) -> dict[str, int]:
        """Return how many proposals are in each state."""
        found = Counter(job.state for job in list(self._jobs.values()))
        return {state.value: found[state] for state in State}

    def close(self) -> None:
        """Cancel what is not finished, and end all processes."""
        with self._mutex:
            self._is_closed = True
        for job in list(self._jobs.values()):
            self.cancel(job)
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(timeout=10.0)

    def _count(self, state: State) -> int:
        return sum(job.state is state for job in self._jobs.values())

    def _forget_old(self) -> None:
        finished = [job for job in self._jobs.values() if job.state.is_final]
        for job in finished[: max(0, len(finished) - self._settings.kept_jobs)]:
            del self._jobs[job.id]

    def _start(self) -> None:
        if len(self._threads) < self._settings.n_workers:
            thread = threading.Thread(target=self._work, name="tunegraph-proposals", daemon=True)
            self._threads.append(thread)
            thread.start()

    def _work(self) -> None:
        worker = WorkerProcess(self._home, self._settings.job_memory_mb)
        try:
            while (job := self._waiting.get()) is not None:
                job.worker = worker
                if job.move(State.RUNNING, "Starting"):
                    self._run(job, worker)
                job.worker = None
        finally:
            worker.kill()

    def _run(self, job: Job, worker: WorkerProcess) -> None:
        limit = threading.Timer(self._settings.job_seconds, self._give_up, (job, worker))
        limit.daemon = True
        limit.start()
        try:
            for message in worker.ask(job.work):
                self._note(job, message)
        except (OSError, ValueError) as error:  # it could not be started, or what it said is no JSON
            worker.kill()
            self._note(job, {"problem": {"status": 503, "detail": f"No process could work on it: {error}"}})
        finally:
            limit.cancel()

    def _give_up(self, job: Job, worker: WorkerProcess) -> None:
        job.problem = problem_of(503, f"Not done after {self._settings.job_seconds:g} s.")
        if job.move(State.FAILED, "Given up"):
            worker.kill(job.work)

    @staticmethod
    def _note(job: Job, message: Mapping[str, Any]) -> None:
        if "step" in message:
            job.move(State.RUNNING, str(message["step"]))
        elif "answer" in message:
            job.answer = message["answer"]
            job.move(State.DONE, "Done")
        elif not job.state.is_final:
            said = dict(message["problem"])
            job.problem = problem_of(said.pop("status"), said.pop("detail"), **said)
            job.move(State.FAILED, "Failed")
