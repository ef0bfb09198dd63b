"""What the gate found: stage by stage, readable by a person and usable by a program."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from pydantic import Field

from kg.model import Configuration, Iri
from kg.model.base import FrozenMapping, ParameterValue, Value


class Outcome(StrEnum):
    """How a stage, or the whole gate, ended."""

    PASS = "pass"  # noqa: S105  # not a password
    REPAIRED = "repaired"
    """Something was wrong, had one right repair, and is repaired."""
    FAILED = "failed"
    SKIPPED = "skipped"
    """Not run; the finding says why (no data, no time, an earlier failure)."""


class Finding(Value):
    """One thing that the gate has to say about one field."""

    field: str
    """Path in the proposal, such as ``search_space.parameters.max_depth.high``."""
    code: str
    """Stable name of the kind of fault, such as ``out_of_domain``."""
    message: str
    value: ParameterValue = None
    allowed: str = ""
    outcome: Outcome
    evidence: tuple[Iri, ...] = ()


class StageResult(Value):
    """What one stage found."""

    name: str
    outcome: Outcome
    findings: tuple[Finding, ...] = ()
    seconds: float = Field(ge=0)
    measurements: FrozenMapping[str, float | int | str | bool | None] = FrozenMapping({})


class TestRun(Value):
    """One configuration that the gate fitted, with what came out. A successful one can become a trial of the study."""

    __test__ = False  # the name is the field's, not pytest's

    role: str
    """Why it was fitted: ``dummy``, ``default``, ``warm_start``, ``corner``, ``random``,
    ``low_fidelity``, or ``timing`` (the default on more rows)."""
    label: str
    """Which one of its role: ``2`` for the third warm start, ``low`` for a corner, ..."""
    configuration: Configuration
    status: str
    """``done``, or what ended it: ``error``, ``timeout``, ``memory``, ``crash``, ``processes``, ``disk``; ``stopped``
    where the test run had no time or rows for it, which says nothing against it."""
    detail: str = ""
    """What it died of, in words."""
    scores: tuple[float, ...] = ()
    """One for each fold that was finished, in the metric's own unit and direction."""
    seconds: tuple[float, ...] = ()
    """Fit and score, one for each finished fold."""
    rows: int = Field(ge=1)
    """Rows of the sample."""
    folds: int = Field(ge=2)
    comparable: bool = False
    """Whether rows and folds are those of the study itself, so that the mean score may stand as a trial's value."""
    fidelity: float | None = None
    """The fidelity at which it ran; None for the full one."""

    @property
    def is_complete(self) -> bool:
        """Whether every fold was fitted and scored."""
        return self.status == "done" and len(self.scores) == self.folds


class Attempt(Value):
    """One draft that was judged on the way to the proposal that is shown."""

    proposer: str
    """Whose draft it was."""
    outcome: Outcome
    stages: tuple[StageResult, ...]


class Comparison(Value):
    """How a proposal did beside the composed one, on the same folds. Figures are None where nothing was compared."""

    proposed: str
    """Who proposed it."""
    composed: str
    """Who proposed the other, as a rule ``composer``."""
    decision: str
    """In words."""
    composed_is_better: bool = False
    """Whether the composed one is better beyond noise; then it is shown."""
    configurations: int = 0
    """How many of each were compared; the best of them count."""
    proposed_score: float | None = None
    """Mean over the folds, in the metric's own unit and direction."""
    composed_score: float | None = None
    difference: float | None = None
    """Of the gains, the proposal's less the composed one's: above 0 the proposal is better."""
    error: float | None = None
    """Standard error of `difference`."""
    rows: int | None = None
    folds: int | None = None


class Verdict(Value):
    """What all stages found. A proposal may be shown where `outcome` is ``pass`` or ``repaired``."""

    outcome: Outcome
    stages: tuple[StageResult, ...]
    test_runs: tuple[TestRun, ...] = ()
    """Every fit of the test run."""
    attempts: tuple[Attempt, ...] = ()
    """Drafts that were refused, first to last; empty where the first was accepted."""
    comparison: Comparison | None = None
    """How a draft of another proposer did beside the composed one; None where there were no two to compare."""

    @property
    def may_be_shown(self) -> bool:
        """Whether the proposal may be shown as a recommendation."""
        return self.outcome in (Outcome.PASS, Outcome.REPAIRED)

    @property
    def first_trials(self) -> tuple[TestRun, ...]:
        """The test runs whose mean score may stand as a trial of the study: same rows, same folds, full fidelity.

        Their configurations hold the fixed values of the proposal and the constants of its space, too.
        """
        roles = ("warm_start", "corner", "random")
        return tuple(r for r in self.test_runs if r.comparable and r.is_complete and r.role in roles)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The findings of all stages, in order."""
        return tuple(finding for stage in self.stages for finding in stage.findings)


def plain_value(value: Any) -> ParameterValue:
    """Return `value` where a finding can hold it, or else a short text of it; never the whole of a long text."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int) and abs(value) < 2**63:
        return value
    if isinstance(value, float) and value - value == 0:
        return value
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= 100 else text[:97] + "..."
