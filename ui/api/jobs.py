"""Proposals that are being made: a queue, a few processes that work it off, and what is told of each meanwhile.

    job = board.submit(caller.name, work)          queued -> running -> done | failed | cancelled
    job.view(), job.events(after=3)

A proposal takes seconds to minutes of computing, so it is made in a process of its own (`ui.api.worker`): the service
goes on answering, and cancelling kills the process rather than asking it to stop. What was asked for and what came of
it is kept in files (`ui.api.job_files`), for whoever asked for it: a restart loses nothing that is finished, and says
of the rest that it was interrupted.
"""

from __future__ import annotations

import logging
import queue
import secrets
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kg.errors import StoreError
from recommender.llm.streaming import NOT_CHECKED
from ui.api.job_files import JobFiles, KeptJob, input_digest
from ui.api.job_state import Event, JobView, State
from ui.api.problems import ApiError, Problem, problem_of
from ui.api.settings import ApiSettings
from ui.api.worker import Work
from ui.api.workers import WorkerProcess

__all__ = ["INTERRUPTED", "Event", "Job", "JobBoard", "JobView", "State"]

_log = logging.getLogger(__name__)
#: What a proposal that a restart has cut off is told to be.
INTERRUPTED: Final = "Interrupted by a restart of the service. Ask again."


class Job:
    """One proposal.

    Args:
        owner: Who asked for it.
        work: What is to be done; None for one that an earlier service took on.
        files: Where it is kept.
        folder: Holds the table; it is removed as soon as it is not needed any more.
        kept: What an earlier service left of it.

    Raises:
        StoreError: It cannot be kept.
    """

    def __init__(
        self,
        owner: str,
        work: Work | None,
        files: JobFiles,
        *,
        folder: tempfile.TemporaryDirectory[str] | None = None,
        kept: KeptJob | None = None,
    ) -> None:
        self.id = f"p_{secrets.token_hex(8)}" if kept is None else kept.id
        self.owner, self.work, self._folder, self._files = owner, work, folder, files
        self.asked = datetime.now(UTC) if kept is None else kept.asked
        self.answer: Mapping[str, Any] | None = None if kept is None else kept.answer
        self.problem: Problem | None = None if kept is None else kept.problem
        self.worker: WorkerProcess | None = None
        self._began = time.monotonic()
        self._events: list[Event] = [] if kept is None else list(kept.events)
        self._mutex = threading.Lock()
        if kept is not None:
            self._digest = kept.input_digest
        elif work is not None:
            table = None if work.path is None else Path(work.path)
            self._digest = input_digest(work, table)
            self.move(State.QUEUED, "Waiting for its turn")

    @property
    def state(self) -> State:
        """How far it is."""
        return self._events[-1].state

    def view(self) -> JobView:
        """Return what is told of it."""
        last = next(event for event in reversed(self._events) if event.checked)
        seconds = last.seconds if last.state.is_final else time.monotonic() - self._began
        return JobView(
            id=self.id, state=last.state, asked=self.asked, seconds=round(seconds, 3), step=last.text,
            input_digest=self._digest, problem=self.problem,
        )  # fmt: skip

    def events(self, after: int = 0) -> list[Event]:
        """Return what happened after event number `after`."""
        return self._events[after:]

    def move(self, state: State, text: str, *, checked: bool = True) -> bool:
        """Note that it is in `state` now, and return True; or False where it is finished already.

        Args:
            state: The state.
            text: What is being done.
            checked: Whether the text is the service's own; that of a language model is not.

        Raises:
            StoreError: It is new, and cannot be kept.
        """
        with self._mutex:
            if self._events and self.state.is_final:
                return False
            seconds = self._events[-1].seconds if self.work is None else round(time.monotonic() - self._began, 3)
            event = Event(number=len(self._events) + 1, seconds=seconds, state=state, text=text, checked=checked)
            if state in (State.QUEUED, State.DONE, State.FAILED, State.CANCELLED):  # steps are not worth a file
                self._keep(event)
            self._events.append(event)
        if state.is_final and self._folder is not None:
            self._folder.cleanup()
        return True

    def _keep(self, event: Event) -> None:
        """Write it to its file, before anybody is told of `event`."""
        kept = KeptJob(
            id=self.id, owner=self.owner, board=self._files.board, input_digest=self._digest, asked=self.asked,
            events=(*self._events, event), problem=self.problem,
            answer=None if self.answer is None or event.state is not State.DONE else dict(self.answer),
        )  # fmt: skip
        try:
            self._files.write(kept)
        except StoreError as error:
            if event.state is State.QUEUED:
                raise
            # What was computed is still here, for as long as this service runs.
            _log.warning("%s: %s", self.id, error)


