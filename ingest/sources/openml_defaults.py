"""107 OpenML qualities of 77 tasks, as openml-defaults stored them (`metafeatures_rng.arff`).

Its moments of numeric attributes are those of the raw tables; its landmarkers are missing for 29 tasks.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ingest.records import Items, Page
from ingest.sources._pages import TextPage, arff_pages, numbers
from ingest.sources.base import Source
from kg.iris import dataset_iri
from kg.model import Dataset, MetaFeatures, TaskType


class OpenmlDefaults(Source):
    """Qualities by OpenML task id."""

    name = "openml-defaults"
    title = "OpenML qualities of the tasks of openml-defaults"
    licence = "BSD-3-Clause"
    url = "https://github.com/janvanrijn/openml-defaults"
    version = "4ecabfed1881249fe8c881032f1113dc2e9a07a5"
    files = ("openml-defaults/metafeatures_rng.arff",)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the data sets."""
        for path in self.paths(folder):
            for page in arff_pages(path):
                yield Items(page.file, tuple(self._datasets(page, retrieved)), page.rejected)

    def _datasets(self, page: TextPage, retrieved: date) -> Iterator[Dataset]:
        values = page.frame.drop(columns="row").apply(numbers)
        for line, record in zip(page.frame["row"], values.to_dict("records"), strict=True):
            task = int(record.pop("task_id"))
            key = f"openml-task-{task}"
            yield Dataset(
                iri=dataset_iri(key),
                name=key,
                openml_task_id=task,
                task_type=TaskType.CLASSIFICATION,
                meta_features=MetaFeatures(record),
                provenance=self.provenance(retrieved, f"{page.file}:{line}"),
            )
