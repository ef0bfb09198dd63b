"""From the names and values of a source to canonical ones.

resolve("openml-sklearn", "sklearn.pipeline.Pipeline(...,svc=sklearn.svm.classes.SVC)")  ->  the spec of ``svm``
canonical_configuration(spec, "openml-sklearn", {"svc__C": "1.5", ...})                  ->  {"C": 1.5, ...}

A source that holds several vocabularies (OpenML: scikit-learn's, mlr's and WEKA's flows) gives its own name as the
family; which of them a record is in shows in the learner's name (`vocabulary`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from kg.errors import RecordError
from kg.learners.families import all_specs
from kg.learners.hyperparameter import HyperParameter
from kg.learners.spec import LearnerSpec, SourceAlias
from kg.learners.transforms import TRANSFORMS, is_missing, literal
from kg.model import Configuration, ParameterValue, TaskType, same_value

_NO_ALIAS = SourceAlias(names=())
_NO_WORDS: Mapping[str, ParameterValue] = {}
#: Family -> pattern of the learner's name there -> vocabulary; the first that matches the beginning counts.
_VOCABULARIES: Mapping[str, tuple[tuple[str, str], ...]] = {
    "openml": (
        (r"(mlr3?\.)?(classif|regr)\.ksvm", "openml-kernlab"),
        (r"(mlr3?\.)?(classif|regr|surv|cluster|multilabel|costsens)\.", "openml-mlr"),
        (r"weka\.", "openml-weka"),
        ("", "openml-sklearn"),
    )
}
#: ``(1)`` at the end of an OpenML flow name.
_VERSION = re.compile(r"\(\d+\)$")


@lru_cache(maxsize=1024)
def vocabulary(source_family: str, source_name: str) -> str:
    """Return the vocabulary that a learner's name of a source is in: the source's own, unless it holds several.

    >>> vocabulary("openml", "mlr.classif.ranger(8)"), vocabulary("tabr", "xgboost_")
    ('openml-mlr', 'tabr')
    """
    known = _VOCABULARIES.get(source_family, ())
    return next((found for pattern, found in known if re.match(pattern, source_name)), source_family)


@lru_cache(maxsize=1024)
def resolve(source_family: str, source_name: str) -> LearnerSpec | None:
    """Return the learner that a source calls `source_name`, or None where the registry has none.

    Args:
        source_family: Whose names these are, such as ``openml-sklearn`` or ``mlr``; empty for canonical names.
        source_name: The learner's name there; of an OpenML flow, the whole flow name or its id.
    """
    if not source_family:
        return all_specs().get(source_name)
    wanted = last_step(source_name)
    family = vocabulary(source_family, wanted)
    for spec in all_specs().values():
        alias = spec.sources.get(family, _NO_ALIAS)
        if any(re.fullmatch(name, wanted) for name in alias.names):
            return spec
    return None


def last_step(flow: str) -> str:
    """Return the last step of a scikit-learn pipeline flow, without step name and flow version; else the name.

    >>> last_step("sklearn.pipeline.Pipeline(i=a.Imputer,e=b.AdaBoost(base=c.Tree))(2)")
    'b.AdaBoost(base=c.Tree)'
    """
    name = _VERSION.sub("", flow.strip())
    start = name.find("Pipeline(")
    if start < 0 or not name.endswith(")") or "(" in name[:start]:
        return name
    step = split_outside_parentheses(name[start + len("Pipeline(") : -1])[-1]
    head, equals, rest = step.partition("=")
    return last_step(rest if equals and "(" not in head else step)


def split_outside_parentheses(text: str) -> list[str]:
    """Return the parts of `text` between commas, those in parentheses not counted."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character == "," and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def canonical_name(spec: LearnerSpec, source_family: str, name: str) -> str | None:
    """Return the canonical name of a source's hyper-parameter; None where it has no counterpart and does not matter.

    Step prefixes (``svc__C``, ``classifier:libsvm_svc:C``) are taken off.

    Raises:
        RecordError: The registry does not know the hyper-parameter.
    """
    found = _counterpart(spec, source_family, name)
    return found and found[0]


