"""Stage 5: the budget keeps to the user's limits, and what the trials should take fits into it."""

from __future__ import annotations

from kg.learners.registry import learner_named
from recommender.proposal import Proposal
from recommender.validation.spending import held_by, predicted_cost, trials_that_fit, unknown_cost, within_constraints
from recommender.validation.stage import GateContext, Measurement, StageVerdict, noted
from recommender.validation.verdict import Finding, Outcome


class CostStage:
    """Holds seconds x trials against the limit; cuts trials to what fits, and refuses where not one does."""

    name = "cost"

    def judge(self, proposal: Proposal, context: GateContext) -> StageVerdict:
        """Judge `proposal` by the graph's measurements; where a test run follows, that has the last word on trials."""
        proposal, findings = within_constraints(proposal)
        found: list[Finding] = [*findings, *_too_many_rows(proposal)]
        cost = predicted_cost(proposal, context.store) if context.store is not None else None
        if cost is None:
            return StageVerdict(proposal, (*found, unknown_cost(proposal)))
        held, findings = held_by(proposal, cost)
        if context.will_fit and not any(finding.outcome is Outcome.FAILED for finding in findings):
            # Seconds from other machines and tables are a poor reason to cut what the test run is about to time.
            findings = tuple(
                noted(
                    f.field, f.code, f"{f.message} (Left as it is until the test run has timed a trial.)", value=f.value
                )
                for f in findings
            )
        else:
            proposal = held
        measurements: dict[str, Measurement] = {
            "predicted_trial_s": cost.seconds,
            "data_sets": cost.n,
            "trials_that_fit": trials_that_fit(proposal.budget.value, cost),
        }
        return StageVerdict(proposal, (*found, *findings), measurements)


def _too_many_rows(proposal: Proposal) -> list[Finding]:
    spec, rows = learner_named(proposal.learner.value), proposal.task.n_rows
    if spec.max_rows is None or rows is None or rows <= spec.max_rows:
        return []
    message = f"{spec.label} takes more than minutes a fit on more than {spec.max_rows:,} rows; the table has {rows:,}."
    return [noted("learner", "too_many_rows", message, value=rows, allowed=f"<= {spec.max_rows:,}")]
