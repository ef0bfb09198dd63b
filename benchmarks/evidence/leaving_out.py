"""One data set left out: every variant's proposal for it, and what each is worth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from benchmarks.evidence.likeness import by_text
from benchmarks.evidence.measuring import (
    FORETOLD,
    cost_figures,
    fidelity_figures,
    prediction_figures,
    space_figures,
    study_figures,
)
from benchmarks.evidence.parts import VARIANTS, Part, Variant, View
from benchmarks.quality.methods import Fold
from benchmarks.starter_suite import names_of
from kg.model import Dataset, MetaFeatures, ResponseModel, TaskType
from kg.store import KnowledgeStore
from recommender.composing.compose import Composer
from recommender.composing.surface import ResponseSurface
from recommender.composing.surfaces import CachedSurfaces
from recommender.proposal import Proposal
from recommender.retrieval import retrieve
from recommender.task import Constraints, TuningTask

#: Seconds that a study may take: what the proposals are made for.
WALL_CLOCK_S = 600.0


@dataclass
class Kept:
    """What variants of one left-out data set share."""

    surfaces: dict[tuple[str, ...], ResponseSurface] = field(default_factory=dict)
    whole: dict[tuple[Any, ...], CachedSurfaces] = field(default_factory=dict)
    studies: dict[str, dict[str, float]] = field(default_factory=dict)


class SharedSurfaces(CachedSurfaces):
    """Surfaces depend on response models alone: variants share them, and calibrate each for itself."""

    def __init__(self, store: KnowledgeStore, kept: Kept) -> None:
        super().__init__(store)
        self._shared = kept.surfaces

    def surface(self, responses: Sequence[ResponseModel]) -> ResponseSurface:
        """Return the surface over `responses`, in their order."""
        key = tuple(response.iri for response in responses)
        if key not in self._shared:
            self._shared[key] = super().surface(responses)
        return self._shared[key]


def left_out(fold: Fold, store: KnowledgeStore, variants: Sequence[Variant] = VARIANTS) -> dict[str, dict[str, Any]]:
    """Return the figures of each variant on one data set; ``asked`` are the kinds of evidence that were looked at."""
    kept, found = Kept(), {}
    for variant in variants:
        view = View(store, names_of(fold.suite, fold.target), variant.parts)
        graph = cast("KnowledgeStore", view)
        proposal = proposed(fold, variant, graph, kept)
        asked = sorted(view.asked)
        found[variant.name] = {**figures(fold, proposal, graph, store, kept), "asked": asked}
    return found


def proposed(fold: Fold, variant: Variant, graph: KnowledgeStore, kept: Kept) -> Proposal:
    """Return what is proposed for a data set from what is left of the graph."""
    composer = Composer(graph)
    # What is calibrated depends on the sources' runs and meta-features alone.
    key = tuple(part in variant.parts for part in (Part.RUNS, Part.META_FEATURES))
    composer.surfaces = kept.whole.setdefault(key, SharedSurfaces(graph, kept))
    task = task_of(fold.pool.dataset, fold, with_meta_features=Part.META_FEATURES in variant.parts)
    proposal = composer.compose(task)
    if not variant.by_text:
        return proposal
    found = by_text(retrieve(task, fold.suite.learner, graph), fold.pool.dataset, variant.by_text)
    return composer.around(found, {"learner": proposal.learner})


def figures(
    fold: Fold, proposal: Proposal, graph: KnowledgeStore, store: KnowledgeStore, kept: Kept
) -> dict[str, float]:
    """Return all figures of one proposal; a study that was run already is not run again."""
    key = plan_of(proposal)
    if key not in kept.studies:
        cited = set(proposal.sampler.citations)
        models = [model for model in fold.suite.models if model.iri in cited]
        kept.studies[key] = study_figures(fold, proposal, models)
    study = kept.studies[key]
    return {
        **study,
        **space_figures(fold, proposal.search_space.value),
        "trials": float(proposal.budget.value.n_trials),
        **prediction_figures(fold, proposal, study[f"regret_{FORETOLD}"]),
        **cost_figures(fold, proposal, graph, store),
        **fidelity_figures(fold, proposal, store),
    }


def plan_of(proposal: Proposal) -> str:
    """Return what decides the course of a study in full runs: equal texts, equal studies."""
    parts = [getattr(proposal, name).value for name in ("search_space", "fixed", "warm_starts", "sampler")]
    weights = [(neighbour.dataset, round(neighbour.weight, 9)) for neighbour in proposal.neighbours]
    return repr((parts, sorted(weights), proposal.metric.value))


def task_of(dataset: Dataset, fold: Fold, *, with_meta_features: bool) -> TuningTask:
    """Return the task of tuning the suite's learner on a data set; its size is known in any case, as of any table."""
    features = dataset.meta_features
    return TuningTask(
        task_type=TaskType.CLASSIFICATION,
        metric=fold.suite.metric,
        n_rows=int(features.get("NumberOfInstances", 1000.0)),
        n_columns=max(1, int(features.get("NumberOfFeatures", 11.0)) - 1),
        meta_features=features if with_meta_features else MetaFeatures({}),
        constraints=Constraints(learners=(fold.suite.learner,), wall_clock_s=WALL_CLOCK_S),
    )
