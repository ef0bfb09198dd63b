"""Evidence: what the runs, studies and texts say, each piece able to account for itself.

    Evidence = RunSummary | ResponseModel | ParameterImportance | FidelityProfile | FidelityCurve | CostProfile
             | StudySummary | PublishedSpace | Claim | SystemResult | SuiteResult | PublishedBudget

A tagged union on `kind`. Every piece has an IRI, a standing, a sample size, a provenance, and the
confidence that follows.
Scores are in the metric's own unit and direction.
"""

from __future__ import annotations

import itertools
from typing import Annotated, Literal, Self, TypeAlias

from pydantic import Field, field_validator, model_validator

from kg.model.base import FrozenMapping, Iri, ParameterValue, Value
from kg.model.evaluation import FidelityKind
from kg.model.fidelity import FidelityLevel, FidelityPoint
from kg.model.metrics import TaskType
from kg.model.provenance import Provenance, Standing, confidence
from kg.model.space import Configuration, SearchSpace


class _Evidence(Value):
    iri: Iri
    standing: Standing
    n: int = Field(ge=1)
    """Sample size: runs, configurations, trials or documents that it rests on."""
    provenance: Provenance

    @property
    def confidence(self) -> float:
        """How far to trust it, in [0, 1], from standing and sample size."""
        return confidence(self.standing, self.n)


class ParameterQuantiles(Value):
    """How one hyper-parameter is distributed over the top decile of a learner's runs on a data set."""

    parameter: str
    levels: tuple[float, ...] = ()
    """Quantile levels, ascending, for a numeric parameter."""
    values: tuple[float, ...] = ()
    """The quantiles at `levels`, in the parameter's own unit."""
    shares: FrozenMapping[str, float] = FrozenMapping({})
    """For a categorical parameter: JSON text of each choice -> share of the top decile."""

    @model_validator(mode="after")
    def _valid(self) -> Self:
        if len(self.levels) != len(self.values) or not _is_ascending(self.levels):
            raise ValueError(
                f"{self.parameter}: {len(self.levels)} levels {self.levels} for {len(self.values)} values."
                " Allowed: ascending levels, a value each"
            )
        return self


class RunSummary(_Evidence):
    """What the runs of a learner on a data set amount to, under one metric."""

    kind: Literal["run_summary"] = "run_summary"
    dataset: Iri
    learner: str
    metric: str
    best: float
    median: float
    worst: float
    default: float | None = None
    """Score of the library's default configuration, where it was run."""
    top_runs: tuple[Iri, ...]
    """The best runs, best first; each is a node in the graph."""
    quantiles: tuple[ParameterQuantiles, ...] = ()
    random_search: tuple[tuple[int, float], ...] = ()
    """(k, expected best score of k runs drawn at random), k ascending."""

    @model_validator(mode="after")
    def _valid(self) -> Self:
        if not _is_ascending(tuple(k for k, _ in self.random_search)):
            raise ValueError(f"random_search: the numbers of runs do not ascend: {self.random_search}")
        return self


class ResponseModel(_Evidence):
    """How a learner's score on a data set answers to its configuration: support points for a Gaussian process.

    The scores are regrets ``(best - score) / (best - median)``, clipped at 2: 0 is best, 1 is the median run.
    """

    kind: Literal["response_model"] = "response_model"
    dataset: Iri
    learner: str
    metric: str
    best: float
    median: float
    space: SearchSpace
    """The space in which configurations are encoded."""
    parameters: tuple[str, ...]
    """Column names of `support`."""
    support: tuple[tuple[ParameterValue, ...], ...] = Field(max_length=150)
    """Configurations, a row each. A missing value (None where the parameter has no None) is an inactive parameter."""
    regrets: tuple[float, ...]
    """Clipped regret of each row of `support`."""
    length_scales: tuple[float, ...]
    """One for each encoded dimension; shared by all data sets of a learner."""
    signal: float = Field(gt=0)
    """Prior standard deviation of the function."""
    noise: float = Field(gt=0)
    """Standard deviation of the noise."""
    level: float
    """Prior mean of the function."""
    fit: float = Field(ge=-1, le=1)
    """Cross-validated Spearman correlation of predicted with measured regret."""


class ParameterImportance(_Evidence):
    """Share of the variance of a learner's score on a data set that each hyper-parameter explains alone (fANOVA)."""

    kind: Literal["parameter_importance"] = "parameter_importance"
    dataset: Iri
    learner: str
    metric: str
    importances: FrozenMapping[str, float]


