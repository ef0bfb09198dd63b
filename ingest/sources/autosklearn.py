"""Meta-features of auto-sklearn's 208 classification and 110 regression tables, under OpenML's names where they agree.

auto-sklearn described the *training share* of each table: ``ceil(0.67 x rows)``. On 84 of 85 tables whose size is known
from elsewhere, ``floor(share / 0.67)`` is that size to within one row (the other one is another version), so it stands
for NumberOfInstances here. Class sizes are those of the share, and are not given. Columns do not count the target;
OpenML's do.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ingest.records import Items, Page
from ingest.sources._pages import TextPage, arff_pages, numbers
from ingest.sources.base import Source
from kg.iris import dataset_iri
from kg.model import Dataset, MetaFeatures, TaskType

#: Share of the rows that was described.
TRAINING_SHARE = 0.67
#: Qualities whose definition is auto-sklearn's own (moments over all columns, encoded categories among them).
PREFIX = "autosklearn:"
_OWN = ("KurtosisMean", "SkewnessMean", "SymbolsMean", "SymbolsMax", "ClassProbabilitySTD")


class AutoSklearn(Source):
    """Meta-features by auto-sklearn's name of the table, one node a task type."""

    name = "auto-sklearn"
    title = "auto-sklearn meta-features"
    licence = "BSD-3-Clause"
    url = "https://github.com/automl/auto-sklearn"
    version = "673211252ca508b6f5bb92cf5fa87c6455bbad99"
    # The folders of the other metrics hold the same file again.
    files = (
        "auto-sklearn/metalearning/files/accuracy_binary.classification_dense/feature_values.arff",
        "auto-sklearn/metalearning/files/r2_regression_dense/feature_values.arff",
    )

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the data sets."""
        for path in self.paths(folder):
            is_regression = "regression" in path.parent.name
            task_type = TaskType.REGRESSION if is_regression else TaskType.CLASSIFICATION
            for page in arff_pages(path):
                yield Items(page.file, tuple(self._datasets(page, task_type, retrieved)), page.rejected)

    def _datasets(self, page: TextPage, task_type: TaskType, retrieved: date) -> Iterator[Dataset]:
        prefix = "autosklearn-regression-" if task_type == TaskType.REGRESSION else "autosklearn-"
        values = page.frame.drop(columns=["row", "instance_id"]).apply(numbers).to_dict("records")
        for line, name, record in zip(page.frame["row"], page.frame["instance_id"], values, strict=True):
            yield Dataset(
                iri=dataset_iri(prefix + name),
                name=name,
                task_type=task_type,
                meta_features=to_openml(record, task_type),
                provenance=self.provenance(retrieved, f"{page.file}:{line}"),
            )


def to_openml(record: Mapping[Any, float], task_type: TaskType) -> MetaFeatures:
    """Turn auto-sklearn's meta-features into OpenML qualities; shares of the training part stand for the whole."""
    is_classification = task_type == TaskType.CLASSIFICATION
    columns, target = record["NumberOfFeatures"] + 1, float(is_classification)
    share = record["NumberOfInstances"]
    shared = {
        "NumberOfInstances": float(math.floor(share / TRAINING_SHARE + 1e-6)),
        "NumberOfFeatures": columns,
        "NumberOfNumericFeatures": record["NumberOfNumericFeatures"] + 1 - target,
        "NumberOfSymbolicFeatures": record["NumberOfCategoricalFeatures"] + target,
        "NumberOfClasses": record["NumberOfClasses"] if is_classification else 0.0,
        "PercentageOfMissingValues": 100 * record["NumberOfMissingValues"] / (share * columns),
        "PercentageOfInstancesWithMissingValues": 100 * record["PercentageOfInstancesWithMissingValues"],
    }
    own = {PREFIX + name: record[name] for name in _OWN if name in record}
    return MetaFeatures(shared | (_classes(record) if is_classification else {}) | own)


def _classes(record: Mapping[Any, float]) -> dict[str, float]:
    return {
        "MajorityClassPercentage": 100 * record["ClassProbabilityMax"],
        "MinorityClassPercentage": 100 * record["ClassProbabilityMin"],
        "ClassEntropy": record["ClassEntropy"],
    }
