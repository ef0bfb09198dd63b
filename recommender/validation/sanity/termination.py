"""Rules that stop at some point of the study: not at its first trial, and not after its end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from recommender.proposal import (
    Budget,
    Cost,
    ExpectedImprovement,
    MaxTrials,
    MinimumRegret,
    Proposal,
    RegretBound,
    Rule,
    Stagnation,
    TargetReached,
    WallClock,
)
from recommender.validation.repairs import replace_value
from recommender.validation.sanity.scores import is_better, is_percent, is_possible, metric_of, trivial_score
from recommender.validation.stage import failed, repaired
from recommender.validation.verdict import Finding

#: Fewer trials without a gain say nothing: a search space is not better known after two misses.
LEAST_PATIENCE = 3
#: A gain of this share of the metric's whole range is no tolerance.
MOST_TOLERANCE = 0.2
#: Expected improvement, in units of (best - median), that is well worth a trial.
MOST_THRESHOLD = 0.1
#: Seconds in which no trial ends.
LEAST_SECONDS = 0.5


@dataclass(frozen=True)
class _Reading:
    """When a rule stops a study of this budget."""

    when: Literal["impossible", "at_once", "in_time", "never"]
    code: str = ""
    why: str = ""


_IN_TIME = _Reading("in_time")


def check_termination(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` without rules that never stop anything, and what is wrong with the others."""
    termination = proposal.termination.value
    readings = [_read(rule, proposal) for rule in termination.rules]
    if fatal := _fatal(readings, termination.combine):
        return proposal, tuple(failed(_field(i), readings[i].code, readings[i].why) for i in fatal)
    never = [i for i, reading in enumerate(readings) if reading.when == "never"]
    if not never:
        return proposal, ()
    kept = tuple(rule for i, rule in enumerate(termination.rules) if i not in never)
    findings = [repaired(_field(i), readings[i].code, f"{readings[i].why} The rule is left out.") for i in never]
    return replace_value(proposal, "termination", termination.replace(rules=kept)), tuple(findings)


def _fatal(readings: Sequence[_Reading], combine: Literal["any", "all"]) -> list[int]:
    """Return which rules keep the termination from being of any use."""
    when = {
        kind: [i for i, reading in enumerate(readings) if reading.when == kind]
        for kind in ("impossible", "at_once", "never")
    }
    if when["impossible"]:
        return when["impossible"]
    first, second = ("at_once", "never") if combine == "any" else ("never", "at_once")
    # One rule decides under its own kind of combination; under the other all must agree.
    return when[first] or (when[second] if len(when[second]) == len(readings) else [])


def _field(number: int) -> str:
    return f"termination.rules.{number}"


def _read(rule: Rule, proposal: Proposal) -> _Reading:
    if isinstance(rule, MaxTrials):
        return _read_trials(rule, proposal.budget.value)
    if isinstance(rule, WallClock):
        return _read_clock(rule, proposal.budget.value)
    if isinstance(rule, Cost):
        return _read_cost(rule, proposal.budget.value)
    if isinstance(rule, Stagnation):
        return _read_stagnation(rule, proposal)
    return _read_target(rule, proposal) if isinstance(rule, TargetReached) else _read_process(rule, proposal)


def _read_trials(rule: MaxTrials, budget: Budget) -> _Reading:
    if rule.n_trials <= 1 < budget.n_trials:
        return _Reading("at_once", "fires_at_once", "It stops after the first trial.")
    if rule.n_trials > budget.n_trials:
        return _Reading("never", "never_fires", f"It waits for trial {rule.n_trials} of {budget.n_trials}.")
    return _IN_TIME


def _read_clock(rule: WallClock, budget: Budget) -> _Reading:
    if rule.seconds < LEAST_SECONDS:
        return _Reading("at_once", "fires_at_once", f"No trial ends within {rule.seconds:g} s.")
    if rule.seconds > budget.wall_clock_s:
        return _Reading("never", "never_fires", f"It waits {rule.seconds:g} s of {budget.wall_clock_s:g} s.")
    return _IN_TIME


