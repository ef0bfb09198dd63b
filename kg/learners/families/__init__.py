"""The learners, one YAML file each, and how they are read."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

import yaml

from kg.learners.spec import LearnerSpec

# The C loader reads all files in a sixth of the time; a build of PyYAML without libyaml lacks it.
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@lru_cache(maxsize=1)
def all_specs() -> Mapping[str, LearnerSpec]:
    """Return every learner of the registry by canonical name, in alphabetical order. The files are read once."""
    files = sorted(
        (f for f in resources.files(__package__).iterdir() if f.name.endswith(".yaml")), key=lambda f: f.name
    )
    specs = [LearnerSpec.model_validate(yaml.load(f.read_text(encoding="utf-8"), Loader=_LOADER)) for f in files]  # noqa: S506  # a safe loader either way
    return MappingProxyType({spec.name: spec for spec in specs})
