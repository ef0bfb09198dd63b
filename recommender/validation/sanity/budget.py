"""A budget that can be meant: neither nothing nor absurd, and one part of it not against another."""

from __future__ import annotations

from collections.abc import Iterator

from kg.model.base import FrozenMapping
from recommender.proposal import Budget, MaxTrials, Proposal, Rule, WallClock
from recommender.validation.repairs import replace_value
from recommender.validation.stage import failed, noted, repaired
from recommender.validation.units import is_unit_slip
from recommender.validation.verdict import Finding

#: More trials than any sampler of Optuna is advised for (its documentation: CMA-ES and NSGA-II up to 10,000).
MOST_TRIALS = 10_000
#: A month; longer is taken for a slip of the unit.
MOST_SECONDS = 30 * 86_400.0
#: No fit of a table, its folds and its scoring ends in less.
LEAST_SECONDS = 0.1
#: More workers than this on one study are taken for a slip.
MOST_WORKERS = 1_000
#: Fits for one trial; leaving one row out at a time is only for small tables.
MOST_FITS = 1_000


def check_budget(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` with a budget that agrees with itself, and what was wrong."""
    budget = proposal.budget.value
    findings = list(_absurd(budget))
    findings += _unit_slips(proposal)
    protocol = proposal.protocol.value
    if protocol.folds * protocol.repeats > MOST_FITS:
        message = f"{protocol.folds} folds, {protocol.repeats} times over, are that many fits for one trial."
        allowed = f"folds * repeats <= {MOST_FITS:,}"
        findings.append(failed("protocol.repeats", "absurd_budget", message, value=protocol.repeats, allowed=allowed))
    if budget.per_trial_s > budget.wall_clock_s:
        message = f"One trial may take {budget.per_trial_s:g} s of {budget.wall_clock_s:g} s in all; cut to that."
        findings.append(repaired("budget.per_trial_s", "contradiction", message, value=budget.per_trial_s))
        proposal = with_budget(proposal, budget.replace(per_trial_s=budget.wall_clock_s), message)
    if budget.n_trials < budget.n_workers <= MOST_WORKERS:
        message = f"{budget.n_workers} workers for {budget.n_trials} trials: some have none; cut to that."
        findings.append(repaired("budget.n_workers", "idle_workers", message, value=budget.n_workers))
        cut = proposal.budget.value.replace(n_workers=budget.n_trials)
        proposal = with_budget(proposal, cut, message)
    if budget.n_trials == 1 and proposal.search_space.value.tunable:
        findings.append(noted("budget.n_trials", "one_trial", "A single trial searches nothing.", value=1))
    sampler = proposal.sampler.value
    if sampler.name in ("tpe", "gp") and budget.n_trials > 1 and sampler.n_startup_trials >= budget.n_trials:
        message = f"The sampler starts to learn after {sampler.n_startup_trials} of {budget.n_trials} trials."
        findings.append(noted("sampler.n_startup_trials", "sampler_never_learns", message))
    return proposal, tuple(findings)


def with_budget(proposal: Proposal, budget: Budget, why: str) -> Proposal:
    """Return `proposal` with another budget, and with rules and predictions that do not reach beyond it."""
    proposal = replace_value(proposal, "budget", budget, why)
    termination = proposal.termination.value
    rules = tuple(_capped(rule, budget) for rule in termination.rules)
    if rules != termination.rules:
        proposal = replace_value(proposal, "termination", termination.replace(rules=rules))
    return without_late_scores(proposal)


def without_late_scores(proposal: Proposal) -> Proposal:
    """Return `proposal` without predicted scores, and without a curve, after more trials than its budget has."""
    prediction, n_trials = proposal.prediction, proposal.budget.value.n_trials
    scores = tuple(score for score in prediction.value.scores if score.k <= n_trials)
    curve = prediction.value.curve
    curve = None if curve is None or curve.k > n_trials else curve
    labels = {f"{score.k}" for score in prediction.value.scores} - {f"{score.k}" for score in scores}
    parts = {name: part for name, part in prediction.parts.items() if name not in labels}
    value = prediction.value.replace(scores=scores, curve=curve)
    return proposal.replace(prediction=prediction.replace(value=value, parts=FrozenMapping(parts)))


def _capped(rule: Rule, budget: Budget) -> Rule:
    if isinstance(rule, MaxTrials):
        return rule.replace(n_trials=min(rule.n_trials, budget.n_trials))
    if isinstance(rule, WallClock):
        return rule.replace(seconds=min(rule.seconds, budget.wall_clock_s))
    return rule


def _absurd(budget: Budget) -> Iterator[Finding]:
    for name, value, least, most in (
        ("n_trials", budget.n_trials, 1, MOST_TRIALS),
        ("wall_clock_s", budget.wall_clock_s, LEAST_SECONDS, MOST_SECONDS),
        ("per_trial_s", budget.per_trial_s, LEAST_SECONDS, MOST_SECONDS),
        ("n_workers", budget.n_workers, 1, MOST_WORKERS),
    ):
        if not least <= value <= most:
            message = f"{name} is {value:,g}."
            yield failed(f"budget.{name}", "absurd_budget", message, value=value, allowed=f"{least:g} to {most:,g}")


def _unit_slips(proposal: Proposal) -> Iterator[Finding]:
    """Find a time limit that is the user's in another unit."""
    given, proposed = proposal.task.constraints.wall_clock_s, proposal.budget.value.wall_clock_s
    if given is not None and is_unit_slip(given, proposed):
        message = f"You allow {given:g} s; {proposed:g} is that number in another unit."
        yield failed("budget.wall_clock_s", "unit_slip", message, value=proposed, allowed=f"<= {given:g} s")
