"""The evidence of the benchmark: for each learner, response models of every data set and the pools they rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

import numpy as np
import numpy.typing as npt

from ingest.datasets import versions_of
from ingest.distil.batch import Batch, Group
from ingest.distil.reading import LearnerRuns, learner_runs
from ingest.distil.responses import length_scales, response_models
from ingest.records import Items
from ingest.run import ingest
from ingest.sources.catalogue import DatasetCatalogue
from ingest.sources.registry import sources
from kg.learners.registry import learner_named
from kg.model import Configuration, Dataset, Iri, ResponseModel, TaskType
from kg.response import CLIP, ResponseFunction
from kg.runs import RunTable
from recommender.composing.surface import ResponseSurface, build_surface

Array = npt.NDArray[np.float64]

#: Suite -> canonical learner, metric.
SUITES = {
    "RandomForest": ("random_forest", "accuracy"),
    "AdaBoost": ("adaboost", "accuracy"),
    "XGBoost": ("xgboost", "roc_auc"),
    "rpart": ("rpart", "roc_auc"),
    "LCBench": ("shaped_mlp", "accuracy"),
}
#: Sources of run tables that the suites need.
RUN_SOURCES = ("openml-pimp", "yahpo-derived")


@dataclass(frozen=True)
class Pool:
    """All runs of the learner on one data set."""

    dataset: Dataset
    points: Array
    """Encoded configurations, shape (n, dims)."""
    scores: Array
    """In the metric's own unit, shape (n,)."""
    gains: Array
    """Scores turned so that greater is better."""

    @cached_property
    def regrets(self) -> Array:
        """``(best - score) / (best - median)``, not clipped."""
        best = self.gains.max()
        regrets: Array = (best - self.gains) / (best - np.median(self.gains))
        return regrets


@dataclass(frozen=True)
class Suite:
    """One learner on all data sets."""

    name: str
    learner: str
    metric: str
    batch: Batch
    pools: tuple[Pool, ...]
    models: tuple[ResponseModel, ...]
    """One a pool, in the same order."""
    held_out: tuple[npt.NDArray[np.bool_], ...]
    """For each pool as the target: which pools are the same data set under some name or version, itself included."""

    @cached_property
    def functions(self) -> tuple[ResponseFunction, ...]:
        """One a model."""
        return tuple(ResponseFunction.from_model(model) for model in self.models)

    @cached_property
    def predicted(self) -> tuple[Array, ...]:
        """For each pool, the regret that every model expects of its rows, shape (rows, models)."""
        return tuple(
            np.clip(np.stack([f.mean(pool.points) for f in self.functions], axis=1), 0.0, CLIP) for pool in self.pools
        )

    @cached_property
    def surface(self) -> ResponseSurface:
        """The surface of all models; what stems from held-out data sets is masked by the protocols."""
        defaults = learner_named(self.learner).default(TaskType.CLASSIFICATION)
        return build_surface(self.models, defaults=defaults.root)

    @cached_property
    def runnable(self) -> npt.NDArray[np.bool_]:
        """Which candidates of the surface the installed library can run."""
        spec = learner_named(self.learner)
        possible = [spec.still_possible(c.root, TaskType.CLASSIFICATION) for c in self.surface.candidates]
        return np.array([one is not None for one in possible])

    @property
    def length_scales(self) -> Array:
        """Those that all models of the suite share."""
        return np.array(self.models[0].length_scales)

    def encode(self, configurations: Sequence[Configuration]) -> Array:
        """Return configurations as points, shape (n, dims)."""
        return self.batch.scope.encoder.encode([configuration.root for configuration in configurations])


def load_suites(data: Path, home: Path, names: Sequence[str]) -> tuple[Suite, ...]:
    """Ingest the run tables into `home` (nothing is done where that was done before) and return the suites."""
    day = date(2026, 1, 1)
    described = {
        item.iri: item
        for page in DatasetCatalogue().read(data, retrieved=day)
        if isinstance(page, Items)
        for item in page.items
        if isinstance(item, Dataset)
    }
    ingest(sources(RUN_SOURCES), data, home, retrieved=day)
    wanted = {SUITES[name][0]: name for name in names}
    found = [
        _suite(wanted[runs.learner], runs, described)
        for runs in learner_runs(RunTable(home), described.values(), retrieved=day)
        if runs.learner in wanted
    ]
    return tuple(sorted(found, key=lambda suite: list(SUITES).index(suite.name)))


def _suite(name: str, runs: LearnerRuns, described: Mapping[Iri, Dataset]) -> Suite:
    learner, metric = SUITES[name]
    batch = runs.batch(tuple(runs.sizes))
    models = response_models(batch, length_scales(runs))
    by_dataset = {model.dataset: model for model in models if model.metric == metric}
    groups = [group for group in batch.groups({metric}) if group.dataset in by_dataset]
    pools = tuple(_pool(batch, group, described) for group in groups)
    return Suite(
        name=name,
        learner=learner,
        metric=metric,
        batch=batch,
        pools=pools,
        models=tuple(by_dataset[pool.dataset.iri] for pool in pools),
        held_out=held_out_masks([pool.dataset for pool in pools], described),
    )


def _pool(batch: Batch, group: Group, described: Mapping[Iri, Dataset]) -> Pool:
    known = described.get(group.dataset)
    key = group.dataset.rsplit("/", 1)[-1]
    dataset = known or Dataset(iri=group.dataset, name=key, provenance=batch.scope.about(group.dataset, "runs"))
    rows = group.rows
    return Pool(
        dataset, batch.points[rows["configuration"].to_numpy()], rows["score"].to_numpy(dtype=float), group.gains
    )


def held_out_masks(datasets: Sequence[Dataset], described: Mapping[Iri, Dataset]) -> tuple[npt.NDArray[np.bool_], ...]:
    """Say, for each data set, which are the same under another name or version, or cannot be told from it."""
    found = []
    for dataset in datasets:
        same = versions_of(dataset.iri, described.values()) | {dataset.iri}
        twin = [_is_twin(dataset, other) for other in datasets]
        found.append(np.array([other.iri in same for other in datasets]) | np.array(twin))
    return tuple(found)


def _is_twin(left: Dataset, right: Dataset) -> bool:
    """Say whether two data sets have the same rows, columns, classes and class shares, all of them known."""
    names = (
        "NumberOfInstances",
        "NumberOfFeatures",
        "NumberOfClasses",
        "MajorityClassPercentage",
        "MinorityClassPercentage",
    )
    one, other = left.meta_features.only(names), right.meta_features.only(names)
    return len(one) == len(names) and one == other
