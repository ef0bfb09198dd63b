"""A restart of the service loses no proposal that is finished, and says of the others that it cut them off."""

import json
import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from kg.errors import StoreError
from kg.rdf_store import RdfStore
from tests.ui.api.conftest import UNLIMITED, assert_problem, tunegraph_over
from tests.ui.api.test_proposals import DESCRIBED, TABLE, Scripted, state_of, workers  # noqa: F401
from ui.api import ApiSettings, create_app
from ui.api.job_files import FOLDER
from ui.api.jobs import INTERRUPTED, JobBoard
from ui.api.keys import KeyRing, Scope

Start = Callable[..., TestClient]


@pytest.fixture
def started(api_graph: RdfStore, tmp_path: Path, workers: list[Scripted]) -> Start:  # noqa: F811
    """Start a service, each time on the same home."""
    boards: list[JobBoard] = []

    def start(key: str | None = None, settings: ApiSettings = UNLIMITED) -> TestClient:
        app = create_app(tunegraph_over(api_graph, tmp_path), settings)
        boards.append(app.state.services.jobs)
        headers = {} if key is None else {"Authorization": f"Bearer {key}"}
        return TestClient(app, "http://127.0.0.1", client=("127.0.0.1", 1), headers=headers)

    yield start
    for worker in workers:
        worker.release.set()
    for board in boards:
        board.close()


def killed(client: TestClient) -> None:
    """Leave the files as a service does that is killed: its lock is given back, and nothing is said."""
    files = client.app.state.services.jobs._files
    os.close(files._lock._handle)
    files._lock._handle = None


def finished(client: TestClient, worker: list[Scripted]) -> str:
    place = client.post("/v1/proposals", json=DESCRIBED).headers["location"]
    state_of(client, place, "running")
    worker[-1].release.set()
    assert state_of(client, place, "done") == "done"
    return place


def test_a_finished_proposal_is_there_after_a_kill(started: Start, workers: list[Scripted]):  # noqa: F811
    first = started()
    place = finished(first, workers)
    before = [first.get(place + path).text for path in ("", "/result", "/events")]
    killed(first)
    again = started()
    assert [again.get(place + path).text for path in ("", "/result", "/events")] == before
    assert [job["id"] for job in again.get("/v1/proposals").json()] == [place.rpartition("/")[2]]


def test_one_that_was_cut_off_says_so(started: Start, workers: list[Scripted]):  # noqa: F811
    first = started()
    place = first.post("/v1/proposals", json=DESCRIBED).headers["location"]
    state_of(first, place, "running")
    killed(first)
    again = started()
    told = again.get(place).json()
    assert (told["state"], told["problem"]["status"], told["problem"]["detail"]) == ("failed", 503, INTERRUPTED)
    assert INTERRUPTED in assert_problem(again.get(f"{place}/result"), 409)["detail"]


def test_a_service_that_ends_in_good_order_says_so_too(started: Start, workers: list[Scripted]):  # noqa: F811
    first = started()
    place = first.post("/v1/proposals", json=DESCRIBED).headers["location"]
    state_of(first, place, "running")
    first.app.state.services.jobs.close()
    assert started().get(place).json()["problem"]["detail"] == INTERRUPTED


def test_what_another_service_on_this_home_works_on_is_left_alone(started: Start, workers: list[Scripted]):  # noqa: F811
    first = started()
    place = first.post("/v1/proposals", json=DESCRIBED).headers["location"]
    state_of(first, place, "running")
    other = started()
    assert_problem(other.get(place), 404)
    workers[0].release.set()
    assert state_of(first, place, "done") == "done"
    assert other.get(place).json()["state"] == "done"


def test_it_stays_private_to_its_key(started: Start, workers: list[Scripted], tmp_path: Path):  # noqa: F811
    ring = KeyRing(tmp_path)
    own, other = (ring.add(name, [Scope.READ]) for name in ("own", "other"))
    first = started(own)
    place = finished(first, workers)
    killed(first)
    assert_problem(started(other).get(place), 404)
    assert started(own).get(place).status_code == 200
    (path,) = (tmp_path / FOLDER).glob("p_*.json")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert own.split("_", 2)[2] not in path.read_text()


def test_neither_table_nor_its_place_is_kept_but_what_tells_the_same_input(
    started: Start,
    workers: list[Scripted],  # noqa: F811
    tmp_path: Path,
):
    client = started()
    asked = [client.post("/v1/proposals/upload", files={"file": ("t.csv", TABLE)}) for _ in range(2)]
    assert len({answer.json()["input_digest"] for answer in asked}) == 1
    changed = client.post("/v1/proposals/upload", files={"file": ("t.csv", TABLE + b"9,9,1\n")})
    assert changed.json()["input_digest"] != asked[0].json()["input_digest"]
    for path in (tmp_path / FOLDER).glob("p_*.json"):
        assert not {"path", "work"} & json.loads(path.read_text()).keys()
        assert "tunegraph-upload-" not in path.read_text()


def test_old_ones_are_removed(started: Start, workers: list[Scripted], tmp_path: Path):  # noqa: F811
    place = finished(started(), workers)
    (path,) = (tmp_path / FOLDER).glob("p_*.json")
    long_ago = time.time() - 8 * 86_400
    os.utime(path, (long_ago, long_ago))
    assert_problem(started().get(place), 404)
    assert not path.exists()


@pytest.mark.parametrize("content", [b"", b"{", b'{"id": "p_0000000000000000"}', b"\xff"])
def test_a_file_that_is_damaged_is_no_proposal(started: Start, tmp_path: Path, content: bytes):
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "p_0000000000000000.json").write_bytes(content)
    assert_problem(started().get("/v1/proposals/p_0000000000000000"), 404)


def test_what_cannot_be_kept_is_not_taken_on(
    started: Start,
    workers: list[Scripted],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    client = started()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr("os.fsync", full)
        problem = assert_problem(client.post("/v1/proposals", json=DESCRIBED), 503)
        assert "No space left" in problem["detail"]
        assert_problem(client.post("/v1/proposals/upload", files={"file": ("t.csv", TABLE)}), 503)
    assert client.get("/v1/proposals").json() == []
    finished(client, workers)


def test_a_result_that_cannot_be_kept_is_given_as_long_as_the_service_runs(
    started: Start,
    workers: list[Scripted],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
):
    client = started()
    place = client.post("/v1/proposals", json=DESCRIBED).headers["location"]
    state_of(client, place, "running")

    def full(*_: object) -> None:
        raise StoreError("No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(client.app.state.services.jobs._files, "write", full)
        workers[0].release.set()
        assert state_of(client, place, "done") == "done"
    assert client.get(f"{place}/result").status_code == 200
