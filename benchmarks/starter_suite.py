"""A suite of `benchmarks.quality` made of what ships: pools are the runs that the response models keep.

Nothing beside the repository is needed. A model keeps at most 150 runs of a data set, chosen to keep its function, and
regrets are clipped at 2; so figures are of the same kind as those on all runs, but not the same.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import numpy.typing as npt

from benchmarks.quality.suites import SUITES, Pool, Suite, held_out_masks
from kg.model import METRICS, Dataset, Iri, ResponseModel
from kg.response import Encoder
from kg.store import KnowledgeStore

Array = npt.NDArray[np.float64]


def starter_suite(store: KnowledgeStore, name: str, *, every: int = 1) -> Suite:
    """Return a suite of the response models of a graph.

    Args:
        store: The graph.
        name: One of `SUITES`.
        every: Take each how-manieth data set, in the order of IRIs.
    """
    learner, metric = SUITES[name]
    datasets = {dataset.iri: dataset for dataset in store.datasets()}
    found = store.evidence("response_model", learner=learner, metric=metric)
    models = tuple(model for model in found if isinstance(model, ResponseModel) and model.dataset in datasets)[::every]
    encoder = Encoder(models[0].space)
    return Suite(
        name=name,
        learner=learner,
        metric=metric,
        # Of the batch only the encoder is asked for.
        batch=cast("Any", SimpleNamespace(scope=SimpleNamespace(encoder=encoder, space=models[0].space))),
        pools=tuple(_pool(model, datasets[model.dataset], encoder) for model in models),
        models=models,
        held_out=held_out_masks([datasets[model.dataset] for model in models], datasets),
    )


def names_of(suite: Suite, target: int) -> frozenset[Iri]:
    """Return the data set of a pool under all the names that the suite or the graph has for it."""
    gone = {suite.pools[i].dataset.iri for i in np.flatnonzero(suite.held_out[target])}
    return frozenset(gone) | _others(suite.pools, gone)


def _others(pools: Iterable[Pool], gone: set[Iri]) -> frozenset[Iri]:
    return frozenset(iri for pool in pools if pool.dataset.iri in gone for iri in pool.dataset.same_as)


def _pool(model: ResponseModel, dataset: Dataset, encoder: Encoder) -> Pool:
    regrets = np.array(model.regrets)
    scores = model.best - regrets * (model.best - model.median)
    gains = scores if METRICS[model.metric].greater_is_better else -scores
    points = encoder.encode_rows(model.parameters, model.support)
    return StarterPool(dataset, points, scores, gains, known=regrets)


@dataclass(frozen=True)
class StarterPool(Pool):
    """The runs that a response model keeps."""

    known: Array
    """Their regrets against all runs of the data set."""

    @cached_property
    def regrets(self) -> Array:
        """``(best - score) / (best - median)`` over all runs, clipped at 2."""
        return self.known
