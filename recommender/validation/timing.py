"""What a trial takes by the fits of a test run, scaled to all rows, and the budget held against it."""

from __future__ import annotations

import math
from statistics import fmean, median

from recommender.proposal import Proposal
from recommender.validation.comparable import Checked, Evidence
from recommender.validation.spending import SLACK, TrialCost, held_by
from recommender.validation.stage import noted, unchecked

#: Share by which trials may exceed what fits before they are cut, where seconds were scaled from fewer rows.
EXTRAPOLATED_SLACK = 2.0
#: Factor of rows beyond which seconds are not scaled where it was not seen how they grow.
MOST_FACTOR = 5.0
#: Seconds of a fit below which its fixed costs hide how it grows.
LEAST_SECONDS = 0.02


def time_fits(proposal: Proposal, evidence: Evidence) -> Checked:
    """Hold the budget against the seconds that were measured, and correct it."""
    trial = measured_cost(proposal, evidence)
    if trial is None:
        return proposal, (unchecked("budget", "No trial was timed."),)
    if math.isinf(trial.slack):
        message = (
            f"A trial may take about {trial.seconds:.3g} s; that is scaled from {evidence.runs[-1].rows:,} to"
            f" {evidence.n_rows:,} rows, too far to cut the budget by."
        )
        return proposal, (noted("budget", "cost_uncertain", message, value=trial.seconds),)
    return held_by(proposal, trial)


def measured_cost(proposal: Proposal, evidence: Evidence) -> TrialCost | None:
    """Return what a trial takes by the fits that were made, scaled to all rows; None where none was."""
    # Corners are the dearest that the space holds; warm starts are what will be run.
    runs = evidence.of("warm_start") or evidence.of("random", "corner") or evidence.of("default")
    if not runs:
        return None
    per_fit = median(fmean(run.seconds) for run in runs)
    protocol = proposal.protocol.value
    # A fold trains on (k - 1) / k of the rows; the sample's folds may be fewer than the study's.
    trained = runs[0].rows * (1 - 1 / runs[0].folds)
    wanted = evidence.n_rows * (1 - 1 / protocol.folds)
    exponent = growth(evidence)
    more = wanted / trained
    factor = more ** (exponent if exponent is not None and more > 1 else 1.0)
    seconds = per_fit * factor * protocol.folds * protocol.repeats
    slack = SLACK if more < 2 else EXTRAPOLATED_SLACK
    return TrialCost(
        seconds, "measured", len(runs), slack=math.inf if exponent is None and more > MOST_FACTOR else slack
    )


def growth(evidence: Evidence) -> float | None:
    """Return the exponent by which seconds grow with rows, from the default at two sizes; None where it is unknown."""
    defaults = [run for run in evidence.every if run.role in ("default", "timing") and run.is_complete]
    defaults = sorted(defaults, key=lambda run: run.rows)
    small, large = (defaults[0], defaults[-1]) if defaults else (None, None)
    if small is None or large is None or large.rows < 2 * small.rows or fmean(small.seconds) < LEAST_SECONDS:
        return None
    exponent = math.log(fmean(large.seconds) / fmean(small.seconds)) / math.log(large.rows / small.rows)
    return min(max(exponent, 0.5), 3.0)
