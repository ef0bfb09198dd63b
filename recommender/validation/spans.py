"""What a piece of evidence says that a hyper-parameter can sensibly be, and where it found good values."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from kg.model import (
    CategoricalParameter,
    Claim,
    ConstantParameter,
    Parameter,
    ParameterValue,
    PublishedSpace,
    ResponseModel,
    RunSummary,
    StudySummary,
    same_value,
)
from kg.model.base import Value

#: Relative slack of ends: evidence is rounded where it is told.
SLACK = 0.01
#: Absolute slack of ends, for those at zero.
TINY = 1e-12
#: What the unit of a claim says where it counts trials; one without a unit does, too.
_TRIALS = re.compile(r"trial|evaluation|iteration|configuration|generation|round", re.IGNORECASE)


@dataclass(frozen=True)
class Span:
    """What one piece of evidence says that a hyper-parameter can sensibly be."""

    low: float | None = None
    high: float | None = None
    choices: tuple[ParameterValue, ...] = ()

    def holds(self, value: ParameterValue) -> bool:
        """Say whether `value` lies within it."""
        if isinstance(value, bool) or not isinstance(value, int | float) or self.low is None or self.high is None:
            return any(same_value(value, choice) for choice in self.choices)
        within = self.low - SLACK * abs(self.low) - TINY <= value <= self.high + SLACK * abs(self.high) + TINY
        return within or any(same_value(value, choice) for choice in self.choices)


def span_of(evidence: Value, name: str) -> Span | None:
    """Return what `evidence` spans of the hyper-parameter `name`; None where it says nothing of it."""
    if isinstance(evidence, Claim):
        return _claimed(evidence) if evidence.hyperparameter == name else None
    if isinstance(evidence, RunSummary):
        found = next((q for q in evidence.quantiles if q.parameter == name), None)
        return Span(min(found.values), max(found.values)) if found is not None and found.values else None
    if not isinstance(evidence, PublishedSpace | StudySummary | ResponseModel) or name not in evidence.space:
        return None
    extra = [evidence.initial] if isinstance(evidence, PublishedSpace) else []
    extra += [evidence.best_configuration] if isinstance(evidence, StudySummary) else []
    values = tuple(one[name] for one in extra if name in one)
    if not isinstance(evidence, ResponseModel) and name in evidence.special_values:
        values = (*values, evidence.special_values[name])
    return of_parameter(evidence.space[name], values)


def good_of(evidence: Value, name: str) -> Span | None:
    """Return where `evidence` found good values of the hyper-parameter `name`; None where it does not say."""
    if isinstance(evidence, RunSummary):
        return span_of(evidence, name)
    if isinstance(evidence, StudySummary) and name in evidence.best_configuration:
        return _of_values([evidence.best_configuration[name]])
    if isinstance(evidence, ResponseModel) and name in evidence.parameters:
        best = min(range(len(evidence.regrets)), key=evidence.regrets.__getitem__)
        value = evidence.support[best][evidence.parameters.index(name)]
        # None is an inactive parameter, where the parameter has no such value.
        return None if value is None and not evidence.space[name].contains(None) else _of_values([value])
    if isinstance(evidence, Claim) and evidence.statement == "recommended_value":
        return span_of(evidence, name)
    return None


def hull(spans: Sequence[Span]) -> Span:
    """Return the least span that holds all of `spans`."""
    lows = [span.low for span in spans if span.low is not None]
    highs = [span.high for span in spans if span.high is not None]
    choices = tuple(choice for span in spans for choice in span.choices)
    return Span(min(lows, default=None), max(highs, default=None), choices)


def meets(parameter: Parameter, span: Span) -> bool:
    """Say whether a parameter has a value within `span`: one of its ends, or else the whole of the span."""
    if any(span.holds(value) for value in ends(parameter)):
        return True
    if isinstance(parameter, CategoricalParameter | ConstantParameter) or span.low is None:
        return False
    return parameter.low <= span.low <= parameter.high


def counted_trials(claim: Claim) -> tuple[float, ...]:
    """Return the numbers of a claim where they count trials; none where they are hours, epochs or shares."""
    counts = not claim.unit or _TRIALS.search(claim.unit) is not None
    return tuple(_numbers((claim.low, claim.high, claim.value))) if counts else ()


def _claimed(claim: Claim) -> Span | None:
    """Return what a claim's numbers span, percents as shares; None where it has none.

    A range with one end is open at the other.
    """
    low, high, value = (_share(one) if claim.unit == "%" else one for one in (claim.low, claim.high, claim.value))
    if value is None and (low is None) != (high is None):
        return Span(-math.inf if low is None else float(low), math.inf if high is None else float(high))
    given = [one for one in (low, high, value) if one is not None]
    return _of_values(given) if given else None


def _share(percent: ParameterValue) -> ParameterValue:
    return percent / 100 if isinstance(percent, int | float) and not isinstance(percent, bool) else percent


def of_parameter(parameter: Parameter, extra: Sequence[ParameterValue] = ()) -> Span:
    """Return what `parameter` spans, with values beside its range."""
    if parameter.kind == "categorical":
        return Span(choices=(*parameter.choices, *extra))
    if parameter.kind == "constant":
        return _of_values([*extra, parameter.value])
    return Span(parameter.low, parameter.high, tuple(extra))


def _of_values(values: Sequence[ParameterValue]) -> Span:
    numbers = _numbers(values)
    return Span(min(numbers, default=None), max(numbers, default=None), tuple(values))


def ends(parameter: Parameter) -> tuple[ParameterValue, ...]:
    """Return the ends of a range, or all choices."""
    if parameter.kind == "categorical":
        return parameter.choices
    return (parameter.value,) if parameter.kind == "constant" else (parameter.low, parameter.high)


def _numbers(values: Sequence[ParameterValue]) -> list[float]:
    return [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
