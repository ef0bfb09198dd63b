"""TabZilla's scores as system results."""

from collections import Counter
from collections.abc import Iterable
from datetime import date
from functools import lru_cache
from pathlib import Path

import pytest

from ingest.records import Items
from ingest.sources.tabzilla import TabZilla
from kg.iris import dataset_iri
from kg.learners.registry import learner_named
from kg.model import Evidence, SystemResult

DAY = date(2026, 11, 21)
HEADER = "Unnamed: 0,alg_name,dataset_name,Accuracy__test_mean,Log Loss__test_mean,time__train_mean\n"


@lru_cache
def pages(folder: Path) -> list[Items]:
    return [page for page in TabZilla().read(folder, retrieved=DAY) if isinstance(page, Items)]


def results(found: Iterable[Items]) -> list[SystemResult]:
    items: list[Evidence] = [item for page in found for item in page.items]  # type: ignore[misc]
    return [item for item in items if isinstance(item, SystemResult)]


@pytest.fixture
def written(tmp_path: Path) -> Path:
    path = tmp_path / "tabzilla" / "tuned_aggregated_results_with_default_hparams.csv"
    path.parent.mkdir()
    path.write_text(HEADER)
    return path


def test_all_records_become_results_or_are_rejected_with_a_reason(shared_data: Path) -> None:
    found = pages(shared_data)
    reasons = Counter(r.reason for page in found for r in page.rejected)
    assert reasons == {"not tuned": 130, "impossible log loss": 6}
    assert len(results(found)) == 2 * (4966 - 130) - 6


def test_learners_of_ours_are_canonical_and_others_stay_systems(shared_data: Path) -> None:
    found = results(pages(shared_data))
    for learner in {result.learner for result in found} - {None}:
        assert learner_named(str(learner)).name == learner
    assert {r.system for r in found if r.learner is None} >= {"MLP", "NODE", "TabPFNModel"}
    unmapped = Counter[str]()
    for page in pages(shared_data):
        unmapped.update(page.unmapped or {})
    assert unmapped["MLP"] == 264


def test_a_record_keeps_its_figures_and_its_place(shared_data: Path) -> None:
    task = dataset_iri("openml-task-190408")
    found = [r for r in results(pages(shared_data)) if r.dataset == task and r.system == "CatBoost" and r.tuned]
    accuracy = next(r for r in found if r.metric == "accuracy")
    assert accuracy.learner == "catboost"
    assert accuracy.score == 0.8385651255356125
    assert accuracy.seconds == 16.12621326799999
    assert accuracy.provenance.locator.startswith("tabzilla/tuned_aggregated_results_with_default_hparams.csv:")
    assert {r.metric for r in found} == {"accuracy", "log_loss"}


def test_no_two_results_have_one_name(shared_data: Path) -> None:
    found = results(pages(shared_data))
    assert len({r.iri for r in found}) == len(found)


def test_a_log_loss_below_what_the_errors_cost_is_set_aside(written: Path) -> None:
    written.write_text(HEADER + "1,XGBoost,openml__a__1,0.9,0.01,1.0\n2,XGBoost_default,openml__a__1,0.8,0.5,1.0\n")
    (page,) = pages(written.parents[1])
    assert [(r.reason, r.locator[-2:]) for r in page.rejected] == [("impossible log loss", ":2")]
    assert sorted((r.metric, r.tuned) for r in results([page])) == [
        ("accuracy", False),
        ("accuracy", True),
        ("log_loss", False),
    ]


def test_what_scores_as_its_default_everywhere_was_not_tuned(written: Path) -> None:
    rows = [f"{i},{a},openml__{d}__{i},0.9,0.5,1.0" for a in ("Linear", "Linear_default") for i, d in enumerate("ab")]
    written.write_text(HEADER + "\n".join(rows) + "\n")
    (page,) = pages(written.parents[1])
    assert {r.reason for r in page.rejected} == {"not tuned"}
    assert not any(r.tuned for r in results([page]))
