"""Answers side by side: a row for each thing that is recommended, a column for each answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from recommender.proposal import Proposal
from recommender.validation.verdict import Outcome, Verdict
from ui.plain import one_line
from ui.view import configuration_text, duration, fidelity_text, number, range_text, rule_text, value_text

if TYPE_CHECKING:
    from ui.session import Answer


def title(answer: Answer) -> str:
    """Return an answer in a few words: its number, table, learner and last change."""
    proposal = answer.proposal
    what = "nothing that may be shown" if proposal is None else proposal.learner.value
    change = f"; {answer.changes[-1]}" if answer.changes else ""
    return one_line(f"{answer.number}: {what} for {answer.given.name}{change}", at_most=90)


def side_by_side(proposals: Mapping[str, Proposal]) -> tuple[dict[str, str], ...]:
    """Return the rows of a comparison: ``what``, a column for each proposal by its name, and whether they differ."""
    told = {name: {**_plan(proposal), **_space(proposal)} for name, proposal in proposals.items()}
    whats = dict.fromkeys(what for rows in told.values() for what in rows)
    return tuple(_row(what, {name: rows.get(what, "not there") for name, rows in told.items()}) for what in whats)


def _row(what: str, values: Mapping[str, str]) -> dict[str, str]:
    return {"what": what, **values, "differs": "yes" if len(set(values.values())) > 1 else ""}


def _plan(proposal: Proposal) -> dict[str, str]:
    budget = proposal.budget.value
    termination = proposal.termination.value
    joint = " or " if termination.combine == "any" else " and "
    starts = proposal.warm_starts.value
    return {
        "advice": proposal.advice.value.replace("_", " "),
        "learner": proposal.learner.value,
        "metric": proposal.metric.value,
        "budget": f"{budget.n_trials} trials, {duration(budget.wall_clock_s)}",
        "stop when": joint.join(rule_text(rule) for rule in termination.rules),
        "fidelity": fidelity_text(proposal.fidelity.value),
        "sampler": proposal.sampler.value.name,
        "warm starts": str(len(starts)),
        "first warm start": configuration_text(starts[0].items()) if starts else "none",
        "expected": _expected(proposal),
        "checks": proposal.verdict.outcome.value if proposal.verdict else "not checked",
        "best of the test run": _best(proposal.verdict),
    }


def _space(proposal: Proposal) -> dict[str, str]:
    ranges = {p.name: range_text(p) for p in proposal.search_space.value.parameters}
    return {**ranges, **{n: f"fixed at {value_text(v)}" for n, v in proposal.fixed.value.items()}}


def _expected(proposal: Proposal) -> str:
    scores = sorted(proposal.prediction.value.scores, key=lambda score: score.k)
    if not scores:
        return "no figure"
    last = scores[-1]
    return f"{number(last.expected)} after {last.k} trials [{number(last.low)}, {number(last.high)}]"


def _best(verdict: Verdict | None) -> str:
    if verdict is None or verdict.outcome is Outcome.SKIPPED:
        return ""
    stage = next((stage for stage in verdict.stages if stage.name == "worth"), None)
    return "" if stage is None else "; ".join(f"{k} {v}" for k, v in stage.measurements.items() if "score" in k)