class FidelityProfile(_Evidence):
    """How well cheaper runs of a learner rank configurations on a data set."""

    kind: Literal["fidelity_profile"] = "fidelity_profile"
    dataset: Iri
    learner: str
    metric: str
    fidelity: FidelityKind
    parameter: str
    full: float
    levels: tuple[FidelityLevel, ...]


class FidelityCurve(_Evidence):
    """How the scores of a learner's configurations on a data set move along the fidelity, under one metric."""

    kind: Literal["fidelity_curve"] = "fidelity_curve"
    dataset: Iri
    learner: str
    metric: str
    fidelity: FidelityKind
    parameter: str
    full: float
    """The value at full fidelity."""
    score: float
    """Median score at full fidelity, over configurations."""
    points: tuple[FidelityPoint, ...] = Field(min_length=1)
    """Levels below the full one, ascending."""

    @model_validator(mode="after")
    def _valid(self) -> Self:
        levels = tuple(point.value for point in self.points)
        if not _is_ascending((*levels, self.full)):
            raise ValueError(f"levels {levels} below {self.full:g}. Allowed: ascending, all below the full one")
        return self


class CostProfile(_Evidence):
    """What training a learner on a data set takes: log seconds, linear in rows, columns and configuration."""

    kind: Literal["cost_profile"] = "cost_profile"
    dataset: Iri
    learner: str
    seconds: tuple[float, float, float]
    """Tenth percentile, median and ninetieth percentile over configurations."""
    memory_mb: float | None = None
    """Median."""
    intercept: float = 0.0
    coefficients: FrozenMapping[str, float] = FrozenMapping({})
    """Change of log seconds for a step of 1 of the parameter's encoded value (log or linear, unit interval)."""
    residual: float = 0.0
    """Standard deviation of log seconds around the line."""


class StudySummary(_Evidence):
    """A finished Optuna study: what was searched, for how long, and what came of it."""

    kind: Literal["study_summary"] = "study_summary"
    dataset: Iri
    learner: str
    metric: str
    task_type: TaskType
    space: SearchSpace
    sampler: str
    n_trials: int
    time_limit_s: float | None = None
    wall_clock_s: float | None = None
    best: float | None = None
    best_trial: int | None = None
    """Number of the trial that was best, from 0."""
    best_configuration: Configuration
    special_values: FrozenMapping[str, ParameterValue] = FrozenMapping({})
    """A value beside its range that a parameter was tried at too (0: switched off)."""


class BoundExpression(Value):
    """A bound that depends on the data: ``min(32768, n)`` with n rows and d columns."""

    parameter: str
    side: Literal["low", "high"]
    expression: str


class PublishedSpace(_Evidence):
    """A search space that a paper or package lays down."""

    kind: Literal["published_space"] = "published_space"
    name: str
    """Such as ``mlr3tuningspaces rbv2``."""
    learner: str
    task_types: tuple[TaskType, ...]
    """Without order: they are kept sorted, each once."""
    space: SearchSpace
    expressions: tuple[BoundExpression, ...] = ()
    initial: Configuration = Configuration({})
    """Starting values, where it names some."""
    special_values: FrozenMapping[str, ParameterValue] = FrozenMapping({})
    """A value beside its range that a parameter may take too (0: switched off)."""
    citation: str
    notes: tuple[str, ...] = ()
    """What of the source's space has no faithful counterpart here, and was left out or changed."""

    @field_validator("task_types")
    @classmethod
    def _sorted(cls, task_types: tuple[TaskType, ...]) -> tuple[TaskType, ...]:
        return tuple(sorted(set(task_types)))


ClaimKind: TypeAlias = Literal[
    "range",
    "default",
    "recommended_value",
    "budget",
    "fidelity",
    "termination",
    "importance",
    "condition",
    "algorithm_choice",
]
"""What a claim states: bounds of a hyper-parameter; the value it has if not set; a value to set; how much to spend;
what to make runs cheaper by; when to stop; how much it matters; when it has an effect or is right; which method to
take."""


