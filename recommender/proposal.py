"""The proposal: what to tune, how, for how long, when to stop, what to expect, and on what evidence.

In JSON each field is ``{"value", "citations", "derivation", "rationale", "confidence", "parts"}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import Field, ValidationError

from kg.errors import InputError
from kg.model import Configuration, FidelityKind, Iri, SearchSpace
from kg.model.base import FrozenMapping, Value
from recommender.task import TuningTask
from recommender.validation.verdict import Verdict

#: Version of the JSON layout; the major number changes when a reader must change.
SCHEMA_VERSION: Literal["1.0"] = "1.0"

T = TypeVar("T")


class Derivation(Value):
    """The rule that a value came from. Run again on the cited evidence with the same arguments, it gives the value."""

    rule: str
    """Name of a rule in `recommender.grounding.RULES`."""
    arguments: FrozenMapping[str, Any] = FrozenMapping({})
    """Plain JSON values."""


class Grounding(Value):
    """Why a value is what it is."""

    citations: tuple[Iri, ...] = ()
    """The evidence, most telling first."""
    derivation: Derivation | None = None
    rationale: str = ""
    """For people."""
    confidence: float = Field(default=0.0, ge=0, le=1)


class Grounded(Grounding, Generic[T]):
    """A value and why it is so. `parts` accounts for what the value is made of (a parameter, a warm start) by name."""

    value: T
    parts: FrozenMapping[str, Grounding] = FrozenMapping({})


class Protocol(Value):
    """How a configuration is scored while tuning."""

    folds: int = Field(ge=2)
    repeats: int = Field(default=1, ge=1)
    stratified: bool
    shuffle: bool = True


class Sampler(Value):
    """The Optuna sampler."""

    name: Literal["tpe", "gp", "transfer", "random"]
    n_startup_trials: int = Field(default=10, ge=0)
    """Trials before the sampler learns from what it saw; warm starts count."""
    multivariate: bool = True


class Pruner(Value):
    """The Optuna pruner."""

    name: Literal["none", "successive_halving", "hyperband", "median", "wilcoxon"]


class Budget(Value):
    """How much to spend. `binding` names the limit that is reached first."""

    n_trials: int = Field(ge=1)
    wall_clock_s: float = Field(gt=0)
    per_trial_s: float = Field(gt=0)
    """A fit that takes longer is stopped."""
    n_workers: int = Field(default=1, ge=1)
    binding: Literal["n_trials", "wall_clock_s"]


class Fidelity(Value):
    """What is made smaller to screen configurations cheaply."""

    parameter: str
    """A hyper-parameter of the learner, or ``training_fraction`` or ``folds``."""
    kind: FidelityKind
    min: float = Field(gt=0)
    max: float = Field(gt=0)
    eta: int = Field(default=3, ge=2)


class Stagnation(Value):
    """Stop after `patience` trials without a gain above `tolerance`."""

    kind: Literal["stagnation"] = "stagnation"
    patience: int = Field(ge=1)
    tolerance: float = Field(default=0.0, ge=0)


class TargetReached(Value):
    """Stop when the best score is at least as good as `score`."""

    kind: Literal["target_reached"] = "target_reached"
    score: float


class WallClock(Value):
    """Stop after `seconds`."""

    kind: Literal["wall_clock"] = "wall_clock"
    seconds: float = Field(gt=0)


class MaxTrials(Value):
    """Stop after `n_trials` finished trials."""

    kind: Literal["max_trials"] = "max_trials"
    n_trials: int = Field(ge=1)


class Cost(Value):
    """Stop when the trials have taken `seconds` in all, whatever number of workers shared them."""

    kind: Literal["cost"] = "cost"
    seconds: float = Field(gt=0)


class ExpectedImprovement(Value):
    """Stop when the transfer sampler expected next to nothing of each of the last trials.

    Holds of studies under that sampler only: others do not say what they expect.
    """

    kind: Literal["expected_improvement"] = "expected_improvement"
    threshold: float = Field(default=3e-5, gt=0)
    """Expected improvement, in units of a typical data set's (best - median). Far below what is worth having, because
    expected improvement is overconfident: the default is where the leave-one-data-set-out study found .006 given up."""
    trials: int = Field(default=5, ge=1)
    """So many on end."""
    patience: int = Field(default=0, ge=0)
    """Trials without a gain that there must have been, too."""


class RegretBound(Value):
    """Stop when what may still be gained is less than cross-validation can tell apart (Makarova et al. 2022)."""

    kind: Literal["regret_bound"] = "regret_bound"
    min_trials: int = Field(default=20, ge=2)
    """Trials with a score before it is asked."""
    error: float | None = Field(default=None, gt=0)
    """What counts as nothing, in the metric's unit. None: the error of cross-validation of the best trial."""


class MinimumRegret(Value):
    """Stop when trials no longer change the expected minimum regret (Ishibashi et al. 2023)."""

    kind: Literal["minimum_regret"] = "minimum_regret"
    warm_up: int = Field(default=10, ge=2)
    """Trials with a score that are passed over."""
    window: int = Field(default=20, ge=1)
    """Trials after those whose median change is what later ones are held against."""
    ratio: float = Field(default=0.01, gt=0, lt=1)
    """Share of that median that counts as no change."""


