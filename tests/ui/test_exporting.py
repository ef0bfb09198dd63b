"""``tunegraph export`` writes a whole file or none."""

import gzip
import json
from datetime import date

import pytest
from typer.testing import CliRunner

from kg.model import Configuration, Provenance
from kg.run_columns import to_hp_columns
from kg.runs import RunTable
from ui.cli import app

NO_HOME = {"TUNEGRAPH_ENGINE": ""}


@pytest.fixture
def home(tmp_path):
    rows = to_hp_columns([Configuration({"max_depth": 3})]).assign(
        run_id="0" * 16,
        source="s",
        learner="decision_tree",
        metric="accuracy",
        standing="measured",
        dataset="https://example.org/d",
        score=0.5,
        locator="f:1",
    )
    provenance = Provenance(source="s", licence="MIT", url="https://example.org", retrieved=date(2026, 1, 2))
    RunTable(tmp_path / "home").append(rows, provenance)
    return tmp_path / "home"


def export(*arguments):
    return CliRunner().invoke(app, ["export", *map(str, arguments)], env=NO_HOME)


def test_a_packed_file_holds_the_same(home, tmp_path):
    told = json.loads(export(tmp_path / "a.nq", "--home", home, "--json").stdout)
    assert export(tmp_path / "a.nq.gz", "--home", home).exit_code == 0
    plain = (tmp_path / "a.nq").read_bytes()
    assert gzip.decompress((tmp_path / "a.nq.gz").read_bytes()) == plain
    assert told == {"runs": 1, "lines": len(plain.splitlines())}
    assert b"<http://www.w3.org/ns/mls#Run>" in plain
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.nq", "a.nq.gz", "home"]


@pytest.mark.parametrize("arguments", [("--source", "t"), ("--home", "empty")])
def test_no_runs_are_an_error_that_says_what_there_is(home, tmp_path, arguments, monkeypatch):
    monkeypatch.chdir(tmp_path)
    done = export(tmp_path / "a.nq", *(("--home", home) if "--source" in arguments else ()), *arguments)
    assert "has no runs" in str(done.exception)
    assert not (tmp_path / "a.nq").exists()


def test_a_file_that_cannot_be_written_is_an_error(home, tmp_path):
    done = export(tmp_path / "none" / "a.nq", "--home", home)
    assert "cannot be written" in str(done.exception)
