"""yahpo-derived: what the surrogates of YAHPO Gym say of XGBoost, rpart and LCBench's network (Pfisterer et al. 2022).

Predictions, not measurements: their standing is *surrogate*. ``task_id`` of the rbv2 tables holds OpenML *data* ids;
LCBench's ``OpenML_task_id`` holds task ids, and its accuracies are percentages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import ClassVar

from ingest.records import Page, RawRuns
from ingest.sources._pages import TextPage, csv_pages, numbers, runs_page
from ingest.sources.base import Source
from kg.model import FidelityKind, Standing


@dataclass(frozen=True)
class Scenario:
    """How one table of YAHPO Gym is laid out."""

    learner: str
    dataset_column: str
    dataset_key: str
    """What the data set's number is prefixed with to make its key."""
    fidelity: FidelityKind
    fidelity_column: str
    full: float
    metrics: Mapping[str, tuple[str, float]]
    """Column -> metric, and the factor that turns it into the metric's unit."""
    seconds: str
    memory: str | None
    ignored: tuple[str, ...]
    """Columns that say nothing of the configuration or its score."""
    unmapped: tuple[str, ...]
    """Scores that are left out, since no metric of ours is meant."""


_RBV2 = {"acc": "accuracy", "bac": "balanced_accuracy", "auc": "roc_auc", "brier": "brier", "logloss": "log_loss"}


def _rbv2(learner: str) -> Scenario:
    return Scenario(
        learner=learner,
        dataset_column="task_id",
        dataset_key="openml-",
        fidelity=FidelityKind.TRAINING_FRACTION,
        fidelity_column="trainsize",
        full=1.0,
        metrics={column: (metric, 1.0) for column, metric in _RBV2.items()},
        seconds="timetrain",
        memory="memory",
        ignored=("config_id", "repl", "timepredict"),
        # mlr's F1 is that of the positive class: with many classes there is none, and it is no macro F1.
        unmapped=("f1",),
    )


class YahpoDerived(Source):
    """Surrogate predictions at random configurations and several fidelities."""

    name = "yahpo-derived"
    title = "YAHPO Gym surrogates: rbv2_xgboost, rbv2_rpart, lcbench"
    licence = "Apache-2.0"
    url = "https://github.com/slds-lmu/yahpo_data"
    version = "efdab9072f63bd680396cd4b78b927c4a0caaad3"
    standing = Standing.SURROGATE
    family = "yahpo"
    files = ("yahpo-derived/*.csv.gz",)
    scenarios: ClassVar[Mapping[str, Scenario]] = {
        "rbv2_xgboost.csv.gz": _rbv2("xgboost"),
        "rbv2_rpart.csv.gz": _rbv2("rpart"),
        "lcbench_curves.csv.gz": Scenario(
            learner="lcbench",
            dataset_column="OpenML_task_id",
            dataset_key="openml-task-",
            fidelity=FidelityKind.EPOCHS,
            fidelity_column="epoch",
            full=52.0,
            metrics={
                "val_accuracy": ("accuracy", 0.01),
                "val_cross_entropy": ("log_loss", 1.0),
                "val_balanced_accuracy": ("balanced_accuracy", 1.0),
            },
            seconds="time",
            memory=None,
            ignored=("config_id",),
            # A configuration is chosen by its validation score; the test score is no second run.
            unmapped=("test_cross_entropy", "test_balanced_accuracy"),
        ),
    }

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the runs of each scenario, page by page."""
        del retrieved  # runs get their provenance from the manifest
        for path in self.paths(folder):
            for page in csv_pages(path):
                yield _runs(page, self.scenarios[path.name])


def _runs(page: TextPage, scenario: Scenario) -> RawRuns:
    text = page.frame
    fidelity = numbers(text[scenario.fidelity_column])
    frame = text[["row"]].assign(
        dataset=scenario.dataset_key + text[scenario.dataset_column],
        learner=scenario.learner,
        seconds=numbers(text[scenario.seconds]),
        fidelity_kind=scenario.fidelity.value,
        fidelity_value=fidelity,
        fidelity_full=scenario.full,
    )
    if scenario.memory:
        frame["memory_mb"] = numbers(text[scenario.memory])
    known = {"row", scenario.dataset_column, scenario.fidelity_column, scenario.seconds, scenario.memory}
    known.update(scenario.metrics, scenario.ignored, scenario.unmapped)
    runs = runs_page(
        page,
        frame,
        parameters=[name for name in text.columns if name not in known],
        scores={metric: numbers(text[name]) * factor for name, (metric, factor) in scenario.metrics.items()},
    )
    return replace(runs, unmapped={f"metric {name}": int(text[name].notna().sum()) for name in scenario.unmapped})
