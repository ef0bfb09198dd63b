"""Settings that make a fit dearer, held against what anybody has searched: a million trees is no wish but a slip."""

from __future__ import annotations

from collections.abc import Iterator

from kg.learners.registry import learner_named
from kg.learners.spec import LearnerSpec
from kg.model import ParameterValue, TaskType
from recommender.proposal import Proposal
from recommender.validation.stage import failed
from recommender.validation.verdict import Finding

#: Times the most that the registry would search, or the default; the widest published space (FLAML: 32,768 rounds of
#: boosting) is 16 times what the registry has.
MOST_TIMES = 100


def check_effort(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` and the settings in it that no machine could pay for."""
    spec, task_type = learner_named(proposal.learner.value), proposal.task.task_type
    found = []
    for path, name, value in _settings(proposal):
        most = _most(spec, name, task_type)
        if most is not None and isinstance(value, int | float) and value > most:
            message = f"{name} = {value:,g} makes a fit dearer than anybody's."
            found.append(failed(path, "absurd_cost", message, value=value, allowed=f"<= {most:,g}"))
    return proposal, tuple(found)


def _settings(proposal: Proposal) -> Iterator[tuple[str, str, ParameterValue]]:
    """Yield the path, the name and the highest value of everything that is set or searched."""
    for parameter in proposal.search_space.value.parameters:
        path = f"search_space.parameters.{parameter.name}"
        if parameter.kind == "constant":
            yield path, parameter.name, parameter.value
        elif parameter.kind == "categorical":
            yield from ((path, parameter.name, choice) for choice in parameter.choices)
        else:
            yield path, parameter.name, parameter.high
    yield from ((f"fixed.{name}", name, value) for name, value in proposal.fixed.value.items())
    for number, start in enumerate(proposal.warm_starts.value):
        yield from ((f"warm_starts.{number}.{name}", name, value) for name, value in start.items())


def _most(spec: LearnerSpec, name: str, task_type: TaskType) -> float | None:
    """Return the greatest sensible value of a hyper-parameter that makes fits dearer; None where it does not."""
    if name not in spec or spec[name].low_cost is None:
        return None
    space = spec.space(task_type)
    searched = getattr(space[name], "high", None) if name in space else None
    known = [n for n in (searched, spec[name].default_for(task_type)) if isinstance(n, int | float)]
    return MOST_TIMES * max(known) if known else None
