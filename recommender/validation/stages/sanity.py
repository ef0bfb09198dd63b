"""Stage 4: budget, space, fidelity, termination and prediction make sense, each and together."""

from __future__ import annotations

from collections.abc import Callable

from recommender.proposal import Proposal
from recommender.validation.sanity.budget import check_budget
from recommender.validation.sanity.effort import check_effort
from recommender.validation.sanity.fidelity import check_fidelity
from recommender.validation.sanity.prediction import check_prediction
from recommender.validation.sanity.space import check_space
from recommender.validation.sanity.task import check_task
from recommender.validation.sanity.termination import check_termination
from recommender.validation.stage import GateContext, StageVerdict
from recommender.validation.verdict import Finding

Check = Callable[[Proposal], tuple[Proposal, tuple[Finding, ...]]]

#: The checks in order. Termination and prediction are read against the budget, which therefore comes first.
CHECKS: tuple[Check, ...] = (
    check_task,
    check_budget,
    check_space,
    check_effort,
    check_fidelity,
    check_termination,
    check_prediction,
)


class SanityStage:
    """Finds what cannot be meant, without data, graph or fit."""

    name = "sanity"

    def judge(self, proposal: Proposal, context: GateContext) -> StageVerdict:  # noqa: ARG002  # the stages' interface
        """Judge `proposal` by itself."""
        findings: list[Finding] = []
        for check in CHECKS:
            proposal, found = check(proposal)
            findings += found
        return StageVerdict(proposal, tuple(findings))
