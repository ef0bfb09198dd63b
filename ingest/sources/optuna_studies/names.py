"""Which hyper-parameter a parameter of a study is: canonical names, a library's own, with or without a prefix.

    max_depth, num_leaves, eta            canonical, or the library's native interface
    clf__max_depth, svc__C                a step of a pipeline
    rf_max_depth, model.C                 a prefix of the user's, where it names the learner or says "model"

A prefix that says neither is not taken off: ``pca__tol`` is no tolerance of the learner, ``log10_C`` is no C.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from kg.errors import UnknownNameError
from kg.learners.registry import canonical_name, canonical_value, learner_named
from kg.learners.spec import LearnerSpec
from kg.model import ParameterValue

#: Prefixes that say no more than that it is the learner's.
GENERIC = frozenset(("clf", "classifier", "regressor", "model", "estimator", "learner"))
#: What changes nothing that matters here: seeds, threads, talk.
WITHOUT_EFFECT = frozenset(
    ("random_state", "seed", "random_seed", "n_jobs", "nthread", "num_threads", "thread_count", "verbose", "verbosity")
)
#: Vocabularies to look a name up in: canonical names, then those of the libraries' own interfaces in Python. Those of R
#: and WEKA are left out: `scale` is a bandwidth there, and whether to scale here.
FAMILIES = ("", "optuna", "openml-sklearn", "tabr", "autogluon")
_SEPARATORS = re.compile(r"__|[:./]|_")


@dataclass(frozen=True)
class Named:
    """A hyper-parameter under the name that one vocabulary has for it."""

    canonical: str
    """Empty where it has no counterpart and changes nothing that matters (a seed, a number of threads)."""
    family: str
    """The vocabulary; empty for canonical names."""
    name: str
    """Its name there, without the study's prefix."""

    def value(self, spec: LearnerSpec, raw: ParameterValue) -> ParameterValue:
        """Return a value of the study in the library's own type and unit.

        Raises:
            RecordError: It cannot be read.
        """
        return canonical_value(spec, self.family, self.name, raw)


def learner_called(name: str) -> LearnerSpec | None:
    """Return the learner that `name` means (canonical or alias); None where it means none."""
    try:
        return learner_named(name)
    except UnknownNameError:
        return None


@lru_cache(maxsize=4096)
def named(learner: str, parameter: str) -> Named | None:
    """Return which hyper-parameter of `learner` (canonical) a study's `parameter` is; None where it is none."""
    spec = learner_named(learner)
    for name in _without_prefixes(parameter, learner):
        if name in WITHOUT_EFFECT and name not in spec:
            return Named("", "", name)
        for family in FAMILIES:
            if (found := _in_family(spec, family, name)) is not None:
                return found
    return None


def is_for_another(parameter: str, learner: str, others: Collection[str]) -> bool:
    """Say whether a prefix of `parameter` names one of the learners `others`, and none names `learner`."""
    specs = [learner_called(prefix) for prefix, _ in _splits(parameter)]
    meant = {spec.name for spec in specs if spec is not None}
    return learner not in meant and bool(meant & set(others))


def _in_family(spec: LearnerSpec, family: str, name: str) -> Named | None:
    alias = spec.sources.get(family, None)
    if not (name in spec if not family else alias is not None and name in alias.parameters):
        return None
    canonical = canonical_name(spec, family, name)
    return Named(canonical, family, name) if canonical else None


def _without_prefixes(parameter: str, learner: str) -> list[str]:
    """Return the name, then what remains of it with one prefix after the other taken off."""
    names = [parameter]
    while rest := next((rest for prefix, rest in _splits(names[-1]) if _says_nothing(prefix, learner)), ""):
        names.append(rest)
    return names


def _says_nothing(prefix: str, learner: str) -> bool:
    spec = learner_called(prefix)
    return prefix.lower() in GENERIC or (spec is not None and spec.name == learner)


def _splits(name: str) -> Iterator[tuple[str, str]]:
    """Yield what stands before and after each separator, the shortest prefix first."""
    return ((name[: match.start()], name[match.end() :]) for match in _SEPARATORS.finditer(name))
