"""OpenML's qualities of 78 tasks, as openml-pimp stored them (`task_qualities.json`)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ingest.records import Items, Page, Rejected
from ingest.sources.base import Source
from kg.errors import InputError
from kg.iris import dataset_iri
from kg.model import Dataset, MetaFeatures, TaskType

#: The end of the names of the moments (means, deviations, skewness, kurtosis), which this file gets wrong: on letter
#: it agrees with the raw table, but on pendigits it has a mean of means of 78.3 (raw: 50.7), on spambase 109.6 (6.15),
#: on diabetes 253.7 (44.99), on irish a kurtosis of 3692 over 500 rows. openml-defaults has the raw tables' values.
WRONG = "OfNumericAtts"


class OpenmlQualities(Source):
    """Counts, shares, entropies and landmarkers by OpenML task id."""

    name = "openml-pimp-qualities"
    title = "OpenML qualities of the tasks of openml-pimp"
    licence = "BSD-3-Clause"
    url = "https://github.com/janvanrijn/openml-pimp"
    version = "349043fb324a29e2ee5463d1c85bfd40213fe4fe"
    files = ("openml-pimp/task_qualities.json",)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the data sets, a page in all."""
        for path in self.paths(folder):
            tasks = json.loads(path.read_text("utf-8"))
            if not isinstance(tasks, dict):
                raise InputError("not a JSON object of tasks.", where=str(path), allowed="task id -> {quality: value}")
            file = f"{path.parent.name}/{path.name}"
            yield Items(
                file,
                tuple(
                    self._dataset(int(task), qualities, retrieved, f"{file}#{task}")
                    for task, qualities in sorted(tasks.items(), key=lambda pair: int(pair[0]))
                ),
                rejected=tuple(
                    Rejected(f"{file}#{task}/{name}", "moment of another table", f"{value}")
                    for task, qualities in tasks.items()
                    for name, value in qualities.items()
                    if name.endswith(WRONG)
                ),
            )

    def _dataset(self, task: int, qualities: dict[str, float], retrieved: date, locator: str) -> Dataset:
        key = f"openml-task-{task}"
        return Dataset(
            iri=dataset_iri(key),
            name=key,
            openml_task_id=task,
            task_type=TaskType.CLASSIFICATION,
            meta_features=MetaFeatures({n: v for n, v in qualities.items() if not n.endswith(WRONG)}),
            provenance=self.provenance(retrieved, locator),
        )
