"""A proposal as sentences that can be read aloud, and the answers that are no proposal."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from kg.model import metric_named
from recommender.proposal import Advice, Proposal
from recommender.spending_curve import spending_curve
from recommender.validation.verdict import Outcome, Verdict
from ui.view import configuration_text, duration, fidelity_text, headline, number, rule_text


@dataclass(frozen=True)
class Card:
    """What is said first."""

    tone: Literal["tune", "do_not_tune", "abstain", "refused"]
    headline: str
    sentences: tuple[str, ...]


def card(proposal: Proposal) -> Card:
    """Return the answer that a proposal gives: to tune so, not to tune, or that too little is known."""
    advice = proposal.advice.value
    if advice is Advice.DO_NOT_TUNE:
        said = ("Do not tune: take the library's defaults.", _said(proposal.advice.rationale), _expected(proposal))
        return Card(
            "do_not_tune", said[0], tuple(s for s in (*said[1:], f"If you tune all the same: {_plan(proposal)}") if s)
        )
    if advice is Advice.ABSTAIN:
        said = (
            _said(proposal.advice.rationale),
            "What follows is a wide search with no figures behind it.",
            _plan(proposal),
        )
        return Card("abstain", "I do not know what is good here.", tuple(s for s in said if s))
    sentences = (
        _said(proposal.learner.rationale),
        _plan(proposal),
        _first(proposal),
        _stopping(proposal),
        _expected(proposal),
        _metric(proposal),
    )
    return Card("tune", headline(proposal), tuple(s for s in sentences if s))


def refusal(verdict: Verdict, *, is_changed: bool = False) -> Card:
    """Return the answer where nothing that was proposed, or what a person changed it to, may be shown."""
    failed = [
        f"{s.name.replace('_', ' ')}: {f.message}"
        for s in verdict.stages
        for f in s.findings
        if f.outcome is Outcome.FAILED
    ]
    if is_changed:
        return Card("refused", "So changed, it does not pass the checks.", tuple(failed))
    return Card("abstain", "I do not know: nothing that was proposed passed the checks.", tuple(failed))


def _said(text: str) -> str:
    return text if not text or text.endswith((".", "!", "?")) else f"{text}."


def _plan(proposal: Proposal) -> str:
    budget, protocol = proposal.budget.value, proposal.protocol.value
    fidelity = proposal.fidelity.value
    screened = "" if fidelity is None else f" Cheap runs screen first: {fidelity_text(fidelity)}."
    return (
        f"Try at most {budget.n_trials} configurations within {duration(budget.wall_clock_s)}, each scored by "
        f"{protocol.folds}-fold cross-validation and given at most {duration(budget.per_trial_s)}.{screened}"
    )


def _first(proposal: Proposal) -> str:
    starts = proposal.warm_starts.value
    if not starts:
        return ""
    others = f", then {len(starts) - 1} more that did well elsewhere" if len(starts) > 1 else ""
    return f"Begin with {configuration_text(starts[0].items())}{others}."


def _stopping(proposal: Proposal) -> str:
    termination = proposal.termination.value
    joint = " or " if termination.combine == "any" else " and "
    return f"Stop when: {joint.join(rule_text(rule) for rule in termination.rules)}."


def _expected(proposal: Proposal) -> str:
    curve = spending_curve(proposal)
    if not curve:
        return "No score can be foretold from what is known."
    last = curve[-1]
    took = "" if last.seconds is None else f" (about {duration(float(f'{last.seconds:.2g}'))})"
    score, level = last.score, proposal.prediction.value.level
    return (
        f"Expect {proposal.prediction.value.metric} {number(score.expected)} after {score.k} trials{took}; "
        f"with {level:.0%} probability between {number(score.low)} and {number(score.high)}."
    )


def _metric(proposal: Proposal) -> str:
    name = proposal.metric.value
    better = "higher" if metric_named(name).greater_is_better else "lower"
    return (
        f"The metric is {name}, {better} is better. {_said(proposal.metric.rationale or proposal.task.metric_reason)}"
    )
