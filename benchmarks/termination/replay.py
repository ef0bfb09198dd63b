"""Where a stopping rule ends a trace, what that saves, and what it gives up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchmarks.quality.warm_starts import bootstrap
from benchmarks.termination.traces import TracedStudy
from kg.model import METRICS
from recommender.composing.patience import CAUTIOUS, EXPECTED_IMPROVEMENT, LEAST_BESIDE
from recommender.proposal import ExpectedImprovement, Rule, Stagnation
from recommender.termination import Trace, apply_rule, expected_minimum_regret, room_for_gain

Array = npt.NDArray[np.float64]

#: The traces hold gains: greater is better, whatever the metric was.
GAIN = METRICS["accuracy"]
#: Says after how many trials each setting of a rule ends a trace, shape (settings,).
Stops = Callable[[TracedStudy], Array]


@dataclass(frozen=True)
class Family:
    """A rule with its settings, from the one that stops soonest."""

    name: str
    settings: tuple[str, ...]
    stops: Stops


@dataclass(frozen=True)
class Outcome:
    """What a family does on the traces of a suite, each of shape (traces, settings)."""

    trials: Array
    given_up: Array
    """Regret of the incumbent at the stop less that of the incumbent at the end."""


def outcome(family: Family, traces: Sequence[TracedStudy]) -> Outcome:
    """Replay a family on `traces`."""
    stops = np.stack([family.stops(trace) for trace in traces]).astype(int)
    given_up = [
        _incumbents(trace)[stop - 1] - _incumbents(trace)[-1] for trace, stop in zip(traces, stops, strict=True)
    ]
    return Outcome(stops.astype(float), np.array(given_up))


def chosen_elsewhere(family: Outcome, reference: Outcome) -> tuple[Array, Array]:
    """Return trials and regret given up on each trace by the setting that is best on the others.

    That is the one that takes the fewest trials of those that give up no more than `reference` (one setting) does.
    """
    n = len(family.trials)
    rows = []
    for left_out in range(n):
        others = np.arange(n) != left_out
        loss = family.given_up[others].mean(0)
        allowed = loss <= reference.given_up[others, 0].mean() + 1e-9
        cost = np.where(allowed, family.trials[others].mean(0), np.inf)
        # Where none gives up as little: the one that gives up least.
        rows.append(int(np.argmin(cost)) if allowed.any() else int(np.argmin(loss)))
    index = np.arange(n)
    return family.trials[index, rows], family.given_up[index, rows]


def by_rule(name: str, settings: Sequence[tuple[str, Rule]]) -> Family:
    """Return the family of rules that look at scores and expectations: the product's own code decides."""

    def stops(trace: TracedStudy) -> Array:
        return np.array([_first(trace, rule) for _, rule in settings])

    return Family(name, tuple(label for label, _ in settings), stops)


def stagnation(patiences: Sequence[int]) -> Family:
    """Return stagnation with these patiences."""
    return by_rule("stagnation", [(f"{p} trials", Stagnation(patience=p)) for p in patiences])


def expected_improvement(thresholds: Sequence[float], *, trials: int, patience: int = 0) -> Family:
    """Return the rule by what the sampler expects, with these thresholds."""
    rules = [(f"{t:g}", ExpectedImprovement(threshold=t, trials=trials, patience=patience)) for t in thresholds]
    waits = f", {patience} without a gain" if patience else ""
    return by_rule(f"expected improvement, {trials} on end{waits}", rules)


def shipped(learner: str) -> Family:
    """Return what proposals for `learner` have: the rule by what is expected, alone and with patience beside it.

    The first of them to hold ends the study. The patience of a proposal is this or longer.
    """
    rule = EXPECTED_IMPROVEMENT.get(learner, CAUTIOUS[0]).rule
    alone, patience = by_rule("", [("", rule)]), stagnation((LEAST_BESIDE,))

    def stops(trace: TracedStudy) -> Array:
        ends = np.concatenate([alone.stops(trace), patience.stops(trace)])
        return np.array([ends[0], ends.min()])

    return Family("as shipped", (f"{rule.threshold:g}", f"{rule.threshold:g}, or {LEAST_BESIDE} trials"), stops)