def canonical_value(spec: LearnerSpec, source_family: str, name: str, raw: Any) -> ParameterValue:
    """Return a source's value of a hyper-parameter (named as there) in the library's own type and unit.

    Legality is not looked at.

    Raises:
        RecordError: The hyper-parameter is unknown, or the value cannot be read.
    """
    found = _counterpart(spec, source_family, name)
    if found is None:
        raise RecordError(f"{name!r} has no counterpart among the hyper-parameters of {spec.name}")
    canonical, source = found
    return _read(spec[canonical], spec.sources.get(source_family, _NO_ALIAS), source, raw)


def _counterpart(spec: LearnerSpec, source_family: str, name: str) -> tuple[str, str] | None:
    """Return canonical name and the source's, without prefixes; None where there is no counterpart and need be none."""
    if all_specs().get(spec.name) is spec:  # a run table asks for the same few names 100,000 times
        return _remembered_counterpart(spec.name, source_family, name)
    return _find_counterpart(spec, source_family, name)


@lru_cache(maxsize=4096)
def _remembered_counterpart(learner: str, source_family: str, name: str) -> tuple[str, str] | None:
    return _find_counterpart(all_specs()[learner], source_family, name)


def _find_counterpart(spec: LearnerSpec, source_family: str, name: str) -> tuple[str, str] | None:
    alias = spec.sources.get(source_family, _NO_ALIAS)
    if any(re.fullmatch(pattern, name) for pattern in alias.ignored) or _neutral(alias, name) is not None:
        return None
    source = next((suffix for suffix in _suffixes(name) if suffix in alias.parameters or suffix in spec), None)
    if source is None:
        raise RecordError(f"unknown hyper-parameter {name!r} of {spec.name} in {source_family}")
    return alias.parameters.get(source, source), source


def _suffixes(name: str) -> list[str]:
    """Return `name`, and what is left of it as step prefixes are taken off."""
    parts = re.split(r"(__|:)", name)
    return ["".join(parts[start:]) for start in range(0, len(parts), 2)]


def _neutral(alias: SourceAlias, name: str) -> tuple[ParameterValue, ...] | None:
    """Return the values at which a parameter without a counterpart changes nothing; None where `name` is none such."""
    return next((alias.neutral[suffix] for suffix in _suffixes(name) if suffix in alias.neutral), None)


def _read(hyperparameter: HyperParameter, alias: SourceAlias, source: str, raw: Any) -> ParameterValue:
    named = hyperparameter.values + tuple(v for values in hyperparameter.values_by_task.values() for v in values)
    transform, words = alias.transforms.get(source, ""), alias.words.get(source, _NO_WORDS)
    try:
        value = raw if isinstance(raw, str) and raw in named else literal(raw)
        if isinstance(value, str) and value in words:
            return words[value]
        return hyperparameter.coerced(TRANSFORMS[transform](value) if transform else value)
    except (TypeError, ValueError, OverflowError, ZeroDivisionError) as error:
        raise RecordError(f"{hyperparameter.name}: cannot read {raw!r} ({error})") from error


def _check_neutral(spec: LearnerSpec, alias: SourceAlias, name: str, raw: Any) -> None:
    """Raise a RecordError where a parameter without a counterpart has a value that matters."""
    allowed = _neutral(alias, name)
    if allowed is None:
        return
    try:
        value = literal(raw)
    except TypeError as error:
        raise RecordError(f"{name} without counterpart in {spec.name}: {raw!r} ({error})") from error
    if not any(same_value(value, one) for one in allowed):
        raise RecordError(f"{name} without counterpart in {spec.name}: {value!r}, and only {list(allowed)} is neutral")


