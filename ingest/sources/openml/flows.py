"""From a flow of OpenML to the learner of the registry, and from a setup to its hyper-parameters.

A flow's name says what it is made of: ``sklearn.pipeline.Pipeline(imputer=a.Imputer,svc=sklearn.svm.classes.SVC)(3)``,
``mlr.classif.ranger(8)``, ``weka.SMO_PolyKernel(2)``. Its score is a score of the learner in it only where the rest of
the flow leaves that meaning alone:

- Filling missing values, encoding, scaling, and dropping constant columns is what any pipeline has to do; such flows
  are taken (`TRANSPARENT`; of mlr the wrappers ``preproc``, ``imputed`` and ``dummied``).
- Selecting or making columns, PCA, resampling and discretising change what is learnt from: not taken.
- A search within the run (``GridSearchCV``, mlr's ``tuned``) scores the configuration that it chose on each fold, which
  the setup does not say: not taken.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from ingest.sources.openml.dialects import Table, translated
from kg.errors import RecordError
from kg.learners.registry import resolve, vocabulary
from kg.learners.sources import split_outside_parentheses

#: Components (by class) that leave the meaning of a score alone; the first ones only hold others together.
TRANSPARENT = frozenset(
    {
        *("Pipeline", "ColumnTransformer", "FeatureUnion", "passthrough", "drop", "None"),
        *("Imputer", "SimpleImputer", "KNNImputer", "IterativeImputer", "CategoricalImputer"),
        *("ConditionalImputer", "ConditionalImputer2", "OneHotEncoder", "OrdinalEncoder"),
        *("StandardScaler", "MinMaxScaler", "MaxAbsScaler", "RobustScaler", "VarianceThreshold"),
    }
)
#: Parameter of a component that must have this value for the component to be transparent.
_HARMLESS = {"VarianceThreshold": ("threshold", 0.0)}
#: What a name may have of brackets: deeper ones are no flows of people.
_MOST_BRACKETS = 100

_VERSION = re.compile(r"\(\d+\)$")
_SEARCH = re.compile(r"SearchCV|\.tuned\b|MultiSearch|CVParameterSelection|GridSearch")
_NUMPY = re.compile(r"(?:np|numpy)\.\w+\((.*)\)|np\.(True|False)_?")


@dataclass(frozen=True)
class Component:
    """A flow, or a part of one."""

    name: str
    """The whole expression, without version."""
    parts: tuple[tuple[str, Component], ...] = ()
    """Name of the step or argument -> what is there, in order."""

    @property
    def cls(self) -> str:
        """The class, without its modules."""
        return self.head.rpartition(".")[2]

    @property
    def head(self) -> str:
        """The class with its modules, without what it is made of."""
        return self.name.partition("(")[0]

    def walk(self, path: str = "") -> Iterator[tuple[str, Component]]:
        """Yield each part within, itself first, with its path (``classifier__base_estimator``)."""
        yield path, self
        for key, part in self.parts:
            yield from part.walk(f"{path}__{key}" if path else key)


@dataclass(frozen=True)
class FlowReading:
    """What a flow is to us."""

    name: str
    """Name and version, as evaluations have it."""
    learner: str = ""
    """Canonical name of the learner; empty where `problem` says why there is none."""
    vocabulary: str = ""
    problem: str = ""
    path: str = ""
    """Where in the flow the learner is."""
    components: Mapping[str, str] = field(default_factory=dict)
    """Name of a component (a sub-flow) -> its path in the flow."""


@lru_cache(maxsize=4096)
def read_flow(name: str) -> FlowReading:
    """Return the learner of the flow called `name` (its version in brackets at the end), or why there is none."""
    plain = _without_version(name)
    if name.count("(") > _MOST_BRACKETS:
        return FlowReading(name, problem="nested too deeply")
    words = vocabulary("openml", plain)
    whole = component_of(plain) if words == "openml-sklearn" else Component(plain)
    path, learner, others = _learner_of(whole)
    spec = resolve("openml", learner.name)
    if spec is None:
        return FlowReading(name, vocabulary=words, problem=_why_unknown(plain, words, learner))
    if opaque := sorted({part.cls for other in others for _, part in other.walk() if part.cls not in TRANSPARENT}):
        return FlowReading(name, vocabulary=words, problem=f"preprocessing by {', '.join(opaque)}")
    # The learner's own components last: where one is used twice in a flow, its place within the learner counts. Some
    # clients name a component by its class alone.
    parts = [*whole.walk(), *learner.walk(path)]
    places = {part.head: place for place, part in parts} | {part.name: place for place, part in parts}
    return FlowReading(name, spec.name, words, path=path, components=places)


def component_of(name: str) -> Component:
    """Return the structure that a scikit-learn flow's name spells.

    >>> [path for path, _ in component_of("p.Pipeline(a=x.Y,b=e.Boost(base=t.Tree))").walk()]
    ['', 'a', 'b', 'b__base']
    """
    _, bracket, rest = name.partition("(")
    if not bracket or not rest.endswith(")"):
        return Component(name)
    parts = [part.partition("=") for part in split_outside_parentheses(rest[:-1])]
    named = [(key, part) if equals and "(" not in key else ("", key + equals + part) for key, equals, part in parts]
    return Component(name, tuple((key or str(at), component_of(part)) for at, (key, part) in enumerate(named)))


def read_setup(
    flow: FlowReading, parameters: Iterable[Mapping[str, Any]], table: Table | None = None
) -> dict[str, Any]:
    """Return the settings of the learner in a flow: the names of its vocabulary -> values, as the registry reads them.

    Args:
        flow: A flow that has a learner.
        parameters: Records ``{flow_name, full_name, name, value}`` of the setup.
        table: What is known of the data set; some values depend on it.

    Raises:
        RecordError: A setting has no counterpart, or other preprocessing is in it.
    """
    if flow.vocabulary == "openml-sklearn":
        found = _sklearn_settings(flow, parameters)
    else:
        root = _without_version(flow.name)
        found = {_qualified(root, flow.vocabulary, p): p["value"] for p in parameters if p["value"] is not None}
    return translated(flow.vocabulary, flow.learner, _without_version(flow.name), found, table or Table())


def decoded(text: Any) -> Any:
    """Return the value that openml-python's text spells: JSON, or the words and NumPy numbers of older releases."""
    return _decoded(text) if isinstance(text, str) else text


