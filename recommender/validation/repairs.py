"""How a repair is written into a proposal, so that it can be told from what was derived, and checked again.

A repaired field keeps its citations. Its derivation becomes the rule ``repaired``, which carries the value before the
repair and the rule that gave it: run again, that rule must still give that value, and the repaired value must be no
bolder (`is_restriction`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from kg.learners.registry import learner_named
from kg.model import METRICS, Configuration, SearchSpace, TaskType
from kg.model.base import FrozenMapping
from recommender.proposal import (
    Budget,
    Derivation,
    Grounded,
    Grounding,
    PredictedCurve,
    Prediction,
    Proposal,
    Protocol,
    RemainingLoss,
    Rule,
    Termination,
)
from recommender.validation.shape import is_shape_kept

#: Name of the rule by which a repaired value is derived.
REPAIRED = "repaired"
#: Expected scores are compared up to this.
TOLERANCE = 1e-9
#: Trials without a gain after which anybody may stop a study: fewer are chance.
LEAST_PATIENCE = 10
#: Pruners that need neither a fidelity nor evidence of one.
PLAIN_PRUNERS = ("none", "median", "wilcoxon")


def replace_value(proposal: Proposal, field: str, value: Any, why: str = "", *, stage: str = "gate") -> Proposal:
    """Return `proposal` with a repaired value in a grounded field.

    Args:
        proposal: The proposal.
        field: Name of the field.
        value: Its new value.
        why: Added to the field's rationale.
        stage: Who repairs.
    """
    grounded: Grounded[Any] = getattr(proposal, field)
    parts = {}
    for name, part in grounded.parts.items():
        old, new = part_of(grounded.value, name), part_of(value, name)
        if new is not None:
            parts[name] = part if plain(old) == plain(new) else _marked(part, plain(old), stage)
    rationale = f"{grounded.rationale} {why}".strip() if why else grounded.rationale
    marked = _marked(grounded, plain(grounded.value), stage)
    changed = grounded.replace(
        value=value, rationale=rationale, derivation=marked.derivation, parts=FrozenMapping[str, Grounding](parts)
    )
    return proposal.replace(**{field: changed})


def with_starts(proposal: Proposal, kept: Sequence[tuple[int | None, Configuration]]) -> Proposal:
    """Return `proposal` with other warm starts, each with the account of it that it had.

    Args:
        proposal: The proposal.
        kept: The new warm starts in order, each with its former place, or None for one that is new.
    """
    former = proposal.warm_starts
    parts = {}
    for place, (was, start) in enumerate(kept):
        part = None if was is None else former.parts.get(str(was), None)
        if was is not None and part is not None:
            parts[str(place)] = part if start == former.value[was] else _marked(part, plain(former.value[was]), "gate")
    changed = replace_value(proposal, "warm_starts", tuple(start for _, start in kept)).warm_starts
    return proposal.replace(warm_starts=changed.replace(parts=FrozenMapping[str, Grounding](parts)))


def before_repair(derivation: Derivation) -> tuple[Derivation, Any]:
    """Return how a repaired value had been derived, and the plain JSON of what it had been.

    Raises:
        KeyError: `derivation` is no repair.
    """
    arguments = derivation.arguments
    return Derivation(rule=arguments["rule"], arguments=FrozenMapping(arguments["arguments"])), arguments["value"]


def is_restriction(field: str, before: Any, after: Any, *, learner: str, task_type: TaskType) -> bool:
    """Say whether the value `after` of a field (or of a part of it) claims no more than `before` did.

    A space or a range within the former one, its scale kept and its prior no surer; warm starts among the former ones
    (or the library's default); a budget with fewer trials and no more time; rules among the former ones, or a patient
    one beside them; a wider interval with no better score in it; no fidelity; a protocol with as many folds or fewer;
    fixed values among the former ones; a sampler or a pruner that rests on no evidence.

    Args:
        field: Name of the field of the proposal.
        before: Plain JSON of the former value.
        after: Plain JSON of the repaired value.
        learner: Canonical name of the learner.
        task_type: Classification or regression.
    """
    if plain(before) == plain(after):
        return True
    if field == "search_space":
        return _is_space_within(before, after)
    if field == "warm_starts":
        return all(start in _several(before) or _is_default(start, learner, task_type) for start in _several(after))
    if field == "prediction":
        return _is_wider(Prediction.model_validate(before), Prediction.model_validate(after))
    if field in _CHECKS:
        return _CHECKS[field](before, after)
    return field == "fidelity" and after is None


def plain(value: Any) -> Any:
    """Return `value` as plain JSON values."""
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value


def part_of(value: Any, name: str) -> Any:
    """Return the part called `name` of a field's value, or None where there is none."""
    if isinstance(value, SearchSpace):
        return next((parameter for parameter in value.parameters if parameter.name == name), None)
    if isinstance(value, tuple):
        return value[int(name)] if name.isdigit() and int(name) < len(value) else None
    return value.get(name, None) if isinstance(value, Configuration | Mapping) else None


def _marked(grounding: Grounding, before: Any, stage: str) -> Grounding:
    derivation = grounding.derivation
    if derivation is None:
        return grounding
    if derivation.rule == REPAIRED:  # what counts is what it was before the first repair
        arguments = dict(derivation.arguments.items())
    else:
        arguments = {"rule": derivation.rule, "arguments": dict(derivation.arguments.items()), "value": before}
    marked = Derivation(rule=REPAIRED, arguments=FrozenMapping[str, Any]({**arguments, "stage": stage}))
    return Grounding(
        citations=grounding.citations,
        derivation=marked,
        rationale=grounding.rationale,
        confidence=grounding.confidence,
    )


def _several(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _is_default(start: Any, learner: str, task_type: TaskType) -> bool:
    """Say whether `start` is the library's default, or differs only where that is no point of a search space."""
    spec = learner_named(learner)
    space = spec.space(task_type)
    return all(
        name in space and (value == (default := spec[name].default_for(task_type)) or not space[name].contains(default))
        for name, value in start.items()
    )


def _is_space_within(before: Any, after: Any) -> bool:
    if "parameters" not in after:
        return _is_parameter_within(before, after)
    former = {parameter["name"]: parameter for parameter in before["parameters"]}
    left = {parameter["name"] for parameter in after["parameters"]}
    dropped = [one for one in before["forbidden"] if one["clauses"].keys() <= left and one not in after["forbidden"]]
    dropped += [one for one in before["conditions"] if _is_lost(one, after, left)]
    return not dropped and all(
        parameter["name"] in former and _is_parameter_within(former[parameter["name"]], parameter)
        for parameter in after["parameters"]
    )


def _is_lost(condition: Any, after: Any, left: set[str]) -> bool:
    """Say whether a condition is gone though its child is still there, and its parent may still say otherwise."""
    if condition["child"] not in left or condition in after["conditions"]:
        return False
    parent = next((one for one in after["parameters"] if one["name"] == condition["parent"]), None)
    return parent is not None and not all(choice in condition["values"] for choice in parent.get("choices") or (None,))


def _is_parameter_within(before: Any, after: Any) -> bool:
    if before["kind"] != after["kind"] or not is_shape_kept(before, after):
        return False
    if after["kind"] == "categorical":
        return all(choice in before["choices"] for choice in after["choices"])
    if after["kind"] == "constant":
        return bool(before["value"] == after["value"])
    return bool(before["low"] <= after["low"] and after["high"] <= before["high"])


def _is_less(before: Any, after: Any) -> bool:
    old, new = Budget.model_validate(before), Budget.model_validate(after)
    return new.n_trials <= old.n_trials and new.wall_clock_s <= old.wall_clock_s and new.n_workers <= old.n_workers


def _is_among(before: Any, after: Any) -> bool:
    old, new = Termination.model_validate(before), Termination.model_validate(after)
    former = {rule.kind: rule for rule in old.rules}
    if new.combine == "any" == old.combine:
        return all(_stops_earlier(former.get(rule.kind), rule) for rule in new.rules)
    return new.combine == old.combine and all(
        rule.kind in former and _stops_no_later(former[rule.kind], rule) for rule in new.rules
    )


def _stops_earlier(before: Rule | None, rule: Rule) -> bool:
    """Say whether a rule beside others is one of them, or one that anybody may add: patient, and no judge of scores."""
    if before is not None:
        return _stops_no_later(before, rule)
    return rule.kind == "stagnation" and rule.patience >= LEAST_PATIENCE and rule.tolerance == 0


def _stops_no_later(before: Rule, after: Rule) -> bool:
    """Say whether no number of the rule was raised; a target score may not move at all."""
    if before.kind == "target_reached":
        return before == after
    numbers = zip(
        before.model_dump(exclude={"kind"}).values(), after.model_dump(exclude={"kind"}).values(), strict=True
    )
    return all(new <= old for old, new in numbers)


def _is_simpler(before: Any, after: Any) -> bool:
    old, new = Protocol.model_validate(before), Protocol.model_validate(after)
    return new.folds <= old.folds and new.repeats <= old.repeats


def _is_part(before: Any, after: Any) -> bool:
    return isinstance(before, dict) and isinstance(after, dict) and after.items() <= before.items()


def _is_plain_sampler(before: Any, after: Any) -> bool:
    return bool(after["name"] in ("random", "tpe", "gp", before["name"]))


def _is_plain_pruner(before: Any, after: Any) -> bool:  # noqa: ARG001  # whatever it was before
    return after["name"] in PLAIN_PRUNERS


def _is_same_curve(before: PredictedCurve | None, after: PredictedCurve | None) -> bool:
    """Say whether a curve is left out, or as it was: no other follows from anything."""
    if before is None or after is None:
        return after is None
    figures = [[curve.k, curve.full, curve.score, *_figures(curve)] for curve in (before, after)]
    if before.parameter != after.parameter or len(figures[0]) != len(figures[1]):
        return False
    return all(math.isclose(*pair, rel_tol=TOLERANCE, abs_tol=TOLERANCE) for pair in zip(*figures, strict=True))


def _figures(curve: PredictedCurve) -> list[float]:
    return [figure for level in curve.levels for figure in level.model_dump().values()]


def _is_same_loss(before: RemainingLoss, after: RemainingLoss) -> bool:
    """Say whether what further trials bring is as it was: the rule alone says that."""
    pairs = zip(before.model_dump().values(), after.model_dump().values(), strict=True)
    return all(math.isclose(*pair, rel_tol=TOLERANCE, abs_tol=TOLERANCE) for pair in pairs)


def _is_wider(before: Prediction, after: Prediction) -> bool:
    if not _is_same_curve(before.curve, after.curve):
        return False
    if not all(any(_is_same_loss(old, loss) for old in before.remaining) for loss in after.remaining):
        return False
    if not after.scores:
        return True
    metric, former = METRICS.get(before.metric), {score.k: score for score in before.scores}
    if metric is None or after.metric != before.metric or after.level > before.level:
        return False
    return all(
        (old := former.get(score.k)) is not None
        and score.low <= old.low
        and score.high >= old.high
        and metric.gain(score.expected) <= metric.gain(old.expected) + TOLERANCE
        for score in after.scores
    )


#: Field -> whether its value after claims no more than before, both in plain JSON.
_CHECKS: Mapping[str, Callable[[Any, Any], bool]] = {
    "budget": _is_less,
    "termination": _is_among,
    "protocol": _is_simpler,
    "fixed": _is_part,
    "sampler": _is_plain_sampler,
    "pruner": _is_plain_pruner,
}