def _read_cost(rule: Cost, budget: Budget) -> _Reading:
    if rule.seconds < LEAST_SECONDS:
        return _Reading("at_once", "fires_at_once", f"No trial costs less than {rule.seconds:g} s.")
    if rule.seconds > budget.wall_clock_s * budget.n_workers:
        spent = f"{budget.n_workers} workers can spend {budget.wall_clock_s * budget.n_workers:g} s"
        return _Reading("never", "never_fires", f"It waits for {rule.seconds:g} s; {spent}.")
    return _IN_TIME


def _read_stagnation(rule: Stagnation, proposal: Proposal) -> _Reading:
    metric, n_trials = metric_of(proposal.task), proposal.budget.value.n_trials
    if rule.patience >= n_trials > 1:
        return _Reading(
            "never", "never_fires", f"It waits {rule.patience} trials without a gain, of {n_trials} in all."
        )
    if rule.patience < LEAST_PATIENCE and n_trials > LEAST_PATIENCE:
        return _Reading("at_once", "fires_at_once", f"It stops after {rule.patience} trials without a gain.")
    span = metric.upper - metric.lower if metric.upper is not None and metric.lower is not None else None
    if span is not None and rule.tolerance > MOST_TOLERANCE * span:
        words = f"A gain must be above {rule.tolerance:g} of a range of {span:g}: nothing counts as one."
        return _Reading("impossible", "unit_slip", words)
    return _IN_TIME


def _read_process(rule: Rule, proposal: Proposal) -> _Reading:
    """Return when a rule that asks a Gaussian process stops a study: not before it may be asked."""
    if isinstance(rule, ExpectedImprovement) and rule.threshold > MOST_THRESHOLD:
        words = f"An expected improvement of {rule.threshold:g} of (best - median) is no small one."
        return _Reading("at_once", "fires_at_once", words)
    if isinstance(rule, ExpectedImprovement):
        least = max(rule.trials, rule.patience) + 1 if proposal.sampler.value.name == "transfer" else math.inf
    elif isinstance(rule, RegretBound):
        least = rule.min_trials
    else:
        least = rule.warm_up + rule.window + 1 if isinstance(rule, MinimumRegret) else 0
    if least > proposal.budget.value.n_trials:
        words = (
            f"It is asked after {least:g} trials"
            if least < math.inf
            else "Only the transfer sampler says what it expects"
        )
        return _Reading("never", "never_fires", f"{words}; there are {proposal.budget.value.n_trials}.")
    return _IN_TIME


def _read_target(rule: TargetReached, proposal: Proposal) -> _Reading:
    metric, trivial = metric_of(proposal.task), trivial_score(proposal.task)
    if not is_possible(metric, rule.score):
        code = "unit_slip" if is_percent(metric, rule.score) else "unreachable_target"
        return _Reading("impossible", code, f"{metric.name} cannot be {rule.score:g}.")
    if trivial is not None and not is_better(metric, rule.score, trivial):
        words = f"A constant prediction has {metric.name} {trivial:.3g}, which is as good as the target {rule.score:g}."
        return _Reading("at_once", "target_reached_at_once", words)
    if rule.score == metric.perfect and (not metric.greater_is_better or metric.lower is None):
        return _Reading("never", "never_fires", f"No model has a {metric.name} of exactly {rule.score:g}.")
    first = next((score for score in proposal.prediction.value.scores if score.k == 1), None)
    worst = None if first is None else min((first.low, first.high), key=metric.gain)
    if worst is not None and is_better(metric, worst, rule.score):
        words = f"The first trial alone is predicted to have at least {worst:g}, the target is {rule.score:g}."
        return _Reading("at_once", "target_reached_at_once", words)
    return _IN_TIME
