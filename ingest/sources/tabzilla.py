"""TabZilla: test scores and training seconds of tuned and default learners on the same OpenML data sets.

The only evidence here that compares learners with one another, and tuning with not tuning. "Tuned" is the best of up
to 30 random configurations by validation score; the configurations themselves were not published.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ingest.records import Items, Page, Rejected
from ingest.sources._pages import TextPage, csv_pages
from ingest.sources.base import Source
from kg.iris import dataset_iri, evidence_iri
from kg.model import Dataset, SystemResult, TaskType

#: TabZilla's name of an algorithm -> canonical learner. LinearModel is scikit-learn's logistic regression; MLP is a
#: torch network (not scikit-learn's), so it stays a system of its own.
LEARNERS = {
    "XGBoost": "xgboost",
    "LightGBM": "lightgbm",
    "CatBoost": "catboost",
    "RandomForest": "random_forest",
    "DecisionTree": "decision_tree",
    "KNN": "knn",
    "SVM": "svm",
    "LinearModel": "logistic_regression",
}
#: Metric -> column of test scores (mean over ten folds).
METRICS = {"accuracy": "Accuracy__test_mean", "log_loss": "Log Loss__test_mean"}
DEFAULT = "_default"
FOLDS = 10


class TabZilla(Source):
    """System results per data set, algorithm and tuned or default."""

    name = "tabzilla"
    title = "TabZilla: tuned and default scores"
    licence = "Apache-2.0"
    url = "https://github.com/naszilla/tabzilla"
    version = "dd2f32cee8c404b30f61efa55577572c6680ab99"
    # The other file (final18) holds a subset of the same rows again.
    files = ("tabzilla/tuned_aggregated_results_with_default_hparams.csv",)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the results, page by page."""
        for path in self.paths(folder):
            pages = tuple(csv_pages(path))
            untuned = _untuned(record for page in pages for record in page.frame.to_dict("records"))
            for page in pages:
                yield self._results(page, untuned, retrieved)

    def _results(self, page: TextPage, untuned: frozenset[str], retrieved: date) -> Items:
        items: list[SystemResult] = []
        rejected = list(page.rejected)
        unmapped: dict[str, int] = {}
        for record in page.frame.to_dict("records"):
            locator, name = f"{page.file}:{record['row']}", record["alg_name"].removesuffix(DEFAULT)
            if name not in LEARNERS:
                unmapped[name] = unmapped.get(name, 0) + 1
            if record["alg_name"] in untuned:
                rejected.append(Rejected(locator, "not tuned", f"{name} has its default's score everywhere"))
                continue
            items.append(self._result(record, "accuracy", retrieved, locator))
            if why := _impossible(record):
                rejected.append(Rejected(locator, "impossible log loss", why))
            else:
                items.append(self._result(record, "log_loss", retrieved, locator))
        return Items(page.file, tuple(items), tuple(rejected), unmapped)

    def _result(self, record: Mapping[Any, str], metric: str, retrieved: date, locator: str) -> SystemResult:
        algorithm, is_tuned = record["alg_name"], not record["alg_name"].endswith(DEFAULT)
        dataset, name = dataset_iri(_key(record["dataset_name"])), algorithm.removesuffix(DEFAULT)
        return SystemResult(
            iri=evidence_iri("system_result", self.name, dataset, algorithm, metric),
            standing=self.standing,
            n=FOLDS,
            provenance=self.provenance(retrieved, locator),
            dataset=dataset,
            system=name,
            learner=LEARNERS.get(name),
            tuned=is_tuned,
            constraint="best of up to 30 random configurations" if is_tuned else "library defaults",
            metric=metric,
            score=float(record[METRICS[metric]]),
            seconds=float(record["time__train_mean"]),
        )


class TabZillaNames(Source):
    """Names of the OpenML tasks that TabZilla ran on."""

    name = "tabzilla-datasets"
    title = "TabZilla: names of its tasks"
    licence = TabZilla.licence
    url = TabZilla.url
    version = TabZilla.version
    files = TabZilla.files

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the data sets."""
        for path in self.paths(folder):
            names = {text for page in csv_pages(path) for text in page.frame["dataset_name"].unique()}
            file = f"{path.parent.name}/{path.name}"
            yield Items(
                file,
                tuple(
                    Dataset(
                        iri=dataset_iri(_key(name)),
                        name=name.split("__")[1],
                        openml_task_id=int(name.split("__")[-1]),
                        task_type=TaskType.CLASSIFICATION,
                        provenance=self.provenance(retrieved, f"{file}#{name}"),
                    )
                    for name in sorted(names)
                ),
            )


def _key(dataset_name: str) -> str:
    """Return the key of ``openml__letter__6``."""
    return f"openml-task-{dataset_name.rsplit('__', maxsplit=1)[-1]}"


def _impossible(record: Mapping[Any, str]) -> str:
    """Say how a record's log loss contradicts its accuracy, in words; nothing where it does not.

    A row that is classified wrongly had less than half of the probability on its class, so it costs ln 2 at least.
    (Six of 4,966 records break this; an SVM's probabilities, for one, are not what it predicts by.)
    """
    accuracy, loss = float(record[METRICS["accuracy"]]), float(record[METRICS["log_loss"]])
    least = (1 - accuracy) * math.log(2)
    if loss >= least:
        return ""
    return f"{loss:.3g} beside an accuracy of {accuracy:.4f}, {record['alg_name']} on {record['dataset_name']}"


def _untuned(records: Iterable[Mapping[Any, str]]) -> frozenset[str]:
    """Return the algorithms whose tuned scores are their default's on every data set: nothing was tuned."""
    scores: dict[str, dict[str, str]] = defaultdict(dict)
    for record in records:
        scores[record["alg_name"]][record["dataset_name"]] = record[METRICS["accuracy"]]
    tuned = {name: found for name, found in scores.items() if not name.endswith(DEFAULT)}
    return frozenset(
        name
        for name, found in tuned.items()
        if (common := set(found) & set(scores.get(name + DEFAULT, {})))
        and all(found[dataset] == scores[name + DEFAULT][dataset] for dataset in common)
    )
