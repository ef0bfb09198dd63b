"""TabR's way of writing a search space, turned into ours.

["_tune_", "loguniform", 0.001, 1.0]              a float on a log scale
["_tune_", "?loguniform", 0.0, 0.1, 10.0]         the value 0.0, or a float on a log scale
["_tune_", "int", 16, 384, 8]                     a whole number (in steps of 8; the step is not kept)
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from kg.errors import RecordError
from kg.learners.registry import canonical_name, canonical_value, learner_named
from kg.model import Configuration, FloatParameter, FrozenMapping, IntParameter, Parameter, ParameterValue, SearchSpace

FAMILY = "tabr"
_TUNED = "_tune_"
#: Rounds of boosting: fixed at 4000, cut by early stopping, so that the number in use is searched after all.
_ROUNDS = ("n_estimators", "iterations")


@dataclass(frozen=True)
class TabrSpace:
    """A space and the best point of it, under canonical names where the learner is ours."""

    space: SearchSpace
    best: Configuration
    special_values: FrozenMapping[str, ParameterValue]


def read_space(space: Mapping[str, Any], best: Mapping[str, Any], learner: str | None) -> TabrSpace:
    """Return what was searched, and the best configuration found.

    The rounds of boosting are a parameter of the space, from 1 to the fixed number; their best value is the iteration
    at which the best model stopped (to within one round: LightGBM counts from 1, the others from 0).

    Args:
        space: `config.space` of a report.
        best: `best` of a report.
        learner: Canonical learner, or None to keep the source's own names.

    Raises:
        RecordError: Something has a form that is not known.
    """
    found = dict(_tuned(space))
    names = {name: _canonical(learner, name) for name in found}
    parameters = [_parameter(learner, name, names[name], form) for name, form in found.items()]
    special = {names[n]: _value(learner, n, form[1]) for n, form in found.items() if form[0].startswith("?")}
    values = {names[n]: _value(learner, n, v) for n, v in _flat(best["config"]) if n in found}
    rounds = [(name, value) for name, value in _flat(space) if name in _ROUNDS]
    for name, most in rounds:
        parameters.append(IntParameter(name=_canonical(learner, name), low=1, high=most))
        if "best_iteration" in best:
            values[_canonical(learner, name)] = min(max(1, int(best["best_iteration"])), most)
    return TabrSpace(SearchSpace(parameters=tuple(parameters)), Configuration(values), FrozenMapping(special))


def _flat(tree: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the leaves of nested tables by their last name; no name is used twice in any of the spaces."""
    for name, value in tree.items():
        if isinstance(value, Mapping):
            yield from _flat(value)
        else:
            yield name, value


def _tuned(space: Mapping[str, Any]) -> Iterator[tuple[str, list[Any]]]:
    for name, value in _flat(space):
        if isinstance(value, list) and value and value[0] == _TUNED:
            yield name, value[1:]


def _parameter(learner: str | None, source: str, name: str, form: list[Any]) -> Parameter:
    kind, bounds = form[0].removeprefix("?"), form[2:] if form[0].startswith("?") else form[1:]
    if kind == "int":
        return IntParameter(name=name, low=bounds[0], high=bounds[1])
    if kind in {"uniform", "loguniform"}:
        low, high = (_value(learner, source, bound) for bound in bounds[:2])
        return FloatParameter(name=name, low=low, high=high, log=kind == "loguniform")
    raise RecordError(f"{source}: unknown distribution {form[0]!r}")


def _canonical(learner: str | None, name: str) -> str:
    if learner is None:
        return name
    found = canonical_name(learner_named(learner), FAMILY, name)
    if found is None:
        raise RecordError(f"{learner}: the registry leaves {name!r} out, but it was tuned")
    return found


def _value(learner: str | None, name: str, raw: Any) -> ParameterValue:
    return raw if learner is None else canonical_value(learner_named(learner), FAMILY, name, raw)
