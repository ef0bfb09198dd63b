"""One learner's runs from one source: the unit that is distilled.

Every distinct configuration is decoded and encoded once; rows refer to it by number.
"""

from __future__ import annotations

from collections.abc import Collection, Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd

from ingest.distil.spaces import searched_space
from kg.errors import UnknownNameError
from kg.learners.registry import learner_named
from kg.learners.spec import LearnerSpec
from kg.model import METRICS, Configuration, Dataset, Iri, Metric, ParameterValue, Provenance, SearchSpace, Standing
from kg.response import Encoder
from kg.response.encoding import Array
from kg.run_columns import HP_PREFIX, from_hp_columns
from kg.runs import RunTable


def weakest(rows: pd.DataFrame) -> Standing:
    """Return the weakest standing of `rows` of the run table."""
    order = list(Standing)
    return max((Standing(text) for text in rows["standing"].unique()), key=order.index)


@dataclass(frozen=True)
class Group:
    """The runs of a learner on one data set under one metric, at full fidelity."""

    dataset: Iri
    metric: Metric
    rows: pd.DataFrame
    """Columns of the run table but the hyper-parameters, and ``configuration``."""

    @property
    def standing(self) -> Standing:
        """The weakest standing of the runs."""
        return weakest(self.rows)

    @property
    def gains(self) -> Array:
        """The scores, turned so that greater is better, shape (n,)."""
        scores = self.rows["score"].to_numpy(dtype=float)
        return scores if self.metric.greater_is_better else -scores

    @property
    def spread(self) -> float:
        """Best less median, in the metric's unit; 0 or more."""
        gains = self.gains
        return float(gains.max() - np.median(gains))


@dataclass(frozen=True)
class Batch:
    """All runs of `learner` that came from `source`."""

    source: str
    learner: str
    spec: LearnerSpec | None
    provenance: Provenance
    names: Mapping[Iri, str]
    """IRI of a data set -> its name, for people."""
    rows: pd.DataFrame
    """A row a score; ``configuration`` counts into `configurations`."""
    configurations: tuple[Configuration, ...]
    space: SearchSpace
    """What the source searched, over all of its data sets."""
    encoder: Encoder
    points: Array
    """`configurations`, encoded, shape (n, dims)."""

    def groups(self, metrics: Container[str] | None = None) -> Iterator[Group]:
        """Yield the groups at full fidelity, by data set and metric; only those of `metrics` where given."""
        full = self.rows[self.rows["fidelity_kind"].isna()]
        for (dataset, metric), rows in full.groupby(["dataset", "metric"], sort=True, observed=True):
            if metrics is None or str(metric) in metrics:
                yield Group(Iri(str(dataset)), METRICS[str(metric)], rows)

    def about(self, dataset: Iri, what: str) -> Provenance:
        """Return the provenance of something distilled from the runs on `dataset`."""
        name = self.names.get(dataset, str(dataset).rsplit("/", 1)[-1])
        return self.provenance.replace(locator=f"{what} of {self.learner} on {name}")


def batches(
    runs: RunTable, datasets: Iterable[Dataset], *, retrieved: date, sources: Collection[str] | None = None
) -> Iterator[Batch]:
    """Yield a batch for each source (of `sources`, where given) and learner of the run table, by name."""
    names = {dataset.iri: dataset.name for dataset in datasets}
    for manifest in runs.manifests():
        if sources is not None and manifest.source not in sources:
            continue
        provenance = manifest.provenance.replace(retrieved=retrieved)
        for learner in sorted({file.learner for file in manifest.runs}):
            frame = runs.frame(source=manifest.source, learner=learner)
            if len(frame):
                yield _batch(frame, learner, provenance, names)


def _batch(frame: pd.DataFrame, learner: str, provenance: Provenance, names: Mapping[Iri, str]) -> Batch:
    rows = frame.sort_values(["dataset", "metric", "run_id", "fidelity_value"], ignore_index=True)
    hyper = [column for column in rows.columns if column.startswith(HP_PREFIX)]
    rows["configuration"] = rows.groupby(hyper, dropna=False, sort=True).ngroup() if hyper else 0
    distinct = rows.drop_duplicates("configuration").sort_values("configuration")
    configurations = from_hp_columns(distinct[hyper])
    spec = _spec(learner)
    task_type = METRICS[str(rows["metric"].iloc[0])].task_type
    space = searched_space(_distinct_values(configurations), spec, task_type)
    encoder = Encoder(space)
    return Batch(
        source=provenance.source,
        learner=learner,
        spec=spec,
        provenance=provenance,
        names=names,
        rows=rows.drop(columns=hyper),
        configurations=configurations,
        space=space,
        encoder=encoder,
        points=encoder.encode(configurations),
    )


def _distinct_values(configurations: Iterable[Configuration]) -> dict[str, list[ParameterValue]]:
    """Return the distinct values of each hyper-parameter (True is not 1), in the order met."""
    seen: dict[str, dict[tuple[bool, ParameterValue], None]] = {}
    for configuration in configurations:
        for name, value in configuration.items():
            seen.setdefault(name, {})[isinstance(value, bool), value] = None
    return {name: [value for _, value in keys] for name, keys in seen.items()}


def _spec(learner: str) -> LearnerSpec | None:
    try:
        return learner_named(learner)
    except UnknownNameError:
        return None
