"""OpenML's data ids, task ids, names and counts, and nodes for every id that a run table speaks of.

The counts ship with the package (`ingest/data/openml_ids.csv`): facts of OpenML, taken from TabRepo's task metadata
(autogluon/tabrepo, Apache-2.0; `file` names the file). They tie the data ids of YAHPO Gym's rbv2 tables to task ids
and shapes, which those tables do not give. Of 81 rows, 33 have a task whose qualities are known from elsewhere: 31 of
them agree in all of six counts; splice and synthetic_control count one column less.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterator, Mapping
from datetime import date
from importlib.resources import files
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd

from ingest.records import Items, Page
from ingest.sources._pages import arff_pages
from ingest.sources.base import Source
from kg.iris import dataset_iri
from kg.model import Dataset, MetaFeatures, TaskType

_QUALITIES = {
    "majority": "MajorityClassSize",
    "minority": "MinorityClassSize",
    "classes": "NumberOfClasses",
    "features": "NumberOfFeatures",
    "instances": "NumberOfInstances",
    "instances_with_missing": "NumberOfInstancesWithMissingValues",
    "missing": "NumberOfMissingValues",
    "numeric": "NumberOfNumericFeatures",
    "symbolic": "NumberOfSymbolicFeatures",
}
#: Run table -> column of ids, and prefix that makes a key of one.
_RUN_TABLES = {
    "yahpo-derived/rbv2_xgboost.csv.gz": ("task_id", "openml-"),
    "yahpo-derived/rbv2_rpart.csv.gz": ("task_id", "openml-"),
    "yahpo-derived/lcbench_curves.csv.gz": ("OpenML_task_id", "openml-task-"),
    "openml-pimp/random_forest.arff": ("task_id", "openml-task-"),
    "openml-pimp/adaboost.arff": ("task_id", "openml-task-"),
    "sklearn-bot/svc__predictive_accuracy.arff": ("task_id", "openml-task-"),
    "sklearn-bot/svc__area_under_roc_curve.arff": ("task_id", "openml-task-"),
}


class OpenmlIds(Source):
    """One node a data id or task id that a run table has, with the counts where they are known."""

    name = "openml-ids"
    title = "OpenML ids and counts of the data sets in the run tables"
    licence = "Apache-2.0"
    url = "https://github.com/autogluon/tabrepo"
    version = "92a96ca8f047b15d4602c590bd9c3eef3d08ad1a"
    files = tuple(_RUN_TABLES)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield first every known pair of ids, then a bare node for each id that is used."""
        table = known_ids()
        described = [d for row in table.to_dict("records") for d in self._described(row, retrieved)]
        yield Items("ingest/data/openml_ids.csv", tuple(described))
        for file, (column, prefix) in _RUN_TABLES.items():
            if (path := folder / file).is_file():
                bare = (self._bare(prefix, number, file, retrieved) for number in _numbers(path, column))
                yield Items(file, tuple(bare))

    def _described(self, row: Mapping[Any, Any], retrieved: date) -> Iterator[Dataset]:
        locator = f"{row['file']}#did={row['data_id']}"
        for key in (f"openml-{row['data_id']}", f"openml-task-{row['task_id']}"):
            yield Dataset(
                iri=dataset_iri(key),
                name=str(row["name"]),
                openml_id=int(row["data_id"]),
                openml_task_id=int(row["task_id"]),
                task_type=TaskType.CLASSIFICATION,
                meta_features=MetaFeatures({ours: float(row[theirs]) for theirs, ours in _QUALITIES.items()}),
                provenance=self.provenance(retrieved, locator),
            )

    def _bare(self, prefix: str, number: int, file: str, retrieved: date) -> Dataset:
        key = f"{prefix}{number}"
        is_task = prefix == "openml-task-"
        return Dataset(
            iri=dataset_iri(key),
            name=key,
            openml_id=None if is_task else number,
            openml_task_id=number if is_task else None,
            task_type=TaskType.CLASSIFICATION,
            provenance=self.provenance(retrieved, file),
        )


def known_ids() -> pd.DataFrame:
    """Return the shipped table: a row a data set, integers but for the name."""
    return pd.read_csv(StringIO(files("ingest").joinpath("data/openml_ids.csv").read_text("utf-8")))


def _numbers(path: Path, column: str) -> tuple[int, ...]:
    """Return the distinct ids of a run table, ascending."""
    if path.suffix == ".gz":
        with gzip.open(path, "rt", encoding="utf-8") as handle:
            return tuple(sorted({int(number) for number in pd.read_csv(handle, usecols=[column])[column].unique()}))
    return tuple(sorted({int(float(text)) for page in arff_pages(path) for text in page.frame[column].unique()}))
