"""Names of OpenML tasks, and the shapes that MLCopilot's descriptions state in words."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ingest.records import Items, Page, Rejected
from ingest.sources.base import Source
from kg.iris import dataset_iri
from kg.model import Dataset, MetaFeatures, TaskType

_KEY = re.compile(r"openml-(?P<name>.+)-(?P<task>\d+)")
_WORDS = re.compile(
    r"contains (?P<classes>\d+) classes, (?P<rows>\d+) instances, (?P<columns>\d+) features, "
    r"(?P<numeric>\d+) numeric features, (?P<symbolic>\d+) categorical features?. "
    r"The majority class size is (?P<largest>\d+) and the minority class size is (?P<smallest>\d+)"
)


class OpenmlNames(Source):
    """Task id -> name, from MLCopilot's task descriptions."""

    name = "mlcopilot-datasets"
    title = "MLCopilot: descriptions of HPO-B's tasks"
    licence = "MIT"
    url = "https://github.com/microsoft/CoML"
    version = "46f7452d70021be7702d05343096cdc1adec09ef"
    files = ("mlcopilot/datasets.json",)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the data sets that have a task id; the rest are rejected."""
        for path in self.paths(folder):
            file = f"{path.parent.name}/{path.name}"
            items: list[Dataset] = []
            rejected: list[Rejected] = []
            for record in json.loads(path.read_text("utf-8")):
                key = _KEY.fullmatch(record["id"])
                if key is None:
                    rejected.append(Rejected(f"{file}#{record['id']}", "no task id", record["id"]))
                else:
                    items.append(self._dataset(key, record["description"], retrieved, f"{file}#{record['id']}"))
            yield Items(file, tuple(items), tuple(rejected))

    def _dataset(self, key: re.Match[str], description: str, retrieved: date, locator: str) -> Dataset:
        return Dataset(
            iri=dataset_iri(f"openml-task-{key['task']}"),
            name=key["name"],
            openml_task_id=int(key["task"]),
            task_type=TaskType.CLASSIFICATION,
            description=description,
            meta_features=_shape(description),
            provenance=self.provenance(retrieved, locator),
        )


def _shape(description: str) -> MetaFeatures:
    """Read the counts out of the sentence.

    The number of classes is left out where the two class sizes named do not add up to the rows: the text says 2 for
    every task (collins has 15 classes, and "2" beside classes of 80 and 6 of its 500 rows).
    """
    found = _WORDS.search(description)
    if found is None:
        return MetaFeatures({})
    counts = {name: float(text) for name, text in found.groupdict().items()}
    is_binary = counts["classes"] == 2 and counts["largest"] + counts["smallest"] == counts["rows"]
    return MetaFeatures(
        {
            "NumberOfInstances": counts["rows"],
            "NumberOfFeatures": counts["columns"],
            "NumberOfNumericFeatures": counts["numeric"],
            "NumberOfSymbolicFeatures": counts["symbolic"],
            "MajorityClassSize": counts["largest"],
            "MinorityClassSize": counts["smallest"],
            "NumberOfClasses": 2.0 if is_binary else None,
        }
    )
