"""What the registry says of a learner: its hyper-parameters as the library has them, and its names elsewhere.

One YAML file a learner in `families/`; each becomes a `LearnerSpec`. A spec holds two spaces: the *legal* one (what the
library accepts and uses, see `kg.learners.legality`) and the *search* space (the wide part of it worth trying).
"""

from __future__ import annotations

from collections.abc import Mapping
from math import prod
from typing import Self

from pydantic import Field, model_validator

from kg.learners.hyperparameter import HyperParameter, clipped
from kg.learners.installed import is_available
from kg.learners.searching import search_space
from kg.model import Configuration, FidelityKind, Forbidden, ParameterValue, SearchSpace, TaskType, same_value
from kg.model.base import FrozenMapping, Value


class Dependency(Value):
    """`child` has an effect only while `parent` has one and has one of `values` (or: none of `unless`)."""

    child: str
    parent: str
    values: tuple[ParameterValue, ...] = ()
    unless: tuple[ParameterValue, ...] = ()
    refused: bool = False
    """Whether the library refuses the child then, rather than pass it over."""

    @model_validator(mode="after")
    def _valid(self) -> Self:
        if bool(self.values) == bool(self.unless):
            raise ValueError(f"{self.child}: a dependency on {self.parent} needs either values or unless")
        return self

    def holds(self, value: ParameterValue) -> bool:
        """Say whether `child` has an effect where the parent is `value`."""
        if self.unless:
            return not any(same_value(value, other) for other in self.unless)
        return any(same_value(value, wanted) for wanted in self.values)


class Needs(Value):
    """What the learner needs of the data before it can be fitted."""

    imputed: bool = True
    """Missing values must be filled."""
    encoded: bool = True
    """Categories must be numbers. False: columns of pandas' type ``category`` are taken as they are."""
    scaled: bool = False
    """Numeric columns must have comparable scales."""
    target_encoded: bool = False
    """Classes must be the whole numbers from 0."""


class FidelityParameter(Value):
    """The hyper-parameter that makes a fit cheaper and can be raised step by step."""

    parameter: str
    kind: FidelityKind
    low: float
    """The least value worth running."""
    slower: FrozenMapping[str, FrozenMapping[str, float]] = FrozenMapping({})
    """Other hyper-parameter -> its value -> about how many times longer a step takes then."""

    def size(self, values: Mapping[str, ParameterValue]) -> float | None:
        """Return what the seconds of a fit grow with; None where `values` do not say.

        Args:
            values: A configuration.
        """
        steps = values.get(self.parameter)
        if isinstance(steps, bool) or not isinstance(steps, int | float):
            return None
        factors = (known.get(str(values.get(name)), 1.0) for name, known in self.slower.items())
        return float(steps) * prod(factors)


class SourceAlias(Value):
    """How one source names the learner and its hyper-parameters."""

    names: tuple[str, ...]
    """Learner names there: regular expressions that must match the whole name (of a flow: of its last step)."""
    parameters: FrozenMapping[str, str] = FrozenMapping({})
    """Source's parameter name -> canonical name; names that are the same need no entry."""
    transforms: FrozenMapping[str, str] = FrozenMapping({})
    """Source's parameter name -> name of the transform that makes its value ours (see `transforms.TRANSFORMS`)."""
    ignored: tuple[str, ...] = ()
    """Source parameters (regular expressions) that have no counterpart and change nothing that matters here."""
    fixed: Configuration = Configuration({})
    """Canonical values that the source's learner implies (booster of a linear XGBoost flow)."""
    words: FrozenMapping[str, FrozenMapping[str, ParameterValue]] = FrozenMapping({})
    """Source's parameter name -> word there -> what we call it (``criterion``: ``mse`` -> ``squared_error``)."""
    neutral: FrozenMapping[str, tuple[ParameterValue, ...]] = FrozenMapping({})
    """Source parameters without a counterpart -> the values at which they change nothing; at others they do."""


