"""Proposals are asked for, watched, cancelled and fetched; the work itself is done elsewhere."""

import io
import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from recommender.llm.streaming import Piece
from tests.ui.api.conftest import UNLIMITED, Service, assert_problem
from ui.api.jobs import JobBoard, State
from ui.api.keys import KeyRing, Scope
from ui.api.settings import ApiSettings
from ui.api.worker import Teller, Work
from ui.api.workers import WorkerProcess
from ui.compose import Tunegraph
from ui.request import Request

DESCRIBED = {"meta_features": {"NumberOfInstances": 1000, "NumberOfFeatures": 21, "NumberOfClasses": 2}}
TABLE = b"a,b,class\n" + b"".join(b"%d,%d,%d\n" % (i, i % 7, i % 2) for i in range(40))


class Scripted:
    """Stands for the process: tells steps, then waits until it is released or killed."""

    made: list["Scripted"]

    def __init__(self, home: Path, memory_mb: int) -> None:
        self.works: list[Work] = []
        self.tables: list[bytes] = []
        self.release, self.killed = threading.Event(), threading.Event()
        self.ends_with = {"answer": {"proposal": None, "verdict": {"outcome": "failed", "stages": []}}}
        self.made.append(self)

    def ask(self, work: Work) -> Iterator[dict]:
        self.works.append(work)
        if work.path is not None:
            self.tables.append(Path(work.path).read_bytes())
        yield {"step": "Composing"}
        if work.request.llm is not None:
            yield {"talk": "I look up forests"}
        while not self.release.wait(0.01):
            if self.killed.is_set():
                self.killed.clear()
                yield {"problem": {"status": 500, "detail": "killed"}}
                return
        yield self.ends_with

    def kill(self, work: Work | None = None) -> None:
        self.killed.set()


class Late(Scripted):
    """Has not begun with anything yet when it is to end it."""

    may_begin = threading.Event()

    def ask(self, work: Work) -> Iterator[dict]:
        self.may_begin.wait(20)
        self.killed.clear()
        yield from super().ask(work)


@pytest.fixture
def workers(monkeypatch: pytest.MonkeyPatch) -> list[Scripted]:
    Scripted.made = []
    monkeypatch.setattr("ui.api.jobs.WorkerProcess", Scripted)
    return Scripted.made


@pytest.fixture
def service(service: Service, workers: list[Scripted]) -> Service:
    """A service of each test's own, for proposals stay on the board of one."""
    return lambda settings=UNLIMITED, **given: service(settings, **given)


def state_of(client: TestClient, place: str, *wanted: str) -> str:
    """Return the state of a proposal, as soon as it is one of those wanted."""
    deadline = time.monotonic() + 20
    while (state := client.get(place).json()["state"]) not in wanted and time.monotonic() < deadline:
        time.sleep(0.01)
    return state


def events_of(text: str) -> list[dict]:
    return [json.loads(line.removeprefix("data: ")) for line in text.splitlines() if line.startswith("data: ")]


def test_a_proposal_is_asked_for_watched_and_fetched(service: Service, workers: list[Scripted]):
    client = service()
    asked = client.post("/v1/proposals", json=DESCRIBED | {"learner": "rf", "time_s": 60})
    place = asked.headers["location"]
    assert (asked.status_code, asked.json()["state"]) == (202, "queued")
    assert state_of(client, place, "running") == "running"
    assert_problem(client.get(f"{place}/result"), 409)
    workers[0].release.set()
    told = client.get(f"{place}/events")
    assert told.headers["content-type"].startswith("text/event-stream")
    assert [event["state"] for event in events_of(told.text)] == ["queued", "running", "running", "done"]
    assert [event["number"] for event in events_of(told.text)] == [1, 2, 3, 4]
    assert client.get(f"{place}/result").json() == workers[0].ends_with["answer"]
    assert (workers[0].works[0].request.time_s, workers[0].works[0].sees_private) == (60, False)


