"""The space that a source searched: the hyper-parameters that vary in its runs, within the bounds that it tried."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from kg.learners.spec import LearnerSpec
from kg.model import (
    CategoricalParameter,
    Condition,
    FloatParameter,
    IntParameter,
    Parameter,
    ParameterValue,
    SearchSpace,
    TaskType,
)

#: Up to so many distinct values that are not all numbers, a hyper-parameter is a choice among them.
MOST_CHOICES = 24
#: A positive range that spans this factor is taken to be logarithmic where the registry does not say.
LOG_FACTOR = 100


@dataclass(frozen=True)
class Seen:
    """What values a hyper-parameter had in the runs."""

    choices: tuple[ParameterValue, ...] | None
    """The distinct values (True is not 1, 1 is 1.0); None where there are more than `MOST_CHOICES`."""
    bounds: tuple[float, float] | None
    """The least and the greatest number; None where there is no number."""
    whole: bool = False
    """Whether all numbers are whole ones."""
    only_numbers: bool = False

    @classmethod
    def of(cls, values: Iterable[ParameterValue]) -> Seen:
        """Return what `values` amount to; of equal ones, the first counts."""
        distinct = {(isinstance(value, bool), value): value for value in reversed(list(values))}
        seen = tuple(reversed(distinct.values()))
        numbers = [v for v in seen if isinstance(v, int | float) and not isinstance(v, bool)]
        return cls(
            choices=seen if len(seen) <= MOST_CHOICES else None,
            bounds=(min(numbers), max(numbers)) if numbers else None,
            whole=all(float(v).is_integer() for v in numbers),
            only_numbers=len(numbers) == len(seen),
        )

    @property
    def is_searched(self) -> bool:
        """Whether it varies, and can be a parameter: among very many words there is neither a range nor a choice."""
        return len(self.choices) > 1 if self.choices is not None else self.bounds is not None


def searched_space(values: Mapping[str, Seen], spec: LearnerSpec | None, task_type: TaskType) -> SearchSpace:
    """Return the space that runs with these values searched.

    Parameters that the installed library has dropped since are in it too: the runs still speak of them.

    Args:
        values: Hyper-parameter -> the values that it had.
        spec: The learner, for scales and conditions; None for a learner that the registry does not have.
        task_type: What was predicted; ranges of the registry may depend on it.
    """
    varying = {name: seen for name, seen in sorted(values.items()) if seen.is_searched}
    known = {h.name: h.search_for(task_type) for h in spec.hyperparameters} if spec else {}
    return SearchSpace(
        parameters=tuple(_parameter(name, seen, known.get(name)) for name, seen in varying.items()),
        conditions=tuple(_conditions(varying, spec)) if spec else (),
    )


def _conditions(varying: Mapping[str, Seen], spec: LearnerSpec) -> Iterator[Condition]:
    """Yield the registry's conditions on what varies, for the parents' values that were tried."""
    for dependency in spec.conditions:
        if dependency.child in varying and dependency.parent in varying:
            tried = sorted(varying[dependency.parent].choices or (), key=_choice_order)
            holding = tuple(value for value in tried if dependency.holds(value))
            if 0 < len(holding) < len(tried):
                yield Condition(child=dependency.child, parent=dependency.parent, values=holding)


def _parameter(name: str, seen: Seen, searched: Parameter | None) -> Parameter:
    # Beside many numbers, a special value (None, "sqrt") is no choice of its own: it is encoded outside the range.
    if seen.choices is not None and not seen.only_numbers:
        return CategoricalParameter(name=name, choices=tuple(sorted(seen.choices, key=_choice_order)))
    if seen.bounds is None:
        raise ValueError(f"{name}: neither a number nor few values")  # `Seen.is_searched` says so beforehand
    low, high = seen.bounds
    log = low > 0 and _is_log(low, high, searched)
    if seen.whole and (searched is None or searched.kind != "float"):
        return IntParameter(name=name, low=int(low), high=int(high), log=log)
    return FloatParameter(name=name, low=low, high=high, log=log)


def _is_log(low: float, high: float, searched: Parameter | None) -> bool:
    if isinstance(searched, FloatParameter | IntParameter):
        return searched.log
    return high / low >= LOG_FACTOR


def _choice_order(value: ParameterValue) -> tuple[bool, float, str]:
    """Order numbers by size before all else, and the rest by its JSON text."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return False, float(value), ""
    return True, 0.0, json.dumps(value)
