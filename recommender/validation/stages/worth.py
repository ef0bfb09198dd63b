"""Stage 7: the proposal is worth it: better than nothing, no worse than the default, and what it says holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from statistics import fmean

from kg.model import METRICS
from recommender.proposal import Proposal
from recommender.validation.comparable import Checked, Evidence, comparable_runs
from recommender.validation.foretold import prediction_covers, termination_behaves
from recommender.validation.ranking import fidelity_correlation, fidelity_ranks
from recommender.validation.spending import held_by, predicted_cost
from recommender.validation.stage import GateContext, Measurement, StageVerdict, unchecked
from recommender.validation.timing import measured_cost, time_fits
from recommender.validation.verdict import Finding
from recommender.validation.worth import beats_dummy, space_is_of_use, starts_match_default

#: The questions, in order; the budget comes last, because other repairs change what is to be paid.
QUESTIONS: tuple[Callable[[Proposal, Evidence], Checked], ...] = (
    beats_dummy,
    starts_match_default,
    space_is_of_use,
    prediction_covers,
    fidelity_ranks,
    termination_behaves,
    time_fits,
)


class WorthStage:
    """Holds what the proposal claims against what the test run measured."""

    name = "worth"

    def judge(self, proposal: Proposal, context: GateContext) -> StageVerdict:
        """Judge `proposal` by the runs in `context`."""
        if context.table is None or not any(run.is_complete for run in context.test_runs):
            proposal, found = _by_prediction(proposal, context)
            finding = unchecked("proposal", "Nothing was fitted, so nothing was compared.")
            return StageVerdict(proposal, (finding, *found), skipped=True)
        evidence = comparable_runs(context.test_runs, METRICS[proposal.metric.value], context.table.n_rows)
        measurements = _measurements(proposal, evidence)
        findings: list[Finding] = []
        for question in QUESTIONS:
            proposal, found = question(proposal, evidence)
            findings += found
        if (trial := measured_cost(proposal, evidence)) is None or math.isinf(trial.slack):
            proposal, found = _by_prediction(proposal, context, at_most=math.inf if trial is None else trial.seconds)
            findings += found
        return StageVerdict(proposal, tuple(findings), measurements)


def _by_prediction(proposal: Proposal, context: GateContext, *, at_most: float = math.inf) -> Checked:
    """Hold the budget against the graph's seconds, as the cost stage would have where no test run was to come.

    Args:
        proposal: The proposal.
        context: Its store is asked.
        at_most: Seconds of a trial as scaled from few rows, which is rather too much: seconds grow slower than rows.
    """
    if context.store is None or not context.will_fit:
        return proposal, ()
    cost = predicted_cost(proposal, context.store)
    return held_by(proposal, replace(cost, seconds=min(cost.seconds, at_most))) if cost is not None else (proposal, ())


def _measurements(proposal: Proposal, evidence: Evidence) -> dict[str, Measurement]:
    found: dict[str, Measurement] = {}
    for role in ("dummy", "default", "warm_start", "random"):
        best = evidence.best(role)
        if best is not None:
            found[f"best_{role}"] = fmean(best.scores)
    if (trial := measured_cost(proposal, evidence)) is not None:
        found["trial_s"] = trial.seconds
    ranks = fidelity_correlation(proposal, evidence) if proposal.fidelity.value is not None else None
    if ranks is not None:
        found |= {"fidelity_rank": ranks.rho, "fidelity_rank_low": ranks.low, "fidelity_rank_high": ranks.high}
    return found