class LearnerSpec(Value):
    """All the registry knows of one learner."""

    name: str
    """Canonical name, such as ``random_forest``."""
    label: str
    """For people, such as ``Random forest``."""
    aliases: tuple[str, ...] = ()
    """Other names a person may use (``rf``, ``RandomForestClassifier``)."""
    distribution: str | None
    """The Python distribution that has it; None for a learner that is known by its evidence only."""
    alternatives: tuple[str, ...] = ()
    """Other distributions that ship the same library (``xgboost-cpu``)."""
    extra: str | None = None
    """The extra of Tunegraph that installs the distribution; None for the core."""
    implementations: FrozenMapping[TaskType, str] = FrozenMapping({})
    """Task type -> dotted path of the estimator class."""
    components: FrozenMapping[str, FrozenMapping[TaskType, str]] = FrozenMapping({})
    """Constructor argument -> task type -> dotted path of the estimator to pass there (AdaBoost's tree)."""
    fixed: Configuration = Configuration({})
    """Constructor arguments that are always passed and never searched (``verbose=0``)."""
    seed_parameter: str | None = "random_state"
    threads_parameter: str | None = None
    """``n_jobs`` or its like; None where the learner has a single thread."""
    needs: Needs = Needs()
    hyperparameters: tuple[HyperParameter, ...]
    conditions: tuple[Dependency, ...] = ()
    """What has an effect when, in the library."""
    search_conditions: tuple[Dependency, ...] = ()
    """Conditions of the search space that the library does not have (a published space leaves something out)."""
    forbidden: tuple[Forbidden, ...] = ()
    """Combinations that the library refuses or takes for another one."""
    fidelity: FidelityParameter | None = None
    sources: FrozenMapping[str, SourceAlias] = FrozenMapping({})
    """Source family (``openml-sklearn``, ``mlr``, ``flaml``, ``autogluon``, ``tabr``, ...) -> names there."""
    max_rows: int | None = Field(default=None)
    """Rows above which a fit is no longer a matter of minutes (kernel machines); None where it scales."""
    citation: str = ""

    @model_validator(mode="after")
    def _valid(self) -> Self:
        names = [h.name for h in self.hyperparameters]
        if len(set(names)) != len(names):
            raise ValueError(f"{self.name}: a hyper-parameter is listed twice")
        mentioned = {n for c in self.conditions + self.search_conditions for n in (c.child, c.parent)}
        mentioned |= {n for f in self.forbidden for n in f.clauses}
        mentioned |= {self.fidelity.parameter} if self.fidelity else set()
        mentioned |= {n for source in self.sources.values() for n in source.parameters.values()}
        if missing := sorted(mentioned - set(names)):
            raise ValueError(f"{self.name}: refers to unknown hyper-parameters {missing}")
        return self

    def __getitem__(self, name: str) -> HyperParameter:
        for hyperparameter in self.hyperparameters:
            if hyperparameter.name == name:
                return hyperparameter
        raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        return any(h.name == name for h in self.hyperparameters)

    @property
    def task_types(self) -> tuple[TaskType, ...]:
        """The task types that it is for."""
        return tuple(t for t in TaskType if any(t in h.task_types for h in self.hyperparameters))

    def available(self, task_type: TaskType, *, historical: bool = False) -> tuple[HyperParameter, ...]:
        """Return the hyper-parameters that exist for `task_type` in the installed release of the library.

        Where the library is not installed, its newest known release counts.

        Args:
            task_type: Classification or regression.
            historical: Whether to include those that the library has removed since.
        """
        distributions = (self.distribution, *self.alternatives) if self.distribution else ()
        return tuple(
            h
            for h in self.hyperparameters
            if task_type in h.task_types
            and is_available(distributions, since=h.since, until=None if historical else h.until)
        )

    def effective(
        self, configuration: Mapping[str, ParameterValue], task_type: TaskType, *, historical: bool = False
    ) -> dict[str, ParameterValue]:
        """Return `configuration` completed by the library's defaults."""
        defaults = {h.name: h.default_for(task_type) for h in self.available(task_type, historical=historical)}
        return {**defaults, **configuration}

    def is_active(self, name: str, effective: Mapping[str, ParameterValue]) -> bool:
        """Say whether `name` has an effect in the library under a complete configuration (see `effective`)."""
        return all(
            c.parent not in effective or (c.holds(effective[c.parent]) and self.is_active(c.parent, effective))
            for c in self.conditions
            if c.child == name
        )

    def space(self, task_type: TaskType, *, historical: bool = False) -> SearchSpace:
        """Return the wide search space: every hyper-parameter worth tuning for `task_type` in the installed library.

        Args:
            task_type: Classification or regression.
            historical: Whether to include hyper-parameters that the library has removed since, so that old runs are
                points of the space. What comes of such a space need not be possible any more (see `still_possible`).
        """
        return search_space(self, task_type, historical=historical)

    def default(self, task_type: TaskType) -> Configuration:
        """Return the library's default configuration for the hyper-parameters of `space`, the active ones."""
        effective = self.effective({}, task_type)
        names = self.space(task_type).names
        return Configuration({n: effective[n] for n in names if self.is_active(n, effective)})

    def default_point(self, task_type: TaskType, *, n_columns: int | None = None) -> Configuration:
        """Return the point of `space` that is, or comes nearest to, the library's default (``sqrt`` -> a share).

        Args:
            task_type: Classification or regression.
            n_columns: Columns of the table; ``max_features="sqrt"`` and ``gamma="scale"`` depend on it. None takes
                `TYPICAL_COLUMNS`.
        """
        return self.point({}, task_type, n_columns=n_columns)

    def point(
        self, configuration: Mapping[str, ParameterValue], task_type: TaskType, *, n_columns: int | None = None
    ) -> Configuration:
        """Return the point of `space` nearest to `configuration`.

        What it does not set, or sets to a choice that the space lacks, has its default (see `default_point`); numbers
        are clipped; what the space lacks and what has no effect is left out.

        Args:
            configuration: Canonical hyper-parameter name -> value, such as a run's.
            task_type: Classification or regression.
            n_columns: Columns of the table, for defaults that depend on it. None takes `TYPICAL_COLUMNS`.
        """
        space = self.space(task_type)
        values = {
            p.name: clipped(p, configuration.get(p.name, None), self[p.name].stand_in_for(task_type, n_columns))
            for p in space.parameters
        }
        return Configuration({name: value for name, value in values.items() if space.is_active(name, values)})

    def still_possible(self, configuration: Mapping[str, ParameterValue], task_type: TaskType) -> Configuration | None:
        """Return `configuration` in the terms of the installed library, or None where it cannot be had any more.

        A hyper-parameter that was removed is left out where it had the value that the library now behaves as.
        """
        available = {h.name for h in self.available(task_type)}
        gone = [self[n] for n in configuration if n in self and n not in available]
        if any(not same_value(configuration[h.name], h.implied) for h in gone):
            return None
        return Configuration({n: v for n, v in configuration.items() if n not in {h.name for h in gone}})
