"""``tunegraph ingest openml``: what it fetches, reads and says, and how it ends."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kg.rdf_store import RdfStore
from kg.runs import RunTable
from tests.ingest.sources.openml.openml_catalogues import pimp
from tests.ingest.sources.openml.openml_server import OpenmlServer

pytest.importorskip("openml", reason="the openml extra is not installed")


@pytest.fixture
def server(shared_data: Path) -> Iterator[OpenmlServer]:
    """Real runs: two tasks, 40 random forests on each."""
    with OpenmlServer(pimp(shared_data / "openml-pimp", n_tasks=2, n_runs=40, files=("random_forest.arff",))) as server:
        yield server


@pytest.fixture
def home(empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home without a starter graph."""
    monkeypatch.setattr("kg.rdf_starter.starter_path", lambda: None)
    return empty_home


@pytest.fixture
def ingest_openml(command: Any, server: OpenmlServer, home: Path) -> Any:
    usual = ("--server", server.url, "--requests-per-second", 1000, "--function", "predictive_accuracy")
    return lambda *arguments: command("ingest", "openml", *usual, *arguments)


def test_a_suite_is_fetched_and_read_into_run_table_and_graph(
    ingest_openml: Any, server: OpenmlServer, home: Path
) -> None:
    ran = ingest_openml("--suite", 99, "--json")
    said = json.loads(ran.out)
    assert ran.code == 0
    assert said["fetch"]["new"]["evaluations"] == 80
    assert said["sources"][0]["added"] == 80
    assert RunTable(home).manifest("openml").rows == 80
    with RdfStore(home / "graph") as store:
        assert {dataset.name for dataset in store.datasets()} == {"data-6", "data-11"}


def test_the_second_time_nothing_is_added(ingest_openml: Any) -> None:
    ingest_openml("--suite", "pimp")
    ran = ingest_openml("--suite", "pimp", "--json")
    said = json.loads(ran.out)
    assert ran.code == 0
    assert said["fetch"]["new"] == {}
    assert (said["sources"][0]["added"], said["sources"][0]["unchanged"]) == (0, 80)


def test_a_dry_run_asks_for_the_suite_only_and_writes_nothing(
    ingest_openml: Any, server: OpenmlServer, home: Path
) -> None:
    ran = ingest_openml("--suite", 99, "--dry-run")
    assert ran.code == 0
    assert "2 of 2 tasks with their data sets" in ran.out
    assert server.log == ["study/99"]
    assert not list(home.rglob("*.json"))
    assert json.loads(ingest_openml("--suite", 99, "--dry-run", "--json").out)["dry_run"] is True


def test_a_failure_is_in_the_report_and_the_exit_code_and_the_rest_is_read(
    ingest_openml: Any, server: OpenmlServer
) -> None:
    server.fail("^flow/6969", "error", times=9, detail="181")
    ran = ingest_openml("--task", 6, "--task", 11)
    assert ran.code == 1
    assert "failed: 1 refused by the server, e.g. flow 6969" in ran.out
    assert "openml: 80 added rows" in ran.out


def test_limits_are_no_failure(ingest_openml: Any) -> None:
    ran = ingest_openml("--suite", 99, "--max-runs", 10)
    assert ran.code == 0
    assert "stopped: max runs; the same command goes on from here" in ran.out


def test_what_was_forgotten_is_fetched_anew_from_whatever_server(
    ingest_openml: Any, command: Any, server: OpenmlServer
) -> None:
    ingest_openml("--suite", 99)
    assert command("forget", "openml").code == 0
    with OpenmlServer(server.catalogue) as other:
        ran = ingest_openml("--suite", 99, "--server", other.url, "--json")
        assert len(other.asked("study/99")) == 1
    assert json.loads(ran.out)["fetch"]["new"]["evaluations"] == 80


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((), "Nothing is asked for. Allowed: --suite or --task"),
        (("--suite", "../x"), "'../x' names no suite"),
        (("--task", -3), "-3 is no id"),
        (("--suite", 99, "--since", "yesterday"), "'yesterday' is no day. Allowed: such as 2026-01-31"),
        (("--suite", 99, "--time-budget", "soon"), "'soon' is no duration"),
        (("--suite", 99, "--function", "a/b"), "'a/b' names no function"),
        (("--suite", 99, "--server", "file:///etc"), "'file:///etc' is no server"),
    ],
)
def test_what_means_nothing_is_refused(ingest_openml: Any, home: Path, arguments: Any, message: str) -> None:
    ran = ingest_openml(*arguments)
    assert ran.code == 2
    assert message in ran.err
    assert not (home / "graph").exists()


def test_without_the_package_the_way_to_install_it_is_told(ingest_openml: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "openml", None)
    ran = ingest_openml("--suite", 99)
    assert ran.code == 2
    assert "pip install 'tunegraph[openml]'" in ran.err
