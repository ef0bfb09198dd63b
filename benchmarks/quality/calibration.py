"""What else is learnt from the sources: predicted scores, patience and the level of narrowing, on data left out."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

from benchmarks.quality.methods import KS, PORTFOLIOS, Fold, emitted, nearest_rows
from benchmarks.quality.suites import Suite
from kg.learners.registry import learner_named
from kg.model import METRICS, SearchSpace, TaskType
from recommender.composing.narrowing_level import level_reports
from recommender.composing.patience import patience_reports, shortest_patience
from recommender.composing.prediction import losses_after, predict_from_trials, predict_scores
from recommender.composing.replay import measured_regrets, replayed_regrets
from recommender.similarity import pairwise_weights

Array = npt.NDArray[np.float64]


def loo_weights(suite: Suite) -> Array:
    """Return, in row t, the weights of the sources when pool t is the target (0 for other versions of it)."""
    weights = np.where(np.stack(suite.held_out), 0.0, pairwise_weights([pool.dataset for pool in suite.pools]))
    scaled: Array = weights / weights.sum(1, keepdims=True)
    return scaled


def prediction_coverage(suite: Suite) -> list[dict[str, Any]]:
    """Return how often 90 % intervals hold what the emitted portfolio reached (nearest rows), and their width."""
    metric = METRICS[suite.metric]
    replayed = measured_regrets(suite.surface, suite.models, loo_weights(suite), KS[-1])
    losses = losses_after([m.best for m in suite.models], [m.median for m in suite.models], replayed, metric)
    ours = next(portfolio for portfolio in PORTFOLIOS if portfolio.label == "ours")
    found: dict[str, list[tuple[bool, float, float]]] = {}
    for t, pool in enumerate(suite.pools):
        fold = Fold(suite, t)
        gains = np.maximum.accumulate(pool.gains[nearest_rows(fold, list(emitted(ours, fold)))])
        reached = gains if metric.greater_is_better else -gains
        rest = losses[fold.sources]
        known = [suite.pools[i].dataset.meta_features for i in fold.sources]
        before = predict_scores(pool.dataset.meta_features, known, rest, metric, ks=(1, 10, 50))
        blind = predict_scores(pool.dataset.meta_features.only(()), known, rest, metric, ks=(50,))
        cases = [("no meta-features", p) for p in blind] + [("before any trial", p) for p in before]
        for after in (1, 5):
            cases += [
                (f"after {after} trials", p)
                for p in predict_from_trials(float(reached[after - 1]), after, rest, metric, ks=(10, 50))
            ]
        for when, p in cases:
            actual = float(reached[min(p.k, len(reached)) - 1])
            hit = p.low - 1e-12 <= actual <= p.high + 1e-12
            found.setdefault(f"{when}, best of {p.k}", []).append((hit, p.high - p.low, abs(p.expected - actual)))
    return [
        {
            "predicted": label,
            "coverage": float(np.mean([hit for hit, _, _ in rows])),
            "mean width": float(np.mean([width for _, width, _ in rows])),
            "mean absolute error": float(np.mean([error for _, _, error in rows])),
        }
        for label, rows in found.items()
    ]


def patience(suite: Suite) -> list[dict[str, Any]]:
    """Return what each patience gives up on traces of 100 trials: 10 warm starts, then random candidates."""
    reports = patience_reports(replayed_regrets(suite.surface, loo_weights(suite), 100, warm_starts=10))
    chosen = shortest_patience(reports)
    return [
        {
            "patience": f"{r.patience}{' (chosen)' if chosen and r.patience == chosen.patience else ''}",
            "trials of 100": round(r.trials, 1),
            "given up": r.given_up,
            "90th percentile": r.worst,
        }
        for r in reports
    ]


def narrowing(suite: Suite) -> list[dict[str, Any]]:
    """Return what each level leaves on the left-out sources; the last row is the level that is used."""
    spec = learner_named(suite.learner)
    registered = spec.space(TaskType.CLASSIFICATION)
    # As in the product: the registry's wide range where it has one, what was searched elsewhere.
    known = {parameter.name: parameter for parameter in registered.parameters}
    wide = SearchSpace(parameters=tuple(known.get(p.name, p) for p in suite.batch.scope.space.parameters))
    reports = level_reports(suite.models, wide, loo_weights(suite))
    return [
        {
            "level": "full" if r.level is None else f"{r.level:.2f}",
            "ceiling": r.ceiling,
            "cover": r.cover,
            "volume": r.volume,
        }
        for r in reports
    ]
