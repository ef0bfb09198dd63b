"""Whether to screen configurations at a lower fidelity, and at which levels.

A level is worth using where it ranks like the full fidelity (weighted mean Spearman at least `MIN_CORRELATION`) and the
whole of a successive halving from it costs well under full fidelity (at most `MAX_COST`); of those the cheapest is
taken. Epochs and estimators go on from rung to rung, so that a rung costs what it adds; a larger share of the rows is a
fit of its own. The lowest level that was measured is never used: at one epoch the ranks are noise. Where no level
passes, "none" is the answer.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from kg.model import FidelityKind, FidelityLevel, FidelityProfile, Iri
from recommender.proposal import Fidelity

#: Least weighted mean rank correlation with the full fidelity. Below it, halving loses more than it saves.
MIN_CORRELATION = 0.8
#: Greatest cost of halving from the level up, as a share of running all at full fidelity.
MAX_COST = 0.5
ETA = 3


@dataclass(frozen=True)
class FidelityChoice:
    """A fidelity, or the reason why there is none."""

    fidelity: Fidelity | None
    reason: str


def is_resumed(kind: FidelityKind) -> bool:
    """Say whether a rung may go on from the one below, at the cost of what it adds (`recommender.fitting.growing`)."""
    return kind is not FidelityKind.TRAINING_FRACTION


def choose_fidelity(profiles: Sequence[FidelityProfile], weights: Mapping[Iri, float]) -> FidelityChoice:
    """Return the cheapest fidelity that ranks well enough on similar data sets, or none with the reason.

    Args:
        profiles: Profiles of one learner.
        weights: Data set -> weight; others count with the mean weight.
    """
    if not profiles:
        return FidelityChoice(None, "No measurement says how cheaper runs of this learner rank configurations.")
    levels = mean_levels(profiles, weights)
    if not levels:
        return FidelityChoice(None, f"The {len(profiles)} measurements of cheaper runs have no level in common.")
    full, resumed = profiles[0].full, is_resumed(profiles[0].fidelity)
    usable = [level for level in levels[1:] if level.value < full]
    costs = {level.value: halving_cost(level, levels, full, resumed=resumed) for level in levels}
    good = [level for level in usable if level.rank_correlation >= MIN_CORRELATION and costs[level.value] <= MAX_COST]
    if not good:
        best = max(usable or levels, key=lambda level: level.rank_correlation)
        return FidelityChoice(None, _refusal(best, costs[best.value]))
    level = min(good, key=lambda one: costs[one.value])
    cost = costs[level.value]
    return FidelityChoice(
        Fidelity(parameter=profiles[0].parameter, kind=profiles[0].fidelity, min=level.value, max=full, eta=ETA),
        f"At {profiles[0].parameter} = {level.value:g} configurations rank like at {full:g} (Spearman "
        f"{level.rank_correlation:.2f} over {len(profiles)} data sets), and halving by {ETA} from there costs about "
        f"{cost:.0%} of running all in full. It screens; the full fidelity decides.",
    )


def mean_levels(profiles: Sequence[FidelityProfile], weights: Mapping[Iri, float]) -> tuple[FidelityLevel, ...]:
    """Return the weighted mean of the profiles' levels, lowest first; only levels that every profile has."""
    mean_weight = sum(weights.values()) / len(weights) if weights else 1.0
    collected: dict[float, list[tuple[float, FidelityLevel]]] = defaultdict(list)
    for profile in profiles:
        for level in profile.levels:
            collected[level.value].append((weights.get(profile.dataset, mean_weight), level))
    return tuple(
        FidelityLevel(
            value=value,
            rank_correlation=_mean([(w, level.rank_correlation) for w, level in entries]),
            cost_ratio=_mean([(w, level.cost_ratio) for w, level in entries]),
        )
        for value, entries in sorted(collected.items())
        if len(entries) == len(profiles)
    )


def halving_cost(start: FidelityLevel, levels: Sequence[FidelityLevel], full: float, *, resumed: bool = False) -> float:
    """Return what successive halving from `start` costs per configuration, as a share of a full run.

    Each rung keeps one configuration in `ETA` and multiplies the fidelity by `ETA`; the cost between measured levels is
    interpolated in the fidelity.

    Args:
        start: The first rung.
        levels: Those that were measured.
        full: The full fidelity.
        resumed: Whether a rung goes on from the one below, and costs what it adds; else each is charged in full.
    """
    cost, share, value, paid = 0.0, 1.0, start.value, 0.0
    while value < full:
        reached = _cost_at(value, levels, full)
        cost += share * (reached - paid)
        paid = reached if resumed else 0.0
        share, value = share / ETA, value * ETA
    return cost + share * (1.0 - paid)


def _cost_at(value: float, levels: Sequence[FidelityLevel], full: float) -> float:
    points = [*((level.value, level.cost_ratio) for level in levels if level.value < full), (full, 1.0)]
    if value <= points[0][0]:
        return points[0][1]
    for (left, left_cost), (right, right_cost) in pairwise(points):
        if left <= value <= right:
            return left_cost + (right_cost - left_cost) * (value - left) / (right - left)
    return 1.0


def _refusal(best: FidelityLevel, cost: float) -> str:
    return (
        f"No lower fidelity pays: the best of them ({best.value:g}) ranks with Spearman {best.rank_correlation:.2f} "
        f"(wanted: {MIN_CORRELATION}) and halving from it would cost {cost:.0%} of full runs "
        f"(wanted: at most {MAX_COST:.0%})."
    )


def _mean(entries: Sequence[tuple[float, float]]) -> float:
    total = sum(weight for weight, _ in entries)
    return sum(weight * value for weight, value in entries) / total
