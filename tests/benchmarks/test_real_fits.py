"""The comparison on real tables: the same rows for all, and standings that follow from the scores."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from benchmarks.real_fits.__main__ import beside
from benchmarks.real_fits.ours import same_data_set
from benchmarks.real_fits.standing import naive_score, page, score_of, standings
from benchmarks.real_fits.tables import TABLES, lay_out
from tests.kg.samples import dataset

RESULTS = [
    {"table": "a", "metric": "roc_auc", "naive": 0.5, "scores": {"x": 0.9, "y": 0.7}, "seconds": {"x": 60, "y": 3}},
    {"table": "b", "metric": "rmse", "naive": 4.0, "scores": {"x": 2.0, "y": 3.0}, "seconds": {"x": 62, "y": 5}},
    {"table": "c", "metric": "rmse", "naive": 4.0, "scores": {"x": None, "y": 3.0}, "seconds": {"y": 5}},
]


def test_fifteen_tables_are_compared_on() -> None:
    assert len(TABLES) == len(set(TABLES)) == 15


def test_ranks_and_normalised_scores_are_over_the_tables_that_all_have_finished() -> None:
    x, y = standings(RESULTS, ["x", "y"])
    assert (x["mean_rank"], x["normalised_score"], x["wins"], x["failed"]) == (1, 1, 2, 1)
    assert y["normalised_score"] == pytest.approx((0.5 + 0.5) / 2)
    assert (y["tables"], y["mean_seconds"]) == (2, pytest.approx(13 / 3))
    content = {"date": "d", "seconds": 60.0, "threads": 1, "seed": 0, "cpus": 2, "standings": [x, y]}
    assert "| c | rmse | failed | 3 |" in page({**content, "results": RESULTS})


def test_a_contestant_does_not_see_the_targets_that_it_is_tested_on(tmp_path: Path) -> None:
    rows = np.arange(200)
    frame = pd.DataFrame({"a": rows % 17 + 0.5, "b": np.where(rows % 3, "u", "v"), "target": rows % 2})
    frame.to_csv(tmp_path / "made.csv", index=False)
    table = lay_out(tmp_path / "made.csv", "classification", tmp_path / "out", seed=0)
    train, test = (pd.read_csv(table.folder / f"{part}.csv") for part in ("train", "test"))
    assert (len(train), len(test)) == (140, 60)
    assert "target" not in test.columns
    assert naive_score(table) == 0.5
    assert score_of(table, np.eye(2)[table.test_target]) == 1.0


def test_the_data_set_of_a_table_is_left_out_under_all_its_names():
    named = [
        dataset("dataset/1", name="cylinder-bands", same_as=("dataset/9",)),
        dataset("dataset/2", name="Cylinder.Bands", same_as=()),
        dataset("dataset/3", name="bands"),
    ]
    assert same_data_set("cylinder.bands", named) == {"dataset/1", "dataset/2", "dataset/9"}


def test_contestants_that_are_run_again_stand_beside_the_kept_ones():
    kept = {"table": "t", "scores": {"a": 1.0, "b": 2.0}, "seconds": {"a": 9.0, "b": 9.0}, "errors": {"a": "late"}}
    found = {"table": "t", "scores": {"a": 3.0}, "seconds": {"a": 5.0}, "chosen": {"a": "x"}, "errors": {}}
    assert beside(kept, found) == {
        "table": "t",
        "scores": {"a": 3.0, "b": 2.0},
        "seconds": {"a": 5.0, "b": 9.0},
        "chosen": {"a": "x"},
        "errors": {},
    }
