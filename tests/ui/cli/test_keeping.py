"""``tunegraph backup``, ``restore``, ``copy`` and ``doctor``."""

import json

import pytest

from kg.home import graph_path
from kg.neo4j_connection import PASSWORD_VARIABLE, USER_VARIABLE
from kg.rdf_store import RdfStore
from kg.stores import STORE_VARIABLE
from tests.kg import samples
from tests.kg.neo4j_server import PASSWORD, USER, server


@pytest.fixture
def small_home(empty_home):
    """A home with a small graph and no starter."""
    with RdfStore(graph_path(empty_home)) as store:
        store.add(samples.small_graph())
    return empty_home


@pytest.fixture
def neo4j(monkeypatch):
    """The URL of an empty database, with its user and password in the environment."""
    found = server()
    found.empty()
    monkeypatch.setenv(USER_VARIABLE, USER)
    monkeypatch.setenv(PASSWORD_VARIABLE, PASSWORD)
    return found.url


def state_of(told, name):
    return next(check for check in json.loads(told.out)["checks"] if check["name"] == name)


def test_a_backup_comes_back(command, small_home, tmp_path, monkeypatch):
    told = command("restore", tmp_path / "none.tar")
    assert (told.code, "no such file" in told.err) == (2, True)
    monkeypatch.setattr("kg.rdf_starter.starter_path", lambda: None)
    assert command("backup", tmp_path / "b.tar").code == 0
    assert command("backup", tmp_path / "b.tar").code == 2
    other = tmp_path / "other"
    told = command("restore", tmp_path / "b.tar", "--home", other)
    assert (told.code, f"{len(samples.small_graph())} items" in told.out or "3 run" in told.out) == (0, True)
    with RdfStore(graph_path(other)) as store, RdfStore(graph_path(small_home)) as before:
        assert store.fingerprint() == before.fingerprint()


def test_a_graph_is_copied_to_neo4j_and_used_there(command, small_home, neo4j, monkeypatch):
    told = command("copy", small_home, neo4j)
    assert (told.code, f"Equal: {len(samples.small_graph())} items" in told.out) == (0, True)
    monkeypatch.setenv(STORE_VARIABLE, neo4j)
    told = command("query", "datasets_by_size", "--json")
    assert [row["title"] for row in json.loads(told.out)] == ["iris", "wine"]
    assert state_of(command("doctor", "--json"), "graph")["state"] == "ok"


def test_a_graph_is_not_copied_from_nowhere_or_to_itself(command, empty_home, tmp_path):
    assert command("copy", tmp_path / "nowhere", tmp_path / "x").code == 2
    assert command("copy", "home", "home").code == 2
    assert command("copy", "ftp://x/y", tmp_path / "x").code == 2


def test_a_store_that_is_no_url_is_named(command, empty_home, monkeypatch):
    monkeypatch.setenv(STORE_VARIABLE, "neo4j")
    told = command("query", "sources")
    assert (told.code, STORE_VARIABLE in told.err) == (2, True)


class TestDoctor:
    def test_a_home_that_is_not_there_yet_is_no_fault(self, command, empty_home):
        told = command("doctor")
        assert (told.code, "made of what ships" in told.out) == (0, True)
        assert not empty_home.exists()

    def test_a_sound_graph_is_ok(self, command, small_home):
        told = command("doctor", "--json")
        assert (told.code, state_of(told, "graph")["state"]) == (0, "ok")

    def test_a_damaged_graph_is_a_fault_with_what_to_do(self, command, small_home):
        for file in (graph_path(small_home) / "g-000001").iterdir():
            file.write_bytes(b"damaged")
        told = command("doctor", "--json")
        found = state_of(told, "graph")
        assert (told.code, found["state"], "restore" in found["remedy"]) == (1, "fault", True)

    def test_a_run_file_that_is_gone_is_a_fault(self, command, small_home):
        folder = small_home / "runs" / "source=x"
        folder.mkdir(parents=True)
        file = {"path": "runs/source=x/learner=svm/a.parquet", "learner": "svm", "rows": 1, "digest": "00"}
        manifest = {"provenance": samples.provenance("x").model_dump(mode="json"), "runs": [file]}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        told = command("doctor", "--json")
        assert (told.code, state_of(told, "runs")["state"]) == (1, "fault")

    def test_a_restore_that_was_killed_is_a_fault(self, command, small_home):
        (small_home / "RESTORING").write_text("/backups/b.tar\n")
        told = command("doctor", "--json")
        assert (told.code, "/backups/b.tar --force" in state_of(told, "restore")["remedy"]) == (1, True)

    def test_a_server_that_does_not_answer_is_a_fault(self, command, empty_home, monkeypatch):
        monkeypatch.setenv(STORE_VARIABLE, "bolt://127.0.0.1:1")
        told = command("doctor", "--json")
        found = state_of(told, "graph")
        assert (told.code, "No Neo4j server answers" in found["found"]) == (1, True)
        assert STORE_VARIABLE in found["remedy"]
        assert "restore" not in found["remedy"]

    def test_keys_are_never_shown(self, command, empty_home, monkeypatch):
        monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
        told = command("doctor")
        assert "openai key set" in told.out
        assert "very-secret" not in told.out + told.err
