"""The space that a study searched, under canonical names: what its trials drew from, and which hung on which."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from ingest.sources.optuna_studies.names import Named, is_for_another, named
from ingest.sources.optuna_studies.snapshot import Distribution, Trial
from kg.errors import RecordError
from kg.learners.registry import learner_named
from kg.learners.spec import LearnerSpec
from kg.model import (
    CategoricalParameter,
    Condition,
    FloatParameter,
    IntParameter,
    Parameter,
    ParameterValue,
    SearchSpace,
    same_value,
)


@dataclass(frozen=True)
class StudySpace:
    """What the trials of one learner searched."""

    space: SearchSpace
    names: Mapping[str, Named]
    """Parameter of the study -> the hyper-parameter that it is."""
    unmapped: Mapping[str, int] = field(default_factory=dict)
    """Parameter that is none of the learner's -> trials that have it."""

    def configuration(self, trial: Trial, spec: LearnerSpec) -> dict[str, ParameterValue]:
        """Return what of the trial's parameters is the learner's, under canonical names.

        Raises:
            RecordError: A value cannot be read.
        """
        return {
            self.names[name].canonical: self.names[name].value(spec, value)
            for name, value in trial.params.items()
            if name in self.names
        }


def searched(
    trials: Sequence[Trial], learner: str, *, aside: Collection[str] = (), among: Collection[str] = ()
) -> StudySpace:
    """Return the space that `trials` were drawn from.

    Ranges that differ between trials are joined. The steps of a range are not kept. A parameter that only some trials
    have hangs on the first choice that tells them apart; where none does, it stands without condition.

    Args:
        trials: Those of one learner.
        learner: Canonical name.
        aside: Parameters that are no hyper-parameters (the one that chooses the learner).
        among: Learners of the study; parameters whose prefix names another one of them are not counted.
    """
    spec = learner_named(learner)
    counts = Counter(name for trial in trials for name in trial.params if name not in aside)
    found = {name: named(learner, name) for name in counts if not is_for_another(name, learner, among)}
    names = {name: one for name, one in found.items() if one is not None and one.canonical}
    unmapped = {name: counts[name] for name, one in found.items() if one is None}
    parameters: dict[str, Parameter] = {}
    for name, one in names.items():
        drawn = [trial.distributions[name] for trial in trials if name in trial.distributions]
        try:
            parameters[one.canonical] = _parameter(spec, one, drawn)
        except RecordError as error:
            unmapped[f"{name} ({error})"] = counts[name]
        except ValidationError as error:  # no range at all: a snapshot may come from anywhere
            unmapped[f"{name} ({error.errors(include_url=False)[0]['msg']})"] = counts[name]
    kept = {name: one for name, one in names.items() if one.canonical in parameters}
    settings = [
        {one.canonical: trial.params[name] for name, one in kept.items() if name in trial.params} for trial in trials
    ]
    conditions = tuple(_conditions(spec, kept, parameters, settings))
    return StudySpace(SearchSpace(parameters=tuple(parameters.values()), conditions=conditions), kept, unmapped)


def _parameter(spec: LearnerSpec, one: Named, drawn: Sequence[Distribution]) -> Parameter:
    if any(distribution.kind == "categorical" for distribution in drawn):
        choices: list[ParameterValue] = []
        for choice in (c for distribution in drawn for c in distribution.choices):
            value = one.value(spec, choice)
            if not any(same_value(value, other) for other in choices):
                choices.append(value)
        if not choices:
            raise RecordError("drawn from choices here, from a range there")
        return CategoricalParameter(name=one.canonical, choices=tuple(choices))
    low = _number(one.value(spec, min(distribution.low for distribution in drawn)))
    high = _number(one.value(spec, max(distribution.high for distribution in drawn)))
    log = all(distribution.log for distribution in drawn)
    whole = all(distribution.kind == "int" for distribution in drawn) and low.is_integer() and high.is_integer()
    if whole and not isinstance(one.value(spec, int(drawn[0].low)), float):
        return IntParameter(name=one.canonical, low=int(low), high=int(high), log=log)
    return FloatParameter(name=one.canonical, low=low, high=high, log=log)


def _number(value: ParameterValue) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise RecordError(f"the bound {value!r} is no number")
    return float(value)


def _conditions(
    spec: LearnerSpec,
    names: Mapping[str, Named],
    parameters: Mapping[str, Parameter],
    settings: Sequence[Mapping[str, ParameterValue]],
) -> Iterator[Condition]:
    """Yield for each parameter that is absent at times the choice that decides, under the values that were tried."""
    by_canonical = {one.canonical: one for one in names.values()}
    for child in parameters:
        present = [setting for setting in settings if child in setting]
        absent = [setting for setting in settings if child not in setting]
        for parent, parameter in parameters.items():
            if parent == child or not isinstance(parameter, CategoricalParameter) or not absent:
                continue
            active = _values(parent, present)
            inactive = _values(parent, [setting for setting in absent if parent in setting])
            decided = all(parent in setting for setting in present) and inactive
            if decided and not any(same_value(a, b) for a in active for b in inactive):
                values = tuple(by_canonical[parent].value(spec, value) for value in active)
                yield Condition(child=child, parent=parent, values=values)
                break


def _values(name: str, settings: Sequence[Mapping[str, ParameterValue]]) -> list[ParameterValue]:
    found: list[ParameterValue] = []
    for setting in settings:
        if not any(same_value(setting[name], value) for value in found):
            found.append(setting[name])
    return found