Rule: TypeAlias = Annotated[
    Stagnation | TargetReached | WallClock | MaxTrials | Cost | ExpectedImprovement | RegretBound | MinimumRegret,
    Field(discriminator="kind"),
]


class Termination(Value):
    """When to stop."""

    rules: tuple[Rule, ...] = Field(min_length=1)
    combine: Literal["any", "all"] = "any"


class PredictedScore(Value):
    """The score expected after `k` trials, with its interval, in the metric's own unit."""

    k: int = Field(ge=1)
    low: float
    expected: float
    high: float


class RemainingLoss(Value):
    """The share of the loss (distance from the perfect score) after `after` trials that is left after `k` of them."""

    after: int = Field(ge=1)
    k: int = Field(ge=2)
    least: float = Field(ge=0, le=1)
    """The end of the interval; the other one is 1, for the best cannot get worse."""
    expected: float = Field(ge=0, le=1)


class PredictedLevel(Value):
    """The score expected at a lower fidelity, with its interval, in the metric's own unit.

    A change is the score at this level less that of the same configuration at full fidelity.
    """

    value: float
    """The level."""
    low: float
    expected: float
    high: float
    low_change: float
    change: float
    high_change: float


class PredictedCurve(Value):
    """The score expected along the fidelity, of the best of the first `k` trials."""

    parameter: str
    full: float
    """The value at full fidelity."""
    k: int = Field(ge=1)
    score: float
    """Expected at full fidelity on the data sets that have curves; the changes start from it."""
    levels: tuple[PredictedLevel, ...]
    """Below the full fidelity, ascending."""


class Prediction(Value):
    """What tuning should bring. `scores` is empty where the evidence supports no figure; the rationale says why."""

    metric: str
    level: float = Field(default=0.9, gt=0, lt=1)
    """Nominal coverage of the intervals."""
    scores: tuple[PredictedScore, ...] = ()
    remaining: tuple[RemainingLoss, ...] = ()
    """What further trials should still bring, once some were run: see `recommender.forecast`."""
    curve: PredictedCurve | None = None
    """What cheaper runs should score; None where no evidence says it, and the rationale says why."""


class Advice(StrEnum):
    """Whether to tune at all."""

    TUNE = "tune"
    DO_NOT_TUNE = "do_not_tune"
    """The default is as good as what tuning is likely to find."""
    ABSTAIN = "abstain"
    """There is not enough to go by."""


class Neighbour(Value):
    """A data set of the graph that is like the task's."""

    dataset: Iri
    name: str
    distance: float | None
    """Root mean square difference of ranks; 0 is the same. None where nothing could be compared."""
    weight: float
    """Its share in the evidence."""


class Proposal(Value):
    """A complete, grounded tuning configuration. `Proposal -> JSON -> Proposal` loses nothing."""

    schema_version: Literal["1.0"] = SCHEMA_VERSION
    task: TuningTask
    learner: Grounded[str]
    metric: Grounded[str]
    protocol: Grounded[Protocol]
    search_space: Grounded[SearchSpace]
    """`parts`: parameter name -> why it has this range."""
    warm_starts: Grounded[tuple[Configuration, ...]]
    """In the order to try them. `parts`: index as text -> why it is tried."""
    sampler: Grounded[Sampler]
    pruner: Grounded[Pruner]
    budget: Grounded[Budget]
    fidelity: Grounded[Fidelity | None]
    termination: Grounded[Termination]
    prediction: Grounded[Prediction]
    fixed: Grounded[Configuration]
    """Hyper-parameters that are not worth tuning, with their value. `parts`: name -> why."""
    advice: Grounded[Advice]
    neighbours: tuple[Neighbour, ...] = ()
    novelty: float | None = None
    """Share of the known data sets that are nearer to another one than this task is to any. Near 1: unlike all."""
    assumptions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    proposer: str = "composer"
    """Who proposed it: ``composer``, ``defaults`` or ``PROVIDER:MODEL``."""
    verdict: Verdict | None = None

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the proposal as JSON."""
        return self.model_dump_json(indent=indent)

    @classmethod
    def from_json(cls, text: str | bytes) -> Proposal:
        """Read a proposal back.

        Raises:
            InputError: The text is no proposal; says which field is wrong and what it may be.
        """
        from recommender.validation.faults import describe, findings_of, guessed_types, raw_json

        raw = raw_json(text)
        try:
            proposal = cls.model_validate_json(text)
            findings = tuple(guessed_types(raw, proposal.model_dump(mode="json")))
        except ValidationError as error:
            findings = findings_of(error, raw)
        if findings:
            first = findings[0]
            raise InputError(f"This is no proposal: {describe(findings)}.", where=first.field, allowed=first.allowed)
        return proposal


def json_schema() -> Mapping[str, Any]:
    """Return the JSON schema of a proposal (draft 2020-12), as published in ``docs/reference/proposal.schema.json``."""
    return Proposal.model_json_schema()


def stand_in_startup(proposal: Proposal) -> int:
    """Return the trials after which TPE, where it stands in for the transfer sampler, learns: all the warm starts."""
    return max(1, min(10, len(proposal.warm_starts.value)))
