"""Which learner to propose, where the user leaves it open.

Learners are compared on the same data sets (TabZilla's tuned results), each weighted by its likeness to the task.
Learners that the graph has response models for come first: for them every part of a proposal can be derived.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from kg.model import Iri, SystemResult, metric_named

#: Where no result compares learners for a task: from robust and cheap to demanding.
FALLBACK_ORDER = (
    "xgboost",
    "lightgbm",
    "random_forest",
    "hist_gradient_boosting",
    "extra_trees",
    "catboost",
    "gradient_boosting",
    "logistic_regression",
    "elastic_net",
    "svm",
    "mlp",
    "adaboost",
    "sgd",
    "knn",
    "decision_tree",
)


@dataclass(frozen=True)
class RankedLearner:
    """A learner and how it fared against the others."""

    learner: str
    standing: float | None
    """Weighted mean of the normalised score (0 worst, 1 best of the compared learners); None where never compared."""
    results: tuple[Iri, ...] = ()
    """The results that say so, heaviest first."""


def rank_learners(
    candidates: Collection[str],
    results: Sequence[SystemResult],
    weights: Mapping[Iri, float],
    *,
    modelled: Collection[str],
) -> tuple[RankedLearner, ...]:
    """Return `candidates`, best first.

    Args:
        candidates: Canonical names of learners that can be used.
        results: Results of learners; those of tuned learners count.
        weights: Data set -> weight; a data set that is not named has the mean weight.
        modelled: Learners that have response models; they come before the others.
    """
    standings = _standings([r for r in results if r.tuned and r.learner in candidates], weights)
    order = {name: place for place, name in enumerate(FALLBACK_ORDER)}

    def key(ranked: RankedLearner) -> tuple[bool, bool, float, int]:
        known = ranked.standing is not None
        return (
            ranked.learner not in modelled,
            not known,
            -(ranked.standing or 0.0),
            order.get(ranked.learner, len(order)),
        )

    ranked = [standings.get(name, RankedLearner(name, None)) for name in candidates]
    return tuple(sorted(ranked, key=key))


def _standings(results: Sequence[SystemResult], weights: Mapping[Iri, float]) -> dict[str, RankedLearner]:
    groups: dict[tuple[Iri, str], list[SystemResult]] = defaultdict(list)
    for result in results:
        groups[result.dataset, result.metric].append(result)
    mean_weight = sum(weights.values()) / len(weights) if weights else 1.0
    collected: dict[str, list[tuple[float, float, Iri]]] = defaultdict(list)
    for (dataset, metric), group in sorted(groups.items()):
        gains = [metric_named(metric).gain(r.score) for r in group]
        if len(group) < 2 or max(gains) == min(gains):
            continue
        weight = weights.get(dataset, mean_weight)
        for result, gain in zip(group, gains, strict=True):
            normalised = (gain - min(gains)) / (max(gains) - min(gains))
            collected[str(result.learner)].append((weight, normalised, result.iri))
    return {learner: _mean(learner, entries) for learner, entries in collected.items()}


def _mean(learner: str, entries: Sequence[tuple[float, float, Iri]]) -> RankedLearner:
    total = sum(weight for weight, _, _ in entries)
    standing = sum(weight * score for weight, score, _ in entries) / total if total else None
    heaviest = sorted(entries, key=lambda entry: (-entry[0], entry[2]))
    return RankedLearner(learner, standing, tuple(iri for _, _, iri in heaviest))
