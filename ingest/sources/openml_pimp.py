"""openml-pimp: random forests and AdaBoost on OpenML-100, random configurations (van Rijn & Hutter, KDD 2018)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import ClassVar

from ingest.records import Page, RawRuns
from ingest.sources._pages import TextPage, arff_pages, numbers, runs_page
from ingest.sources.base import Source

#: Columns of these files that are measures; the data set is in ``task_id``, and all the rest are hyper-parameters.
MEASURES = ("predictive_accuracy", "area_under_roc_curve")


class OpenmlPimp(Source):
    """Runs of OpenML flows 6969 and 6970, scored by ten-fold cross-validation."""

    name = "openml-pimp"
    title = "OpenML runs of random forests and AdaBoost (hyperparameter importance across datasets)"
    licence = "BSD-3-Clause"
    url = "https://github.com/janvanrijn/openml-pimp"
    version = "349043fb324a29e2ee5463d1c85bfd40213fe4fe"
    family = "openml-sklearn"
    files = ("openml-pimp/*.arff",)
    learners: ClassVar[Mapping[str, str]] = {
        "random_forest.arff": "sklearn.ensemble.forest.RandomForestClassifier",
        "adaboost.arff": "sklearn.ensemble.weight_boosting.AdaBoostClassifier",
    }

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the runs of each flow, page by page."""
        del retrieved  # runs get their provenance from the manifest
        for path in self.paths(folder):
            for page in arff_pages(path):
                yield openml_runs(page, self.learners[path.name])


def openml_runs(page: TextPage, learner: str) -> RawRuns:
    """Return the runs of a page of an OpenML flow: ``<component>__<hyper-parameter>``, measures, ``task_id``."""
    columns = [name for name in page.frame.columns if name not in ("row", "task_id")]
    frame = page.frame[["row"]].assign(dataset="openml-task-" + page.frame["task_id"], learner=learner)
    return runs_page(
        page,
        frame,
        parameters=[name for name in columns if name not in MEASURES],
        scores={name: numbers(page.frame[name]) for name in columns if name in MEASURES},
    )