def canonical_configuration(
    spec: LearnerSpec, source_family: str, raw: Mapping[str, Any], *, task_type: TaskType | None = None
) -> Configuration:
    """Return a source's configuration under canonical names, in the library's types, active hyper-parameters only.

    Missing values (``?``, NaN) and source parameters without a counterpart are left out (some of these must have a
    value that changes nothing); so are hyper-parameters that have no effect beside the others. Hyper-parameters that
    the installed release has removed are kept.

    Args:
        spec: The learner (see `resolve`).
        source_family: Whose names these are.
        raw: Source's name -> value or its text.
        task_type: What the learner was used for; None: whichever the values fit, classification first.

    Raises:
        RecordError: A hyper-parameter is unknown, its value is not legal, or it has no counterpart and matters.
    """
    fixed = spec.sources.get(source_family, _NO_ALIAS).fixed
    found = {name: _Reading(name, value, _legal_for(spec, name, value)) for name, value in fixed.items()}
    for name, value in raw.items():
        if (reading := _reading(spec, source_family, name, value)) is not None:
            found[reading.name] = reading
    values = {name: reading.value for name, reading in found.items()}
    wanted = (task_type,) if task_type else spec.task_types
    fitting = next((t for t in wanted if all(t in reading.legal_for for reading in found.values())), None)
    if fitting is None:
        raise RecordError(_illegal(spec, values, wanted[0]))
    ordered = {h.name: values[h.name] for h in spec.hyperparameters if h.name in found}
    if any(c.child in found for c in spec.conditions):
        effective = spec.effective(values, fitting, historical=True)
        ordered = {name: value for name, value in ordered.items() if spec.is_active(name, effective)}
    return Configuration(ordered)


class _Reading(NamedTuple):
    """What a source's parameter and its value amount to."""

    name: str
    value: ParameterValue
    legal_for: tuple[TaskType, ...]


def _reading(spec: LearnerSpec, source_family: str, name: str, raw: Any) -> _Reading | None:
    """Return what `name` = `raw` of a source amounts to; None where it is missing or need have no counterpart."""
    if isinstance(raw, str | int | float | None) and all_specs().get(spec.name) is spec:
        return _remembered_reading(spec.name, source_family, name, raw)
    return _read_anew(spec, source_family, name, raw)


# A run table has the same few words and whole numbers 100,000 times; True is not 1, nor 1 1.0.
@lru_cache(maxsize=50_000, typed=True)
def _remembered_reading(learner: str, source_family: str, name: str, raw: Any) -> _Reading | None:
    return _read_anew(all_specs()[learner], source_family, name, raw)


def _read_anew(spec: LearnerSpec, source_family: str, name: str, raw: Any) -> _Reading | None:
    canonical = canonical_name(spec, source_family, name)
    if canonical is None:
        _check_neutral(spec, spec.sources.get(source_family, _NO_ALIAS), name, raw)
    if canonical is None or is_missing(raw):
        return None
    value = canonical_value(spec, source_family, name, raw)
    return _Reading(canonical, value, _legal_for(spec, canonical, value))


def _legal_for(spec: LearnerSpec, name: str, value: ParameterValue) -> tuple[TaskType, ...]:
    hyperparameter = spec[name]
    if not hyperparameter.values_by_task:  # then it is legal for all or for none
        return hyperparameter.task_types if hyperparameter.is_legal(value, hyperparameter.task_types[0]) else ()
    return tuple(t for t in hyperparameter.task_types if hyperparameter.is_legal(value, t))


def _illegal(spec: LearnerSpec, configuration: Mapping[str, ParameterValue], task_type: TaskType) -> str:
    """Return the first thing that is illegal in `configuration`, in words; empty where nothing is."""
    for name, value in configuration.items():
        hyperparameter = spec[name]
        if task_type not in hyperparameter.task_types:
            return f"{spec.name} has no hyper-parameter {name!r} for {task_type}"
        if not hyperparameter.is_legal(value, task_type):
            return f"illegal value {value!r} of {name}: allowed is {hyperparameter.allowed(task_type)}"
    return ""
