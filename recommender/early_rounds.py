"""Fewer rounds than were asked for: of a boosted ensemble that does better with its first ones, these are a trial, too.

An ensemble of 1,000 rounds holds those of all smaller numbers (`recommender.fitting.rounds`), so that the best number
of rounds for all else that a trial sets costs no further fit. Where it is not the one that was asked for, the study is
given a finished trial with it, beside the budget: the same parameters, fewer rounds, the scores that its folds have.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean

import optuna
from optuna.trial import TrialState, create_trial

from kg.learners.registry import learner_named
from kg.model import Configuration, FidelityKind, Metric
from recommender.proposal import Proposal
from recommender.spaces import to_distributions, to_parameters
from recommender.trial_notes import CONFIGURATION, EARLIER, EXTRA, FOLD_SCORES, ORIGIN, PART_OF, SECONDS

#: Each number of rounds that is looked at is the next larger one divided by this, and so many are looked at.
STEP, MOST = 2**0.5, 14


def smaller_numbers(proposal: Proposal, configuration: Configuration) -> tuple[int, ...]:
    """Return the numbers of rounds below that of `configuration` that the search space has, in geometric steps.

    Empty where rounds are not searched, or where the fidelity looks at them already.
    """
    fidelity, space = learner_named(proposal.learner.value).fidelity, proposal.search_space.value
    if proposal.fidelity.value is not None or fidelity is None or fidelity.kind is not FidelityKind.ESTIMATORS:
        return ()
    asked = configuration.get(fidelity.parameter, None)
    if fidelity.parameter not in {p.name for p in space.tunable} or not isinstance(asked, int):
        return ()
    numbers = {round(asked / STEP**place) for place in range(1, MOST + 1)}
    return tuple(sorted(n for n in numbers if 0 < n < asked and space[fidelity.parameter].contains(n)))


def best_rounds(
    scores: Sequence[float], within: Sequence[Mapping[int, float]], metric: Metric
) -> tuple[int | None, list[float]]:
    """Return the number of rounds with the best mean over the folds so far, None for all, and its folds' scores.

    Args:
        scores: With all rounds, fold by fold.
        within: Number of rounds -> score, fold by fold.
        metric: What the scores are in.
    """
    best: tuple[int | None, list[float]] = None, list(scores)
    for number in sorted(set.intersection(*map(set, within)), reverse=True) if within else ():
        found = [fold[number] for fold in within]
        if metric.gain(fmean(found)) > metric.gain(fmean(best[1])):
            best = number, found
    return best


def add_early_trial(trial: optuna.Trial, proposal: Proposal, number: int, scores: Sequence[float]) -> None:
    """Add the first `number` rounds of the fits of `trial`, which is running, to its study as a finished trial.

    Args:
        trial: A trial of all rounds.
        proposal: What the study was made from.
        number: Of rounds; one of `smaller_numbers`.
        scores: Of these, fold by fold.
    """
    fidelity, space = learner_named(proposal.learner.value).fidelity, proposal.search_space.value
    assert fidelity is not None  # noqa: S101  # there are no smaller numbers without
    whole = {**trial.user_attrs[CONFIGURATION], fidelity.parameter: number}
    point = Configuration({name: value for name, value in whole.items() if name in space})
    if space.faults(point.root):
        return
    trial.set_user_attr(EARLIER, fmean(scores))
    parameters, distributions = to_parameters(point, space), to_distributions(space)
    paired = proposal.pruner.value.name == "wilcoxon"
    reported = dict(enumerate(scores)) if paired else {k: fmean(scores[:k]) for k in range(1, len(scores) + 1)}
    trial.study.add_trial(
        create_trial(
            state=TrialState.COMPLETE,
            value=fmean(scores),
            params=parameters,
            distributions={name: distributions[name] for name in parameters},
            user_attrs={
                ORIGIN: f"the first {number} rounds of trial {trial.number}",
                PART_OF: trial.number,
                CONFIGURATION: whole,
                FOLD_SCORES: list(scores),
                SECONDS: [],
                EXTRA: True,
            },
            intermediate_values=reported,
        )
    )
