"""What the fits of a test run say of what was foretold: the prediction of the first trial, and when rules fire."""

from __future__ import annotations

import math
from statistics import fmean

from kg.model import Metric
from recommender.proposal import PredictedScore, Proposal, Stagnation, TargetReached, WallClock
from recommender.validation.comparable import Checked, Evidence
from recommender.validation.repairs import replace_value
from recommender.validation.stage import failed, noted, repaired
from recommender.validation.timing import measured_cost
from recommender.validation.verdict import Finding, TestRun

#: How many times the lead over a constant prediction that was measured on a sample may at most be predicted: on a small
#: share of the rows, and on half of them or more.
MOST_TIMES, MOST_TIMES_HALF = 3.0, 1.5
#: Times the default's lead over a constant prediction from which on no gain counts as one.
TOO_TOLERANT = 2.0


def prediction_covers(proposal: Proposal, evidence: Evidence) -> Checked:
    """Find out whether the interval of the first trial covers what the first trial scored; widen it where not."""
    prediction = proposal.prediction.value
    first = next((score for score in prediction.scores if score.k == 1), None)
    started = [run for run in evidence.of("warm_start") if run.label == "0"]
    if first is None or not started:
        return proposal, ()
    measured = fmean(started[0].scores)
    low, high = _with_noise(started[0])
    # Less data scores worse, so a sample below the interval says nothing against it.
    is_worse = evidence.metric.gain(measured) < min(map(evidence.metric.gain, (first.low, first.high)))
    if first.low <= high and low <= first.high:
        return proposal, ()
    message = f"The first trial scores {measured:.4g}; [{first.low:.4g}, {first.high:.4g}] was predicted."
    if is_worse and not evidence.is_whole and not _is_out_of_reach(first, high, evidence):
        message += f" The fit had {started[0].rows:,} of {evidence.n_rows:,} rows."
        return proposal, (noted("prediction.scores.1", "prediction_missed", message, value=measured),)
    scores = tuple(_widened(score, measured, evidence.metric) for score in prediction.scores)
    finding = repaired("prediction.scores.1", "prediction_missed", f"{message} Widened to cover it.", value=measured)
    return replace_value(proposal, "prediction", prediction.replace(scores=scores), message, stage="worth"), (finding,)


def _is_out_of_reach(first: PredictedScore, high: float, evidence: Evidence) -> bool:
    """Say whether no number of further rows makes up for how far a sample scores below the interval."""
    dummy = evidence.best("dummy")
    if dummy is None:
        return False
    gain, constant = evidence.metric.gain, evidence.gain(dummy)
    measured = max(gain(high), *map(evidence.gain, evidence.of("warm_start", "default")))
    times = MOST_TIMES_HALF if 2 * evidence.runs[-1].rows >= evidence.n_rows else MOST_TIMES
    return min(gain(first.low), gain(first.high)) - constant > times * max(measured - constant, 0.0)


def termination_behaves(proposal: Proposal, evidence: Evidence) -> Checked:
    """Find rules that the first trials would already have fired."""
    findings: list[Finding] = []
    default = evidence.best("default")
    trial, lead = measured_cost(proposal, evidence), _lead(evidence)
    rules = proposal.termination.value.rules
    for number, rule in enumerate(rules):
        field = f"termination.rules.{number}"
        if isinstance(rule, TargetReached) and default is not None:
            score = fmean(default.scores)
            # Less data scores worse, so what is surely reached on a sample is reached on the whole.
            sure = score if evidence.is_whole else min(_with_noise(default), key=evidence.metric.gain)
            if evidence.metric.gain(sure) >= evidence.metric.gain(rule.score):
                message = f"The library's default scores {score:.4g}, so the target {rule.score:g} is reached at once."
                findings.append(failed(field, "fires_at_once", message, value=rule.score))
        if isinstance(rule, Stagnation) and lead is not None and rule.tolerance > TOO_TOLERANT * lead > 0:
            message = f"A gain must be above {rule.tolerance:g}; the default is {lead:.3g} better than a constant."
            findings.append(failed(field, "unit_slip", message, value=rule.tolerance))
        if isinstance(rule, WallClock) and trial is not None and rule.seconds < trial.seconds:
            message = f"A trial takes about {trial.seconds:.3g} s, the rule stops after {rule.seconds:g} s."
            findings.append(failed(field, "fires_at_once", message, value=rule.seconds))
    if proposal.termination.value.combine == "all" and len(findings) < len(rules):
        return proposal, ()
    return proposal, tuple(findings)


def _lead(evidence: Evidence) -> float | None:
    """Return by how much the library's default is better than a constant prediction; None where it is not known."""
    default, dummy = evidence.best("default"), evidence.best("dummy")
    return evidence.gain(default) - evidence.gain(dummy) if default is not None and dummy is not None else None


def _with_noise(run: TestRun) -> tuple[float, float]:
    """Return the mean score of a run with two standard errors on each side."""
    mean = fmean(run.scores)
    spread = math.sqrt(fmean([(score - mean) ** 2 for score in run.scores]) / max(1, len(run.scores) - 1))
    return mean - 2 * spread, mean + 2 * spread


def _widened(score: PredictedScore, measured: float, metric: Metric) -> PredictedScore:
    """Return `score` with an interval that covers what the first trial scored; later trials can only better it."""
    if score.k == 1 or metric.gain(measured) > max(metric.gain(score.low), metric.gain(score.high)):
        return score.replace(low=min(score.low, measured), high=max(score.high, measured))
    return score
