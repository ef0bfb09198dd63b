"""From staged pages to files of the run table: the same rows, however much is looked at together."""

from datetime import date

import pandas as pd
import pytest

from ingest.checkpoint import Staging
from ingest.loading import load_runs
from ingest.normalize import normalize
from ingest.sources.openml_pimp import OpenmlPimp
from kg.run_files import Manifest
from kg.runs import RunTable

SOURCE = OpenmlPimp()


@pytest.fixture
def staged(adaboost_rows, write_adaboost, tmp_path, monkeypatch):
    """Runs on three tasks, some of them recorded twice, and on one task without a spread, in pages of 50."""
    monkeypatch.setattr("ingest.sources._pages.PAGE_ROWS", 50)
    rows = adaboost_rows(300)
    flat = [",".join([*row.split(",")[:5], "0.7", "4"]) for row in rows[:60]]
    folder = write_adaboost([*rows, *rows[10:40], *flat])
    staging = Staging(tmp_path / "staging", "v1")
    for number, page in enumerate(SOURCE.read(folder, retrieved=date(2026, 1, 1))):
        staging.put(number, normalize(page, SOURCE))
    return staging


def loaded(staging, home):
    """Return rows in use, rows set aside, and the report."""
    table = RunTable(home)
    found = load_runs(staging, table, SOURCE.name, {})
    manifest = Manifest(provenance=SOURCE.provenance(date(2026, 1, 1)), runs=found.runs, quarantine=found.quarantine)
    table.commit(manifest)
    frames = (table.frame(area=area) for area in ("runs", "quarantine"))
    return *(frame.sort_values(["run_id", "metric"], ignore_index=True) for frame in frames), found


def test_runs_are_judged_and_laid_out(staged, tmp_path):
    kept, aside, found = loaded(staged, tmp_path / "home")
    assert len(kept) == 300
    assert found.set_aside == {"duplicate": 30, "near_constant": 60} == aside["rule"].value_counts().to_dict()
    assert {"hp.learning_rate", "hp.n_estimators", "hp.algorithm"} <= set(kept.columns)
    assert found.examples["near_constant"].startswith("openml-pimp/adaboost.arff:")


@pytest.mark.parametrize(("batch", "large"), [(20_000, 60_000), (70, 60_000), (70, 60), (20_000, 1)])
def test_a_large_data_set_is_judged_as_a_whole_and_written_in_pieces(staged, tmp_path, monkeypatch, batch, large):
    kept, aside, found = loaded(staged, tmp_path / "whole")
    monkeypatch.setattr("ingest.checkpoint.BATCH_ROWS", batch)
    monkeypatch.setattr("ingest.loading.LARGE_ROWS", large)
    again, aside_again, found_again = loaded(staged, tmp_path / "pieces")
    pd.testing.assert_frame_equal(again, kept)
    pd.testing.assert_frame_equal(aside_again, aside)
    assert (found_again.set_aside, found_again.examples) == (found.set_aside, found.examples)


def test_pages_that_mix_data_sets_give_the_same_rows(staged, tmp_path, monkeypatch):
    kept, aside, _ = loaded(staged, tmp_path / "apart")
    for name, value in (("BATCH_ROWS", 70), ("MOST_READS", 0)):
        monkeypatch.setattr(f"ingest.checkpoint.{name}", value)
    again, aside_again, _ = loaded(staged, tmp_path / "together")
    pd.testing.assert_frame_equal(again, kept)
    pd.testing.assert_frame_equal(aside_again, aside)
