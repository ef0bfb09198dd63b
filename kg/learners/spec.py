"""What the registry says of a learner: its hyper-parameters as the library has them, and its names elsewhere.

One YAML file a learner in `families/`; each becomes a `LearnerSpec`.
"""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from kg.model import Condition, Configuration, FidelityKind, Forbidden, Parameter, ParameterValue, SearchSpace, TaskType
from kg.model.base import FrozenMapping, Value


class LegalNumbers(Value):
    """The numbers that the library accepts for a hyper-parameter."""

    type: Literal["int", "float"]
    low: float | None = None
    high: float | None = None
    low_open: bool = False
    """Whether `low` itself is refused."""
    high_open: bool = False


class HyperParameter(Value):
    """One hyper-parameter: its default, what the library accepts, and the wide range worth searching."""

    name: str
    default: ParameterValue = None
    defaults: FrozenMapping[TaskType, ParameterValue] = FrozenMapping({})
    """Defaults that differ by task type; they take precedence over `default`."""
    numbers: tuple[LegalNumbers, ...] = ()
    """Legal numbers; several where the meaning depends on the type (``max_features``: int columns or float share)."""
    values: tuple[ParameterValue, ...] = ()
    """Legal values that are no numbers, or numbers with a meaning of their own (``-1``)."""
    values_by_task: FrozenMapping[TaskType, tuple[ParameterValue, ...]] = FrozenMapping({})
    """Legal values that only one task type has (``criterion``)."""
    search: Parameter | None = None
    """The wide space worth searching where nothing is known; None where it is not worth tuning."""
    search_by_task: FrozenMapping[TaskType, Parameter] = FrozenMapping({})
    """Spaces that differ by task type; they take precedence over `search`."""
    task_types: tuple[TaskType, ...] = (TaskType.CLASSIFICATION, TaskType.REGRESSION)
    until: str | None = None
    """The release of the library that removed it; evidence may still speak of it."""
    since: str | None = None
    """The release of the library that brought it, where older ones are in use."""
    low_cost: ParameterValue = None
    """The end of the range at which a fit is cheapest, where one is known (FLAML's annotation)."""
    note: str = ""

    def is_legal(self, value: ParameterValue, task_type: TaskType) -> bool:
        """Say whether the library accepts `value` for this hyper-parameter."""
        raise NotImplementedError  # filled by the registry's author

    def default_for(self, task_type: TaskType) -> ParameterValue:
        """Return the library's default."""
        return self.defaults.get(task_type, self.default)


class Needs(Value):
    """What the learner needs of the data before it can be fitted."""

    imputed: bool = True
    """Missing values must be filled."""
    encoded: bool = True
    """Categories must be numbers."""
    scaled: bool = False
    """Numeric columns must have comparable scales."""


class FidelityParameter(Value):
    """The hyper-parameter that makes a fit cheaper and can be raised step by step."""

    parameter: str
    kind: FidelityKind
    low: float
    """The least value worth running."""


class SourceAlias(Value):
    """How one source names the learner and its hyper-parameters."""

    names: tuple[str, ...]
    """Learner names there: regular expressions that must match the whole (flow) name."""
    parameters: FrozenMapping[str, str] = FrozenMapping({})
    """Source's parameter name -> canonical name; names that are the same need no entry."""
    transforms: FrozenMapping[str, str] = FrozenMapping({})
    """Canonical name -> name of the transform that turns the source's value into ours (see `registry.TRANSFORMS`)."""
    ignored: tuple[str, ...] = ()
    """Source parameters that have no counterpart and change nothing that matters here (``n_jobs``)."""
    fixed: Configuration = Configuration({})
    """Canonical values that the source's learner implies (booster of a linear XGBoost flow)."""


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
    extra: str | None = None
    """The extra of Tunegraph that installs the distribution; None for the core."""
    implementations: FrozenMapping[TaskType, str] = FrozenMapping({})
    """Task type -> dotted path of the estimator class."""
    fixed: Configuration = Configuration({})
    """Constructor arguments that are always passed and never searched (``verbose=0``)."""
    seed_parameter: str | None = "random_state"
    threads_parameter: str | None = None
    """``n_jobs`` or its like; None where the learner has a single thread."""
    needs: Needs = Needs()
    hyperparameters: tuple[HyperParameter, ...]
    conditions: tuple[Condition, ...] = ()
    forbidden: tuple[Forbidden, ...] = ()
    fidelity: FidelityParameter | None = None
    sources: FrozenMapping[str, SourceAlias] = FrozenMapping({})
    """Source family (``openml-sklearn``, ``mlr``, ``flaml``, ``autogluon``, ``auto-sklearn``, ...) -> names there."""
    max_rows: int | None = Field(default=None)
    """Rows above which a fit is no longer a matter of minutes (kernel machines); None where it scales."""
    citation: str = ""

    @model_validator(mode="after")
    def _valid(self) -> Self:
        names = {h.name for h in self.hyperparameters}
        mentioned = {n for c in self.conditions for n in (c.child, c.parent)} | {
            n for f in self.forbidden for n in f.clauses
        }
        if missing := sorted(mentioned - names):
            raise ValueError(f"{self.name}: conditions or forbidden pairs name unknown hyper-parameters {missing}")
        return self

    def space(self, task_type: TaskType) -> SearchSpace:
        """Return the wide search space: every hyper-parameter worth tuning for `task_type` in the installed library."""
        raise NotImplementedError  # filled by the registry's author

    def default(self, task_type: TaskType) -> Configuration:
        """Return the library's default configuration for the hyper-parameters of `space`."""
        raise NotImplementedError  # filled by the registry's author
