"""The four run tables, page by page."""

import gzip
from datetime import date
from functools import cache
from pathlib import Path

import pandas as pd
import pytest

from ingest.normalize import NormalRuns, normalize
from ingest.records import RawRuns
from ingest.sources._pages import arff_pages, csv_pages
from ingest.sources.registry import source_named
from kg.errors import InputError

DAY = date(2026, 11, 21)


@cache
def first_pages(name: str, folder: Path) -> dict[str, tuple[RawRuns, NormalRuns]]:
    """Return the first page of each file of a source, raw and canonical: to be looked at."""
    source = source_named(name)
    found: dict[str, tuple[RawRuns, NormalRuns]] = {}
    for page in source.read(folder, retrieved=DAY):
        assert isinstance(page, RawRuns)
        if page.file not in found:
            found[page.file] = (page, normalize(page, source))
        if len(found) == len(source.paths(folder)):
            break
    return found


@pytest.mark.shared
@pytest.mark.parametrize(
    ("name", "file", "learner", "metrics"),
    [
        ("openml-pimp", "openml-pimp/random_forest.arff", "random_forest", {"accuracy"}),
        ("openml-pimp", "openml-pimp/adaboost.arff", "adaboost", {"accuracy"}),
        ("sklearn-bot", "sklearn-bot/svc__area_under_roc_curve.arff", "svm", {"roc_auc"}),
        (
            "yahpo-derived",
            "yahpo-derived/rbv2_xgboost.csv.gz",
            "xgboost",
            {"accuracy", "balanced_accuracy", "roc_auc", "brier", "log_loss"},
        ),
        (
            "yahpo-derived",
            "yahpo-derived/lcbench_curves.csv.gz",
            "shaped_mlp",
            {"accuracy", "balanced_accuracy", "log_loss"},
        ),
    ],
)
def test_a_page_of_a_run_table_is_canonical_without_rejects(shared_data, name, file, learner, metrics):
    raw, normal = first_pages(name, shared_data)[file]
    assert (len(normal.frame), normal.rejected) == (len(raw.frame), ())
    assert set(normal.frame["learner"]) == {learner}
    assert {c.removeprefix("score.") for c in normal.frame if c.startswith("score.")} == metrics


@pytest.mark.shared
def test_every_algorithm_of_pmlb_has_a_learner(shared_data):
    source = source_named("pmlb-knowledgebase")
    frames = [normalize(page, source).frame for page in source.read(shared_data, retrieved=DAY)]
    frame = pd.concat(frames, ignore_index=True)
    assert len(frame) == 69_997
    assert set(frame["learner"]) == {"svm", "decision_tree", "gradient_boosting", "knn", "logistic_regression"}
    assert frame["dataset"].nunique() == 140


@pytest.mark.shared
def test_lcbench_scores_are_shares_and_its_last_epoch_is_full_fidelity(shared_data):
    raw, normal = first_pages("yahpo-derived", shared_data)["yahpo-derived/lcbench_curves.csv.gz"]
    assert raw.frame["dataset"].str.startswith("openml-task-").all()
    assert normal.frame["score.accuracy"].between(0, 1).all()
    assert set(normal.frame["fidelity_value"].dropna()) <= {1, 2, 4, 8, 16, 32}
    assert set(normal.frame["fidelity_full"].dropna()) == {52}


@pytest.mark.shared
def test_rbv2_speaks_of_openml_data_ids_and_leaves_its_f1_out(shared_data):
    raw, normal = first_pages("yahpo-derived", shared_data)["yahpo-derived/rbv2_rpart.csv.gz"]
    assert raw.frame["dataset"].str.fullmatch(r"openml-\d+").all()
    assert normal.unmapped == {"metric f1": len(raw.frame)}


def test_an_inactive_hyper_parameter_is_absent(tmp_path):
    folder = tmp_path / "sklearn-bot"
    folder.mkdir()
    names = ("predictive_accuracy", "svc__C", "svc__degree", "svc__kernel", "task_id")
    header = "".join(f"@ATTRIBUTE {name} NUMERIC\n" for name in names)
    (folder / "svc.arff").write_text(f"@RELATION x\n{header}@DATA\n0.5,1.0,?,rbf,6\n0.6,1.0,3.0,poly,6\n")
    (page,) = source_named("sklearn-bot").read(tmp_path, retrieved=DAY)
    assert isinstance(page, RawRuns)
    assert [sorted(c) for c in page.configurations] == [
        ["svc__C", "svc__kernel"],
        ["svc__C", "svc__degree", "svc__kernel"],
    ]


def test_pages_hold_a_bounded_number_of_records_with_their_lines(tmp_path, monkeypatch):
    monkeypatch.setattr("ingest.sources._pages.PAGE_ROWS", 2)
    path = tmp_path / "a.csv.gz"
    with gzip.open(path, "wt") as handle:
        handle.write("x,y\n1,a\n\n2,\n3,c\n")
    pages = list(csv_pages(path))
    assert [page.frame["row"].tolist() for page in pages] == [[2, 4], [5]]
    assert pages[0].frame["y"].tolist() == ["a", None]


def test_a_ragged_record_is_set_aside_with_its_line(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("x,y\n1,a\n2\n3,c,d\n4,e\n")
    (page,) = csv_pages(path)
    assert page.frame["x"].tolist() == ["1", "4"]
    assert [record.locator.rpartition(":")[2] for record in page.rejected] == ["3", "4"]


def test_arff_may_quote_names_and_hold_comments(tmp_path):
    path = tmp_path / "a.arff"
    path.write_text("% c\n@relation r\n@attribute 'a b' numeric\n@attribute c {x,'y z'}\n@data\n% c\n1,'y z'\n?,x\n")
    (page,) = arff_pages(path)
    assert page.frame[["a b", "c", "row"]].to_numpy().tolist() == [["1", "y z", 7], [None, "x", 8]]


@pytest.mark.parametrize("content", [b"", b"no table\n", b"@relation r\n@attribute a numeric\n"])
def test_a_file_that_is_no_arff_is_refused(tmp_path, content):
    path = tmp_path / "a.arff"
    path.write_bytes(content)
    with pytest.raises(InputError, match="@data"):
        list(arff_pages(path))


@pytest.mark.parametrize(("name", "content"), [("a.csv", b""), ("a.csv", b"x\n\xff\xfe\n"), ("a.csv.gz", b"x,y\n")])
def test_a_file_that_is_no_table_is_refused_by_name(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=name):
        list(csv_pages(path))
