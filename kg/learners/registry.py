"""The learner registry: what is known of each learner, under one name, checked against the installed library.

>>> spec = learner_named("RandomForestClassifier")
>>> spec.name, spec.space(TaskType.CLASSIFICATION)["max_features"].low
('random_forest', 0.05)
"""

from __future__ import annotations

from functools import lru_cache

from kg.errors import UnknownNameError
from kg.iris import plain_name
from kg.learners.building import estimator
from kg.learners.families import all_specs
from kg.learners.installed import version_of
from kg.learners.legality import (
    FaultCode,
    LegalFault,
    legal_faults,
    legal_part,
    name_fault,
    parameter_faults,
    value_fault,
)
from kg.learners.sources import canonical_configuration, canonical_name, canonical_value, resolve, vocabulary
from kg.learners.spec import LearnerSpec
from kg.learners.transforms import TRANSFORMS
from kg.model import TaskType

__all__ = [
    "TRANSFORMS",
    "FaultCode",
    "LegalFault",
    "canonical_configuration",
    "canonical_name",
    "canonical_value",
    "estimator",
    "installed_version",
    "is_installed",
    "learner_named",
    "learners",
    "legal_faults",
    "legal_part",
    "name_fault",
    "parameter_faults",
    "resolve",
    "value_fault",
    "vocabulary",
]


def learner_named(name: str) -> LearnerSpec:
    """Return the learner called `name` (canonical or alias, in any case and punctuation).

    Raises:
        UnknownNameError: There is no such learner; names the close ones.
    """
    if not (found := _by_plain_name().get(plain_name(name))):
        raise UnknownNameError("learner", name, all_specs())
    return found


@lru_cache(maxsize=1)
def _by_plain_name() -> dict[str, LearnerSpec]:
    return {plain_name(n): spec for spec in all_specs().values() for n in (spec.name, *spec.aliases)}


def learners(task_type: TaskType | None = None, *, installed_only: bool = False) -> tuple[LearnerSpec, ...]:
    """Return the learners, by name.

    Args:
        task_type: Where given, those that can be built for it; learners known by their evidence only cannot.
        installed_only: Only those whose library is installed.
    """
    return tuple(
        spec
        for spec in all_specs().values()
        if (task_type is None or task_type in spec.implementations) and (not installed_only or is_installed(spec))
    )


def is_installed(spec: LearnerSpec) -> bool:
    """Say whether the learner's library is installed, without importing it."""
    return installed_version(spec) is not None


def installed_version(spec: LearnerSpec) -> str | None:
    """Return the installed version of the learner's library, or None where it is not installed."""
    return version_of((spec.distribution, *spec.alternatives)) if spec.distribution else None
