"""What a stage of the gate is: a judge with a name, what it is given, and what it gives back."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from kg.model.base import FrozenMapping
from kg.store import KnowledgeStore
from recommender.proposal import Proposal
from recommender.validation.sandbox import Limits
from recommender.validation.verdict import Finding, Outcome, TestRun, plain_value

if TYPE_CHECKING:
    from kg.tables import Table

Draft: TypeAlias = Proposal | Mapping[str, Any] | str | bytes
"""What may be handed to the gate: a proposal, or the JSON of what may become one."""

GroundingCheck: TypeAlias = Callable[[Proposal, KnowledgeStore], tuple[Finding, ...]]
Measurement: TypeAlias = float | int | str | bool | None

#: Seconds that the gate may spend on test runs, where nothing else is said.
TEST_RUN_SECONDS = 30.0


@dataclass(frozen=True)
class GateContext:
    """What the gate may use to judge a proposal; nothing of it is changed."""

    table: Table | None = None
    """The user's table; None where only its meta-features are given. The test process sees a copy of some rows."""
    store: KnowledgeStore | None = None
    """The graph; None where there is none, and then citations cannot be checked."""
    test_run_seconds: float = TEST_RUN_SECONDS
    """Wall clock for the whole gate, nearly all of it test runs. 0: nothing is fitted."""
    fit_size: tuple[int, int] | None = None
    """Rows and folds that the test run must keep to, to be compared with another; None: by the time there is."""
    limits: Limits = field(default_factory=Limits)
    """What the test process may use."""
    seed: int = 0
    progress: Callable[[str], None] = lambda _: None
    """Told in words what is done next."""
    check_grounding: GroundingCheck | None = None
    """None: `recommender.grounding.check`."""
    deadline: float | None = None
    """On the clock of `time.monotonic`; the gate sets it at its start."""
    drafted: Proposal | None = None
    """The proposal as it came, before any repair; the gate fills it in. Citations speak for this one."""
    test_runs: tuple[TestRun, ...] = ()
    """What the test run measured; the gate fills it in for the stages that follow."""

    @property
    def will_fit(self) -> bool:
        """Whether a test run is to be held."""
        return self.table is not None and self.test_run_seconds > 0

    @property
    def seconds_left(self) -> float:
        """Wall clock that is left for test runs."""
        if self.deadline is None:
            return self.test_run_seconds
        return max(0.0, self.deadline - time.monotonic())


@dataclass(frozen=True)
class StageVerdict:
    """What one stage has to say."""

    proposal: Proposal | None
    """The proposal, repaired where it had to be; None where there is none to speak of."""
    findings: tuple[Finding, ...] = ()
    measurements: Mapping[str, Measurement] = field(default_factory=dict)
    test_runs: tuple[TestRun, ...] = ()
    skipped: bool = False
    """Whether the stage could not be held at all; the findings say why."""

    @property
    def outcome(self) -> Outcome:
        """The worst of the findings."""
        outcomes = {finding.outcome for finding in self.findings}
        if self.proposal is None or Outcome.FAILED in outcomes:
            return Outcome.FAILED
        if Outcome.REPAIRED in outcomes:
            return Outcome.REPAIRED
        return Outcome.SKIPPED if self.skipped else Outcome.PASS


class Stage(Protocol):
    """One stage of the gate. A stage judges one thing, repairs only what has one right repair, and says so."""

    @property
    def name(self) -> str:
        """Its name in verdicts."""

    def judge(self, proposal: Proposal, context: GateContext) -> StageVerdict:
        """Judge `proposal`. A fault of the proposal is a finding, never an exception."""


def failed(field: str, code: str, message: str, *, value: Any = None, allowed: str = "") -> Finding:
    """Return a finding that keeps the proposal from being shown."""
    return _finding(Outcome.FAILED, field, code, message, value=value, allowed=allowed)


def repaired(field: str, code: str, message: str, *, value: Any = None, allowed: str = "") -> Finding:
    """Return a finding of something that was wrong and has been put right; `message` says how."""
    return _finding(Outcome.REPAIRED, field, code, message, value=value, allowed=allowed)


def noted(field: str, code: str, message: str, *, value: Any = None, allowed: str = "") -> Finding:
    """Return a finding that a person should know of and that stands in nobody's way."""
    return _finding(Outcome.PASS, field, code, message, value=value, allowed=allowed)


def unchecked(field: str, message: str) -> Finding:
    """Return a finding that something was not checked, and why."""
    return _finding(Outcome.SKIPPED, field, "not_checked", message)


def _finding(outcome: Outcome, field: str, code: str, message: str, *, value: Any = None, allowed: str = "") -> Finding:
    return Finding(
        field=field, code=code, message=message, value=plain_value(value), allowed=allowed[:500], outcome=outcome
    )


def frozen_measurements(measurements: Mapping[str, Measurement]) -> FrozenMapping[str, Measurement]:
    """Return `measurements` as a verdict holds them: finite numbers, rounded to six significant digits."""
    return FrozenMapping[str, Measurement](
        {name: _rounded(value) for name, value in measurements.items() if not _is_infinite(value)}
    )


def _rounded(value: Measurement) -> Measurement:
    return float(f"{value:.6g}") if isinstance(value, float) else value


def _is_infinite(value: Measurement) -> bool:
    return isinstance(value, float) and value - value != 0
