"""Pages that wait for their source to be complete."""

import pandas as pd
import pytest

from ingest.checkpoint import Staging
from ingest.normalize import NormalRuns
from ingest.records import Rejected


def page(*datasets: str, **rest) -> NormalRuns:
    """Return a page with a run on each of `datasets`."""
    frame = pd.DataFrame({"run_id": [f"{d}{i}" for i, d in enumerate(datasets)], "dataset": datasets})
    return NormalRuns(frame.assign(seconds=1.0, fidelity_kind=None), **rest)


def runs(staging: Staging) -> list[list[str]]:
    return [sorted(set(staging.read(part)["dataset"])) for part in staging.parts()]


def test_pages_are_there_after_a_restart(tmp_path):
    Staging(tmp_path / "s", "v1").put(0, page("a", "b", rejected=(Rejected("f:1", "bad"),), unmapped={"x": 2}))
    again = Staging(tmp_path / "s", "v1")
    assert again.has(0)
    assert not again.has(1)
    assert list(again.rejected) == [Rejected("f:1", "bad")]
    assert (again.unmapped, again.datasets) == ({"x": 2}, ("a", "b"))


def test_pages_of_other_content_are_dropped(tmp_path):
    Staging(tmp_path / "s", "v1").put(0, page("a"))
    assert not Staging(tmp_path / "s", "v2").has(0)


def test_a_page_counts_only_when_its_note_is_written(tmp_path):
    staging = Staging(tmp_path / "s", "v1")
    staging.put(0, page("a"))
    (tmp_path / "s" / "page-00000.json").unlink()
    assert not Staging(tmp_path / "s", "v1").has(0)


def test_runs_of_a_data_set_stay_together_whatever_page_they_came_on(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.checkpoint.BATCH_ROWS", 3)
    staging = Staging(tmp_path / "s", "v1")
    for number, datasets in enumerate((("a", "b"), ("b", "c"), ("a", "c"), ("a", "d"))):
        staging.put(number, page(*datasets))
    assert runs(staging) == [["a"], ["b"], ["c", "d"]]
    assert [part.rows for part in staging.parts()] == [3, 2, 3]
    assert [len(staging.read(part)) for part in staging.parts()] == [3, 2, 3]


def test_a_part_comes_in_pieces_and_in_the_columns_that_are_wanted(tmp_path, monkeypatch):
    staging = Staging(tmp_path / "s", "v1")
    for number in range(4):
        staging.put(number, page("a", "a"))
    (part,) = staging.parts()
    monkeypatch.setattr("ingest.checkpoint.BATCH_ROWS", 5)
    pieces = list(staging.pieces(part))
    assert [len(piece) for piece in pieces] == [4, 4]
    pd.testing.assert_frame_equal(pd.concat(pieces, ignore_index=True), staging.read(part))
    assert list(staging.read(part, lambda name: name in ("dataset", "seconds")).columns) == ["dataset", "seconds"]


@pytest.mark.parametrize("open_files", [2, 64])
def test_data_sets_that_pages_mix_are_laid_together_first_and_are_the_same_runs_in_the_same_order(
    tmp_path, monkeypatch, open_files
):
    for name, value in (("BATCH_ROWS", 6), ("MOST_READS", 1), ("OPEN_FILES", open_files), ("WRITTEN_ROWS", 4)):
        monkeypatch.setattr(f"ingest.checkpoint.{name}", value)
    staging = Staging(tmp_path / "s", "v1")
    for number in range(6):
        mixed = page(*"abcde")
        scored = {"score.accuracy": number / 10} if number % 2 else {"score.roc_auc": 0.5}
        staging.put(number, NormalRuns(mixed.frame.assign(run_id=[f"{number}{d}" for d in "abcde"], **scored)))
    apart = [staging.read(part) for part in staging.parts()]
    staging.gather()
    assert len(list((tmp_path / "s").glob("part-*.parquet"))) == len(apart) == 5
    for part, before in zip(staging.parts(), apart, strict=True):
        after = staging.read(part)
        pd.testing.assert_frame_equal(after[before.columns], before)


@pytest.mark.parametrize("kind", ["", "epochs"])
def test_a_column_that_is_empty_on_one_page_is_not_lost_on_another(tmp_path, kind):
    staging = Staging(tmp_path / "s", "v1")
    staging.put(0, page("a"))
    other = page("a").frame.assign(fidelity_kind=kind, **{"score.accuracy": 0.5})
    staging.put(1, NormalRuns(other))
    (batch,) = (staging.read(part) for part in staging.parts())
    assert batch["fidelity_kind"].tolist()[1] == kind
    assert batch["score.accuracy"].isna().tolist() == [True, False]