class JobBoard:
    """All proposals of one service.

    Args:
        home: The user's home.
        settings: How many at once, how many may wait, how long, how much memory, and how long they are kept.
    """

    def __init__(self, home: Path, settings: ApiSettings) -> None:
        self._home, self._settings = home, settings
        self._files = JobFiles(home, settings.kept_days)
        self._files.remove_old()
        self._jobs: dict[str, Job] = {}
        for kept in self._files.all():
            self._take_over(kept)
        self._waiting: queue.Queue[Job | None] = queue.Queue()
        self._threads: list[threading.Thread] = []
        self._mutex = threading.Lock()
        self._is_closed = False

    def submit(self, owner: str, work: Work, folder: tempfile.TemporaryDirectory[str] | None = None) -> Job:
        """Queue a proposal.

        Raises:
            ApiError: 503: so many are waiting that it would take too long.
            StoreError: It cannot be kept.
        """
        with self._mutex:
            if self._is_closed or self._count(State.QUEUED) >= self._settings.max_waiting:
                raise ApiError(503, "Too many proposals are waiting.", headers={"Retry-After": "30"})
            self._forget_old()
            job = Job(owner, work, self._files, folder=folder)
            self._jobs[job.id] = job
            self._start()
        self._waiting.put(job)
        return job

    def get(self, job_id: str, owner: str) -> Job:
        """Return a proposal of `owner`.

        Raises:
            ApiError: 404: there is none of that name, or it is somebody else's.
        """
        with self._mutex:
            job = self._jobs.get(job_id)
            if job is None and (kept := self._files.read(job_id)) is not None and kept.owner == owner:
                job = self._take_over(kept)  # another service on this home took it on
        if job is None or job.owner != owner:
            raise ApiError(404, f"There is no proposal {job_id!r}.", where="id")
        return job

    def of(self, owner: str) -> list[Job]:
        """Return the proposals of `owner`, newest first."""
        return [job for job in reversed(list(self._jobs.values())) if job.owner == owner]

    def cancel(self, job: Job) -> None:
        """End the work on a proposal; nothing happens where it is finished."""
        self._end(job, State.CANCELLED, "Cancelled")

    def counts(self) -> dict[str, int]:
        """Return how many proposals are in each state."""
        found = Counter(job.state for job in list(self._jobs.values()))
        return {state.value: found[state] for state in State}

    def close(self) -> None:
        """End all processes; what is not finished is told to be interrupted."""
        with self._mutex:
            self._is_closed = True
        for job in list(self._jobs.values()):
            if not job.state.is_final:
                job.problem = problem_of(503, INTERRUPTED)
                self._end(job, State.FAILED, "Interrupted")
        for _ in self._threads:
            self._waiting.put(None)
        for thread in self._threads:
            thread.join(timeout=10.0)
        self._files.close()

    def _take_over(self, kept: KeptJob) -> Job | None:
        """Return a proposal that another service took on; None where that one is still at it."""
        if not kept.is_final and not self._files.is_alone(kept):
            return None
        job = Job(kept.owner, None, self._files, kept=kept)
        if not job.state.is_final:
            job.problem = problem_of(503, INTERRUPTED)
            job.move(State.FAILED, "Interrupted")
        self._jobs[job.id] = job
        return job

    @staticmethod
    def _end(job: Job, state: State, text: str) -> None:
        worker = job.worker
        if job.move(state, text) and worker is not None:
            worker.kill(job.work)

    def _count(self, state: State) -> int:
        return sum(job.state is state for job in self._jobs.values())

    def _forget_old(self) -> None:
        finished = [job for job in self._jobs.values() if job.state.is_final]
        for job in finished[: max(0, len(finished) - self._settings.kept_jobs)]:
            del self._jobs[job.id]
            self._files.remove(job.id)
        self._files.remove_old()

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
            assert job.work is not None  # noqa: S101  # only what this service took on waits here
            for message in worker.ask(job.work):
                self._note(job, message)
                if "step" in message and job.state.is_final:  # ended before the process had begun with it
                    worker.kill(job.work)
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
        elif "talk" in message:
            job.move(State.RUNNING, f"{NOT_CHECKED}: {message['talk']}", checked=False)
        elif "answer" in message:
            job.answer = message["answer"]
            job.move(State.DONE, "Done")
        elif not job.state.is_final:
            said = dict(message["problem"])
            job.problem = problem_of(said.pop("status"), said.pop("detail"), **said)
            job.move(State.FAILED, "Failed")
