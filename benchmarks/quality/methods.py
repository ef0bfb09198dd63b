"""What is compared: ways to weigh the sources, and orders to try a pool's rows in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import lgamma

import numpy as np
import numpy.typing as npt

from benchmarks.quality.suites import Pool, Suite
from kg.learners.registry import learner_named
from kg.model import LANDMARKERS, SIMPLE, Configuration, TaskType
from kg.response import scaled_distance
from recommender.composing.portfolio import greedy_portfolio
from recommender.composing.surface import residual_draws
from recommender.similarity import COMPARED, similarity

Array = npt.NDArray[np.float64]

#: Numbers of trials at which regret is reported.
KS = (1, 5, 10, 25, 50)
#: The qualities of one who knows no more than the shape of the data.
SHAPE = ("NumberOfInstances", "NumberOfFeatures", "NumberOfClasses")


@dataclass(frozen=True)
class Fold:
    """One target and what is known without it."""

    suite: Suite
    target: int

    @property
    def pool(self) -> Pool:
        """The target's own runs: the answers."""
        return self.suite.pools[self.target]

    @property
    def sources(self) -> npt.NDArray[np.intp]:
        """The pools that are not the target under any name."""
        return np.flatnonzero(~self.suite.held_out[self.target])


Weigh = Callable[[Fold], Array]


def equal(fold: Fold) -> Array:
    """Weigh all sources the same: the blind portfolio."""
    return np.full(len(fold.sources), 1.0 / len(fold.sources))


def by_meta_features(features: tuple[str, ...] = COMPARED) -> Weigh:
    """Return what weighs sources by `features`, as the product does."""

    def weigh(fold: Fold) -> Array:
        datasets = [fold.suite.pools[i].dataset for i in fold.sources]
        found = similarity(fold.pool.dataset.meta_features.only(features), datasets, features=features)
        return found.weights([dataset.iri for dataset in datasets])

    return weigh


def oracle(fold: Fold) -> Array:
    """Weigh sources by how their functions really correlate with the target's answers: the headroom of similarity."""
    answers = np.minimum(fold.pool.regrets, 2.0)
    expected = fold.suite.predicted[fold.target][:, fold.sources]
    correlation = np.array([_correlation(column, answers) for column in expected.T])
    distance = np.sqrt(np.maximum(2.0 - 2.0 * correlation, 0.0))
    kernel = np.exp(-((distance / (0.35 * np.median(distance))) ** 2) / 2.0)
    weights: Array = kernel / kernel.sum()
    return weights


@dataclass(frozen=True)
class Portfolio:
    """A greedy portfolio."""

    label: str
    weigh: Weigh
    residuals: bool
    """Whether sources stand for themselves and random residuals (the product), or for themselves alone."""
    features: tuple[str, ...] = field(default=())


#: The portfolios compared. "ours" is what the product does.
PORTFOLIOS = (
    Portfolio("blind greedy", equal, residuals=False),
    Portfolio("blind greedy + residuals", equal, residuals=True),
    Portfolio("ours, no residuals", by_meta_features(), residuals=False),
    Portfolio("ours", by_meta_features(), residuals=True),
    Portfolio("ours, simple meta-features", by_meta_features(SIMPLE), residuals=True),
    Portfolio("ours, 3 meta-features", by_meta_features(SHAPE), residuals=True),
    Portfolio("ours, landmarkers alone", by_meta_features(LANDMARKERS), residuals=True),
    Portfolio("oracle similarity", oracle, residuals=True),
)


def order_of(portfolio: Portfolio, fold: Fold) -> list[int]:
    """Return rows of the target's own pool in the order to try them: candidates are what was run on the target."""
    expected = fold.suite.predicted[fold.target][:, fold.sources]
    residuals = None
    if portfolio.residuals:
        residuals = residual_draws(fold.pool.points / fold.suite.length_scales, len(fold.sources))
    picks = greedy_portfolio(expected, portfolio.weigh(fold), KS[-1], residuals=residuals)
    return [pick.candidate for pick in picks]


def emitted(portfolio: Portfolio, fold: Fold, *, runnable: bool = False) -> tuple[Configuration, ...]:
    """Return what the product emits for the target: candidates are the sources' runs.

    Args:
        portfolio: How to weigh and pick.
        fold: The target.
        runnable: Whether only what the installed library can run may be picked.
    """
    surface, sources = fold.suite.surface, fold.sources
    gone = {fold.suite.models[i].iri for i in np.flatnonzero(fold.suite.held_out[fold.target])}
    allowed = np.array([origin not in gone for origin in surface.origins], dtype=np.bool_)
    if runnable:
        allowed &= fold.suite.runnable
    draws = surface.residuals.reshape(len(surface.candidates), len(surface.models), -1)
    residuals = draws[:, sources].reshape(len(surface.candidates), -1) if portfolio.residuals else None
    picks = greedy_portfolio(
        surface.regrets[:, sources], portfolio.weigh(fold), KS[-1], allowed=allowed, residuals=residuals
    )
    return tuple(surface.candidates[pick.candidate] for pick in picks)


def random_regrets(regrets: Array) -> list[float]:
    """Return the expected regret of the best of k random rows (without replacement), exactly, for each k."""
    return [expected_best(regrets, k) for k in KS]


def default_regrets(fold: Fold) -> list[float]:
    """Return the regret of the library's default (its nearest row), followed by random rows, for each k."""
    return then_random(fold, nearest_rows(fold, [default_of(fold)])[0])


def then_random(fold: Fold, row: int) -> list[float]:
    """Return the regret of a row of the pool, followed by random rows, for each k."""
    regrets = fold.pool.regrets
    rest = np.minimum(np.delete(regrets, row), regrets[row])
    return [float(regrets[row]) if k == 1 else expected_best(rest, k - 1) for k in KS]


def nearest_rows(fold: Fold, configurations: list[Configuration]) -> list[int]:
    """Return the row of the pool nearest to each configuration that none before it took, in units of length scales."""
    distances = scaled_distance(fold.suite.encode(configurations), fold.pool.points, fold.suite.length_scales)
    rows: list[int] = []
    for distance in distances[: len(fold.pool.scores)]:
        distance[rows] = np.inf
        rows.append(int(np.argmin(distance)))
    return rows


def default_of(fold: Fold) -> Configuration:
    """Return the library's default, as a configuration of the published runs."""
    values = dict(learner_named(fold.suite.learner).default(TaskType.CLASSIFICATION).items())
    if values.get("max_features") == "sqrt":
        # The default depends on the table: the share of columns that the square root is (a tenth where unknown).
        columns = fold.pool.dataset.meta_features.get("NumberOfFeatures", 101.0) - 1.0
        values["max_features"] = max(columns, 1.0) ** -0.5
    if fold.suite.learner == "adaboost":
        values["algorithm"] = "SAMME.R"  # the default of the releases that the runs were made with
    return Configuration(values)


def expected_best(regrets: Array, k: int) -> float:
    """Return the expectation of the least of `k` draws without replacement: order statistics of a finite pool."""
    ordered = np.sort(regrets)
    n = len(ordered)
    taken = min(k, n)
    chances = [np.exp(_log_choose(n - i - 1, taken - 1) - _log_choose(n, taken)) for i in range(n - taken + 1)]
    return float(np.dot(ordered[: n - taken + 1], chances))


def _log_choose(n: int, k: int) -> float:
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1)


def _correlation(left: Array, right: Array) -> float:
    return float(np.corrcoef(left, right)[0, 1]) if np.ptp(left) > 0 and np.ptp(right) > 0 else 0.0
