"""Fetches what is new from OpenML into the mirror: the suite, its tasks and data sets, evaluations, setups and flows.

A page of evaluations is written when the setups and flows that it names were asked for, and then it is done: a fetch
that is killed goes on behind the last page. What fails is reported, and the rest goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from ingest.sources.openml.asking import Asker, Progress
from ingest.sources.openml.client import OpenmlClient
from ingest.sources.openml.faults import FetchStopped
from ingest.sources.openml.fetch_report import FetchReport
from ingest.sources.openml.journal import Journal
from ingest.sources.openml.limits import Retrying
from ingest.sources.openml.listing import Listing
from ingest.sources.openml.mirror import ListKey, Mirror, Page
from ingest.sources.openml.parts import Parts
from ingest.sources.openml.records import Record
from ingest.sources.openml.request import FetchRequest
from kg.errors import StoreError
from kg.file_lock import FileLock
from kg.model.base import FrozenMapping


def fetch(
    request: FetchRequest,
    client: OpenmlClient,
    mirror: Mirror,
    *,
    progress: Progress | None = None,
    clock: Callable[[], float] = time.monotonic,
    sleep: Callable[[float], None] = time.sleep,
) -> FetchReport:
    """Fetch what `request` asks for and `mirror` does not have.

    Args:
        request: What to fetch.
        client: Whom to ask.
        mirror: Where it goes.
        progress: Called with a short text after each page and before each wait.
        clock: Seconds, rising.
        sleep: Waits.

    Returns:
        What was fetched; single failures are in it.

    Raises:
        InputError: The mirror is of another server; or neither a suite nor a task is asked for.
        StoreError: The mirror cannot be read or written, or another process is fetching into it.
    """
    request.check()
    said = progress or (lambda _: None)
    deadline = None if request.time_budget_s is None else clock() + request.time_budget_s
    retrying = Retrying(client.limits, deadline, clock, sleep)
    retrying.told = lambda error, wait: said(f"openml: {error}; trying again in {wait:.1f} s")
    with _alone(mirror.folder):
        journal = Journal.open(mirror, client.server, request)
        return _Fetch(request, mirror, Asker(client, retrying, journal, said), clock).all()


@dataclass
class _Fetch:
    """One call of `fetch`."""

    request: FetchRequest
    mirror: Mirror
    asker: Asker
    clock: Callable[[], float]
    runs: int = 0
    """Runs fetched, as the first function of each task counts them."""
    lists_done: int = 0
    n_lists: int = 0
    began: float = field(init=False)

    def __post_init__(self) -> None:
        self.began = self.clock()
        self.journal = self.asker.journal
        self.parts = Parts(self.asker, self.mirror)

    def all(self) -> FetchReport:
        """Fetch everything, and report."""
        try:
            self.parts.fetch_open()
            stopped = "max runs" if self._lists(self._tasks()) else ""
        except FetchStopped as stop:
            stopped = stop.reason
        if not stopped:
            self.journal.finish()
        wire = self.asker.client.wire
        return FetchReport(
            server=self.asker.client.server,
            new=FrozenMapping[str, int](dict(self.journal.new)),
            n_lists=self.n_lists,
            n_complete=len(self.journal.state.complete),
            **{fact: tuple(lists) for fact, lists in self.journal.lists.items()},
            failures=tuple(self.journal.failures),
            stopped=stopped,
            requests=wire.requests,
            retries=self.asker.retrying.retries,
            megabytes=round(wire.bytes / 1e6, 3),
            seconds=round(self.clock() - self.began, 2),
        )

    def _tasks(self) -> tuple[int, ...]:
        """Return the tasks that are wanted, each fetched with its data set unless it is there."""
        named = self.request.suite
        suite: Record | None = None
        if named is not None:
            suite = None if self.request.refresh else self.mirror.suite(named)
            if suite is None:
                suite = self._suite(named)
        tasks = tuple(dict.fromkeys((*self.request.tasks, *(suite["tasks"] if suite else ()))))
        for task in tasks:
            if self.request.refresh or not self._has(task):
                self._task(task)
        return tasks

    def _suite(self, named: int | str) -> Record | None:
        with self.asker.noting(f"suite {named}"):
            suite = self.asker.ask(lambda: self.asker.client.suite(named))
            self.mirror.write_suite(named, suite)
            self.asker.progress(f"openml: suite {named} has {len(suite['tasks']):,} tasks")
            return suite
        return None

    def _has(self, task: int) -> bool:
        return self.mirror.has("tasks", task) and self.mirror.has(
            "datasets", self.mirror.read("tasks", task)["data_id"]
        )

    def _task(self, task_id: int) -> None:
        with self.asker.noting(f"task {task_id}"):
            task, dataset = self.asker.ask(lambda: self.asker.client.task(task_id))
            if self.request.refresh or not self.mirror.has("datasets", dataset["id"]):
                self._write("datasets", dataset["id"], {**dataset, "status": self._status(dataset["id"])})
            self._write("tasks", task_id, task)
            self.asker.progress(f"openml: task {task_id}, data set {dataset['name']!r}")

    def _status(self, data_id: int) -> str | None:
        with self.asker.noting(f"status of data set {data_id}"):
            return self.asker.ask(lambda: self.asker.client.statuses([data_id])).get(data_id)
        return None

    def _write(self, kind: str, number: int, record: Record) -> None:
        self.mirror.write(kind, number, record)  # type: ignore[arg-type]  # spelt out where it is called
        self.journal.new[kind] += 1

    def _lists(self, tasks: tuple[int, ...]) -> bool:
        """Fetch the lists of all tasks; return whether `max_runs` cut one."""
        functions = {task: self._functions(task) for task in tasks}
        flows: tuple[int | None, ...] = self.request.flows or (None,)
        shares = [(task, flow) for task in tasks for flow in flows]
        self.n_lists = sum(len(functions[task]) for task, _ in shares)
        cut = False
        for left, (task, flow) in zip(range(len(shares), 0, -1), shares, strict=True):
            keys = [ListKey(task, function, flow) for function in functions[task]]
            # What a task does not use of its share goes to those after it.
            cut |= self._lists_of(keys, None if self.request.max_runs is None else self._share(left))
        return cut

    def _share(self, left: int) -> int:
        return -(-((self.request.max_runs or 0) - self.runs) // left)

    def _functions(self, task: int) -> tuple[str, ...]:
        return self.request.functions_of(self.mirror.task_type(task))

    def _lists_of(self, keys: list[ListKey], most: int | None) -> bool:
        """Fetch the lists of a task; the first that has rows says which runs. Return whether `most` cut it."""
        span: tuple[int, int] | None = None
        cut = False
        for key in keys:
            listing = Listing(
                key,
                self.mirror,
                self._evaluations,
                page_size=self.request.page_size,
                anew_since=self.journal.state.started if self.request.refresh else "",
            )
            if not (self.journal.has_complete(str(key)) and listing.is_begun):
                cut |= self._walk(listing, most if span is None else None, span, until_span=cut)
            self.lists_done += 1
            span = span or listing.span()
        return cut

    def _walk(self, listing: Listing, most: int | None, span: tuple[int, int] | None, *, until_span: bool) -> bool:
        """Fetch a list, as far as it goes or the runs in `span` go; return whether `most` cut it."""
        leads = span is None

        def done(page: Page) -> None:
            self.journal.new["pages"] += 1
            self.journal.new["evaluations"] += page.n
            self.runs += page.n if leads else 0
            self.asker.progress(self._told(listing.key, page))

        ending = ""
        with self.asker.noting(str(listing.key)):
            ending = listing.walk(
                wanted=self._wanted(span),
                most=most,
                until_run=span[1] if span and until_span else None,
                before=self.parts.of,
                done=done,
            )
        self.journal.listed(listing, ended=ending == "end")
        return ending == "limit"

    def _wanted(self, span: tuple[int, int] | None) -> Callable[[Record], bool] | None:
        since = self.request.since
        if since is None:
            return None
        first = span[0] if span else None
        return (lambda row: uploaded(row) >= since) if first is None else (lambda row: row["run_id"] >= first)

    def _evaluations(self, key: ListKey, *, offset: int, limit: int) -> list[Record]:
        return self.asker.ask(
            lambda: self.asker.client.evaluations(key.function, key.task, key.flow, offset=offset, limit=limit)
        )

    def _told(self, key: ListKey, page: Page) -> str:
        """Return what is said of a page when it is done: the rate, and the time that is left."""
        seconds = max(self.clock() - self.began, 1e-9)
        shares = [self.lists_done / self.n_lists, self.runs / (self.request.max_runs or float("inf"))]
        left = f", about {_time(seconds / max(shares) - seconds)} left" if 0 < max(shares) <= 1 else ""
        total = self.journal.new["evaluations"]
        return (
            f"openml: {key}: {page.n:,} evaluations from {page.offset:,} on; {total:,} in all,"
            f" {total / seconds:,.0f}/s; list {self.lists_done + 1} of {self.n_lists}{left}"
        )


def uploaded(row: Record) -> date:
    """Return the day on which a run was uploaded, by the server's clock; long ago where it does not say."""
    try:
        return datetime.fromisoformat(str(row["upload_time"])).date()
    except ValueError:
        return date.min


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    lock = FileLock(folder / ".lock")
    if not lock.acquire():
        raise StoreError(f"Another process is fetching into {folder}.")
    try:
        yield
    finally:
        lock.release()


def _time(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
