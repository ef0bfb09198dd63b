"""Whether what is cited supports a value: it lies within what the evidence spans, and no claim says otherwise.

A composed value is supported by the rule that gives it. One that a proposer sets on its own names the rule ``cited``:
then its citations must span it, as far as each kind of evidence says anything of that field.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from kg.learners.registry import learner_named
from kg.model import (
    Claim,
    FidelityProfile,
    Parameter,
    ParameterValue,
    PublishedBudget,
    ResponseModel,
    RunSummary,
    StudySummary,
    SystemResult,
)
from kg.model.base import Value
from recommender.proposal import Fidelity, MaxTrials, Prediction, Proposal, Stagnation, Termination, WallClock
from recommender.validation.spans import SLACK, Span, counted_trials, ends, good_of, hull, meets, of_parameter, span_of

#: Name of the rule of values that follow from nothing but what they cite.
CITED = "cited"
#: Factor by which a number of trials may differ from those that are cited.
TRIALS_FACTOR = 2.0
#: Rank correlation with the full fidelity that a cited level must have.
LEAST_RANK = 0.7


def unsupported(field: str, part: str, value: Any, cited: Sequence[Value], proposal: Proposal) -> Iterator[str]:
    """Say in words what of a value that is only cited for lies beyond what its citations span.

    Args:
        field: Name of the proposal's field.
        part: Name of the part (a parameter, the place of a warm start), or nothing.
        value: Of the field, or of the part.
        cited: The evidence.
        proposal: What the value is part of.
    """
    if not cited:
        yield "it cites nothing"
    elif field == "search_space":
        yield from _space(value, part, cited, proposal)
    elif field in ("warm_starts", "fixed"):
        yield from _settings(value, part, cited)
    elif field == "budget":
        yield from _trials(value.n_trials, cited)
    elif field == "prediction":
        yield from _scores(value, cited)
    elif field == "fidelity":
        yield from _level(value, cited)
    elif field == "termination" and any(isinstance(e, Claim) and e.statement == "termination" for e in cited):
        yield from _patience(value, cited, proposal)
    elif field == "learner":
        if not any(getattr(e, "learner", None) == value for e in cited):
            yield f"nothing cited is about {value}"
    else:
        yield "a value of this field follows from a rule, not from a citation"


def _space(value: Any, part: str, cited: Sequence[Value], proposal: Proposal) -> Iterator[str]:
    if part:
        yield from _range(value, cited, proposal)
        return
    accounted = proposal.search_space.parts
    for parameter in value.parameters:
        if parameter.name not in accounted:
            yield from _range(parameter, cited, proposal)


def _range(parameter: Parameter, cited: Sequence[Value], proposal: Proposal) -> Iterator[str]:
    """Find ends or choices beyond the evidence. A single recommended value lends the registry's own range around it."""
    name = parameter.name
    spans = [span for e in cited if (span := span_of(e, name)) is not None]
    if not spans:
        yield f"nothing cited says anything of {name}"
        return
    known = hull(spans)
    wide = learner_named(proposal.learner.value).space(proposal.task.task_type)
    if known.low is not None and known.low == known.high and name in wide and parameter.contains(known.low):
        known = hull([*spans, of_parameter(wide[name])])
    for value in ends(parameter):
        if not known.holds(value):
            yield f"{name} = {value!r} lies beyond what is cited ({_told(known)})"
    good = [span for e in cited if (span := good_of(e, name)) is not None]
    if not good and getattr(parameter, "prior", None) is not None:
        yield f"nothing cited says which values of {name} are good, as its prior does"
    if good and not any(meets(parameter, span) for span in good):
        yield f"none of what is cited as good ({_told(hull(good))}) is in the range of {name}"


def _settings(value: Any, part: str, cited: Sequence[Value]) -> Iterator[str]:
    """Find settings of configurations beyond the evidence."""
    configurations: list[Mapping[str, ParameterValue]]
    if part and not hasattr(value, "items"):
        configurations = [{part: value}]
    else:
        configurations = [dict(one.items()) for one in (value if isinstance(value, tuple) else (value,))]
    for configuration in configurations:
        for name, setting in configuration.items():
            spans = [span for e in cited if (span := span_of(e, name)) is not None]
            if not spans:
                yield f"nothing cited says anything of {name}"
            elif not hull(spans).holds(setting):
                yield f"{name} = {setting!r} lies beyond what is cited ({_told(hull(spans))})"


