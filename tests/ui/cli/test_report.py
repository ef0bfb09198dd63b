"""``tunegraph report``, and Optuna's own dashboard on the same storage."""

import json
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

import optuna
import pytest


@pytest.fixture(scope="module")
def storage(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("studies") / "study.db"
    study = optuna.create_study(storage=f"sqlite:///{path}", study_name="loans", direction="maximize")
    study.optimize(lambda trial: -(trial.suggest_float("x", -1, 1) ** 2), n_trials=12)
    return path


def test_a_report_is_printed_or_written_in_the_form_of_its_file(command: Any, storage: Path, tmp_path: Path) -> None:
    printed = command("report", storage)
    assert (printed.code, printed.out.splitlines()[0]) == (0, "# Report on the study `loans`")
    page = tmp_path / "report.html"
    assert command("report", f"sqlite:///{storage}", "--study-name", "loans", "-o", page).code == 0
    assert page.read_text().startswith("<!doctype html>")
    forced = command("report", storage, "--format", "html")
    assert forced.out.strip() == page.read_text().strip()
    found = json.loads(command("report", storage, "--json", "--cores", 2, "--pue", 1).out)
    assert found["n_complete"] == 12
    assert (found["spent"]["cores"], found["spent"]["pue"]) == (2, 1)


def test_the_storage_is_not_written(command: Any, storage: Path) -> None:
    before = storage.read_bytes()
    assert command("report", storage, "--json").code == 0
    assert storage.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["none.db"], "There is no such file"),
        (["{storage}", "--study-name", "loan"], "Did you mean 'loans'"),
        (["{storage}", "-o", "/no/such/folder/report.html"], "--output"),
        (["magic://here"], "cannot be opened"),
    ],
)
def test_bad_input_is_named(command: Any, storage: Path, arguments: list[str], words: str) -> None:
    ran = command("report", *(argument.format(storage=storage) for argument in arguments))
    assert (ran.code, ran.out) == (2, "")
    assert words in " ".join(ran.err.split())


def test_optunas_dashboard_shows_the_study(storage: Path) -> None:
    pytest.importorskip("optuna_dashboard", reason="optuna-dashboard is not installed")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = f"from optuna_dashboard import run_server; run_server('sqlite:///{storage}', host='127.0.0.1', port={port})"
    server = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        assert "loans" in _asked(f"http://127.0.0.1:{port}/api/studies")
    finally:
        server.kill()
        server.wait()


def _asked(address: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(address, timeout=10) as answer:
                return answer.read().decode()
        except OSError:
            assert time.monotonic() < deadline, "the dashboard does not answer"
            time.sleep(0.2)
