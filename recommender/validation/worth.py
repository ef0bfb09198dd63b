"""What the fits of a test run say of a proposal's worth: learner, warm starts and space, one question a function."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import NormalDist, fmean

from kg.learners.registry import learner_named
from kg.model import Configuration
from recommender.proposal import Proposal
from recommender.validation.comparable import Checked, Evidence
from recommender.validation.comparing import paired
from recommender.validation.probes import WARM_STARTS
from recommender.validation.repairs import with_starts
from recommender.validation.stage import failed, noted, repaired, unchecked
from recommender.validation.verdict import TestRun

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
