"""All data sets of all sources, united: one node an IRI, with links between nodes that are one data set.

Several sources describe the same OpenML task, so a node is made of what all of them say. It belongs to this source;
its provenance names each contributor's file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date
from importlib.resources import files
from itertools import chain
from pathlib import Path
from typing import ClassVar

from ingest.datasets import unite
from ingest.records import Items, Page, Rejected
from ingest.sources.autosklearn import AutoSklearn
from ingest.sources.base import Source
from ingest.sources.openml_defaults import OpenmlDefaults
from ingest.sources.openml_ids import OpenmlIds
from ingest.sources.openml_names import OpenmlNames
from ingest.sources.openml_qualities import OpenmlQualities
from ingest.sources.pmlb_metafeatures import PmlbMetafeatures
from ingest.sources.tabr_studies import TabrDatasets
from ingest.sources.tabzilla import TabZillaNames
from kg.model import Dataset, Iri

#: Who describes data sets, the most trusted first: what an earlier one says stands.
CONTRIBUTORS: tuple[type[Source], ...] = (
    OpenmlQualities,
    OpenmlDefaults,
    OpenmlIds,
    OpenmlNames,
    TabZillaNames,
    PmlbMetafeatures,
    AutoSklearn,
    TabrDatasets,
)


class DatasetCatalogue(Source):
    """The data sets that any source speaks of."""

    name = "datasets"
    title = "Data sets of all sources, united"
    licence = "of each contributor, see the provenance of each data set"
    url = "https://www.openml.org"
    contributors: ClassVar[tuple[type[Source], ...]] = CONTRIBUTORS
    files = tuple(dict.fromkeys(chain.from_iterable(source.files for source in CONTRIBUTORS)))

    def digest(self, folder: Path) -> str:
        """Return a digest of the contributors' files, and of the ids and aliases that ship with the package."""
        shipped = (files("ingest").joinpath(f"data/{name}").read_bytes() for name in ("openml_ids.csv", "aliases.yaml"))
        return hashlib.sha256(b"\0".join([super().digest(folder).encode(), *shipped])).hexdigest()[:16]

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield all data sets as one page: links need them all."""
        found: list[Dataset] = []
        rejected: list[Rejected] = []
        attested: set[Iri] = set()
        for contributor in self.contributors:
            for page in contributor().read(folder, retrieved=retrieved):
                datasets = [d for d in _datasets(page) if d.name]
                found += [self._located(d) for d in datasets]
                rejected += page.rejected
                # The shipped table knows more ids than the data folder speaks of; those are not made nodes.
                attested |= {d.iri for d in datasets if not page.file.startswith("ingest/")}
        yield Items("datasets", unite(d for d in found if d.iri in attested), tuple(rejected))

    def _located(self, dataset: Dataset) -> Dataset:
        was = dataset.provenance
        located = was.model_copy(update={"source": self.name, "locator": f"{was.source}: {was.locator}"})
        return dataset.model_copy(update={"provenance": located})


def _datasets(page: Page) -> Iterator[Dataset]:
    if isinstance(page, Items):
        yield from (item for item in page.items if isinstance(item, Dataset))
