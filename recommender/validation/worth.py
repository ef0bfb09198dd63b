"""What the fits of a test run say of a proposal's worth, one question a function."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, fmean, median

from kg.learners.registry import learner_named
from kg.model import Configuration, Metric
from recommender.proposal import PredictedScore, Proposal, Stagnation, TargetReached, WallClock
from recommender.validation.comparing import paired
from recommender.validation.probing import WARM_STARTS
from recommender.validation.repairs import replace_value, with_starts
from recommender.validation.spending import SLACK, TrialCost, held_by
from recommender.validation.stage import failed, noted, repaired, unchecked
from recommender.validation.verdict import Finding, TestRun

#: Random points that must all be useless before the space counts as too wide: at a share of one half, one in 256.
LEAST_POINTS = 8
#: As many suffice of a space that reaches beyond the registry's own wide ranges, which is a ground for doubt by itself.
LEAST_POINTS_BEYOND = 5
#: Share of the default's lead over a constant prediction below which a point is useless.
USELESS = 0.25
#: Scores of a fold that are nearer to each other than this are the same.
SAME_SCORE = 1e-12
#: Share of the default's lead that the best warm start may stay behind, where the default is no point of the space.
TOLERATED = 0.1
#: Configurations that must have been tried before a learner counts as no better than a constant prediction.
LEAST_TRIED = 4
#: Chance of a lead over a constant prediction by luck, all fits together, from which on that is told.
LUCK = 0.05
#: Rows below which "no better than a constant" may be the sample's fault.
LEAST_ROWS = 1_000

#: How many times the lead over a constant prediction that was measured on a sample may at most be predicted: on a small
#: share of the rows, and on half of them or more.
MOST_TIMES, MOST_TIMES_HALF = 3.0, 1.5
#: Times the default's lead over a constant prediction from which on no gain counts as one.
TOO_TOLERANT = 2.0
#: Share by which trials may exceed what fits before they are cut, where seconds were scaled from fewer rows.
EXTRAPOLATED_SLACK = 2.0
#: Factor of rows beyond which seconds are not scaled where it was not seen how they grow.
MOST_FACTOR = 5.0
#: Seconds of a fit below which its fixed costs hide how it grows.
LEAST_SECONDS = 0.02

Checked = tuple[Proposal, tuple[Finding, ...]]


@dataclass(frozen=True)
class Evidence:
    """The complete runs of a test run that can be compared with each other."""

    metric: Metric
    runs: tuple[TestRun, ...]
    every: tuple[TestRun, ...]
    """All runs, comparable or not."""
    n_rows: int
    """Rows of the whole table."""

    @property
    def sign(self) -> float:
        """1 where greater scores are better, else -1."""
        return 1.0 if self.metric.greater_is_better else -1.0

    def of(self, *roles: str) -> tuple[TestRun, ...]:
        """Return the runs of some roles."""
        return tuple(run for run in self.runs if run.role in roles)

    def gain(self, run: TestRun) -> float:
        """Return the mean score of a run, turned so that greater is better."""
        return self.sign * fmean(run.scores)

    def best(self, *roles: str) -> TestRun | None:
        """Return the best run of some roles."""
        return max(self.of(*roles), key=self.gain, default=None)

    @property
    def is_whole(self) -> bool:
        """Whether the runs are on all rows."""
        return any(run.rows >= self.n_rows for run in self.runs)


def comparable_runs(runs: Sequence[TestRun], metric: Metric, n_rows: int) -> Evidence:
    """Return those of `runs` that were completed on as many rows and folds as the last ones."""
    complete = [run for run in runs if run.is_complete and run.role != "timing"]
    size = (complete[-1].rows, complete[-1].folds) if complete else None
    same = tuple(run for run in complete if (run.rows, run.folds) == size)
    return Evidence(metric, same, tuple(runs), n_rows)


def beats_dummy(proposal: Proposal, evidence: Evidence) -> Checked:
    """Find out whether anything that was fitted is better than a constant prediction."""
    best, dummy = evidence.best("default", "warm_start", "corner", "random"), evidence.best("dummy")
    if best is None or dummy is None:
        return proposal, (unchecked("learner", "Nothing can be compared with a constant prediction."),)
    difference = paired(best.scores, dummy.scores, sign=evidence.sign)
    message = f"The best fit scores {fmean(best.scores):.4g}, a constant prediction {fmean(dummy.scores):.4g}."
    if difference.mean > 0:
        fits = evidence.of("default", "warm_start", "corner", "random")
        if difference.mean > _luck_of(fits, dummy, evidence.sign):
            return proposal, ()
        message += f" The best of {len(fits)} fits may be as much better by luck: perhaps there is nothing to learn."
        return proposal, (noted("learner", "may_be_luck", message),)
    tried = len(evidence.of("warm_start", "corner", "random"))
    certain = tried >= LEAST_TRIED and (evidence.is_whole or best.rows >= LEAST_ROWS)
    report = failed if certain else noted
    return proposal, (report("learner", "no_better_than_dummy", message),)


def _luck_of(fits: Sequence[TestRun], dummy: TestRun, sign: float) -> float:
    """Return the lead over a constant prediction that the best of many fits has by luck, with a chance of `LUCK`.

    Bonferroni's correction, with the noise of folds pooled over the fits: that of one fit rests on a few folds.
    """
    noise = math.sqrt(fmean(paired(run.scores, dummy.scores, sign=sign).error ** 2 for run in fits))
    return noise * NormalDist().inv_cdf(1 - LUCK / len(fits))


def starts_match_default(proposal: Proposal, evidence: Evidence) -> Checked:
    """Find out whether the best warm start is worse than the library's default beyond noise."""
    best, default = evidence.best("warm_start"), evidence.best("default")
    if best is None or default is None:
        message = "The warm starts were not compared with the default."
        return proposal, ((unchecked("warm_starts", message),) if proposal.warm_starts.value else ())
    difference, dummy = paired(best.scores, default.scores, sign=evidence.sign), evidence.best("dummy")
    # A start that is a constant prediction, fold by fold, is worse than anything that is better than one.
    is_constant = dummy is not None and not _tells_apart(best, dummy) and difference.mean < 0
    if not difference.is_worse and not is_constant:
        return proposal, ()
    words = (
        f"The best of {len(evidence.of('warm_start'))} warm starts scores {fmean(best.scores):.4g}, the library's"
        f" default {fmean(default.scores):.4g} (by {difference.mean:.3g}, standard error {difference.error:.2g})."
    )
    point = _default_point(proposal)
    if point is not None and point != proposal.warm_starts.value[0]:
        former = [(place, start) for place, start in enumerate(proposal.warm_starts.value) if start != point]
        finding = repaired("warm_starts", "worse_than_default", f"{words} The default is tried first.")
        return with_starts(proposal, [(None, point), *former]), (finding,)
    # A default such as "sqrt" or "scale" is no point of a numeric space: a small step back is what searching costs.
    lead = evidence.gain(default) - evidence.gain(dummy) if dummy is not None else 0.0
    is_much = -difference.mean > TOLERATED * lead
    is_certain = len(evidence.of("warm_start")) >= min(WARM_STARTS, len(proposal.warm_starts.value))
    report = failed if is_much and is_certain else noted
    return proposal, (report("warm_starts", "worse_than_default", words),)


