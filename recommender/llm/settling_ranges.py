"""One hyper-parameter of a draft: cut to what its citations span, or dropped."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from kg.learners.registry import learner_named
from kg.model import (
    CategoricalParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    ParameterValue,
    same_value,
)
from recommender.llm.bearing import Counted, counted, on_parameter
from recommender.llm.draft import DraftParameter
from recommender.llm.library import Library
from recommender.llm.notes import Note, dropped, repaired
from recommender.llm.words import checked_words
from recommender.proposal import Grounding, Proposal
from recommender.validation.legalising import legal_parameter
from recommender.validation.spans import Span, hull, span_of
from recommender.validation.support import unsupported

#: Relative difference below which two ends are one.
SAME = 1e-4


@dataclass(frozen=True)
class Settled:
    """What became of one hyper-parameter; neither a parameter nor a value where it was dropped."""

    name: str
    notes: tuple[Note, ...] = ()
    parameter: Parameter | None = None
    value: ParameterValue = None
    is_fixed: bool = False
    grounding: Grounding | None = None
    """None where it is as composed."""


def settle_parameter(wish: DraftParameter, base: Proposal, library: Library, proposer: str) -> Settled:
    """Return what of a wish holds.

    Args:
        wish: What is wished.
        base: What is composed around the learner.
        library: What was shown.
        proposer: Who wishes.
    """
    learner, field = base.learner.value, f"parameters.{wish.name}"
    wide = learner_named(learner).space(base.task.task_type)
    if wish.name not in wide:
        why = f"{learner} has no hyper-parameter of this name to search; it has {', '.join(wide.names)}"
        return Settled(wish.name, (dropped(field, why),))
    known = counted(field, wish.citations, library, on_parameter(learner, wish.name))
    asked = _asked(wish, wide[wish.name])
    if isinstance(asked, str):
        return Settled(wish.name, (*known.notes, dropped(field, asked)))
    if (same := _as_composed(asked, base)) is not None:
        return Settled(wish.name, known.notes, same[0], same[1], is_fixed=same[2])
    found, notes = _supported(field, asked, known, wide[wish.name], base)
    if found is None:
        return Settled(wish.name, (*known.notes, *notes))
    said, more = checked_words(field, wish.why, library.book, _numbers(found))
    rationale = f"Within what {len(known.evidence)} cited pieces of evidence span."
    grounding = known.grounding(
        f"{rationale} {proposer} says: {said}" if said else rationale, library.found(learner).weights
    )
    value = found.value if isinstance(found, _Set) else None
    parameter = None if isinstance(found, _Set) else found
    return Settled(
        wish.name,
        (*known.notes, *notes, *more),
        parameter,
        value,
        is_fixed=isinstance(found, _Set),
        grounding=grounding,
    )


@dataclass(frozen=True)
class _Set:
    """A hyper-parameter that is set and not searched."""

    name: str
    value: ParameterValue


_Asked = FloatParameter | IntParameter | CategoricalParameter | _Set


def _asked(wish: DraftParameter, wide: Parameter) -> _Asked | str:
    """Return what is wished as a parameter like the registry's, or in words why it is none."""
    if extra := sorted(wish.model_extra or {}):
        return f"it has fields that a parameter does not have: {', '.join(extra)}"
    if wish.action == "fix":
        return _value(wide, wish.value)
    if wish.action == "choices":
        return _choices(wide, wish.choices)
    return _range(wide, wish.low, wish.high)


def _value(wide: Parameter, asked: ParameterValue) -> _Set | str:
    if not wide.contains(asked):
        return f"it cannot be {asked!r}"
    # JSON has one kind of number; a library that takes 8 need not take 8.0.
    whole = isinstance(wide, IntParameter) and isinstance(asked, float)
    return _Set(wide.name, int(float(asked)) if whole and asked is not None else asked)


def _choices(wide: Parameter, asked: list[ParameterValue]) -> CategoricalParameter | str:
    if wide.kind != "categorical":
        return "it has a range, not choices"
    choices = [choice for i, choice in enumerate(asked) if not _is_among(choice, asked[:i])]
    return CategoricalParameter(name=wide.name, choices=tuple(choices)) if choices else "it has no choices"


def _range(wide: Parameter, low: float | None, high: float | None) -> FloatParameter | IntParameter | str:
    if not isinstance(wide, FloatParameter | IntParameter):
        return "it has choices, not a range"
    if low is None or high is None:
        return "an end of the range is missing"
    if low >= high:
        return f"from {low:g} to {high:g} there is nothing to search"
    if isinstance(wide, FloatParameter):
        return FloatParameter(name=wide.name, low=low, high=high, log=wide.log and low > 0)
    first, last = math.ceil(max(low, -1e15)), math.floor(min(high, 1e15))
    if first >= last:
        return f"from {low:g} to {high:g} there are no two whole numbers"
    return IntParameter(name=wide.name, low=first, high=last, log=wide.log and first > 0)


