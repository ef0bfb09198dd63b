"""What a person changes in a proposal, and what it costs by the evidence: pure functions.

A value that was changed cites nothing any more: it is the person's, and says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError

from kg.errors import InputError
from kg.learners.registry import learner_named
from kg.model import Configuration, ConstantParameter, Parameter, ParameterValue, metric_named
from kg.store import KnowledgeStore
from recommender.proposal import Grounded, Grounding, Prediction, Proposal, Rule
from recommender.validation.verdict import Verdict
from ui.view import duration, number, range_text, value_text
from ui.views.ranges import summaries_of

#: Why a value is as it is, where a person set it.
BY_HAND = Grounding(rationale="You set it.")


@dataclass(frozen=True)
class Change:
    """A proposal after a change, and the change in words."""

    proposal: Proposal
    told: str


def with_range(proposal: Proposal, name: str, low: float, high: float) -> Change:
    """Return the proposal with other bounds of a numeric parameter; warm starts outside them go.

    Raises:
        InputError: The bounds are swapped, equal, or do not go with the parameter's scale.
    """
    before = proposal.search_space.value[name]
    if before.kind not in ("int", "float"):
        raise InputError(f"{name} has no bounds.", where=name, allowed="a numeric hyper-parameter")
    if low >= high:
        raise InputError(
            f"{number(low)} to {number(high)} is no range.", where=name, allowed="a lower bound below the upper one"
        )
    if before.log and low <= 0:
        raise InputError(f"{number(low)} has no logarithm.", where=name, allowed="bounds above 0")
    bounds = (int(low), int(high)) if before.kind == "int" else (low, high)
    after = before.replace(low=bounds[0], high=bounds[1], prior=None)
    return _respaced(proposal, after, f"{name}: {range_text(before)} becomes {range_text(after)}")


def with_choices(proposal: Proposal, name: str, choices: Sequence[ParameterValue]) -> Change:
    """Return the proposal with fewer choices of a categorical parameter; warm starts with others go.

    Raises:
        InputError: No choice is left, or one is new.
    """
    before = proposal.search_space.value[name]
    if before.kind != "categorical" or not choices or not all(before.contains(choice) for choice in choices):
        allowed = range_text(before)
        raise InputError("At least one of its choices must stay.", where=name, allowed=allowed)
    if len(choices) == 1:
        return held(proposal, name, choices[0])
    after = before.replace(choices=tuple(choices), prior=None)
    return _respaced(proposal, after, f"{name}: {range_text(before)} becomes {range_text(after)}")


def held(proposal: Proposal, name: str, value: ParameterValue) -> Change:
    """Return the proposal in which a parameter is not searched but held at `value`.

    Raises:
        InputError: The space cannot do without other values of it.
    """
    before = proposal.search_space.value[name]
    after = ConstantParameter(name=name, value=value)
    starts = tuple(
        Configuration({**start, name: value}) if name in start else start for start in proposal.warm_starts.value
    )
    kept = proposal.replace(warm_starts=_changed(proposal.warm_starts, tuple(dict.fromkeys(starts))))
    return _respaced(kept, after, f"{name}: {range_text(before)} is held at {value_text(value)}")


def default_value(proposal: Proposal, name: str) -> ParameterValue:
    """Return what a parameter may be held at: the library's default where the range has it, else the first start's."""
    task, parameter = proposal.task, proposal.search_space.value[name]
    point = learner_named(proposal.learner.value).default_point(task.task_type, n_columns=task.n_columns)
    starts = [start[name] for start in proposal.warm_starts.value if name in start]
    options = [*([point[name]] if name in point else []), *starts]
    return next((option for option in options if parameter.contains(option)), _least(parameter))


def with_half_budget(proposal: Proposal) -> Change:
    """Return the proposal with half the trials and half the time; rules that say them are halved, too."""
    before = proposal.budget.value
    n_trials, wall = max(1, before.n_trials // 2), before.wall_clock_s / 2
    after = before.replace(n_trials=n_trials, wall_clock_s=wall, per_trial_s=min(before.per_trial_s, wall))
    termination = proposal.termination.value
    rules = tuple(_halved(rule, n_trials) for rule in termination.rules)
    changed = proposal.replace(
        budget=_changed(proposal.budget, after),
        termination=_changed(proposal.termination, termination.replace(rules=rules)),
        prediction=_changed(proposal.prediction, _foretold_within(proposal.prediction.value, n_trials)),
    )
    return Change(
        changed,
        f"budget: {before.n_trials} trials and {duration(before.wall_clock_s)} become {n_trials} and {duration(wall)}",
    )


def costs(before: Proposal, after: Proposal, verdict: Verdict, store: KnowledgeStore) -> tuple[str, ...]:
    """Return what a change costs, in words: by the evidence, by what was foretold, and by the test run.

    Args:
        before: The proposal that was changed.
        after: What it was changed to.
        verdict: What the gate found of that.
        store: The graph.
    """
    if before.learner.value != after.learner.value:
        return (*_expected_of_both(before, after), *_measured(before.verdict, verdict, before.metric.value))
    return (
        *_runs_lost(before, after, store),
        *_starts_lost(before, after),
        *_score_lost(before, after),
        *_measured(before.verdict, verdict, before.metric.value),
    ) or ("By what is known, nothing.",)


def _respaced(proposal: Proposal, after: Parameter, told: str) -> Change:
    whole = proposal.search_space
    parameters = tuple(after if p.name == after.name else p for p in whole.value.parameters)
    try:
        space = whole.value.replace(parameters=parameters)
    except ValidationError as error:
        message = error.errors(include_url=False)[0]["msg"]
        raise InputError(f"The search space does not allow it: {message}.", where=after.name) from error
    starts = tuple(start for start in proposal.warm_starts.value if _fits(start, after))
    changed = proposal.replace(
        search_space=whole.replace(value=space, parts={**whole.parts, after.name: BY_HAND}),
        warm_starts=proposal.warm_starts
        if starts == proposal.warm_starts.value
        else _changed(proposal.warm_starts, starts),
    )
    return Change(changed, told)


def _fits(start: Configuration, parameter: Parameter) -> bool:
    return parameter.name not in start or parameter.contains(start[parameter.name])


def _changed(field: Grounded[Any], value: Any) -> Grounded[Any]:
    """Return a field with another value, which is the person's and stands on nothing."""
    return type(field)(value=value, rationale=BY_HAND.rationale)


