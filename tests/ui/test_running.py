"""Studies that run in processes of their own: begun, found again, stopped, gone on with, and taken away."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import psutil
import pytest

from kg.errors import InputError, StoreError, UnknownNameError
from kg.model.base import Value
from recommender.proposal import Proposal
from ui.compose import Tunegraph
from ui.running import State, Status, Studies, StudyRecord, progress_of, worker
from ui.running import studies as starting
from ui.running.record import ENDED, PROPOSAL, RECORD, STOP, WORKER, Ended, Worker, status_of, worker_in, write

#: Seconds that anything here may take on a busy machine; nothing is asserted of time.
PATIENCE_S = 120.0


def with_budget(proposal: Proposal, **budget: object) -> Proposal:
    whole = proposal.budget
    return proposal.replace(budget=whole.replace(value=whole.value.replace(**budget)))


@pytest.fixture(scope="module")
def short(proposal: Proposal) -> Proposal:
    return with_budget(proposal, n_trials=4)


@pytest.fixture(scope="module")
def long(proposal: Proposal) -> Proposal:
    """More trials than a test waits for, and no rule that ends them."""
    rules = proposal.termination
    endless = rules.replace(value=rules.value.replace(rules=({"kind": "max_trials", "n_trials": 100_000},)))
    return with_budget(proposal.replace(termination=endless), n_trials=100_000)


@pytest.fixture
def studies(tmp_path: Path) -> Iterator[Studies]:
    """The studies of a fresh home; none of their processes outlives the test."""
    found = Studies(tmp_path / "home", most=2)
    yield found
    for record in found.records():
        if worker_in(found.root / record.name) != HERE:
            found.stop(record.name, at_once=True)


def wait_for(reached: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not reached():
        assert time.monotonic() < deadline, "what was waited for did not come"
        time.sleep(0.1)


def wait_for_end(studies: Studies, name: str) -> Status:
    wait_for(lambda: not studies.status(name).is_alive)
    return studies.status(name)


def n_done(studies: Studies, record: StudyRecord) -> int:
    return progress_of(studies.study(record.name), studies.proposal(record.name)).n_done


@pytest.fixture
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """No process is begun: the test itself is taken for it, and may run `worker.main` when it likes."""
    monkeypatch.setattr(starting, "_launched", lambda folder: HERE)


@pytest.mark.usefixtures("by_hand")
def test_a_study_runs_to_its_end_and_is_found_by_who_did_not_begin_it(
    studies: Studies, short: Proposal, tunegraph: Tunegraph, table: Path
) -> None:
    record = studies.start(short, table, tunegraph=tunegraph, label="Tumours <b>2024</b>.csv")
    assert studies.status(record.name).state is State.RUNNING
    assert worker.main([str(studies.root / record.name)]) == 0
    others = Studies(studies.root.parent)
    assert [found.label for found in others.records()] == ["Tumours <b>2024</b>.csv"]
    ended = others.status(record.name)
    assert ended.state is State.FINISHED
    assert "4 of 4" in ended.said or "4 trials" in ended.said
    progress = progress_of(others.study(record.name), others.proposal(record.name))
    assert (progress.n_done, progress.n_open) == (4, 0)
    assert progress.best == max(point.score for point in progress.points if point.score is not None)
    assert others.table(record.name).read_bytes() == table.read_bytes()
    with pytest.raises(InputError, match="finished"):
        others.resume(record.name)
    others.remove(record.name)
    assert not any(studies.root.iterdir())


@pytest.mark.usefixtures("by_hand")
def test_a_study_that_is_asked_to_stop_brings_its_trial_to_the_end(
    studies: Studies, long: Proposal, tunegraph: Tunegraph, table: Path
) -> None:
    record = studies.start(long, table, tunegraph=tunegraph)
    studies.stop(record.name)
    assert studies.status(record.name).state is State.STOPPING
    assert worker.main([str(studies.root / record.name)]) == 0
    assert studies.status(record.name) == Status(State.STOPPED, "stopped by hand")
    assert n_done(studies, record) == 1


def test_a_study_outlives_the_server_and_a_killed_one_goes_on_where_it_was(
    studies: Studies, long: Proposal, table: Path, tmp_path: Path
) -> None:
    """The server is a program that starts a study and is killed, with all of its process group."""
    (tmp_path / "proposal.json").write_text(long.to_json(), encoding="utf-8")
    server = (
        "import sys, time; from pathlib import Path; from recommender.proposal import Proposal\n"
        "from recommender.tuning import configure_study; from ui.running import Studies\n"
        "class Tunegraph:\n  study = staticmethod(configure_study)\n"
        "proposal = Proposal.from_json(Path(sys.argv[1]).read_text('utf-8'))\n"
        "Studies(Path(sys.argv[3])).start(proposal, Path(sys.argv[2]), tunegraph=Tunegraph)\n"
        "time.sleep(1000)\n"
    )
    given = [tmp_path / "proposal.json", table, studies.root.parent]
    process = subprocess.Popen([sys.executable, "-c", server, *map(str, given)], start_new_session=True)
    wait_for(lambda: [r for r in studies.records() if studies.status(r.name).is_alive])
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    (record,) = studies.records()
    wait_for(lambda: n_done(studies, record) >= 1)
    assert studies.status(record.name).state is State.RUNNING

    first = worker_in(studies.root / record.name)
    assert first is not None
    os.kill(first.pid, signal.SIGKILL)
    assert wait_for_end(studies, record.name).state is State.INTERRUPTED
    before = n_done(studies, record)
    studies.resume(record.name)
    second = worker_in(studies.root / record.name)
    studies.resume(record.name)  # two who press the button: one process
    assert second is not None
    assert second == worker_in(studies.root / record.name)
    wait_for(lambda: n_done(studies, record) > before)

    children = psutil.Process(second.pid).children(recursive=True)
    assert children, "fits are made in a process apart"
    studies.stop(record.name, at_once=True)
    assert studies.status(record.name).state is State.STOPPED
    wait_for(lambda: not any(child.is_running() and child.status() != "zombie" for child in children))


@pytest.mark.usefixtures("by_hand")
def test_no_more_studies_run_than_may_and_a_running_one_is_not_removed(
    studies: Studies, short: Proposal, tunegraph: Tunegraph, table: Path
) -> None:
    one = Studies(studies.root.parent, most=1)
    name = one.start(short, table, tunegraph=tunegraph).name
    with pytest.raises(InputError, match="1 studies run already"):
        one.start(short, table, tunegraph=tunegraph)
    with pytest.raises(InputError, match="runs"):
        one.remove(name)
    assert [record.name for record in one.records()] == [name]


@pytest.mark.usefixtures("by_hand")
def test_of_two_visitors_at_once_the_second_is_told_that_there_is_no_place(
    studies: Studies, short: Proposal, tunegraph: Tunegraph, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, both, lay_out = (
        Studies(studies.root.parent, most=1),
        threading.Barrier(2, timeout=PATIENCE_S),
        starting._laid_out,
    )

    def laid_out(*given: Any, **named: Any) -> StudyRecord:
        both.wait()  # each has seen by now that no study runs
        return lay_out(*given, **named)

    monkeypatch.setattr(starting, "_laid_out", laid_out)
    with ThreadPoolExecutor(2) as visitors:
        asked = [visitors.submit(one.start, short, table, tunegraph=tunegraph) for _ in range(2)]
    (error,) = [refused for one_asked in asked if (refused := one_asked.exception()) is not None]
    assert isinstance(error, InputError)
    assert "1 studies run already" in str(error)
    (record,) = one.records()
    assert [folder.name for folder in one.root.iterdir() if folder.is_dir()] == [record.name]


def test_a_start_that_fails_leaves_no_copy_of_the_table(
    studies: Studies, short: Proposal, tunegraph: Tunegraph, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise InputError("the storage cannot be opened")

    monkeypatch.setattr(tunegraph, "study", refuse, raising=True)
    with pytest.raises(InputError, match="cannot be opened"):
        studies.start(short, table, tunegraph=tunegraph)
    assert not any(studies.root.iterdir())
    with pytest.raises(InputError, match="not there any more"):
        studies.start(short, table.with_name("gone.csv"), tunegraph=tunegraph)


@pytest.mark.usefixtures("by_hand")
def test_a_table_that_cannot_be_read_is_told_as_a_failure(
    studies: Studies, short: Proposal, tunegraph: Tunegraph, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n", encoding="utf-8")
    name = studies.start(short, bad, tunegraph=tunegraph).name
    assert worker.main([str(studies.root / name)]) == 1
    ended = studies.status(name)
    assert ended.state is State.FAILED
    assert "diagnosis" in ended.said or "row" in ended.said
    with pytest.raises(UnknownNameError, match="no study 'another'"):
        studies.stop("another")


def test_a_process_that_cannot_be_noted_does_not_run_on(
    studies: Studies, short: Proposal, tunegraph: Tunegraph, table: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody would know of it, and going on with the study would begin a second one."""
    begun = []

    def launched(_: Path) -> Worker:
        begun.append(subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"]))
        return Worker(pid=begun[0].pid, created=psutil.Process(begun[0].pid).create_time())

    def full_for_workers(path: Path, value: Value) -> None:
        if path.name == WORKER:
            raise StoreError("No space left on device")
        write(path, value)

    monkeypatch.setattr(starting, "_launched", launched)
    monkeypatch.setattr(starting, "write", full_for_workers)
    with pytest.raises(StoreError, match="No space left"):
        studies.start(short, table, tunegraph=tunegraph)
    wait_for(lambda: begun[0].poll() is not None)
    (record,) = studies.records()
    assert studies.status(record.name).state is State.INTERRUPTED


@pytest.mark.usefixtures("by_hand")
def test_a_proposal_that_is_gone_is_told_as_a_fault_of_the_study(
    studies: Studies, short: Proposal, tunegraph: Tunegraph, table: Path
) -> None:
    name = studies.start(short, table, tunegraph=tunegraph).name
    (studies.root / name / PROPOSAL).unlink()
    with pytest.raises(InputError, match="Its proposal cannot be read"):
        studies.proposal(name)


@pytest.mark.parametrize("name", ["../home", "", "a/b", ".", "A", "x" * 200])
def test_no_name_leads_out_of_the_folder_of_studies(studies: Studies, name: str) -> None:
    with pytest.raises(UnknownNameError):
        studies.status(name)


HERE = Worker(pid=os.getpid(), created=psutil.Process().create_time())
GONE = Worker(pid=os.getpid(), created=1.0)
"""A process that had this one's number long ago."""


@pytest.mark.parametrize(
    ("running", "ended", "asked", "state"),
    [
        (HERE, None, False, State.RUNNING),
        (HERE, None, True, State.STOPPING),
        (GONE, None, False, State.INTERRUPTED),
        (GONE, None, True, State.STOPPED),
        (HERE, Ended(pid=HERE.pid, reason="stopped by hand"), True, State.STOPPED),
        (HERE, Ended(pid=HERE.pid, reason="4 trials done"), True, State.FINISHED),
        (HERE, Ended(pid=HERE.pid, problem="no table"), False, State.FAILED),
        (HERE, Ended(pid=HERE.pid + 1, reason="of the process before"), False, State.RUNNING),
        (None, None, False, State.INTERRUPTED),
    ],
)
def test_how_a_study_stands_follows_from_its_notes(
    tmp_path: Path, running: Worker | None, ended: Ended | None, asked: bool, state: State
) -> None:
    for name, value in ((WORKER, running), (ENDED, ended)):
        if value is not None:
            write(tmp_path / name, value)
    if asked:
        (tmp_path / STOP).touch()
    assert status_of(tmp_path).state is state


@pytest.mark.usefixtures("by_hand")
def test_what_a_start_that_was_cut_off_has_left_goes_with_the_next_one(
    studies: Studies, short: Proposal, tunegraph: Tunegraph, table: Path
) -> None:
    left = studies.root / "half-made"
    left.mkdir(parents=True)
    (left / "table.csv").write_text("private", encoding="utf-8")
    os.utime(left, (1, 1))
    record = studies.start(short, table, tunegraph=tunegraph)
    assert [folder.name for folder in studies.root.iterdir()] == [record.name]
    assert (studies.root / record.name / RECORD).is_file()
