"""What the proposal had said beside what happened: prediction, ranges, warm starts, time of a trial."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence

from optuna.trial import FrozenTrial, TrialState

from kg.learners.registry import learner_named
from kg.model import CategoricalParameter, ConstantParameter, FloatParameter, IntParameter, Metric, metric_named
from recommender.first_trials import counts
from recommender.forecast import score_ahead
from recommender.proposal import PredictedScore, Proposal
from recommender.report.model import Check
from recommender.report.numbers import code, shown
from recommender.trial_notes import ORIGIN

#: A best value this near to an end of its range, in shares of the range, suggests that better ones lie beyond.
NEAR_END = 0.02
#: What may come of a check.
OUTCOMES = ("held", "did not hold", "cannot be told")


def checks_of(proposal: Proposal, trials: Sequence[FrozenTrial]) -> tuple[Check, ...]:
    """Return what of `proposal` held and what did not, over `trials`: those that are over, in order."""
    mine = [trial for trial in trials if counts(trial)]
    return (*_predictions(proposal, mine), *_starts(proposal, trials), *_ranges(proposal, mine), *_fixed(proposal))


def _predictions(proposal: Proposal, trials: Sequence[FrozenTrial]) -> Iterator[Check]:
    metric = metric_named(proposal.metric.value)
    for score in proposal.prediction.value.scores:
        about = f"best {code(metric.name)} after {_trials(score.k)}"
        yield _foretold(proposal, about, score, trials)
    for one in proposal.prediction.value.remaining:
        # What was not reached was not foretold: there is no best to start from.
        if len(trials) >= one.after and (best := _best(metric, trials[: one.after])) is not None:
            about = f"best {code(metric.name)} after {_trials(one.k)}, foretold after {one.after}"
            yield _foretold(proposal, about, score_ahead(best, one, metric), trials)


def _foretold(proposal: Proposal, about: str, score: PredictedScore, trials: Sequence[FrozenTrial]) -> Check:
    """Return whether the best of the first `score.k` trials lies in the interval of `score`."""
    said = f"{shown(score.expected)}, between {shown(score.low)} and {shown(score.high)}"
    said += f" with {shown(100 * proposal.prediction.value.level)} per cent confidence"
    best = _best(metric_named(proposal.metric.value), trials[: score.k])
    if len(trials) < score.k or best is None:
        return _check(proposal.prediction, about, "cannot be told", said, f"{len(trials)} trials were run")
    held = score.low <= best <= score.high
    return _check(proposal.prediction, about, "held" if held else "did not hold", said, shown(best))


def _best(metric: Metric, trials: Sequence[FrozenTrial]) -> float | None:
    scores = [t.value for t in trials if t.state is TrialState.COMPLETE and t.value is not None]
    return metric.gain(max(map(metric.gain, scores))) if scores else None


def _trials(k: int) -> str:
    return f"{k} {'trial' if k == 1 else 'trials'}"


def _starts(proposal: Proposal, trials: Sequence[FrozenTrial]) -> Iterator[Check]:
    """Whether the evidence's configurations were good ones: the best of them against what came after."""
    metric = metric_named(proposal.metric.value)
    scored = [(t, metric.gain(t.value)) for t in trials if t.state is TrialState.COMPLETE and t.value is not None]
    starts = [(trial, gain) for trial, gain in scored if "warm start" in trial.user_attrs.get(ORIGIN, "")]
    others = [gain for trial, gain in scored if "warm start" not in trial.user_attrs.get(ORIGIN, "")]
    if not proposal.warm_starts.value:
        return
    about, said = "warm starts", "the best of them is as good as at least half of what is tried else"
    if not starts or not others:
        yield _check(proposal.warm_starts, about, "cannot be told", said, "there is nothing to hold them against")
        return
    best = max(gain for _, gain in starts)
    better = sum(gain > best for gain in others)
    found = f"the best of {len(starts)} reached {shown(metric.gain(best))}; {better} of {len(others)} others did better"
    yield _check(proposal.warm_starts, about, "held" if 2 * better <= len(others) else "did not hold", said, found)


def _ranges(proposal: Proposal, trials: Sequence[FrozenTrial]) -> Iterator[Check]:
    metric = metric_named(proposal.metric.value)
    complete = [t for t in trials if t.state is TrialState.COMPLETE and t.value is not None]
    best = max(complete, key=lambda t: metric.gain(float(t.value or 0.0)), default=None)
    for parameter in proposal.search_space.value.tunable:
        if best is None or isinstance(parameter, CategoricalParameter | ConstantParameter):
            continue
        if parameter.name not in best.params:
            continue
        value, log = float(best.params[parameter.name]), " on a log scale" if parameter.log else ""
        end = _nearest_end(parameter, value)
        end = "" if end and _is_last(proposal.learner.value, parameter, end) else end
        said = f"good values lie between {shown(parameter.low)} and {shown(parameter.high)}{log}"
        beyond = f", at the {end} end: better ones may lie beyond" if end else ""
        part = proposal.search_space.parts.get(parameter.name, proposal.search_space)
        outcome = "did not hold" if end else "held"
        yield Check(
            about=f"range of {code(parameter.name)}",
            outcome=outcome,
            said=said,
            found=f"the best trial has {shown(value)}{beyond}",
            citations=len(part.citations),
        )


def _nearest_end(parameter: FloatParameter | IntParameter, value: float) -> str:
    """Return which end of its range a value lies at: ``lower``, ``upper``, or neither, which is empty."""
    if parameter.low == parameter.high:
        return ""
    low, high = float(parameter.low), float(parameter.high)
    if parameter.log:
        low, high, value = math.log(low), math.log(high), math.log(value)
    place = (value - low) / (high - low)
    if place <= NEAR_END:
        return "lower"
    return "upper" if place >= 1 - NEAR_END else ""


def _is_last(learner: str, parameter: FloatParameter | IntParameter, end: str) -> bool:
    """Say whether an end of a range is where the learner's legal numbers end, so that nothing can lie beyond."""
    legal = [numbers for numbers in learner_named(learner)[parameter.name].numbers if numbers.type == parameter.kind]
    if end == "lower":
        return any(numbers.low is not None and parameter.low <= numbers.low for numbers in legal)
    return any(numbers.high is not None and parameter.high >= numbers.high for numbers in legal)


def _fixed(proposal: Proposal) -> Iterator[Check]:
    """What was fixed was not varied, so nothing can be said on it."""
    if names := list(proposal.fixed.value):
        said = f"{_names(names)} {'is' if len(names) == 1 else 'are'} not worth tuning"
        yield _check(proposal.fixed, "what was fixed", "cannot be told", said, "it was not varied")


def _names(names: Iterable[str]) -> str:
    return ", ".join(code(name) for name in names)


def _check(why: object, about: str, outcome: str, said: str, found: str) -> Check:
    return Check.model_validate(
        {
            "about": about,
            "outcome": outcome,
            "said": said,
            "found": found,
            "citations": len(getattr(why, "citations", ())),
        }
    )
