"""When a study stops, and why: each rule looks at the trace of scores and says so in words.

Own rules, because `optuna.terminator` is deprecated; a study stops through a callback (`recommender.tuning`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.model import Metric
from recommender.proposal import MaxTrials, Rule, Stagnation, TargetReached, Termination, WallClock


@dataclass(frozen=True)
class Trace:
    """What has happened so far.

    Attributes:
        scores: One entry for each finished trial, in order; None where it failed or was pruned.
        seconds: Wall clock spent.
    """

    scores: Sequence[float | None]
    seconds: float


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
    decisions = [_apply(rule, trace, metric) for rule in termination.rules]
    holding = [decision.reason for decision in decisions if decision.stop]
    stop = bool(holding) if termination.combine == "any" else len(holding) == len(decisions)
    reasons = holding if stop else [decision.reason for decision in decisions if not decision.stop]
    return StopDecision(stop, "; ".join(reasons))


def trials_without_gain(scores: Sequence[float | None], tolerance: float, metric: Metric) -> int:
    """Return how many trials have finished since the best score last rose by more than `tolerance`."""
    best, since = None, 0
    for score in scores:
        since += 1
        if score is not None and (best is None or metric.gain(score) > best + tolerance):
            best, since = metric.gain(score), 0
    return since


def _apply(rule: Rule, trace: Trace, metric: Metric) -> StopDecision:
    match rule:
        case Stagnation():
            since = trials_without_gain(trace.scores, rule.tolerance, metric)
            return StopDecision(
                since >= rule.patience,
                f"{since} trials without a gain above {rule.tolerance:g} (patience {rule.patience})",
            )
        case TargetReached():
            return _target_reached(rule, trace, metric)
        case WallClock():
            return StopDecision(trace.seconds >= rule.seconds, f"{trace.seconds:.0f} of {rule.seconds:g} seconds spent")
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
