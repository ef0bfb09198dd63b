"""The gate: seven stages, cheap first. What it lets through may be shown; what it does not, never is.

proposal, verdict = Gate().judge(draft, GateContext(table=table, store=store, test_run_seconds=30))
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace

from recommender.proposal import Proposal
from recommender.validation.stage import Draft, GateContext, Stage, StageVerdict, frozen_measurements, unchecked
from recommender.validation.stages.cost import CostStage
from recommender.validation.stages.grounding import GroundingStage
from recommender.validation.stages.learner import LearnerStage
from recommender.validation.stages.sanity import SanityStage
from recommender.validation.stages.schema import SchemaStage
from recommender.validation.stages.test_run import TestRunStage
from recommender.validation.stages.worth import WorthStage
from recommender.validation.verdict import Outcome, StageResult, TestRun, Verdict

#: Stage -> those that are held although it failed. A value that its evidence does not give may also be one that cannot
#: be meant, and to say so costs nothing; no refused proposal is ever fitted.
HELD_IN_SPITE = {GroundingStage.name: (SanityStage.name, CostStage.name)}


def default_stages() -> tuple[Stage, ...]:
    """Return the stages that follow the schema's, in order: what costs nothing goes first."""
    return LearnerStage(), GroundingStage(), SanityStage(), CostStage(), TestRunStage(), WorthStage()


class Gate:
    """Judges drafts.

    Args:
        stages: What follows the schema stage, in order. Default: `default_stages`.
    """

    def __init__(self, stages: Sequence[Stage] | None = None) -> None:
        self._schema = SchemaStage()
        self._stages = tuple(stages) if stages is not None else default_stages()

    def judge(self, draft: Draft, context: GateContext) -> tuple[Proposal | None, Verdict]:
        """Return the proposal in `draft`, repaired and with its verdict, and the verdict.

        A stage that fails ends the judging, but for `HELD_IN_SPITE`: what follows is skipped, and says so. The proposal
        is None where the draft is none. The whole takes about ``context.test_run_seconds``; what looking up citations
        takes of it is not there for fits.
        """
        if context.deadline is None:
            context = replace(context, deadline=time.monotonic() + context.test_run_seconds)
        started = time.perf_counter()
        read = self._schema.read(draft)
        results = [_result("schema", read, started)]
        proposal, test_runs = read.proposal, tuple[TestRun, ...]()
        if proposal is not None and results[-1].outcome is not Outcome.FAILED:
            proposal, test_runs = self._rest(proposal, context, results)
        refusing = next((result.name for result in results if result.outcome is Outcome.FAILED), "")
        results += [_not_held(name, refusing) for name in self._names[len(results) :]]
        verdict = Verdict(outcome=overall(results), stages=tuple(results), test_runs=test_runs)
        return (proposal.replace(verdict=verdict) if proposal is not None else None), verdict

    @property
    def _names(self) -> tuple[str, ...]:
        return (self._schema.name, *(stage.name for stage in self._stages))

    def _rest(
        self, proposal: Proposal, context: GateContext, results: list[StageResult]
    ) -> tuple[Proposal, tuple[TestRun, ...]]:
        """Hold the stages after the first until one fails; add what each found to `results`."""
        context = replace(context, drafted=proposal)
        refusing = ""
        for stage in self._stages:
            if refusing and stage.name not in HELD_IN_SPITE.get(refusing, ()):
                break
            context.progress(f"checking: {stage.name}")
            started = time.perf_counter()
            found = stage.judge(proposal, context)
            results.append(_result(stage.name, found, started))
            proposal = found.proposal or proposal
            if found.test_runs:
                context = replace(context, test_runs=found.test_runs)
            if results[-1].outcome is Outcome.FAILED:
                refusing = stage.name
        return proposal, context.test_runs


def overall(results: Sequence[StageResult]) -> Outcome:
    """Return the outcome of all stages: the worst; skipped stages stand in nobody's way."""
    outcomes = {result.outcome for result in results}
    if Outcome.FAILED in outcomes:
        return Outcome.FAILED
    return Outcome.REPAIRED if Outcome.REPAIRED in outcomes else Outcome.PASS


def _result(name: str, found: StageVerdict, started: float) -> StageResult:
    return StageResult(
        name=name,
        outcome=found.outcome,
        findings=found.findings,
        seconds=round(time.perf_counter() - started, 4),
        measurements=frozen_measurements(found.measurements),
    )


def _not_held(name: str, failed: str) -> StageResult:
    finding = unchecked("proposal", f"Not held, because {failed} failed.")
    return StageResult(name=name, outcome=Outcome.SKIPPED, findings=(finding,), seconds=0.0)