def _default_point(proposal: Proposal) -> Configuration | None:
    """Return the library's default, or the point nearest to it, where that is a point of the proposed space."""
    spec, space, task = learner_named(proposal.learner.value), proposal.search_space.value, proposal.task
    for point in (spec.default(task.task_type), spec.default_point(task.task_type, n_columns=task.n_columns)):
        known = {name: spec[name].coerced(value) for name, value in point.items() if name in space}
        active = space.active_part(known)
        if space.contains(active):
            return active
    return None


def space_is_of_use(proposal: Proposal, evidence: Evidence) -> Checked:
    """Find out whether random points of the space are all about as bad as a constant prediction."""
    default, dummy, points = evidence.best("default"), evidence.best("dummy"), evidence.of("random")
    least = LEAST_POINTS_BEYOND if beyond_registry(proposal) else LEAST_POINTS
    if default is None or dummy is None or len(points) < least:
        return proposal, ()
    # Points that are constant predictions, fold by fold, are useless however little the default has over one.
    if any(_tells_apart(run, dummy) for run in points):
        if not paired(dummy.scores, default.scores, sign=evidence.sign).is_worse:
            return proposal, ()
        if any(evidence.gain(run) > _floor(evidence, default, dummy) for run in points):
            return proposal, ()
    elif not any(evidence.gain(run) > evidence.gain(dummy) for run in evidence.of("default", "warm_start", "corner")):
        return proposal, ()
    best = max(points, key=evidence.gain)
    message = (
        f"All {len(points)} random points are hardly better than a constant prediction"
        f" ({fmean(best.scores):.4g} at best, the default has {fmean(default.scores):.4g})."
    )
    # Within the registry's own ranges, which are wide on purpose, good warm starts make up for it.
    starts = any(evidence.gain(run) > _floor(evidence, default, dummy) for run in evidence.of("warm_start"))
    report = noted if starts and not beyond_registry(proposal) else failed
    return proposal, (report("search_space", "space_too_wide", message),)


def _tells_apart(run: TestRun, dummy: TestRun) -> bool:
    """Say whether a run scored otherwise than a constant prediction on any fold."""
    return any(abs(left - right) > SAME_SCORE for left, right in zip(run.scores, dummy.scores, strict=True))


def _floor(evidence: Evidence, default: TestRun, dummy: TestRun) -> float:
    """Return the gain up to which a configuration is useless."""
    least = evidence.gain(dummy)
    return least + USELESS * (evidence.gain(default) - least)


def beyond_registry(proposal: Proposal) -> tuple[str, ...]:
    """Return the names of the parameters whose range reaches beyond the registry's wide one."""
    wide = learner_named(proposal.learner.value).space(proposal.task.task_type)
    return tuple(
        p.name
        for p in proposal.search_space.value.parameters
        if p.kind in ("int", "float")
        and p.name in wide
        and (known := wide[p.name]).kind in ("int", "float")
        and (p.low < known.low or p.high > known.high)
    )


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