def regret_bound(errors: Sequence[float], *, every: int = 5, least: int = 20) -> Family:
    """Return the regret bound against errors in units of (best - median): pools have no scores of folds."""

    def measure(trace: TracedStudy, n: int) -> float:
        return room_for_gain(trace.points[:n], trace.gains[:n], _candidates(trace)) / _unit(trace)

    return Family("regret bound", tuple(f"{e:g}" for e in errors), _below(measure, errors, every, least))


def minimum_regret(ratios: Sequence[float], *, every: int = 5, warm_up: int = 10, window: int = 20) -> Family:
    """Return the expected minimum regret against shares of what it was in the window after the warm-up."""

    def stops(trace: TracedStudy) -> Array:
        def change(n: int) -> float:
            return expected_minimum_regret(trace.points[:n], trace.gains[:n], _candidates(trace))

        usual = float(np.median([change(n) for n in range(warm_up + 1, warm_up + window + 1, every)]))
        asked = range(warm_up + window + 1, len(trace.gains) + 1, every)
        found = [(n, change(n)) for n in asked]
        ends = [next((n for n, value in found if value < ratio * usual), len(trace.gains)) for ratio in ratios]
        return np.array(ends)

    return Family("expected minimum regret", tuple(f"{r:g}" for r in ratios), stops)


#: What the others are held against.
REFERENCE = stagnation((30,))


def figures(trials: Array, given_up: Array) -> dict[str, float]:
    """Return the mean trials, and the mean and 90th percentile of what is given up."""
    return {
        "trials": round(float(trials.mean()), 1),
        "given_up": round(float(given_up.mean()), 4),
        "given_up_90": round(float(np.quantile(given_up, 0.9)), 4),
    }


def difference(trials: Array, reference: Outcome) -> dict[str, float]:
    """Return the mean paired difference of trials with the reference, and its 95 % bootstrap interval."""
    fewer = trials - reference.trials[:, 0]
    low, high = bootstrap(fewer[:, None])
    values = {"fewer": fewer.mean(), "fewer_low": low[0], "fewer_high": high[0]}
    return {name: round(float(value), 1) for name, value in values.items()}


def _below(measure: Callable[[TracedStudy, int], float], thresholds: Sequence[float], every: int, least: int) -> Stops:
    def stops(trace: TracedStudy) -> Array:
        found = [(n, measure(trace, n)) for n in range(least, len(trace.gains) + 1, every)]
        return np.array([next((n for n, value in found if value < t), len(trace.gains)) for t in thresholds])

    return stops


def _first(trace: TracedStudy, rule: Rule) -> int:
    hopes = [None if np.isinf(hope) else float(hope) for hope in trace.hopes]
    scores = trace.gains.tolist()
    for n in range(1, len(scores) + 1):
        if apply_rule(rule, Trace(scores[:n], 0.0, hopes=hopes[:n]), GAIN).stop:
            return n
    return len(scores)


def _incumbents(trace: TracedStudy) -> Array:
    """Return the regret of the incumbent after each trial: of what scored best, which noise may have favoured."""
    best = [int(np.argmax(trace.gains[: n + 1])) for n in range(len(trace.gains))]
    return trace.regrets[best]


def _unit(trace: TracedStudy) -> float:
    """Return (best - median) of the trace's data set, from what scores and regrets say of it."""
    spread = np.ptp(trace.gains) / max(float(np.ptp(trace.regrets)), 1e-12)
    return max(float(spread), 1e-12)


def _candidates(trace: TracedStudy) -> Array:
    """Return points that stand for the space: drawn within the box of what was tried, and what was tried."""
    generator = np.random.default_rng(0)
    low, high = trace.points.min(0), trace.points.max(0)
    return generator.uniform(low, high, size=(512, trace.points.shape[1]))
