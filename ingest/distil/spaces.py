"""The space that a source searched: the hyper-parameters that vary in its runs, within the bounds that it tried."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence

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


def searched_space(
    values: Mapping[str, Sequence[ParameterValue]], spec: LearnerSpec | None, task_type: TaskType
) -> SearchSpace:
    """Return the space that runs with these values searched.

    Parameters that the installed library has dropped since are in it too: the runs still speak of them.

    Args:
        values: Hyper-parameter -> the distinct values that it had.
        spec: The learner, for scales and conditions; None for a learner that the registry does not have.
        task_type: What was predicted; ranges of the registry may depend on it.
    """
    varying = {name: tuple(seen) for name, seen in sorted(values.items()) if len(seen) > 1}
    known = {h.name: h.search_for(task_type) for h in spec.hyperparameters} if spec else {}
    return SearchSpace(
        parameters=tuple(_parameter(name, seen, known.get(name)) for name, seen in varying.items()),
        conditions=tuple(_conditions(varying, spec)) if spec else (),
    )


def _conditions(varying: Mapping[str, Sequence[ParameterValue]], spec: LearnerSpec) -> Iterator[Condition]:
    """Yield the registry's conditions on what varies, for the parents' values that were tried."""
    for dependency in spec.conditions:
        if dependency.child in varying and dependency.parent in varying:
            tried = sorted(varying[dependency.parent], key=_choice_order)
            holding = tuple(value for value in tried if dependency.holds(value))
            if 0 < len(holding) < len(tried) <= MOST_CHOICES:
                yield Condition(child=dependency.child, parent=dependency.parent, values=holding)


def _parameter(name: str, values: Sequence[ParameterValue], searched: Parameter | None) -> Parameter:
    numbers = [v for v in values if isinstance(v, int | float) and not isinstance(v, bool)]
    # Beside many numbers, a special value (None, "sqrt") is no choice of its own: it is encoded outside the range.
    if len(numbers) < len(values) and len(values) <= MOST_CHOICES:
        return CategoricalParameter(name=name, choices=tuple(sorted(values, key=_choice_order)))
    low, high = min(numbers), max(numbers)
    log = low > 0 and _is_log(low, high, searched)
    whole = all(float(v).is_integer() for v in numbers)
    if whole and (searched is None or searched.kind != "float"):
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