def _as_composed(asked: _Asked, base: Proposal) -> tuple[Parameter | None, ParameterValue, bool] | None:
    """Return the composed parameter or value where the wish is no other, and whether it is fixed."""
    if isinstance(asked, _Set):
        fixed = base.fixed.value
        is_same = asked.name in fixed and same_value(fixed[asked.name], asked.value)
        if asked.name in base.search_space.value:
            own = base.search_space.value[asked.name]
            return (own, None, False) if own.kind == "constant" and own.contains(asked.value) else None
        return (None, asked.value, True) if is_same else None
    space = base.search_space.value
    if asked.name not in space:
        return None
    own = space[asked.name]
    if isinstance(asked, CategoricalParameter):
        is_same = own.kind == "categorical" and (
            len(own.choices) == len(asked.choices) and all(own.contains(choice) for choice in asked.choices)
        )
    else:
        is_same = (
            isinstance(own, FloatParameter | IntParameter)
            and math.isclose(own.low, asked.low, rel_tol=SAME)
            and math.isclose(own.high, asked.high, rel_tol=SAME)
        )
    return (own, None, False) if is_same else None


def _supported(
    field: str, asked: _Asked, known: Counted, wide: Parameter, base: Proposal
) -> tuple[_Asked | None, tuple[Note, ...]]:
    """Return the part of a wish that the evidence spans and the library takes, with notes."""
    spans = [span for e in known.evidence if (span := span_of(e, asked.name)) is not None]
    if not spans:
        return None, (dropped(field, "nothing that counts is cited for it"),)
    span = hull(spans)
    if isinstance(asked, _Set):
        beyond = () if span.holds(asked.value) else (_beyond(field, repr(asked.value), span),)
        return (None if beyond else asked), beyond
    cut: FloatParameter | IntParameter | CategoricalParameter | None
    if isinstance(asked, CategoricalParameter):
        cut, notes = _chosen(field, asked, span)
    else:
        cut, notes = _clipped(field, asked, span, wide)
    if cut is None:
        return None, notes
    legal, more = _legal(field, cut, known, base)
    return legal, (*notes, *more)


def _legal(field: str, cut: Parameter, known: Counted, base: Proposal) -> tuple[_Asked | None, tuple[Note, ...]]:
    """Return the part of a parameter that the installed library takes, if it still is what the evidence found good."""
    legal, faults = legal_parameter(learner_named(base.learner.value), cut, base.task.task_type)
    notes = tuple((dropped if legal is None else repaired)(field, fault.message) for fault in faults)
    if legal is None or legal.kind == "constant":
        return None, notes
    missed = next(unsupported("search_space", legal.name, legal, known.evidence, base), None)
    return (legal, notes) if missed is None else (None, (*notes, dropped(field, missed)))


def _beyond(field: str, what: str, span: Span) -> Note:
    return dropped(field, f"{what} lies beyond what is cited ({_told(span)})")


def _chosen(
    field: str, asked: CategoricalParameter, span: Span
) -> tuple[CategoricalParameter | None, tuple[Note, ...]]:
    kept = tuple(choice for choice in asked.choices if span.holds(choice))
    lost = ", ".join(repr(choice) for choice in asked.choices if not span.holds(choice))
    if not kept:
        return None, (dropped(field, f"none of its choices is among what is cited ({_told(span)})"),)
    notes = (repaired(field, f"{lost} is not among what is cited ({_told(span)})"),) if lost else ()
    return CategoricalParameter(name=asked.name, choices=kept), notes


def _clipped(
    field: str, asked: FloatParameter | IntParameter, span: Span, wide: Parameter
) -> tuple[FloatParameter | IntParameter | None, tuple[Note, ...]]:
    """Cut a range to what is cited. A single value lends the registry's range around it, as in `support`."""
    if not isinstance(wide, FloatParameter | IntParameter) or span.low is None or span.high is None:
        return None, (dropped(field, f"what is cited is no range ({_told(span)})"),)
    low, high = span.low, span.high
    if low == high and wide.contains(low):
        low, high = wide.low, wide.high
    low, high = (wide.low if math.isinf(low) else low), (wide.high if math.isinf(high) else high)
    if low - SAME * abs(low) <= asked.low and asked.high <= high + SAME * abs(high):
        return asked, ()
    new_low, new_high = max(asked.low, low), min(asked.high, high)
    told = f"{asked.low:g} to {asked.high:g} lies beyond what is cited ({_told(Span(low, high))})"
    cut = _range(wide, new_low, new_high)
    if isinstance(cut, str):
        return None, (dropped(field, told),)
    return cut, (repaired(field, f"{told}; it is cut to {cut.low:g} to {cut.high:g}"),)


def _told(span: Span) -> str:
    words = [f"{span.low:g} to {span.high:g}"] if span.low is not None and span.high is not None else []
    return " or ".join([*words, *sorted({repr(choice) for choice in span.choices})]) or "nothing"


def _numbers(found: _Asked) -> Iterable[float]:
    values: tuple[ParameterValue, ...]
    if isinstance(found, _Set):
        values = (found.value,)
    elif isinstance(found, CategoricalParameter):
        values = found.choices
    else:
        values = (found.low, found.high)
    return [float(v) for v in values if isinstance(v, int | float) and not isinstance(v, bool)]


def _is_among(value: ParameterValue, values: list[ParameterValue]) -> bool:
    return any(same_value(value, other) and type(value) is type(other) for other in values)
