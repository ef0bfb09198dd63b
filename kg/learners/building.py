"""From a learner and a configuration to an unfitted estimator of the installed library."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any

from kg.errors import InputError
from kg.learners.legality import FaultCode, legal_faults
from kg.learners.spec import LearnerSpec
from kg.model import ParameterValue, TaskType


def estimator(
    spec: LearnerSpec,
    task_type: TaskType,
    configuration: Mapping[str, ParameterValue],
    *,
    seed: int,
    n_threads: int = 1,
) -> Any:
    """Return an unfitted estimator of `spec` with `configuration`; what it does not name has the library's default.

    Hyper-parameters that have no effect beside the others are left out (some libraries refuse them).

    Args:
        spec: The learner; its class is imported by the dotted path of the registry only.
        task_type: Classification or regression.
        configuration: Canonical hyper-parameter name -> value.
        seed: Seed of the learner, where it is random.
        n_threads: Threads a fit may use, where the learner has several.

    Raises:
        InputError: The learner is not installed or not for `task_type`, or the configuration is not legal.
    """
    return assemble(spec, task_type, _usable(spec, task_type, configuration), seed=seed, n_threads=n_threads)


def assemble(
    spec: LearnerSpec,
    task_type: TaskType,
    configuration: Mapping[str, ParameterValue],
    *,
    seed: int,
    n_threads: int = 1,
) -> Any:
    """Return an unfitted estimator as `estimator` does, with no look at whether `configuration` is legal.

    Raises:
        InputError: The learner is not installed or not for `task_type`.
    """
    implementation = _class(spec, _implementation(spec, task_type))
    settings = {**_own_defaults(spec, task_type), **configuration}
    arguments = {**spec.fixed.root, **_plain_arguments(spec, settings), **_composed_arguments(settings)}
    nested = {name: value for name, value in settings.items() if "__" in name}
    for name, paths in spec.components.items():
        arguments[name] = _class(spec, paths[task_type])()
    if spec.seed_parameter:
        arguments[spec.seed_parameter] = seed
    if spec.threads_parameter:
        arguments[spec.threads_parameter] = n_threads
    built = implementation(**arguments)
    return built.set_params(**nested) if nested else built


def _implementation(spec: LearnerSpec, task_type: TaskType) -> str:
    if task_type not in spec.implementations:
        allowed = ", ".join(spec.implementations) or "none: the learner is known by its evidence only"
        raise InputError(f"{spec.label} cannot be built for {task_type}.", where="learner", allowed=allowed)
    return spec.implementations[task_type]


def _usable(
    spec: LearnerSpec, task_type: TaskType, configuration: Mapping[str, ParameterValue]
) -> dict[str, ParameterValue]:
    """Return what of `configuration` is to be passed on, in the library's types."""
    possible = spec.still_possible(configuration, task_type)
    kept = configuration if possible is None else possible
    typed = {name: spec[name].coerced(value) if name in spec else value for name, value in kept.items()}
    faults = legal_faults(spec, typed, task_type)
    inactive = {fault.parameter for fault in faults if fault.code is FaultCode.INACTIVE}
    serious = [fault for fault in faults if fault.code is not FaultCode.INACTIVE]
    if serious:
        raise InputError(serious[0].message + ".", where=serious[0].parameter, allowed=serious[0].allowed)
    return {name: value for name, value in typed.items() if name not in inactive}


def _own_defaults(spec: LearnerSpec, task_type: TaskType) -> dict[str, ParameterValue]:
    """Return the defaults of what the constructor has under no name of its own: nested and composed arguments."""
    defaults = spec.effective({}, task_type)
    return {name: value for name, value in defaults.items() if "__" in name or spec[name].composed_into}


def _plain_arguments(spec: LearnerSpec, settings: Mapping[str, ParameterValue]) -> dict[str, ParameterValue]:
    return {n: v for n, v in settings.items() if "__" not in n and not spec[n].composed_into}


def _equal_layers(settings: Mapping[str, Any]) -> dict[str, Any]:
    """Return the sizes of an MLP's hidden layers; nothing for other learners."""
    if "n_hidden_layers" not in settings:
        return {}
    return {"hidden_layer_sizes": (settings["hidden_layer_width"],) * settings["n_hidden_layers"]}


#: What makes constructor arguments out of hyper-parameters that the library has under no name of their own.
COMPOSERS: tuple[Callable[[Mapping[str, Any]], dict[str, Any]], ...] = (_equal_layers,)


def _composed_arguments(settings: Mapping[str, ParameterValue]) -> dict[str, Any]:
    return {name: value for compose in COMPOSERS for name, value in compose(settings).items()}


def _class(spec: LearnerSpec, path: str) -> Any:
    module, _, name = path.rpartition(".")
    try:
        return getattr(import_module(module), name)
    except ModuleNotFoundError as error:
        hint = f"pip install tunegraph[{spec.extra}]" if spec.extra else f"pip install {spec.distribution}"
        raise InputError(f"{spec.label} is not installed ({error}).", where="learner", allowed=hint) from error
