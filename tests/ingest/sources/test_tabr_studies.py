"""The Optuna studies of TabR as evidence."""

import json
from collections import Counter
from datetime import date
from pathlib import Path

import pytest

from ingest.records import Items
from ingest.sources._tabr_space import read_space
from ingest.sources.tabr_studies import TabrDatasets, TabrStudies, place, seconds
from kg.errors import InputError, RecordError
from kg.iris import dataset_iri
from kg.learners.registry import learner_named
from kg.model import FloatParameter, IntParameter, StudySummary, SystemResult, TaskType

DAY = date(2026, 11, 21)


@pytest.fixture(scope="module")
def pages(shared_data: Path) -> list[Items]:
    return [page for page in TabrStudies().read(shared_data, retrieved=DAY) if isinstance(page, Items)]


@pytest.fixture(scope="module")
def studies(pages: list[Items]) -> list[StudySummary]:
    return [item for page in pages for item in page.items if isinstance(item, StudySummary)]


@pytest.fixture(scope="module")
def results(pages: list[Items]) -> list[SystemResult]:
    return [item for page in pages for item in page.items if isinstance(item, SystemResult)]


def test_all_533_studies_are_kept(pages: list[Items], studies: list[StudySummary]) -> None:
    assert [r for page in pages for r in page.rejected] == []
    assert Counter(s.learner for s in studies) == {
        "xgboost": 98,
        "lightgbm": 89,
        "catboost": 88,
        "tabr_mlp": 89,
        "tabr": 89,
        "ft_transformer": 80,
    }


def test_learners_that_the_registry_lacks_are_reported_as_unmapped(pages: list[Items]) -> None:
    unmapped = Counter[str]()
    for page in pages:
        unmapped.update(page.unmapped or {})
    assert unmapped == {"tabr_mlp": 89, "tabr": 89, "ft_transformer": 80}


def test_a_study_says_what_was_searched_and_what_came_of_it(studies: list[StudySummary]) -> None:
    at = "tabr-optuna-studies/exp/xgboost_/black-friday/2-k96-tuning/report.json"
    study = next(s for s in studies if s.provenance.locator == at)
    assert study.space["reg_lambda"] == FloatParameter(name="reg_lambda", low=0.1, high=10.0, log=True)
    assert study.space["max_depth"] == IntParameter(name="max_depth", low=3, high=14)
    assert dict(study.special_values.items()) == {"gamma": 0.0, "reg_lambda": 0.0}
    assert (study.n_trials, study.best_trial, study.wall_clock_s) == (200, 197, 8034.0)
    assert (study.metric, study.best) == ("rmse", 0.6870923182771339)
    assert study.best_configuration["n_estimators"] == 2841
    assert study.dataset == dataset_iri("tabr-black-friday-neighbours")


def test_every_best_configuration_lies_in_its_space_or_at_a_special_value(studies: list[StudySummary]) -> None:
    for study in studies:
        for name, value in study.best_configuration.items():
            assert study.space[name].contains(value) or value == study.special_values.get(name, None)
        assert set(study.best_configuration) <= set(study.space.names)


def test_spaces_of_our_learners_are_canonical(studies: list[StudySummary]) -> None:
    for learner in ("xgboost", "lightgbm", "catboost"):
        spec = learner_named(learner)
        names = {name for s in studies if s.learner == learner for name in s.space.names}
        assert names <= {h.name for h in spec.hyperparameters}


def test_metric_and_task_type_go_together_and_scores_have_the_metrics_own_sign(studies: list[StudySummary]) -> None:
    for study in studies:
        assert study.best is not None
        if study.task_type == TaskType.CLASSIFICATION:
            assert study.metric == "accuracy"
            assert 0.3 < study.best <= 1
        else:
            assert study.metric == "rmse"
            assert study.best > 0


def test_the_test_score_of_each_study_compares_learners(results: list[SystemResult]) -> None:
    assert len(results) == 533
    assert all(r.tuned and r.seconds is not None for r in results)
    best = {r.system for r in results if r.dataset == dataset_iri("tabr-california")}
    assert best == {"xgboost", "lightgbm", "catboost", "tabr_mlp", "tabr"}


def test_a_study_that_cannot_be_read_is_set_aside_and_the_rest_goes_on(shared_data: Path, tmp_path: Path) -> None:
    good = shared_data / "tabr-optuna-studies/exp/xgboost_/churn/2-tuning/report.json"
    if not good.is_file():
        good = next(iter((shared_data / "tabr-optuna-studies/exp/xgboost_/churn").glob("*/report.json")))
    report = json.loads(good.read_text())
    for table, content in (("churn", report), ("broken", report | {"best": {}}), ("timeless", report | {"time": "?"})):
        path = tmp_path / "tabr-optuna-studies/exp/xgboost_" / table / "2-tuning/report.json"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(content))
    (page,) = TabrStudies().read(tmp_path, retrieved=DAY)
    assert isinstance(page, Items)
    assert len(page.items) == 2
    assert sorted(r.locator.split("/")[3] for r in page.rejected) == ["broken", "timeless"]
    (told,) = TabrDatasets().read(tmp_path, retrieved=DAY)
    assert sorted(dataset.name for dataset in told.items) == ["churn", "timeless"]
    assert [r.locator.split("/")[3] for r in told.rejected] == ["broken"]


@pytest.mark.parametrize(
    ("text", "expected"), [("0:00:14", 14), ("2:13:54", 8034), ("1 day, 0:00:01", 86401), ("3 days, 1:00:00", 262800)]
)
def test_durations(text: str, expected: float) -> None:
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "yesterday", "1:2", "-1:00:00"])
def test_what_is_no_duration_is_a_bad_record(text: str) -> None:
    with pytest.raises(RecordError, match="no duration"):
        seconds(text)


def test_a_path_says_table_and_learner_and_splits_of_one_table_are_one_data_set(tmp_path: Path) -> None:
    exp = tmp_path / "tabr-optuna-studies/exp"
    first, second = (
        place(exp / f"mlp/why/classif-num-medium-{split}-wine/0-tuning/report.json", tmp_path) for split in (0, 4)
    )
    assert (first.learner, first.key, first.table) == ("tabr_mlp", "tabr-classif-num-medium-wine", "wine")
    assert second.key == first.key
    assert second.file != first.file
    with pytest.raises(InputError, match="unknown model 'svm'"):
        place(exp / "svm/churn/0-tuning/report.json", tmp_path)


def test_an_unknown_distribution_is_a_bad_record() -> None:
    with pytest.raises(RecordError, match="unknown distribution 'normal'"):
        read_space({"model": {"max_depth": ["_tune_", "normal", 0, 1]}}, {"config": {}}, "xgboost")
