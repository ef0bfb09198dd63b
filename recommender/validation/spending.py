"""What a trial takes, from the graph's measurements on other data sets, and what of a budget it leaves possible."""

from __future__ import annotations

import math
from dataclasses import dataclass

from kg.errors import EvidenceError
from kg.model import CostProfile, Dataset
from kg.store import KnowledgeStore
from recommender.composing.fixing import weighted_median
from recommender.proposal import Budget, Proposal
from recommender.validation.sanity.budget import with_budget
from recommender.validation.stage import failed, noted, repaired
from recommender.validation.verdict import Finding

#: Share by which trials may exceed what fits before they are cut: a prediction of seconds is no better than that.
SLACK = 1.25
#: Trials that are left for each that should fit: the wall clock ends the study in any case, and a study whose trials
#: turn out quicker than foretold must not end before its time. Where time is set, its trials are chosen for what they
#: cost: a tenth of the rounds of a typical configuration is usual.
ROOM = 12
#: Rows and columns of a source may differ by these factors; beyond, its seconds say nothing of the task's.
MOST_FACTOR = 100.0
#: Where a trial's limit is less than this share of a typical trial, most trials would be cut off.
LEAST_SHARE = 1.0
#: A trial may take twice as long as a typical one, but no more than this share of the whole time unless a typical one
#: does.
MOST_SHARE = 0.25


@dataclass(frozen=True)
class TrialCost:
    """Seconds that one trial takes: all folds and repeats, one worker."""

    seconds: float
    source: str
    """Where it is from: ``measured`` here, or ``predicted`` from other data sets."""
    n: int
    """Measurements that it rests on."""
    slack: float = SLACK
    """Share by which trials may exceed what fits before they are cut."""


def predicted_cost(proposal: Proposal, store: KnowledgeStore) -> TrialCost | None:
    """Return what a trial should take, from cost profiles of the learner on other data sets; None where none bears.

    Seconds of a fit are scaled by rows and columns (exponent 1 each, as for trees and linear models), then the median
    is taken, weighted by similarity where the proposal names the source as a neighbour.
    """
    task = proposal.task
    profiles = [e for e in store.evidence("cost_profile", learner=proposal.learner.value) if isinstance(e, CostProfile)]
    weights = {neighbour.dataset: neighbour.weight for neighbour in proposal.neighbours}
    if any(profile.dataset in weights for profile in profiles):
        profiles = [profile for profile in profiles if profile.dataset in weights]
    entries = []
    for profile in profiles:
        factor = _factor(task.n_rows, task.n_columns, _dataset(store, profile))
        if factor is not None:
            entries.append((profile.seconds[1] * factor, weights.get(profile.dataset, 1.0)))
    if not entries:
        return None
    protocol = proposal.protocol.value
    fits = protocol.folds * protocol.repeats
    # The profiles are of fits on all rows; a fold trains on all but its own share.
    share = 1 - 1 / protocol.folds
    return TrialCost(weighted_median(entries) * fits * share, "predicted", len(entries))


def held_by(proposal: Proposal, cost: TrialCost) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` with no more trials than its time holds, and what was wrong."""
    budget = proposal.budget.value
    if cost.seconds > cost.slack * budget.wall_clock_s:
        words = f"One trial takes about {cost.seconds:.3g} s ({cost.source}), of {budget.wall_clock_s:g} s in all."
        return proposal, (failed("budget.wall_clock_s", "no_trial_fits", words, value=budget.wall_clock_s),)
    findings: list[Finding] = []
    if cost.seconds * LEAST_SHARE > budget.per_trial_s:
        limit = min(budget.wall_clock_s, max(cost.seconds, min(2 * cost.seconds, MOST_SHARE * budget.wall_clock_s)))
        words = (
            f"A typical trial takes about {cost.seconds:.3g} s ({cost.source}) and would be cut off after"
            f" {budget.per_trial_s:g} s; it may take {limit:.3g} s."
        )
        findings.append(repaired("budget.per_trial_s", "per_trial_too_short", words, value=budget.per_trial_s))
        budget = budget.replace(per_trial_s=limit)
    fitting = trials_that_fit(budget, cost)
    if budget.n_trials > cost.slack * fitting:
        budget = budget.replace(binding="wall_clock_s")
        findings.append(_over_time(budget, cost, fitting))
        budget = budget.replace(n_trials=min(budget.n_trials, ROOM * fitting))
    if budget != proposal.budget.value:
        proposal = with_budget(proposal, budget, " ".join(finding.message for finding in findings))
    return proposal, tuple(findings)


def _over_time(budget: Budget, cost: TrialCost, fitting: int) -> Finding:
    words = (
        f"About {fitting} of {budget.n_trials} trials of about {cost.seconds:.3g} s ({cost.source}) fit into"
        f" {budget.wall_clock_s:g} s, which ends the study"
    )
    most = ROOM * fitting
    if budget.n_trials <= most:
        return noted("budget.n_trials", "over_time", f"{words}.", value=budget.n_trials, allowed=f"<= {most}")
    words = f"{words}; cut to {most}, in case they are quicker."
    return repaired("budget.n_trials", "over_time", words, value=budget.n_trials, allowed=f"<= {most}")


def trials_that_fit(budget: Budget, cost: TrialCost) -> int:
    """Return how many trials `budget` holds, at least 1."""
    return max(1, int(budget.wall_clock_s * budget.n_workers / max(cost.seconds, 1e-6)))


def within_constraints(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` with a budget that keeps to the user's limits, and what was over them."""
    given, budget = proposal.task.constraints, proposal.budget.value
    findings: list[Finding] = []
    changes: dict[str, float] = {}
    for name, limit in (
        ("n_trials", given.n_trials),
        ("wall_clock_s", given.wall_clock_s),
        ("n_workers", given.n_workers),
    ):
        value = getattr(budget, name)
        if limit is not None and value > limit:
            message = f"You allow {limit:g}, {value:g} are proposed; cut to your limit."
            findings.append(repaired(f"budget.{name}", "over_limit", message, value=value, allowed=f"<= {limit:g}"))
            changes[name] = limit
    if not changes:
        return proposal, ()
    wall = changes.get("wall_clock_s", budget.wall_clock_s)
    budget = budget.replace(**changes, per_trial_s=min(budget.per_trial_s, wall))
    return with_budget(proposal, budget, " ".join(finding.message for finding in findings)), tuple(findings)


def unknown_cost(proposal: Proposal) -> Finding:
    """Return the finding that nothing says what a trial takes."""
    budget = proposal.budget.value
    worst = budget.n_trials * budget.per_trial_s / budget.n_workers
    message = f"Nothing measured says what a trial takes; at worst, {budget.n_trials} trials take {worst:,.0f} s."
    return noted("budget", "cost_unknown", message)


def _dataset(store: KnowledgeStore, profile: CostProfile) -> Dataset | None:
    try:
        found = store.get(profile.dataset)
    except EvidenceError:
        return None
    return found if isinstance(found, Dataset) else None


def _factor(rows: int | None, columns: int | None, dataset: Dataset | None) -> float | None:
    """Return by how much the task is larger than `dataset`; None where that is unknown or too far."""
    if dataset is None or rows is None:
        return None
    its_rows = dataset.meta_features.get("NumberOfInstances", 0.0)
    its_columns = dataset.meta_features.get("NumberOfFeatures", 0.0)
    if not its_rows:
        return None
    by_rows = rows / its_rows
    by_columns = columns / its_columns if columns and its_columns else 1.0
    factor = by_rows * by_columns
    return factor if 1 / MOST_FACTOR <= factor <= MOST_FACTOR and math.isfinite(factor) else None
