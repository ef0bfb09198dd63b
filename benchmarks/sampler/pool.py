"""Where candidates are the left-out data set's own runs: the process of the sampler, without the search for candidates.

Comparable with published experiments on pools, and with the portfolios of `benchmarks.quality`.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from benchmarks.quality.methods import KS, PORTFOLIOS, Fold, by_meta_features, order_of
from recommender.composing.portfolio import greedy_portfolio
from recommender.transfer.process import HYPOTHESES, NEAR_HYPOTHESES, Hypothesis, Points, Process, Trials, Unit
from recommender.transfer.resampling import UNIT_SPREAD
from recommender.transfer.search import explain_little, startup_trials

Array = npt.NDArray[np.float64]
#: What is made of the source functions (rows, sources) of a target: what an adversary would.
Distortion = Callable[[Array, int], Array]

PLAIN = (Hypothesis(1.0, 0.0, 1.0, 0.02),)


def process_order(fold: Fold, *, n_starts: int | None = None) -> list[int]:
    """Return rows of the target's pool in the order in which portfolio and process try them."""
    starts = order_of(next(p for p in PORTFOLIOS if p.label == "ours"), fold)
    n = startup_trials(len(fold.sources), len(fold.suite.length_scales)) if n_starts is None else n_starts
    functions = fold.suite.predicted[fold.target][:, fold.sources]
    return continued(fold, functions, starts[:n], _hypotheses(fold))


def distorted_order(fold: Fold, distort: Distortion, hypotheses: tuple[Hypothesis, ...] | None = None) -> list[int]:
    """Return the order where the source functions are `distort`ed: the portfolio is misled as the process is."""
    functions = distort(fold.suite.predicted[fold.target][:, fold.sources], fold.target)
    starts = [pick.candidate for pick in greedy_portfolio(np.ascontiguousarray(functions), by_meta_features()(fold), 1)]
    return continued(fold, functions, starts, hypotheses or _hypotheses(fold))


def negated(functions: Array, target: int) -> Array:
    """Turn the functions upside down: what was best is worst."""
    del target
    return 2.0 - functions


def shuffled(functions: Array, target: int) -> Array:
    """Give each configuration the regrets of another one."""
    return functions[np.random.default_rng(target).permutation(len(functions))]


def _hypotheses(fold: Fold) -> tuple[Hypothesis, ...]:
    return NEAR_HYPOTHESES if explain_little(len(fold.sources), len(fold.suite.length_scales)) else HYPOTHESES


def continued(fold: Fold, functions: Array, starts: list[int], hypotheses: tuple[Hypothesis, ...]) -> list[int]:
    """Return `starts` and the rows that a process tries after them, to whom `functions` (rows, sources) is shown."""
    weights = by_meta_features()(fold)
    weights = weights / weights.sum()
    spreads = np.log([abs(fold.suite.models[i].best - fold.suite.models[i].median) for i in fold.sources])
    mean = float(weights @ spreads)
    unit = Unit(mean, max(float(np.sqrt(weights @ (spreads - mean) ** 2)), UNIT_SPREAD))
    points, losses = Points(fold.pool.points / fold.suite.length_scales, functions), -fold.pool.gains
    order = list(starts)
    while len(order) < min(KS[-1], len(losses)):
        index = np.array(order)
        trials = Trials(points.rows(index), losses[index], np.ones(len(index)))
        process = Process(trials, points.rows(slice(0, 0)), weights, unit, hypotheses=hypotheses)
        gains = process.expected_improvement(points)
        gains[index] = -np.inf
        order.append(int(np.argmax(gains)))
    return order