class Claim(_Evidence):
    """A statement in a text, with its words."""

    kind: Literal["claim"] = "claim"
    document: str
    """Name of the document."""
    quote: str
    """Verbatim, but for runs of white space, which are one space."""
    section: str = ""
    page: int | None = None
    """From 1, in a document that has pages."""
    statement: ClaimKind
    learner: str | None = None
    """Canonical name; None where the registry has no such learner."""
    hyperparameter: str | None = None
    """Canonical name; None where the registry has no such hyper-parameter, or none is meant."""
    algorithm_name: str = ""
    """What the text calls the learner or method."""
    parameter_name: str = ""
    """What the text calls the hyper-parameter or setting."""
    low: float | None = None
    high: float | None = None
    log: bool | None = None
    value: ParameterValue = None
    """A number, or the words of the text where it is none (``10 % of the steps``, ``{30, 50}``)."""
    unit: str = ""
    condition: str = ""
    """In which case, in the words of the text."""


class SystemResult(_Evidence):
    """A system or tuned learner, given a budget, scored so on a data set."""

    kind: Literal["system_result"] = "system_result"
    dataset: Iri
    system: str
    learner: str | None = None
    """Canonical learner, where the system is one learner."""
    tuned: bool
    """Whether hyper-parameters were searched (False: library defaults)."""
    constraint: str
    """The budget, such as ``30 random configurations`` or ``1h8c``."""
    metric: str
    score: float
    seconds: float | None = None
    """Training time."""


class SuiteResult(_Evidence):
    """A system, given a budget, came out so over a whole benchmark: an aggregate, not about any one data set."""

    kind: Literal["suite_result"] = "suite_result"
    suite: str
    """Name of the benchmark, with its release, such as ``HPO-B v3 test``."""
    system: str
    learner: str | None = None
    """Canonical learner, where the system is one learner."""
    constraint: str
    """The budget, such as ``10 trials`` or ``4h8c``."""
    measure: str
    """What the score is and how it is averaged, such as ``normalised regret``: no metric of one data set."""
    greater_is_better: bool
    score: float
    seconds: float | None = None
    """Mean training time, where it is told."""
    citation: str
    notes: tuple[str, ...] = ()
    """What must be known to read the figure."""


class PublishedBudget(_Evidence):
    """How much a paper, a package or its authors say to spend, or spend by default. What is not said is None."""

    kind: Literal["published_budget"] = "published_budget"
    name: str
    """Such as ``AMLB 1h8c`` or ``Optuna TPESampler``."""
    trials_low: int | None = Field(default=None, ge=1)
    """Least number of trials."""
    trials_high: int | None = Field(default=None, ge=1)
    """Greatest number of trials; the same as `trials_low` where one number is said."""
    trials_per_parameter: float | None = Field(default=None, gt=0)
    """Trials for each hyper-parameter of the space."""
    time_limit_s: float | None = Field(default=None, gt=0)
    """Wall clock of the whole, in seconds."""
    per_trial_s: float | None = Field(default=None, gt=0)
    """Wall clock of one trial, in seconds."""
    n_folds: int | None = Field(default=None, ge=1)
    n_cores: int | None = Field(default=None, ge=1)
    memory_mb: float | None = Field(default=None, gt=0)
    citation: str
    notes: tuple[str, ...] = ()
    """In which case, and what goes with it, in our words."""

    @model_validator(mode="after")
    def _valid(self) -> Self:
        figures = (self.trials_low, self.trials_high, self.trials_per_parameter, self.time_limit_s, self.per_trial_s)
        if all(figure is None for figure in figures):
            raise ValueError(f"{self.name}: a budget says a number of trials or a time")
        if self.trials_low is not None and self.trials_high is not None and self.trials_low > self.trials_high:
            raise ValueError(f"{self.name}: {self.trials_low} trials at least, {self.trials_high} at most")
        return self


Evidence: TypeAlias = Annotated[
    RunSummary
    | ResponseModel
    | ParameterImportance
    | FidelityProfile
    | FidelityCurve
    | CostProfile
    | StudySummary
    | PublishedSpace
    | Claim
    | SystemResult
    | SuiteResult
    | PublishedBudget,
    Field(discriminator="kind"),
]

#: Every kind of evidence by its tag.
EVIDENCE_KINDS: dict[str, type[_Evidence]] = {
    cls.model_fields["kind"].default: cls
    for cls in (
        RunSummary,
        ResponseModel,
        ParameterImportance,
        FidelityProfile,
        FidelityCurve,
        CostProfile,
        StudySummary,
        PublishedSpace,
        Claim,
        SystemResult,
        SuiteResult,
        PublishedBudget,
    )
}


def _is_ascending(numbers: tuple[float, ...]) -> bool:
    return all(left < right for left, right in itertools.pairwise(numbers))