@lru_cache(maxsize=65_536)
def _decoded(text: str) -> Any:
    value: Any
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        value = text
    if isinstance(value, str) and (numpy := _NUMPY.fullmatch(value.strip())):
        return (numpy[1] or numpy[2]).strip("'\"")
    return value


def _learner_of(whole: Component) -> tuple[str, Component, list[Component]]:
    """Return path and component of what is fitted at the end of (nested) pipelines, and the steps before."""
    path, found, others = "", whole, []
    while found.cls == "Pipeline" and found.parts:
        others += [part for _, part in found.parts[:-1]]
        key, found = found.parts[-1]
        path = f"{path}__{key}" if path else key
    return path, found, others


def _why_unknown(name: str, words: str, learner: Component) -> str:
    if _SEARCH.search(name):
        return "its configuration is chosen within the run"
    if words == "openml-sklearn" and learner.parts:
        return f"no counterpart of {learner.cls} of {', '.join(part.cls for _, part in learner.parts)}"
    return "no learner with the same hyper-parameters"


def _sklearn_settings(flow: FlowReading, parameters: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    prefix = f"{flow.path}__" if flow.path else ""
    found: dict[str, Any] = {}
    for parameter in parameters:
        component, name = _component_name(parameter), str(parameter["name"])
        place = flow.components.get(component)
        if place is None and (component or "__" not in name):
            raise RecordError(
                f"setting of a component that the flow has not: {name} of {component or 'an unknown one'}"
            )
        full = f"{place}__{name}" if place else name
        if not full.startswith(prefix):
            _check_harmless(component, name, parameter["value"])
        elif not _is_reference(value := decoded(parameter["value"])):
            found[full.removeprefix(prefix)] = value
    return found


def _component_name(parameter: Mapping[str, Any]) -> str:
    """Return the name of the sub-flow that a parameter belongs to; old setups have it in the full name only."""
    name = parameter.get("flow_name") or str(parameter.get("full_name") or "").removesuffix(f"_{parameter['name']}")
    return _without_version(str(name))


@lru_cache(maxsize=4096)
def _without_version(name: str) -> str:
    return _VERSION.sub("", name.strip())


def _check_harmless(component: str, name: str, value: Any) -> None:
    """Raise a RecordError where a component before the learner is set to do more than it does by default."""
    for cls, (parameter, wanted) in _HARMLESS.items():
        if name == parameter and Component(component).cls == cls and value is not None and decoded(value) != wanted:
            raise RecordError(f"preprocessing by {cls}: {name} is {value}")


def _is_reference(value: Any) -> bool:
    """Say whether a value stands for a component, which the flow's name has already, or is NaN: not there."""
    if isinstance(value, float) and math.isnan(value):
        return True
    return isinstance(value, dict) and value.get("oml-python:serialized_object") == "component_reference"


def _qualified(root: str, words: str, parameter: Mapping[str, Any]) -> str:
    """Return an mlr or WEKA parameter's name; those of WEKA's sub-flows (kernels) begin with the sub-flow's name."""
    name, component = str(parameter["name"]).lstrip("-"), _component_name(parameter)
    if words != "openml-weka" or component in ("", root):
        return name
    return f"{component.removeprefix('weka.')}__{name}"
