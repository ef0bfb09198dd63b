"""The starter graph is built by one command, to the same bytes each time."""

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from ingest.starter import MAX_BYTES, STARTER, build_starter, main
from kg.errors import InputError
from kg.rdf_store import RdfStore

ROOT = Path(__file__).resolve().parents[3]
DAY = date(2026, 1, 2)


@pytest.fixture(scope="module")
def tiny_data(shared_data, tmp_path_factory):
    """A data folder with two tasks of AdaBoost and their qualities."""
    folder = tmp_path_factory.mktemp("tiny") / "openml-pimp"
    folder.mkdir()
    lines = (shared_data / "openml-pimp" / "adaboost.arff").read_text().splitlines()
    first = next(i + 1 for i, line in enumerate(lines) if line.startswith("@DATA"))
    (folder / "adaboost.arff").write_text("\n".join([*lines[: first + 800], ""]))
    return folder.parent


@pytest.fixture(scope="module")
def built(tiny_data, tmp_path_factory):
    output = tmp_path_factory.mktemp("built") / "starter.nq.xz"
    return output, build_starter(tiny_data, output, as_of=DAY, names=["openml-pimp"])


def test_the_graph_holds_what_was_distilled(built):
    output, report = built
    assert report.size == output.stat().st_size < MAX_BYTES
    assert {kind: n for kind, n in report.counts.items() if n} == {
        "run": 20,
        "run_summary": 2,
        "response_model": 2,
        "parameter_importance": 2,
    }
    with RdfStore() as store:
        store.load(output)
        assert store.counts() == report.counts
        for summary in store.evidence("run_summary"):
            assert len(store.runs(summary.top_runs)) == 10


def test_another_process_builds_the_same_bytes(built, tiny_data, tmp_path):
    again = tmp_path / "starter.nq.xz"
    command = [sys.executable, "-m", "ingest.starter", str(tiny_data), "--output", str(again)]
    command += ["--as-of", DAY.isoformat(), "--source", "openml-pimp"]
    # Another seed of str hashes gives other orders of sets; none may show.
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "PYTHONHASHSEED": "7"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "20 run, 2 run_summary" in done.stderr
    assert again.read_bytes() == built[0].read_bytes()


def test_a_source_that_is_not_there_is_an_error_and_leaves_the_old_starter(tiny_data, tmp_path):
    output = tmp_path / "starter.nq.xz"
    output.write_bytes(b"old")
    with pytest.raises(InputError, match="yahpo-derived: no file"):
        build_starter(tiny_data, output, as_of=DAY, names=["openml-pimp", "yahpo-derived"])
    assert output.read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == ["starter.nq.xz"]
    assert main([str(tiny_data), "--output", str(output), "--source", "yahpo-derived"]) == 2


def test_the_starter_that_ships_is_small_enough():
    assert STARTER.is_file()
    assert STARTER.stat().st_size <= MAX_BYTES
