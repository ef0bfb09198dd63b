"""Runs of one learner from one source on some data sets, whole: the unit that is distilled.

Every distinct configuration is decoded and encoded once; rows refer to it by number.
"""

from __future__ import annotations

from collections.abc import Container, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa

from kg.errors import UnknownNameError
from kg.learners.registry import learner_named
from kg.learners.spec import LearnerSpec
from kg.model import METRICS, Iri, Metric, ParameterValue, Provenance, SearchSpace, Standing
from kg.response import Encoder
from kg.response.encoding import Array
from kg.run_columns import HP_PREFIX, values_of


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
    """Columns of the run table but the hyper-parameters, and ``configuration``, by run id."""

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


def spec_of(learner: str) -> LearnerSpec | None:
    """Return what the registry says of `learner`; None where it has none of that name."""
    try:
        return learner_named(learner)
    except UnknownNameError:
        return None


@dataclass(frozen=True)
class Scope:
    """What all data sets of one learner and source have in common."""

    source: str
    learner: str
    provenance: Provenance
    names: Mapping[Iri, str]
    """IRI of a data set -> its name, for people."""
    space: SearchSpace
    """What the source searched, over all of its data sets."""
    samples: Mapping[Iri, str] = field(default_factory=dict)
    """Data set of which not all runs are looked at -> which ones are, in words."""

    @property
    def spec(self) -> LearnerSpec | None:
        """What the registry says of the learner; None where it has none of that name."""
        return spec_of(self.learner)

    @cached_property
    def encoder(self) -> Encoder:
        """Turns configurations into points of `space`."""
        return Encoder(self.space)

    def about(self, dataset: Iri, what: str) -> Provenance:
        """Return the provenance of something distilled from the runs on `dataset`."""
        name = self.names.get(dataset, str(dataset).rsplit("/", 1)[-1])
        sampled = f" ({self.samples[dataset]})" if dataset in self.samples else ""
        return self.provenance.replace(locator=f"{what} of {self.learner} on {name}{sampled}")


@dataclass(frozen=True)
class Batch:
    """The runs of a learner from a source on some of its data sets, all that are looked at of each."""

    scope: Scope
    scores: pa.Table
    """Rows of the run table, with the hyper-parameters, as they were read."""
    rows: pd.DataFrame
    """The same rows without the hyper-parameters, sorted; ``configuration`` counts into `configurations`."""
    configurations: tuple[Mapping[str, ParameterValue], ...]
    """The distinct configurations, by the text of their values."""
    points: Array
    """`configurations`, encoded, shape (n, dims)."""

    @classmethod
    def of(cls, scope: Scope, scores: pa.Table) -> Batch:
        """Return the batch of some rows of the run table: one learner, one source, whole data sets."""
        frame: pd.DataFrame = scores.to_pandas()
        rows = frame.sort_values(["dataset", "metric", "run_id", "fidelity_value"], ignore_index=True)
        hyper = [column for column in rows.columns if column.startswith(HP_PREFIX)]
        rows["configuration"] = rows.groupby(hyper, dropna=False, sort=True).ngroup() if hyper else 0
        distinct = rows.drop_duplicates("configuration").sort_values("configuration")
        configurations = tuple(values_of(distinct[hyper]))
        points = scope.encoder.encode(configurations)
        return cls(scope, scores, rows.drop(columns=hyper), configurations, points)

    def groups(self, metrics: Container[str] | None = None) -> Iterator[Group]:
        """Yield the groups at full fidelity, by data set and metric; only those of `metrics` where given."""
        full = self.rows[self.rows["fidelity_kind"].isna()]
        for (dataset, metric), rows in full.groupby(["dataset", "metric"], sort=True, observed=True):
            if metrics is None or str(metric) in metrics:
                yield Group(Iri(str(dataset)), METRICS[str(metric)], rows)
