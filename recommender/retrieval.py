"""From a task to the evidence that bears on it, nearest data sets first.

The graph is asked once for each kind of evidence of a learner; what is returned is a frozen bundle that every composing
rule reads. Evidence in another metric than the task's stands in where there is none in its own, and the bundle says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from kg.model import (
    Dataset,
    FidelityCurve,
    FidelityProfile,
    Iri,
    ParameterImportance,
    PublishedSpace,
    ResponseModel,
    RunSummary,
    StudySummary,
    SystemResult,
)
from kg.model.base import Value
from kg.store import KnowledgeStore
from recommender.proposal import Neighbour
from recommender.similarity import Similarity, similarity
from recommender.task import TuningTask

#: Metrics whose evidence stands in for another's, nearest relative first. All of them rank classifiers of one learner
#: on one data set much alike; threshold-free ones are preferred for each other.
STAND_INS = {
    "accuracy": ("balanced_accuracy", "log_loss", "roc_auc"),
    "balanced_accuracy": ("f1", "accuracy", "roc_auc"),
    "roc_auc": ("log_loss", "balanced_accuracy", "accuracy"),
    "average_precision": ("roc_auc", "log_loss", "balanced_accuracy", "accuracy"),
    "log_loss": ("brier", "roc_auc", "accuracy"),
    "brier": ("log_loss", "roc_auc", "accuracy"),
    "f1": ("balanced_accuracy", "accuracy"),
    "rmse": ("r2", "mae"),
    "mae": ("rmse", "r2"),
    "r2": ("rmse", "mae"),
}

_E = TypeVar("_E", bound=Value)


@dataclass(frozen=True)
class Retrieved:
    """All that the graph knows of one learner for one task."""

    task: TuningTask
    learner: str
    metric: str
    """The metric of the evidence; another than the task's where that has none."""
    sources: tuple[Dataset, ...]
    """The data sets with response models, in the order of `responses`."""
    responses: tuple[ResponseModel, ...]
    summaries: tuple[RunSummary, ...]
    """In the order of `responses`, for the same data sets."""
    importances: tuple[ParameterImportance, ...] = ()
    fidelities: tuple[FidelityProfile, ...] = ()
    curves: tuple[FidelityCurve, ...] = ()
    """In the metric of the evidence, on data sets with response models."""
    studies: tuple[StudySummary, ...] = ()
    spaces: tuple[PublishedSpace, ...] = ()
    similarity: Similarity | None = None
    """How like the task the sources are; None where there is no source."""

    @cached_property
    def weights(self) -> dict[Iri, float]:
        """Data set -> weight; the weights of the sources sum to 1."""
        return {neighbour.dataset: neighbour.weight for neighbour in self.neighbours}

    @cached_property
    def neighbours(self) -> tuple[Neighbour, ...]:
        """Every source with its weight, heaviest first."""
        return neighbours_of(self.similarity) if self.similarity else ()

    @property
    def is_stand_in(self) -> bool:
        """Whether the evidence is in another metric than the task's."""
        return self.metric != self.task.metric

    @property
    def has_responses(self) -> bool:
        """Whether there are response models to compose from."""
        return bool(self.responses)


def retrieve(
    task: TuningTask, learner: str, store: KnowledgeStore, *, held_out: frozenset[Iri] = frozenset()
) -> Retrieved:
    """Return the evidence on `learner` that bears on `task`.

    Args:
        task: The task; its meta-features decide what is near.
        learner: Canonical name.
        store: The graph.
        held_out: Data sets whose evidence must not be used (leave-one-data-set-out evaluation).
    """
    datasets = {dataset.iri: dataset for dataset in store.datasets()}
    usable = {iri for iri, d in datasets.items() if iri not in held_out and d.task_type in (None, task.task_type)}

    def ask(kind: type[_E], metric: str | None = None) -> tuple[_E, ...]:
        found = store.evidence(kind.model_fields["kind"].default, learner=learner, metric=metric)
        return tuple(e for e in found if isinstance(e, kind) and getattr(e, "dataset", None) not in held_out)

    metric = task.metric
    responses: tuple[ResponseModel, ...] = ()
    for metric in (task.metric, *STAND_INS.get(task.metric, ())):
        responses = tuple(e for e in ask(ResponseModel, metric) if e.dataset in usable)
        if responses:
            break
    summaries = {e.dataset: e for e in ask(RunSummary, metric)} if responses else {}
    responses = tuple(sorted((e for e in responses if e.dataset in summaries), key=lambda e: e.dataset))
    sources = tuple(datasets[e.dataset] for e in responses)
    return Retrieved(
        task=task,
        learner=learner,
        metric=metric if responses else task.metric,
        sources=sources,
        responses=responses,
        summaries=tuple(summaries[e.dataset] for e in responses),
        importances=ask(ParameterImportance, metric) if responses else (),
        fidelities=ask(FidelityProfile),
        curves=tuple(e for e in ask(FidelityCurve, metric) if e.dataset in summaries),
        studies=tuple(e for e in ask(StudySummary) if e.task_type == task.task_type),
        spaces=tuple(e for e in ask(PublishedSpace) if task.task_type in e.task_types),
        similarity=similarity(task.meta_features, sources) if sources else None,
    )


def neighbours_of(found: Similarity) -> tuple[Neighbour, ...]:
    """Return the sources as a proposal lists them."""
    return tuple(
        Neighbour(dataset=item.dataset.iri, name=item.dataset.name, distance=item.distance, weight=item.weight)
        for item in found.neighbours
    )


def learner_results(
    store: KnowledgeStore, metric: str, *, held_out: frozenset[Iri] = frozenset()
) -> tuple[SystemResult, ...]:
    """Return results that compare tuned learners, in `metric` or its nearest relative that there are results in."""
    for name in (metric, *STAND_INS.get(metric, ())):
        found = [r for r in store.evidence("system_result", metric=name) if isinstance(r, SystemResult)]
        if usable := tuple(r for r in found if r.learner is not None and r.tuned and r.dataset not in held_out):
            return usable
    return ()


def modelled_learners(store: KnowledgeStore, metric: str) -> frozenset[str]:
    """Return the learners that the graph has response models of, in `metric` or a relative of it."""
    metrics = {metric, *STAND_INS.get(metric, ())}
    rows = store.ask("modelled_learners")
    return frozenset(_last(row["learner"]) for row in rows if _last(row["metric"]) in metrics)


def _last(iri: str) -> str:
    return iri.rsplit("/", 1)[-1]
