"""What people tell a named question, as the graph has it: learners and metrics by their canonical names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kg.learners.registry import learner_named
from kg.model import metric_named
from kg.questions import Question


def canonical_parameters(question: Question, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given with learners and metrics by their canonical names: the graph knows no others.

    Args:
        question: The question; parameters that it does not have are left as they are.
        given: Parameter -> value.

    Raises:
        UnknownNameError: There is no such learner or metric; names the close ones.
    """
    kinds = {parameter.name: parameter.kind for parameter in question.parameters}
    return {name: _by_name(kinds.get(name), value) for name, value in given.items()}


def _by_name(kind: str | None, value: Any) -> Any:
    if not isinstance(value, str):
        return value
    match kind:
        case "learner":
            return learner_named(value).name
        case "metric":
            return metric_named(value).name
        case _:
            return value
