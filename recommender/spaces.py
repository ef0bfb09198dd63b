"""Our search spaces as Optuna sees them, and Optuna's suggestions as our configurations."""

from __future__ import annotations

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from kg.model import (
    CategoricalParameter,
    Configuration,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    Parameter,
    ParameterValue,
    SearchSpace,
)
from recommender.trial_notes import REASON


def to_distributions(space: SearchSpace) -> dict[str, BaseDistribution]:
    """Return Optuna's distribution of each parameter that is searched; constants have none."""
    return {parameter.name: to_distribution(parameter) for parameter in space.tunable}


def to_distribution(parameter: Parameter) -> BaseDistribution:
    """Return Optuna's distribution of a parameter.

    Raises:
        ValueError: It is a constant.
    """
    match parameter:
        case FloatParameter():
            return FloatDistribution(parameter.low, parameter.high, log=parameter.log)
        case IntParameter():
            return IntDistribution(parameter.low, parameter.high, log=parameter.log)
        case CategoricalParameter():
            return CategoricalDistribution(parameter.choices)
        case ConstantParameter():
            raise ValueError(f"{parameter.name} is a constant: nothing is to be suggested")


def suggest(trial: optuna.Trial, space: SearchSpace) -> Configuration:
    """Return a configuration of `space` by the trial's sampler: active parameters only, constants included.

    Raises:
        TrialPruned: The combination is forbidden; the trial's user attributes say which.
    """
    chosen: dict[str, ParameterValue] = {}
    for parameter in space.ordered():
        if space.is_active(parameter.name, chosen):
            chosen[parameter.name] = _suggest_one(trial, parameter)
    for forbidden in space.forbidden:
        if forbidden.is_violated_by(chosen):
            named = ", ".join(f"{name} = {chosen[name]!r}" for name in forbidden.clauses)
            reason = f"forbidden combination: {named}" + (f" ({forbidden.reason})" if forbidden.reason else "")
            trial.set_user_attr(REASON, reason)
            raise optuna.TrialPruned(reason)
    return Configuration(chosen)


def to_parameters(configuration: Configuration, space: SearchSpace) -> dict[str, ParameterValue]:
    """Return what of `configuration` an Optuna trial of `space` is made of, in the types of the distributions."""
    return {p.name: _typed(configuration[p.name], p) for p in space.tunable if p.name in configuration}


def _suggest_one(trial: optuna.Trial, parameter: Parameter) -> ParameterValue:
    match parameter:
        case FloatParameter():
            return trial.suggest_float(parameter.name, parameter.low, parameter.high, log=parameter.log)
        case IntParameter():
            return trial.suggest_int(parameter.name, parameter.low, parameter.high, log=parameter.log)
        case CategoricalParameter():
            return trial.suggest_categorical(parameter.name, parameter.choices)
        case ConstantParameter():
            return parameter.value


def _typed(value: ParameterValue, parameter: Parameter) -> ParameterValue:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return value
    if isinstance(parameter, IntParameter):
        return int(value)
    return float(value) if isinstance(parameter, FloatParameter) else value
