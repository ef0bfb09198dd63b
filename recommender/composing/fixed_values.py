"""What is not searched: the hyper-parameters that are not worth tuning, and what each is set to, as rules."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from typing import Any

from kg.errors import EvidenceError
from kg.learners.registry import learner_named
from kg.model import Configuration, Parameter, ParameterImportance, ParameterValue, ResponseModel
from recommender.composing.fixing import (
    MOST_LOST,
    NEGLIGIBLE,
    loss_of_fixing,
    mean_importance,
    negligible_parameters,
    weighted_median,
)
from recommender.composing.measured_space import wide_space
from recommender.composing.narrowing import parameter_values
from recommender.composing.published import nearest_value
from recommender.composing.rule import Derived, RuleInputs


def fixed(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Set what is not worth tuning to what the best runs have most often.

    Args:
        inputs: Cites importances and the response models.
        arguments: ``names``: the hyper-parameters.

    Raises:
        EvidenceError: One of them is worth tuning, as far as is cited.
    """
    names = [str(name) for name in arguments["names"]]
    if names and (worth := sorted(set(names) - set(not_worth_tuning(inputs)))):
        raise EvidenceError(f"nothing cited says that {', '.join(worth)} of {inputs.learner} is not worth tuning")
    values = {name: fixed_value(inputs, {"parameter": name}).value for name in names}
    if not values:
        return Derived(Configuration({}), "Everything that was varied matters somewhere.")
    return Derived(
        Configuration(values),
        f"Each explains less than {NEGLIGIBLE:.0%} of the variance on at least nine in ten data sets.",
    )


def not_worth_tuning(inputs: RuleInputs) -> tuple[str, ...]:
    """Return the hyper-parameters that explain little everywhere and cost the best runs little when they are set.

    Those on which others depend are always kept, and one at least is left to tune.

    Args:
        inputs: Cites importances and the response models.
    """
    wide = wide_space(inputs)
    parents = {condition.parent for condition in wide.conditions}
    candidates = [n for n in negligible_parameters(inputs.of(ParameterImportance)) if n in wide and n not in parents]
    found = [
        name
        for name in candidates
        if loss_of_value(inputs, wide[name], fixed_value(inputs, {"parameter": name}).value) <= MOST_LOST
    ]
    return tuple(found[: len(wide.parameters) - 1])


def loss_of_value(inputs: RuleInputs, parameter: Parameter, value: ParameterValue) -> float:
    """Return the mean regret that setting `parameter` to `value` costs the best candidates of the cited sources."""
    return loss_of_fixing(parameter, value, inputs.surfaces.surface(inputs.of(ResponseModel)), inputs.weights)


def fixed_value(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Return the value of one hyper-parameter that is not worth tuning.

    The library's default where that costs the best candidates little, else what the best runs have most: the heaviest
    choice, or the weighted median.

    Args:
        inputs: Cites importances and the response models.
        arguments: ``parameter``.
    """
    name = str(arguments["parameter"])
    responses = inputs.of(ResponseModel)
    parameter = wide_space(inputs)[name]
    share = mean_importance(inputs.of(ParameterImportance), inputs.weights).get(name, 0.0)
    explains = f"It explains {share:.1%} of the variance on similar data sets"
    default = learner_named(inputs.learner).default_point(inputs.task.task_type).get(name)
    if parameter.contains(default) and loss_of_value(inputs, parameter, default) <= MOST_LOST:
        return Derived(default, f"{explains}; the library's default costs the best runs nothing to speak of.")
    reason = f"{explains}; the best runs there have this value most."
    tops = [inputs.surfaces.tops(response) for response in responses]
    values, masses = parameter_values(name, tops, [inputs.weight(r.dataset) for r in responses])
    if parameter.kind in ("categorical", "constant"):
        mass: dict[str, float] = defaultdict(float)
        for value, weight in zip(values, masses, strict=True):
            mass[repr(value)] += weight
        best = max(values, key=lambda value: (mass[repr(value)], repr(value)), default=None)
        return Derived(nearest_value(parameter, best), reason)
    numbers = [(float(v), w) for v, w in zip(values, masses, strict=True) if isinstance(v, int | float)]
    return Derived(nearest_value(parameter, weighted_median(numbers) if numbers else None), reason)


def nothing_fixed(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Fix nothing: no importance was measured."""
    del inputs, arguments
    return Derived(Configuration({}), "No measurement says which hyper-parameters matter little.")