def _trials(n_trials: int, cited: Sequence[Value]) -> Iterator[str]:
    known = [n for e in cited for n in numbers_of_trials(e)]
    if not known:
        yield "nothing cited says how many trials to run"
    elif not min(known) / TRIALS_FACTOR <= n_trials <= TRIALS_FACTOR * max(known):
        yield f"{n_trials} trials, where {min(known):g} to {max(known):g} are cited"


def numbers_of_trials(evidence: Value) -> tuple[float, ...]:
    """Return the numbers of trials that `evidence` speaks of."""
    if isinstance(evidence, StudySummary):
        return (evidence.n_trials,)
    if isinstance(evidence, RunSummary):
        return tuple(k for k, _ in evidence.random_search)
    if isinstance(evidence, PublishedBudget):
        return tuple(n for n in (evidence.trials_low, evidence.trials_high) if n is not None)
    return counted_trials(evidence) if isinstance(evidence, Claim) and evidence.statement == "budget" else ()


def _patience(termination: Termination, cited: Sequence[Value], proposal: Proposal) -> Iterator[str]:
    """Find rules that claims do not give: patience is cited for, trials and seconds are those of the budget."""
    budget = proposal.budget.value
    claims = [e for e in cited if isinstance(e, Claim) and e.statement == "termination"]
    known = [n for claim in claims for n in counted_trials(claim)]
    for rule in termination.rules:
        if isinstance(rule, Stagnation) and rule.tolerance == 0:
            if not known:
                yield "nothing cited says after how many trials without a gain to stop"
            elif not min(known) / TRIALS_FACTOR <= rule.patience <= TRIALS_FACTOR * max(known):
                yield f"a patience of {rule.patience} trials, where {min(known):g} to {max(known):g} are cited"
        elif rule not in (MaxTrials(n_trials=budget.n_trials), WallClock(seconds=budget.wall_clock_s)):
            yield f"a rule of the kind {rule.kind} follows from no citation"


def _scores(prediction: Prediction, cited: Sequence[Value]) -> Iterator[str]:
    if prediction.remaining or prediction.curve:
        yield "what further trials and cheaper runs bring follows from a rule, not from a citation"
    known = [score for e in cited if getattr(e, "metric", None) == prediction.metric for score in _scores_of(e)]
    span = Span(min(known, default=None), max(known, default=None))
    for score in prediction.scores:
        for value in (score.low, score.expected, score.high):
            if not span.holds(float(value)):
                yield f"a {prediction.metric} of {value:g} after {score.k} trials, where {_told(span)} is cited"


def _scores_of(evidence: Value) -> tuple[float, ...]:
    match evidence:
        case RunSummary():
            return evidence.worst, evidence.best
        case ResponseModel():
            return evidence.median, evidence.best
        case SystemResult():
            return (evidence.score,)
        case StudySummary() if evidence.best is not None:
            return (evidence.best,)
        case _:
            return ()


def _level(fidelity: Fidelity | None, cited: Sequence[Value]) -> Iterator[str]:
    if fidelity is None:
        return
    profiles = [e for e in cited if isinstance(e, FidelityProfile) and e.parameter == fidelity.parameter]
    ranks = [
        level.rank_correlation for p in profiles for level in p.levels if level.value <= fidelity.min * (1 + SLACK)
    ]
    if not ranks:
        yield f"nothing cited says how {fidelity.parameter} = {fidelity.min:g} ranks configurations"
    elif max(ranks) < LEAST_RANK:
        yield f"at {fidelity.parameter} = {fidelity.min:g} the rank correlation is {max(ranks):.2f}, by what is cited"


def _told(span: Span) -> str:
    words = [f"{span.low:g} to {span.high:g}"] if span.low is not None and span.high is not None else []
    return " or ".join([*words, *sorted({repr(choice) for choice in span.choices})]) or "nothing"
