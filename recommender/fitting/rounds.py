"""What the first rounds of a boosted ensemble score: a fit of 1,000 rounds holds the fits of all smaller numbers.

Boosting adds round after round and leaves those before as they are, so that the leading part of an ensemble is the
ensemble that fewer rounds would have given: the same trees, as long as neither the learning rate nor the data depend
on the number of rounds. To score it takes predictions alone (validation on a holdout while boosting: Friedman 2001,
"Greedy function approximation", section 5). Which learners have such parts follows from what the estimator offers:

* XGBoost and LightGBM predict with the first rounds; not where trees are dropped and scaled anew (``dart``), nor the
  linear booster, whose rounds are no parts of a sum;
* CatBoost does, but picks its learning rate by the number of rounds where none is set;
* scikit-learn's ``staged_predict`` goes through them all, unless the fit stopped by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from recommender.scoring import PROBABILITY_METRICS, score

#: Parameters that say how XGBoost and LightGBM boost, and the values under which rounds are parts of a sum.
_SUMS = {"booster": (None, "gbtree"), "boosting_type": ("gbdt",)}


@dataclass(frozen=True, eq=False)
class _Part:
    """The leading part of an ensemble, as far as `recommender.scoring.score` asks for it."""

    classes_: Any
    probabilities: Callable[[Any], Any]
    answers: Callable[[Any], Any]

    def predict_proba(self, features: Any) -> Any:
        return self.probabilities(features)

    def predict(self, features: Any) -> Any:
        return self.answers(features)


def scores_within(
    model: Any, rounds: Sequence[int], rows: tuple[Any, Any], metric: str, n_classes: int
) -> dict[int, float]:
    """Return the score of the first so many rounds of a fitted pipeline; empty where its learner has no such parts.

    Args:
        model: Fitted, of the steps ``prepare`` and ``learn`` (`recommender.pipeline`).
        rounds: Numbers of rounds, below that of the fit.
        rows: Features and target to score on.
        metric: Canonical name.
        n_classes: Classes of the whole table; 0 in regression.
    """
    prepare, learn = model.named_steps["prepare"], model.named_steps["learn"]
    # Most learners have no such parts: rows are prepared for those that have.
    parts = _parts_of(learn, lambda: prepare.transform(rows[0]), sorted(rounds), metric) if rounds else None
    if parts is None:
        return {}
    return {number: score(part, None, rows[1], metric, n_classes) for number, part in parts}


def _parts_of(
    learn: Any, prepared: Callable[[], Any], rounds: Sequence[int], metric: str
) -> Iterator[tuple[int, _Part]] | None:
    # A classifier whose labels are recoded (`recommender.recoding`) learns through the estimator inside.
    inner = getattr(learn, "learner", learn)
    settings: Mapping[str, Any] = inner.get_params(deep=False)
    if any(settings.get(name, allowed[0]) not in allowed for name, allowed in _SUMS.items()):
        return None
    if hasattr(inner, "get_booster"):
        return _asked(learn, prepared(), [(n, {"iteration_range": (0, n)}) for n in rounds])
    if hasattr(type(inner), "booster_"):
        return _asked(learn, prepared(), [(n, {"num_iteration": n}) for n in rounds])
    if hasattr(inner, "tree_count_"):
        known = settings.get("learning_rate") is not None
        return _asked(learn, prepared(), [(n, {"ntree_end": n}) for n in rounds]) if known else None
    stops = settings.get("n_iter_no_change") if "early_stopping" not in settings else _has_stopped(inner)
    if not hasattr(inner, "staged_predict") or stops:
        return None
    return _staged(inner, prepared(), rounds, metric)


def _has_stopped(inner: Any) -> bool:
    """Say whether scikit-learn's histogram boosting kept rows back to stop by."""
    return bool(getattr(inner, "do_early_stopping_", True))


def _asked(learn: Any, features: Any, options: Sequence[tuple[int, dict[str, Any]]]) -> Iterator[tuple[int, _Part]]:
    """Yield parts that are had by an option of the prediction."""
    classes = getattr(learn, "classes_", None)

    def part(option: dict[str, Any]) -> _Part:
        return _Part(
            classes,
            lambda _: learn.predict_proba(features, **option),
            lambda _: learn.predict(features, **option),
        )

    for number, option in options:
        yield number, part(option)


def _staged(inner: Any, features: Any, rounds: Sequence[int], metric: str) -> Iterator[tuple[int, _Part]]:
    """Yield parts that come one round after the other."""
    wanted = set(rounds)
    by_chance = metric in PROBABILITY_METRICS
    stages = inner.staged_predict_proba(features) if by_chance else inner.staged_predict(features)
    for number, found in enumerate(stages, 1):
        if number in wanted:
            yield number, _known(getattr(inner, "classes_", None), np.array(found))
        if number >= rounds[-1]:
            return


def _known(classes: Any, told: Any) -> _Part:
    """Return the part whose answers, or probabilities, are known already."""
    return _Part(classes, lambda _: told, lambda _: told)
