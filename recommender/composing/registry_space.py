"""What is proposed where the graph says nothing: the library's defaults and the registry's wide space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.errors import EvidenceError
from kg.learners.registry import learner_named
from recommender.composing.published import brought_in
from recommender.composing.rule import Derived, RuleInputs
from recommender.defaults import default_values


def wide_registry_space(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Take every hyper-parameter worth tuning, as wide as is sensible."""
    del arguments
    space = learner_named(inputs.learner).space(inputs.task.task_type)
    return Derived(
        space, f"The graph says nothing of {inputs.learner} for this kind of task: its registry's wide space."
    )


def default_warm_starts(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Start with the library's default, as near as the proposed space has it."""
    del arguments
    default = learner_named(inputs.learner).default_point(inputs.task.task_type, n_columns=inputs.task.n_columns)
    return Derived((brought_in(default, inputs.space, default),), "The library's default.")


def predefined_default(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Take the predefined default of a field (`recommender.defaults`), where nothing better held.

    Args:
        inputs: Unused but for task and learner.
        arguments: ``field``.
    """
    field = str(arguments["field"])
    values = default_values(learner_named(inputs.learner), inputs.task)
    if field not in values:
        raise EvidenceError(f"there is no default for {field!r}")
    return Derived(values[field], "Predefined.")
