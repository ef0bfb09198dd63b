"""What the gate has fitted, handed to the study: nothing that was paid for is fitted twice.

A test run on all rows and on the study's own folds has the score that a trial would have: it becomes a finished trial.
Warm starts count against the budget, as they would have been run anyway; corners and random points do not, for nobody
asked for them. A score of a sample is no score of the whole table and never becomes a trial: there, the point that did
better than every warm start is only tried next (it is enqueued).
"""

from __future__ import annotations

import math
from statistics import fmean
from typing import Any

import optuna
from optuna.trial import FrozenTrial, TrialState, create_trial

from kg.learners.registry import learner_named
from kg.model import METRICS, Configuration, SearchSpace, same_value
from recommender.objective import step_of
from recommender.proposal import Proposal
from recommender.spaces import to_distributions, to_parameters
from recommender.trial_notes import CONFIGURATION, EXTRA, FOLD_SCORES, LOST, ORIGIN, REASON, SECONDS
from recommender.validation.verdict import TestRun


def add_first_trials(study: optuna.Study, proposal: Proposal) -> int:
    """Add the test runs of the proposal's verdict that are as good as trials; return how many those are.

    Points that were not asked for come first, then warm starts, as the study would have run them.
    """
    runs = proposal.verdict.first_trials if proposal.verdict is not None else ()
    added = 0
    for run in sorted(runs, key=lambda run: run.role == "warm_start"):
        point = point_of(run, proposal)
        if point is not None:
            study.add_trial(_trial(run, point, proposal))
            added += 1
    return added


def promising_point(proposal: Proposal) -> Configuration | None:
    """Return the point that did better on a sample than all warm starts there; None where there is none."""
    verdict = proposal.verdict
    if verdict is None or verdict.first_trials:
        return None
    metric = METRICS[proposal.metric.value]
    tried = [r for r in verdict.test_runs if r.is_complete and r.fidelity is None]
    sizes = {(r.rows, r.folds) for r in tried if r.role == "warm_start"}
    same = [r for r in tried if r.role in ("warm_start", "corner", "random") and (r.rows, r.folds) in sizes]
    best = max(same, key=lambda run: metric.gain(fmean(run.scores)), default=None)
    return point_of(best, proposal) if best is not None and best.role != "warm_start" else None


def point_of(run: TestRun, proposal: Proposal) -> Configuration | None:
    """Return the point of the proposed space that a test run is; None where repairs have left it outside."""
    space: SearchSpace = proposal.search_space.value
    settled = {**{p.name: p.value for p in space.parameters if p.kind == "constant"}, **proposal.fixed.value.root}
    searched = {parameter.name for parameter in space.tunable}
    point = Configuration({name: value for name, value in run.configuration.items() if name in searched})
    beside = {name: value for name, value in run.configuration.items() if name not in searched}
    if any(name not in settled or not same_value(value, settled[name]) for name, value in beside.items()):
        return None
    missing = [name for name in proposal.fixed.value if name not in beside]
    return None if missing or space.faults(point.root) else point


def starting_order(proposal: Proposal) -> tuple[int, ...]:
    """Return the numbers of the warm starts in the order to try them.

    The portfolio's own, best first, where all trials fit into the time. Where time ends the study, the cheapest first,
    so that the dearest, which takes as long as several others, is what is given up.
    """
    starts = proposal.warm_starts.value
    if proposal.budget.value.binding != "wall_clock_s":
        return tuple(range(len(starts)))
    known = _measured_seconds(proposal)
    costs = [known.get(start, math.inf) for start in starts]
    if not all(map(math.isfinite, costs)):
        costs = [_size(start, proposal) for start in starts]
    return tuple(sorted(range(len(starts)), key=lambda number: costs[number]))


def _measured_seconds(proposal: Proposal) -> dict[Configuration, float]:
    """Return what a fit of each point of the test run took; those of one sample alone can be compared."""
    runs = proposal.verdict.test_runs if proposal.verdict is not None else ()
    found = [run for run in runs if run.role == "warm_start" and run.seconds and run.fidelity is None]
    if len({(run.rows, run.folds) for run in found}) > 1:
        return {}
    points = ((point_of(run, proposal), fmean(run.seconds)) for run in found)
    return {point: seconds for point, seconds in points if point is not None}


def _size(start: Configuration, proposal: Proposal) -> float:
    """Return what the cost of a configuration grows with: its trees, rounds or epochs; 0 where there is no such."""
    fidelity = learner_named(proposal.learner.value).fidelity
    size = fidelity.size({**proposal.fixed.value.root, **start.root}) if fidelity is not None else None
    return 0.0 if size is None else size


def counts(trial: FrozenTrial) -> bool:
    """Say whether a trial is one of the budget's."""
    lost = trial.state is TrialState.FAIL and LOST in trial.user_attrs  # another trial stands for it
    return not lost and not trial.user_attrs.get(EXTRA, False)


def was_withdrawn(trial: FrozenTrial) -> bool:
    """Say whether a trial was given back before it was run, because other workers had taken the last places."""
    return bool(trial.user_attrs.get(EXTRA, False)) and LOST in trial.user_attrs


def failure_of(trial: FrozenTrial) -> str:
    """Return in words why a trial failed: what its fit raised, how it was lost, or ``unknown``."""
    return str(trial.user_attrs.get(REASON, trial.user_attrs.get(LOST, "unknown")))


def _trial(run: TestRun, point: Configuration, proposal: Proposal) -> FrozenTrial:
    space, distributions = proposal.search_space.value, to_distributions(proposal.search_space.value)
    parameters = to_parameters(point, space)
    words = f"{run.role.replace('_', ' ')} {run.label}"
    attributes: dict[str, Any] = {
        ORIGIN: f"test run of {words}",
        CONFIGURATION: dict(run.configuration.items()),
        FOLD_SCORES: list(run.scores),
        SECONDS: list(run.seconds),
    }
    if run.role != "warm_start":
        attributes[EXTRA] = True
    return create_trial(
        state=TrialState.COMPLETE,
        value=fmean(run.scores),
        params=parameters,
        distributions={name: distributions[name] for name in parameters},
        user_attrs=attributes,
        intermediate_values=_reported(run, proposal),
    )


def _reported(run: TestRun, proposal: Proposal) -> dict[int, float]:
    """Return what the trial would have reported to the pruner."""
    fidelity = proposal.fidelity.value
    if fidelity is not None:
        return {step_of(fidelity, fidelity.max): fmean(run.scores)}
    if proposal.pruner.value.name == "wilcoxon":
        return dict(enumerate(run.scores))
    return {number + 1: fmean(run.scores[: number + 1]) for number in range(len(run.scores))}
