"""Claims that are cited: they bear on the field, the hyper-parameter and the learner, and do not say otherwise."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kg.model import Claim, ParameterValue
from recommender.proposal import Budget, Fidelity, Stagnation, Termination
from recommender.validation.spans import Span, counted_trials, span_of
from recommender.validation.stage import failed
from recommender.validation.verdict import Finding

#: Field -> what a claim must state to bear on it. No claim bears on fields that are not here.
BEARING: Mapping[str, frozenset[str]] = {
    "search_space": frozenset({"range", "default", "recommended_value", "importance", "condition"}),
    "warm_starts": frozenset({"range", "default", "recommended_value"}),
    "fixed": frozenset({"range", "default", "recommended_value", "importance", "condition"}),
    "budget": frozenset({"budget"}),
    "termination": frozenset({"termination", "budget"}),
    "fidelity": frozenset({"fidelity"}),
    "pruner": frozenset({"fidelity", "termination", "algorithm_choice"}),
    "sampler": frozenset({"algorithm_choice"}),
    "learner": frozenset({"algorithm_choice"}),
    "advice": frozenset({"importance"}),
}
#: Factor by which trials, patience and seconds may differ from what a claim says.
FACTOR = 2.0
#: Unit as texts have it -> seconds.
_SECONDS = {"s": 1, "sec": 1, "second": 1, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600, "day": 86_400}


def claim_faults(field: str, part: str, value: Any, claim: Claim) -> Iterator[Finding]:
    """Find out whether a cited claim bears on what cites it, and whether it says otherwise.

    Args:
        field: Name of the proposal's field.
        part: Name of the part of it, or nothing.
        value: Of the field, or of the part.
        claim: What is cited.
    """
    path = f"{field}.{part}" if part else field
    if claim.statement not in BEARING.get(field, frozenset()):
        message = f"{claim.iri} states a {claim.statement}, which says nothing of this."
        yield _failed(path, "citation_beside_the_point", message, claim)
        return
    if field in ("search_space", "warm_starts", "fixed"):
        yield from _on_parameter(path, field, part, value, claim)
    elif (told := _otherwise(value, claim)) is not None:
        yield _failed(path, "citation_says_otherwise", told, claim)


def _on_parameter(path: str, field: str, part: str, value: Any, claim: Claim) -> Iterator[Finding]:
    settings = list(_settings(field, part, value, claim.hyperparameter))
    if claim.hyperparameter is None or not settings:
        what = claim.hyperparameter or claim.parameter_name or "no hyper-parameter"
        yield _failed(path, "citation_beside_the_point", f"{claim.iri} is about {what}, which is not here.", claim)
        return
    span = span_of(claim, claim.hyperparameter)
    if span is None or claim.statement in ("importance", "condition"):
        return
    if not any(_agrees(setting, span, claim.statement) for setting in settings):
        message = f"{claim.iri} has {claim.hyperparameter} {_words(claim)}: “{claim.quote[:200]}”"
        yield _failed(path, "citation_says_otherwise", message, claim)


def _settings(field: str, part: str, value: Any, name: str | None) -> Iterator[Any]:
    """Yield what the field or part has for the hyper-parameter `name`: a parameter, or set values."""
    if field == "search_space":
        parameters = (value,) if part else value.parameters
        yield from (parameter for parameter in parameters if parameter.name == name)
    elif field == "fixed" and part:
        yield from ((value,) if part == name else ())
    else:
        yield from (one[name] for one in (value if isinstance(value, tuple) else (value,)) if name in one)


def _agrees(setting: Any, span: Span, statement: str) -> bool:
    """Say whether a parameter's range or a set value is in keeping with what a claim spans."""
    if not hasattr(setting, "kind"):
        return _holds(span, setting)
    if setting.kind == "categorical":
        return any(_holds(span, choice) for choice in setting.choices)
    if setting.kind == "constant":
        return _holds(span, setting.value)
    if span.low is None or span.high is None:
        return False  # the claim has words where there are numbers
    if statement == "range" and span.low < span.high:
        return bool(span.holds(setting.low) and span.holds(setting.high))
    return bool(setting.low <= span.high and span.low <= setting.high)


def _holds(span: Span, value: ParameterValue) -> bool:
    return span.holds(value) or any(_text(value) == _text(choice) for choice in span.choices)


def _text(value: ParameterValue) -> str:
    return str(value).strip(" '\"").casefold()


def _otherwise(value: Any, claim: Claim) -> str | None:
    """Return in words what a claim says against a budget, a patience or a fidelity; None where it says nothing so."""
    span = span_of(claim.replace(hyperparameter=""), "")
    if span is None or span.low is None or span.high is None:
        return None
    own = _own_number(value, claim)
    if own is None:
        return None
    factor = 1.0 if isinstance(value, Fidelity) else FACTOR
    scale = _seconds(claim.unit) or 1.0
    if span.low * scale / factor <= own * (1 + 1e-9) and own <= span.high * scale * factor * (1 + 1e-9):
        return None
    return f"{claim.iri} says {_words(claim)}, here it is {own:g}: “{claim.quote[:200]}”"


def _own_number(value: Any, claim: Claim) -> float | None:
    """Return the number of a field that a claim's number is held against."""
    if isinstance(value, Budget) and _seconds(claim.unit):
        return value.wall_clock_s
    if isinstance(value, Budget | Termination) and not counted_trials(claim):
        return None  # hours of graphics cards, epochs: nothing that the field has
    if isinstance(value, Budget):
        return float(value.n_trials)
    if isinstance(value, Termination):
        return next((float(rule.patience) for rule in value.rules if isinstance(rule, Stagnation)), None)
    return float(value.min) if isinstance(value, Fidelity) else None


def _seconds(unit: str) -> float | None:
    return _SECONDS.get(unit.strip().casefold().rstrip("s") or unit.strip().casefold())


def _words(claim: Claim) -> str:
    if claim.low is not None or claim.high is not None:
        low, high = ("any" if end is None else f"{end:g}" for end in (claim.low, claim.high))
        return f"from {low} to {high}{f' {claim.unit}' if claim.unit else ''}"
    return f"{claim.value}{f' {claim.unit}' if claim.unit else ''}"


def _failed(path: str, code: str, message: str, claim: Claim) -> Finding:
    return failed(path, code, message).replace(evidence=(claim.iri,))
