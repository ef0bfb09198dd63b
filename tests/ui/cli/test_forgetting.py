"""``tunegraph forget``: what goes, what stays, and what it says."""

import json
import shutil
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest.run import ingest
from ingest.sources.registry import source_named
from kg.rdf_store import RdfStore
from kg.runs import RunTable

HEAD = """@RELATION runs
@ATTRIBUTE adaboostclassifier__algorithm {SAMME, SAMME.R}
@ATTRIBUTE adaboostclassifier__learning_rate NUMERIC
@ATTRIBUTE adaboostclassifier__base_estimator__max_depth NUMERIC
@ATTRIBUTE adaboostclassifier__n_estimators NUMERIC
@ATTRIBUTE predictive_accuracy NUMERIC
@ATTRIBUTE task_id NUMERIC
@DATA
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home without a starter graph, with 30 runs from each of two sources that are fetched as files."""
    home = tmp_path_factory.mktemp("two-sources")
    raw = home / "raw"
    for name in ("a", "b"):
        (raw / "openml-pimp" / name).mkdir(parents=True)
        rows = "".join(f"SAMME,{0.05 * i},{i},{50 + i},{0.6 + 0.01 * i},3\n" for i in range(1, 31))
        (raw / "openml-pimp" / name / "adaboost.arff").write_text(HEAD + rows)
    with RdfStore(home / "graph") as store:
        for name in ("a", "b"):
            source = source_named("openml-pimp")
            source.name, source.files = f"runs:{name}", (f"openml-pimp/{name}/*.arff",)
            report = ingest([source], raw, home, store=store, retrieved=date(2026, 11, 21))
            assert report.sources[0].added == 30
    return home


@pytest.fixture
def two_sources(empty_home: Path, made: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Such a home of the test's own."""
    monkeypatch.setattr("kg.rdf_starter.starter_path", lambda: None)
    return shutil.copytree(made, empty_home)


def test_a_source_goes_and_the_other_stays(command: Any, two_sources: Path) -> None:
    ran = command("forget", "runs:a")
    assert ran.code == 0
    assert "runs:a:\n  graph: " in ran.out
    assert "runs: 30 rows" in ran.out
    assert "raw/openml-pimp/a/adaboost.arff" in ran.out
    with RdfStore(two_sources / "graph") as store:
        assert list(store.sources()) == ["runs:b"]
    assert [manifest.source for manifest in RunTable(two_sources).manifests()] == ["runs:b"]
    left = [path.relative_to(two_sources).as_posix() for path in two_sources.rglob("*") if "runs:a" in path.name]
    assert left == ["locks/runs:a.lock"]
    assert [path.name for path in (two_sources / "raw" / "openml-pimp").iterdir()] == ["b"]


def test_a_pattern_takes_all_that_fit(command: Any, two_sources: Path) -> None:
    ran = command("forget", "runs:*", "--json")
    assert [source["rows"] for source in json.loads(ran.out)["sources"]] == [30, 30]
    with RdfStore(two_sources / "graph") as store:
        assert store.sources() == {}


def test_a_dry_run_says_the_same_and_takes_nothing(command: Any, two_sources: Path) -> None:
    before = sorted(path for path in two_sources.rglob("*") if "graph" not in path.parts)
    dry = json.loads(command("forget", "runs:a", "--dry-run", "--json").out)
    assert sorted(path for path in two_sources.rglob("*") if "graph" not in path.parts) == before
    done = json.loads(command("forget", "runs:a", "--json").out)
    assert (dry["dry_run"], done["dry_run"]) == (True, False)
    assert dry["sources"] == done["sources"]


def test_an_unknown_name_is_told_with_those_there_are_and_nothing_goes(command: Any, two_sources: Path) -> None:
    ran = command("forget", "runs:a", "rums:b")
    assert (ran.code, ran.out) == (2, "")
    assert "Nothing is there of 'rums:b'. Allowed: runs:a, runs:b." in ran.err
    with RdfStore(two_sources / "graph") as store:
        assert list(store.sources()) == ["runs:a", "runs:b"]
