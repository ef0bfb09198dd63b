"""Meta-features of PMLB's classification tables (PennAI), under OpenML's names where the definitions agree."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any

from ingest.records import Items, Page
from ingest.sources._pages import TextPage, csv_pages, numbers
from ingest.sources.base import Source
from kg.iris import dataset_iri
from kg.model import Dataset, MetaFeatures, TaskType

#: Columns whose definition is not OpenML's (moments over other columns, correlations, symbols): kept under this prefix.
PREFIX = "pmlb:"
#: Of those, the ones worth keeping: they are known for nearly every table.
_OWN = ("diversity_fraction", "pca_fraction_95", "symbols_mean", "symbols_max", "symbols_sum")


class PmlbMetafeatures(Source):
    """Counts and class shares by PMLB name."""

    name = "pmlb-metafeatures"
    title = "PennAI meta-features of PMLB"
    licence = "GPL-3.0 (repository); MIT (origin: rhiever/sklearn-benchmarks)"
    url = "https://github.com/EpistasisLab/Aliro"
    version = "210e1810f4b05106848f03d95dc564202a22f129"
    files = ("pmlb-knowledgebase/pmlb_classification_metafeatures.csv.gz",)

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the data sets."""
        for path in self.paths(folder):
            for page in csv_pages(path):
                yield Items(page.file, tuple(self._datasets(page, retrieved)), page.rejected)

    def _datasets(self, page: TextPage, retrieved: date) -> Iterator[Dataset]:
        columns = [name for name in page.frame if not str(name).startswith("_") and name not in {"row", "Unnamed: 0"}]
        values = page.frame[columns].apply(numbers).to_dict("records")
        for line, name, record in zip(page.frame["row"], page.frame["Unnamed: 0"], values, strict=True):
            yield Dataset(
                iri=dataset_iri(f"pmlb-{name}"),
                name=name,
                task_type=TaskType.CLASSIFICATION,
                meta_features=to_openml(record),
                provenance=self.provenance(retrieved, f"{page.file}:{line}"),
            )


def to_openml(record: Mapping[Any, float]) -> MetaFeatures:
    """Turn PennAI's meta-features into OpenML qualities.

    ``n_columns`` counts the target as OpenML does. ``n_categorical`` does not; the target of a classification is one
    symbolic feature more. Class probabilities are shares of all rows, so they give back the class sizes.
    """
    rows = record["n_rows"]
    return MetaFeatures(
        {
            "NumberOfInstances": rows,
            "NumberOfFeatures": record["n_columns"],
            "NumberOfClasses": record["n_classes"],
            "NumberOfNumericFeatures": record["n_numerical"],
            "NumberOfSymbolicFeatures": record["n_categorical"] + 1,
            "MajorityClassSize": float(round(record["class_prob_max"] * rows)),
            "MinorityClassSize": float(round(record["class_prob_min"] * rows)),
        }
        | {PREFIX + name: record[name] for name in _OWN}
    )