def test_one_that_is_cancelled_before_its_process_has_begun_takes_no_place(
    service: Service, workers: list[Scripted], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("ui.api.jobs.WorkerProcess", Late)
    client = service(ApiSettings(requests_per_minute=0, n_workers=1))
    first, second = (client.post("/v1/proposals", json=DESCRIBED).headers["location"] for _ in range(2))
    assert state_of(client, first, "running") == "running"
    assert client.delete(first).json()["state"] == "cancelled"
    workers[0].may_begin.set()
    assert state_of(client, second, "running") == "running"


def test_what_a_model_writes_is_told_as_not_checked(service: Service, workers: list[Scripted]):
    client = service(ApiSettings(requests_per_minute=0, llm="openai:m", llm_base_url="http://127.0.0.1:9/v1"))
    place = client.post("/v1/proposals", json=DESCRIBED | {"with_model": True, "anonymise": True}).headers["location"]
    state_of(client, place, "running")
    workers[0].release.set()
    told = events_of(client.get(f"{place}/events").text)
    assert [(event["text"], event["checked"]) for event in told][2:] == [
        ("Composing", True), ("not checked yet: I look up forests", False), ("Done", True),
    ]  # fmt: skip
    request = workers[0].works[0].request
    assert (request.llm, request.llm_base_url, request.anonymise) == ("openai:m", "http://127.0.0.1:9/v1", True)


def test_a_model_drafts_only_where_the_service_has_one_and_it_is_wanted(service: Service, workers: list[Scripted]):
    assert "no language model" in assert_problem(
        service().post("/v1/proposals", json=DESCRIBED | {"with_model": True}), 422
    )["detail"]  # fmt: skip
    client = service(ApiSettings(requests_per_minute=0, llm="openai:m"))
    assert_problem(client.post("/v1/proposals", json=DESCRIBED | {"llm": "openai:other"}), 422)
    state_of(client, client.post("/v1/proposals", json=DESCRIBED).headers["location"], "running")
    assert [work.request.llm for worker in workers for work in worker.works] == [None]


def test_a_worker_tells_talk_in_lines_and_none_after_the_end():
    told = io.StringIO()
    teller = Teller(told)
    for piece in (Piece("words", "I look "), Piece("words", "up forests"), Piece("end", "")):
        teller.hear(piece)
    teller.hear(Piece("words", "then"))
    teller.step("Checking")
    teller.end({"answer": 1})
    teller.hear(Piece("end", "late"))
    assert [json.loads(line) for line in told.getvalue().splitlines()] == [
        {"talk": "I look up forests"}, {"talk": "then"}, {"step": "Checking"}, {"answer": 1},
    ]  # fmt: skip


def test_events_go_on_after_the_last_one_that_was_seen(service: Service, workers: list[Scripted]):
    client = service()
    place = client.post("/v1/proposals", json=DESCRIBED).headers["location"]
    state_of(client, place, "running")
    workers[0].release.set()
    assert state_of(client, place, "done") == "done"
    told = client.get(f"{place}/events", headers={"Last-Event-ID": "3"}).text
    assert [event["number"] for event in events_of(told)] == [4]
    assert client.get(f"{place}/events", headers={"Last-Event-ID": "9"}).text == ""


def test_a_table_is_there_for_the_work_and_gone_afterwards(service: Service, workers: list[Scripted]):
    client = service()
    asked = client.post(
        "/v1/proposals/upload", files={"file": ("../../etc/my table.csv", TABLE)}, data={"target": "b", "seed": "3"}
    )
    place = asked.headers["location"]
    state_of(client, place, "running")
    work = workers[0].works[0]
    path = Path(work.path)
    assert (path.name, work.target, work.request.seed) == ("my-table.csv", "b", 3)
    assert workers[0].tables == [TABLE]
    assert path.parent.stat().st_mode & 0o777 == 0o700
    workers[0].release.set()
    assert state_of(client, place, "done") == "done"
    assert not path.parent.exists()


def test_a_cancelled_proposal_ends_at_once_and_leaves_nothing(service: Service, workers: list[Scripted]):
    client = service(ApiSettings(requests_per_minute=0, n_workers=1))
    place = client.post("/v1/proposals/upload", files={"file": ("t.csv", TABLE)}).headers["location"]
    state_of(client, place, "running")
    path = Path(workers[0].works[0].path)
    assert client.delete(place).json()["state"] == "cancelled"
    assert not path.exists()
    assert_problem(client.get(f"{place}/result"), 409)
    following = client.post("/v1/proposals", json=DESCRIBED).headers["location"]
    workers[0].release.set()
    assert state_of(client, following, "done", "failed") == "done"
    assert state_of(client, place, "cancelled") == "cancelled"


def test_what_fails_is_told_with_its_problem(service: Service, workers: list[Scripted]):
    client = service()
    place = client.post("/v1/proposals", json=DESCRIBED).headers["location"]
    state_of(client, place, "running")
    workers[0].ends_with = {"problem": {"status": 422, "detail": "Two rows are no table.", "where": "file"}}
    workers[0].release.set()
    assert state_of(client, place, "failed") == "failed"
    assert client.get(place).json()["problem"]["where"] == "file"
    assert "Two rows" in assert_problem(client.get(f"{place}/result"), 409)["detail"]


def test_nobody_sees_or_cancels_what_somebody_else_asked_for(service: Service, workers: list[Scripted], keys: KeyRing):
    one, other = (keys.add(name, [Scope.READ]) for name in ("one", "other"))
    client = service(key=one)
    place = client.post("/v1/proposals", json=DESCRIBED).headers["location"]
    state_of(client, place, "running")
    asked = {"headers": {"Authorization": f"Bearer {other}"}}
    for path in ("", "/result", "/events"):
        assert_problem(client.get(place + path, **asked), 404)
    assert_problem(client.delete(place, **asked), 404)
    assert client.get("/v1/proposals", **asked).json() == []
    assert [job["id"] for job in client.get("/v1/proposals").json()] == [place.rpartition("/")[2]]
    assert workers[0].works[0].sees_private


def test_so_many_wait_and_no_more(service: Service, workers: list[Scripted]):
    client = service(ApiSettings(requests_per_minute=0, n_workers=1, max_waiting=2))
    first = client.post("/v1/proposals", json=DESCRIBED).headers["location"]
    state_of(client, first, "running")
    waiting = [client.post("/v1/proposals", json=DESCRIBED) for _ in range(3)]
    assert [answer.status_code for answer in waiting] == [202, 202, 503]
    assert int(waiting[-1].headers["retry-after"]) > 0


def test_a_process_that_cannot_be_had_fails_the_proposal_and_not_the_service(
    service: Service, workers: list[Scripted], monkeypatch: pytest.MonkeyPatch
):
    def none(*_: object) -> Iterator[dict]:
        raise OSError("no memory")

    client = service(ApiSettings(requests_per_minute=0, n_workers=1))
    with monkeypatch.context() as broken:
        broken.setattr(Scripted, "ask", none)
        place = client.post("/v1/proposals", json=DESCRIBED).headers["location"]
        assert state_of(client, place, "failed") == "failed"
    workers[0].release.set()
    following = client.post("/v1/proposals", json=DESCRIBED).headers["location"]
    assert state_of(client, following, "done") == "done"


def test_what_takes_too_long_is_given_up(home: Path, workers: list[Scripted]):
    board = JobBoard(home, ApiSettings(job_seconds=0.05))
    job = board.submit("me", Work(sees_private=False, request=Request()))
    deadline = time.monotonic() + 20
    while not job.state.is_final and time.monotonic() < deadline:
        time.sleep(0.01)
    assert job.state is State.FAILED
    assert "0.05 s" in job.view().problem.detail
    board.close()


@pytest.mark.parametrize(("body", "where"), [
    ({}, "body.meta_features"), ({"meta_features": {}}, "meta-features"), (DESCRIBED | {"learner": "nix"}, "learner"),
    (DESCRIBED | {"metric": "rmse"}, "metric"), (DESCRIBED | {"n_trials": 0}, "body.n_trials"),
    (DESCRIBED | {"llm": "openai:x"}, "body.llm"), (DESCRIBED | {"llm_base_url": "x"}, "body.llm_base_url"),
    ({"meta_features": {"NumberOfInstances": 3}}, "NumberOfInstances"),
])  # fmt: skip
def test_what_makes_no_sense_is_refused_at_once(service: Service, body: dict, where: str):
    assert assert_problem(service().post("/v1/proposals", json=body), 422)["where"] == where


@pytest.mark.parametrize(("name", "content", "status"), [
    ("t.exe", TABLE, 415), ("", TABLE, 422), ("t.csv", b"", 422), (".csv", TABLE, 202), ("t.csv.gz", TABLE, 202),
])  # fmt: skip
def test_a_file_must_look_like_a_table(service: Service, workers, name: str, content: bytes, status: int):
    answer = service().post("/v1/proposals/upload", files={"file": (name, content)})
    assert answer.status_code == status, answer.text


def test_a_real_process_makes_a_proposal_ends_when_killed_and_is_started_again(tunegraph: Tunegraph, table: Path):
    """The one test with the real process, the starter graph and a real table."""
    worker = WorkerProcess(tunegraph.settings.home, UNLIMITED.job_memory_mb)
    request = Request(learner="decision_tree", test_run=False, time_s=300)
    work = Work(sees_private=True, request=request, meta_features={"NumberOfInstances": 3})
    assert [message["problem"]["where"] for message in worker.ask(work)] == ["NumberOfInstances"]
    work = work.replace(path=str(table), meta_features={})
    messages = worker.ask(work)
    assert next(messages) == {"step": "Reading the table"}
    worker.kill(work)
    assert [message.get("problem", {}).get("status") for message in messages if "step" not in message] == [500]
    *steps, last = worker.ask(work)
    assert {"step": "Composing from the graph"} in steps
    assert last["answer"]["proposal"]["learner"]["value"] == "decision_tree"
    worker.kill()