def _halved(rule: Rule, n_trials: int) -> Rule:
    match rule.kind:
        case "max_trials":
            return rule.replace(n_trials=min(rule.n_trials, n_trials))
        case "wall_clock" | "cost":
            return rule.replace(seconds=rule.seconds / 2)
        case _:
            return rule


def _foretold_within(prediction: Prediction, n_trials: int) -> Prediction:
    """Return what is foretold of the first `n_trials` trials; what is said of later ones, nobody will see."""
    curve = prediction.curve
    return prediction.replace(
        scores=tuple(score for score in prediction.scores if score.k <= n_trials),
        remaining=tuple(loss for loss in prediction.remaining if loss.k <= n_trials),
        curve=curve if curve is not None and curve.k <= n_trials else None,
    )


def _least(parameter: Parameter) -> ParameterValue:
    if parameter.kind == "categorical":
        return parameter.choices[0]
    return parameter.value if parameter.kind == "constant" else parameter.low


def _runs_lost(before: Proposal, after: Proposal, store: KnowledgeStore) -> Iterable[str]:
    """Tell how many of the best runs on the nearest data sets a change shuts out."""
    changed = [p for p in after.search_space.value.parameters if p != before.search_space.value[p.name]]
    if not changed:
        return
    runs = [run for _, summary in summaries_of(before, store) for run in store.runs(summary.top_runs)]
    for parameter in changed:
        concerned = [run.configuration for run in runs if parameter.name in run.configuration]
        was = before.search_space.value[parameter.name]
        inside = [c for c in concerned if was.contains(c[parameter.name])]
        lost = [c for c in inside if not parameter.contains(c[parameter.name])]
        if lost:
            yield (
                f"Of {len(inside)} best runs on similar data sets that the range of {parameter.name} held, "
                f"{len(lost)} lie outside it."
            )


def _starts_lost(before: Proposal, after: Proposal) -> Iterable[str]:
    lost = len(before.warm_starts.value) - len(after.warm_starts.value)
    if lost > 0:
        yield f"{lost} of {len(before.warm_starts.value)} warm starts do not fit any more and are left out."


def _score_lost(before: Proposal, after: Proposal) -> Iterable[str]:
    n_trials = after.budget.value.n_trials
    scores = sorted(before.prediction.value.scores, key=lambda score: score.k)
    reached = [score for score in scores if score.k <= n_trials]
    if n_trials >= before.budget.value.n_trials or not reached:
        return
    last, less = scores[-1], reached[-1]
    metric = before.prediction.value.metric
    yield (
        f"Expected {metric}: {number(less.expected)} after {less.k} trials instead of {number(last.expected)} "
        f"after {last.k}."
    )


def _expected_of_both(before: Proposal, after: Proposal) -> Iterable[str]:
    for proposal in (before, after):
        scores = sorted(proposal.prediction.value.scores, key=lambda score: score.k)
        metric = proposal.prediction.value.metric
        said = f"{number(scores[-1].expected)} after {scores[-1].k} trials" if scores else "no figure"
        yield f"Expected {metric} of {proposal.learner.value}: {said}."


def _measured(before: Verdict | None, after: Verdict, metric: str) -> Iterable[str]:
    was, is_now = _best(before, metric), _best(after, metric)
    if was is not None and is_now is not None and was != is_now:
        yield f"Best of the test run: {number(is_now)} {metric}; before the change {number(was)} (samples may differ)."


def _best(verdict: Verdict | None, metric: str) -> float | None:
    runs = [run for run in (verdict.test_runs if verdict else ()) if run.is_complete and run.fidelity is None]
    means = [sum(run.scores) / len(run.scores) for run in runs if run.role in ("warm_start", "corner", "random")]
    return max(means, key=metric_named(metric).gain) if means else None
