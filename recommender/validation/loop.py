"""From a draft to a proposal that may be shown: judged, sent back with the findings, and if need be replaced.

draft -> gate -> (proposer revises, at most twice) -> composed proposal -> predefined defaults -> nothing

What another proposer than the composer got through the gate is test-run beside the composed proposal (`challenge`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Protocol

from kg.errors import TunegraphError
from recommender.defaults import default_proposal
from recommender.proposal import Proposal
from recommender.task import TuningTask
from recommender.validation.challenge import compared, size_of
from recommender.validation.gate import Gate
from recommender.validation.stage import Draft, GateContext
from recommender.validation.verdict import Attempt, Finding, Outcome, Verdict

#: How often a draft goes back to its proposer.
MOST_REVISIONS = 2
#: Share of the time left that an attempt may use while another could follow.
ATTEMPT_SHARE = 0.65
#: The same where the composed proposal will be test-run beside it.
CHALLENGED_SHARE = 0.5


class Proposer(Protocol):
    """Who drafts proposals and can be told what is wrong with one."""

    @property
    def name(self) -> str:
        """Its name in verdicts, such as ``composer``."""

    def revise(self, draft: Draft, findings: tuple[Finding, ...]) -> Draft | None:
        """Return a better draft, or None where it has none."""


@dataclass(frozen=True)
class Validated:
    """What came of a draft."""

    proposal: Proposal | None
    """A proposal that may be shown, with its verdict; None where nothing sound was found."""
    verdict: Verdict
    """Of that proposal, or of the last one that was refused; what was refused before is in `attempts`."""


@dataclass(frozen=True)
class _Turn:
    """One draft in the order of those that are tried."""

    proposer: str
    draft: Draft
    is_last: bool = False
    is_challenged: bool = False
    """Whether the composed proposal is to be test-run beside it."""


def validated(
    draft: Draft,
    proposer: Proposer | None,
    context: GateContext,
    *,
    task: TuningTask | None = None,
    composed: Callable[[], Proposal] | None = None,
    gate: Gate | None = None,
) -> Validated:
    """Return a proposal that may be shown, starting from `draft`; every refused draft stands in the verdict.

    Args:
        draft: What is proposed.
        proposer: Who proposed it, and may do so again; None where nobody can.
        context: For the gate. All attempts together keep to its time.
        task: For the defaults; the draft's own where it is a proposal. Without one there are no defaults.
        composed: Gives the composed proposal; None where `draft` is it.
        gate: Judges. Default: all stages.
    """
    gate = gate or Gate()
    deadline = context.deadline or time.monotonic() + context.test_run_seconds
    attempts: list[Attempt] = []
    last: Verdict | None = None
    turns = _Turns(draft, proposer, composed, task if task is not None else _task_of(draft), context)
    for turn in turns:
        context.progress(f"judging the proposal of {turn.proposer}")
        proposal, verdict = gate.judge(turn.draft, replace(context, deadline=_until(deadline, turn)))
        last = verdict.replace(attempts=tuple(attempts))
        if verdict.may_be_shown and proposal is not None:
            found = Validated(_told(proposal, turn, attempts).replace(verdict=last), last)
            return _challenged(found, turns, gate, replace(context, deadline=deadline)) if turn.is_challenged else found
        attempts.append(Attempt(proposer=turn.proposer, outcome=verdict.outcome, stages=verdict.stages))
        turns.refused = verdict.findings
    assert last is not None  # noqa: S101  # there is at least the draft itself
    return Validated(None, last)


def _until(deadline: float, turn: _Turn) -> float:
    """Return until when a turn may be judged, so that those that could follow have time, too."""
    share = 1.0 if turn.is_last else CHALLENGED_SHARE if turn.is_challenged else ATTEMPT_SHARE
    now = time.monotonic()
    return now + share * max(0.0, deadline - now)


def _challenged(found: Validated, turns: _Turns, gate: Gate, context: GateContext) -> Validated:
    """Return the better one of what was found and the composed proposal, with the comparison."""
    challenger = turns.compose() if context.will_fit else None
    if found.proposal is None or challenger is None:
        return found
    context.progress(f"test-running {challenger.proposer}'s proposal beside it")
    size = size_of(found.verdict.test_runs)
    proposal, verdict = gate.judge(challenger, replace(context, fit_size=size))
    if proposal is None or not verdict.may_be_shown:
        refused = Attempt(proposer=challenger.proposer, outcome=verdict.outcome, stages=verdict.stages)
        last = found.verdict.replace(attempts=(*found.verdict.attempts, refused))
        return Validated(found.proposal.replace(verdict=last), last)
    comparison = compared(found.proposal, proposal)
    winner = proposal if comparison.composed_is_better else found.proposal
    last = (verdict if comparison.composed_is_better else found.verdict).replace(
        attempts=found.verdict.attempts, comparison=comparison
    )
    if comparison.composed_is_better:
        told = f"{comparison.decision} So it is shown, and not {comparison.proposed}'s."
        winner = winner.replace(warnings=(*winner.warnings, told))
    return Validated(winner.replace(verdict=last), last)


class _Turns:
    """Gives the drafts in turn; `refused` holds the findings on the last one."""

    def __init__(
        self,
        draft: Draft,
        proposer: Proposer | None,
        composed: Callable[[], Proposal] | None,
        task: TuningTask | None,
        context: GateContext,
    ) -> None:
        self._draft, self._proposer, self._composed, self._task = draft, proposer, composed, task
        self._context = context
        self.refused: tuple[Finding, ...] = ()

    def __iter__(self) -> Iterator[_Turn]:
        learner = _learner_of(self._draft, self._task)
        name = self._proposer.name if self._proposer is not None else _proposer_of(self._draft)
        draft: Draft | None = self._draft
        is_challenged = self._composed is not None
        is_last = self._proposer is None and self._composed is None and learner is None
        yield _Turn(name, self._draft, is_last=is_last, is_challenged=is_challenged)
        for _ in range(MOST_REVISIONS if self._proposer is not None else 0):
            draft = self._proposer.revise(draft, self.refused) if self._proposer and draft is not None else None
            if draft is None:
                break
            yield _Turn(name, draft, is_challenged=is_challenged)
        if (composed := self.compose()) is not None:
            learner = composed.learner.value
            yield _Turn(composed.proposer, composed)
        if self._task is not None and learner is not None and (defaults := self._defaults(learner)) is not None:
            yield _Turn(defaults.proposer, defaults, is_last=True)

    def compose(self) -> Proposal | None:
        """Return the composed proposal; None where the draft is it, or the composer abstains."""
        try:
            return self._composed() if self._composed is not None else None
        except TunegraphError:  # the composer abstains: the defaults are next
            return None

    def _defaults(self, learner: str) -> Proposal | None:
        why = "What was proposed first did not hold: these are predefined defaults, with no evidence behind them."
        try:
            return default_proposal(self._task, learner, self._context.store, why=why) if self._task else None
        except TunegraphError:
            return None


def _told(proposal: Proposal, turn: _Turn, attempts: list[Attempt]) -> Proposal:
    """Return `proposal` with a warning for each draft that was refused before it."""
    told = tuple(
        f"A proposal of {attempt.proposer} was refused at stage {_failing(attempt)}; this is {turn.proposer}'s."
        for attempt in attempts
    )
    return proposal.replace(warnings=(*proposal.warnings, *told)) if told else proposal


def _failing(attempt: Attempt) -> str:
    return next((stage.name for stage in attempt.stages if stage.outcome is Outcome.FAILED), "unknown")


def _task_of(draft: Draft) -> TuningTask | None:
    return draft.task if isinstance(draft, Proposal) else None


def _learner_of(draft: Draft, task: TuningTask | None) -> str | None:
    """Return the learner that defaults would be for: the draft's, or the first that the user allows."""
    if isinstance(draft, Proposal):
        return draft.learner.value
    return next(iter(task.constraints.learners), None) if task is not None else None


def _proposer_of(draft: Draft) -> str:
    return draft.proposer if isinstance(draft, Proposal) else "draft"
