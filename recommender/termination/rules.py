"""The stopping rules of a proposal, applied to what has happened: pure functions of a trace.

Own rules, because `optuna.terminator` is deprecated; a study stops through a callback (`recommender.tuning`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.model import Metric
from recommender.proposal import (
    Cost,
    ExpectedImprovement,
    MaxTrials,
    MinimumRegret,
    RegretBound,
    Rule,
    Stagnation,
    TargetReached,
    Termination,
    WallClock,
)
from recommender.termination.room import error_of_cross_validation, expected_minimum_regret, room_for_gain

Array = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trace:
    """What has happened so far. What is not known is left out; rules that need it then wait.

    Attributes:
        scores: One entry for each finished trial, in order; None where it failed or was pruned.
        seconds: Wall clock spent.
        cost: Seconds that the trials took, over all workers.
        hopes: What the sampler expected each trial to gain, in units of (best - median); None where it did not say.
        folds: Scores of the folds of the best trial, in the metric's unit.
        points: Encoded configuration of each finished trial, shape (trials, dims).
        candidates: Encoded configurations that stand for the search space, shape (n, dims).
    """

    scores: Sequence[float | None]
    seconds: float
    cost: float = 0.0
    hopes: Sequence[float | None] = ()
    folds: Sequence[float] = ()
    points: Array | None = None
    candidates: Array | None = None

    def observed(self, metric: Metric) -> tuple[Array, Array] | None:
        """Return points and gains of the trials that have a score; None where the points are not known."""
        if self.points is None:
            return None
        known = [i for i, score in enumerate(self.scores) if score is not None]
        gains = np.array([metric.gain(score) for score in self.scores if score is not None], dtype=float)
        return self.points[known], gains


@dataclass(frozen=True)
class StopDecision:
    """Whether to stop, and what speaks for it (or what is still missing)."""

    stop: bool
    reason: str


def decide(termination: Termination, trace: Trace, metric: Metric) -> StopDecision:
    """Apply the rules of `termination` to `trace`.

    Args:
        termination: Rules, and whether any one or all of them must hold.
        trace: What has happened so far.
        metric: Gives the direction.
    """
    decisions = [apply_rule(rule, trace, metric) for rule in termination.rules]
    holding = [decision.reason for decision in decisions if decision.stop]
    stop = bool(holding) if termination.combine == "any" else len(holding) == len(decisions)
    reasons = holding if stop else [decision.reason for decision in decisions if not decision.stop]
    return StopDecision(stop, "; ".join(reasons))


def needs_points(termination: Termination) -> bool:
    """Say whether a rule looks at the configurations, and not at scores and clocks alone."""
    return any(isinstance(rule, RegretBound | MinimumRegret) for rule in termination.rules)


def trials_without_gain(scores: Sequence[float | None], tolerance: float, metric: Metric) -> int:
    """Return how many trials have finished since the best score last rose by more than `tolerance`."""
    best, since = None, 0
    for score in scores:
        since += 1
        if score is not None and (best is None or metric.gain(score) > best + tolerance):
            best, since = metric.gain(score), 0
    return since


def apply_rule(rule: Rule, trace: Trace, metric: Metric) -> StopDecision:
    """Return what one rule says of `trace`."""
    match rule:
        case Stagnation():
            since = trials_without_gain(trace.scores, rule.tolerance, metric)
            return StopDecision(
                since >= rule.patience,
                f"{since} trials without a gain above {rule.tolerance:g} (patience {rule.patience})",
            )
        case TargetReached():
            return _target_reached(rule, trace, metric)
        case ExpectedImprovement():
            return _expected_improvement(rule, trace, metric)
        case RegretBound():
            return _regret_bound(rule, trace, metric)
        case MinimumRegret():
            return _minimum_regret(rule, trace, metric)
        case _:
            return _spent(rule, trace)


def _spent(rule: WallClock | Cost | MaxTrials, trace: Trace) -> StopDecision:
    match rule:
        case WallClock():
            return StopDecision(trace.seconds >= rule.seconds, f"{trace.seconds:.0f} of {rule.seconds:g} seconds spent")
        case Cost():
            words = f"the trials took {trace.cost:.0f} of {rule.seconds:g} seconds"
            return StopDecision(trace.cost >= rule.seconds, words)
        case MaxTrials():
            done = len(trace.scores)
            return StopDecision(done >= rule.n_trials, f"{done} of {rule.n_trials} trials finished")


def _target_reached(rule: TargetReached, trace: Trace, metric: Metric) -> StopDecision:
    gains = [metric.gain(score) for score in trace.scores if score is not None]
    if not gains:
        return StopDecision(stop=False, reason="no trial has a score yet")
    best = metric.gain(max(gains))
    reached = max(gains) >= metric.gain(rule.score)
    return StopDecision(reached, f"the best {metric.name} is {best:.6g}, the target {rule.score:g}")


def _expected_improvement(rule: ExpectedImprovement, trace: Trace, metric: Metric) -> StopDecision:
    since = trials_without_gain(trace.scores, 0.0, metric)
    if since < rule.patience:
        return StopDecision(False, f"{since} trials without a gain, of {rule.patience} that are waited for")
    told = [hope for hope in trace.hopes if hope is not None][-rule.trials :]
    if len(told) < rule.trials:
        return StopDecision(False, f"the sampler said of {len(told)} of {rule.trials} trials what it expects")
    most = max(told)
    words = f"of each of the last {rule.trials} trials {most:.2g} of the usual spread or less was expected"
    gains = f", and {since} trials brought no gain" if rule.patience else ""
    return StopDecision(most < rule.threshold, f"{words} (threshold {rule.threshold:g}){gains}")


def _regret_bound(rule: RegretBound, trace: Trace, metric: Metric) -> StopDecision:
    error = rule.error if rule.error is not None else error_of_cross_validation(trace.folds)
    observed = trace.observed(metric)
    if error is None or observed is None or trace.candidates is None:
        missing = "the scores of the best trial's folds" if error is None else "what was tried"
        return StopDecision(False, f"the regret bound waits for {missing}")
    if len(observed[1]) < rule.min_trials:
        return StopDecision(False, f"{len(observed[1])} of {rule.min_trials} scores that the regret bound needs")
    room = room_for_gain(*observed, trace.candidates)
    words = f"at most {room:.3g} {metric.name} may be left to gain; scores are certain to {error:.3g}"
    return StopDecision(room < error, words)


def _minimum_regret(rule: MinimumRegret, trace: Trace, metric: Metric) -> StopDecision:
    observed = trace.observed(metric)
    if observed is None or trace.candidates is None:
        return StopDecision(False, "the expected minimum regret waits for what was tried")
    points, gains = observed
    start, end = rule.warm_up, rule.warm_up + rule.window
    if len(gains) <= end:
        return StopDecision(False, f"{len(gains)} of {end + 1} scores that the expected minimum regret needs")
    usual = float(np.median([_change(points, gains, n, trace.candidates) for n in range(start + 1, end + 1)]))
    now = _change(points, gains, len(gains), trace.candidates)
    words = f"the last trial changed the expected minimum regret by at most {now:.3g}, at first by {usual:.3g}"
    return StopDecision(now < rule.ratio * usual, f"{words} (ratio {rule.ratio:g})")


def _change(points: Array, gains: Array, n: int, candidates: Array) -> float:
    return expected_minimum_regret(points[:n], gains[:n], candidates)
