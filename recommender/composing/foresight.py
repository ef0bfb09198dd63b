"""What to expect and when to stop, as rules: budget, prediction and termination, from replays on the sources."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from kg.model import MetaFeatures, ResponseModel, metric_named
from kg.response import Encoder
from recommender.composing.along_evidence import curve_of
from recommender.composing.budgeting import choose_budget
from recommender.composing.patience import (
    CAUTIOUS,
    EXPECTED_IMPROVEMENT,
    LEAST_BESIDE,
    overall,
    patience_reports,
    shortest_patience,
)
from recommender.composing.prediction import losses_after, predict_scores, remaining_loss
from recommender.composing.rule import Derived, RuleInputs
from recommender.composing.surfaces import REPLAY_TRIALS
from recommender.defaults import PATIENCE
from recommender.proposal import (
    MaxTrials,
    Prediction,
    RemainingLoss,
    Rule,
    Stagnation,
    Termination,
    WallClock,
)
from recommender.transfer.search import startup_trials

Array = npt.NDArray[np.float64]

#: Trials after which a study is told what to expect of that many more.
ASKED_AFTER, FURTHER = (1, 5, 10, 20, 30, 50), 20


def budget(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Choose trials and time.

    Args:
        inputs: Cites response models, or nothing.
        arguments: ``trial_s``: expected seconds of a trial, or None; ``n_warm_starts``.
    """
    trial_s = arguments["trial_s"]
    choice = choose_budget(
        inputs.task.constraints,
        expected_curve(inputs),
        trial_s=None if trial_s is None else float(trial_s),
        n_warm_starts=int(arguments["n_warm_starts"]),
    )
    return Derived(choice.budget, choice.reason)


def expected_curve(inputs: RuleInputs) -> tuple[tuple[int, float], ...]:
    """Return (k, expected regret after k trials): the weighted mean over the sources, each left out in turn."""
    responses = inputs.of(ResponseModel)
    if not responses:
        return ()
    regrets = inputs.surfaces.portfolio_regrets(responses, inputs.datasets)
    weights = np.array([inputs.weight(r.dataset) for r in responses])
    usable = ~np.isnan(regrets).any(1)
    if not usable.any() or not weights[usable].sum() > 0:
        return ()
    mean = weights[usable] @ regrets[usable] / weights[usable].sum()
    return tuple((k + 1, float(value)) for k, value in enumerate(mean))


def prediction(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Predict the score after ``ks`` trials, and that along the fidelity, with intervals that held on the sources.

    Args:
        inputs: Cites response models and fidelity curves, or nothing.
        arguments: ``ks``: numbers of trials; ``metric``: of the evidence.
    """
    metric, wanted = metric_named(str(arguments["metric"])), inputs.task.metric
    responses = inputs.of(ResponseModel)
    if not responses:
        return Derived(Prediction(metric=wanted), "No runs of this learner were measured for this kind of task.")
    if metric.name != wanted:
        reason = f"The evidence is in {metric.name}: what it says of ranks carries over to {wanted}, its scores do not."
        return Derived(Prediction(metric=wanted), reason)
    regrets = inputs.surfaces.portfolio_regrets(responses, inputs.datasets)
    losses = losses_after([r.best for r in responses], [r.median for r in responses], regrets, metric)
    sources = [_described(inputs, r) for r in responses]
    ks = sorted({min(int(k), REPLAY_TRIALS) for k in arguments["ks"]})
    scores = predict_scores(inputs.task.meta_features, sources, losses, metric, ks=ks)
    curve, said = curve_of(inputs, {r.dataset: row for r, row in zip(responses, losses, strict=True)}, metric, ks)
    if not scores and curve is None:
        return Derived(Prediction(metric=wanted), "Too few sources for an interval that can be trusted.")
    reason = f"What the portfolio reaches on {len(responses)} data sets, each left out in turn, by meta-features."
    left = _remaining(losses, ks[-1])
    return Derived(Prediction(metric=wanted, scores=scores, remaining=left, curve=curve), f"{reason} {said}")


def _remaining(losses: Array, n_trials: int) -> tuple[RemainingLoss, ...]:
    """Return what is left of the loss `FURTHER` trials after each of `ASKED_AFTER`, or at the end of the budget."""
    pairs = [(after, min(after + FURTHER, n_trials)) for after in ASKED_AFTER if after < n_trials]
    found = [remaining_loss(losses, after, k) for after, k in pairs]
    return tuple(one for one in found if one is not None)


def termination(inputs: RuleInputs, arguments: Mapping[str, Any]) -> Derived:
    """Stop at the budget, or earlier: when next to nothing is expected any more, or nothing was gained for a while.

    What is expected only the transfer sampler says, which is there where response models are
    (`recommender.composing.plans.transfer_sampler`).

    Args:
        inputs: Cites response models, or nothing.
        arguments: ``n_trials``, ``wall_clock_s``.
    """
    n_trials, wall = int(arguments["n_trials"]), float(arguments["wall_clock_s"])
    rules: list[Rule] = [MaxTrials(n_trials=n_trials), WallClock(seconds=wall)]
    patience, reason = _patience(inputs)
    hopeless = _hopeless(inputs, n_trials)
    if hopeless is not None and patience < LEAST_BESIDE:
        patience = LEAST_BESIDE
        reason += f" The sampler still gains where random trials do not any more, so {patience} are waited for."
    if patience < n_trials:
        rules.insert(0, Stagnation(patience=patience))
    else:
        reason = f"The budget is shorter than the patience of {patience} trials, so the budget ends it."
    if hopeless is not None:
        rules.insert(0, hopeless.value)
        reason = f"{hopeless.reason} {reason}"
    return Derived(Termination(rules=tuple(rules)), reason)


def _hopeless(inputs: RuleInputs, n_trials: int) -> Derived | None:
    """Return the rule by what the sampler expects, where it can be asked within the budget."""
    responses = inputs.of(ResponseModel)
    if not responses or not inputs.space.tunable:
        return None
    replayed = EXPECTED_IMPROVEMENT.get(inputs.learner)
    seen, whose = replayed or overall(CAUTIOUS), "" if replayed else f", over {len(CAUTIOUS)} other learners"
    rule = seen.rule
    first = startup_trials(len(responses), len(Encoder(inputs.space).dims))
    if max(first + rule.trials, rule.patience) >= n_trials:
        return None
    return Derived(
        rule,
        f"Stopping once {rule.patience} trials brought no gain and the sampler expected next to nothing of "
        f"{rule.trials} on end took {seen.trials:.0f} of {REPLAY_TRIALS} trials and gave up {seen.given_up:.3f} of the "
        f"way from best to median, on {seen.datasets} data sets left out{whose}; else:",
    )


def _patience(inputs: RuleInputs) -> tuple[int, str]:
    responses = inputs.of(ResponseModel)
    traces = inputs.surfaces.traces(responses, inputs.datasets) if responses else np.empty((0, 0))
    # A single data set cannot be left out: there is nothing to replay it from.
    reports = patience_reports(traces) if len(traces) and not np.isnan(traces).any(1).all() else ()
    best = shortest_patience(reports)
    if best is not None:
        return best.patience, (
            f"Replayed on {len(responses)} data sets, each left out in turn (portfolio, then random trials), "
            f"stopping after {best.patience} trials without a gain saves {best.saved:.0%} of {REPLAY_TRIALS} trials "
            f"and gives up {best.given_up:.3f} of the way from best to median."
        )
    if reports:
        longest = max(reports, key=lambda report: report.patience)
        return (
            longest.patience,
            f"No shorter patience held on the sources; {longest.patience} gives up {longest.given_up:.3f}.",
        )
    return PATIENCE, f"Nothing was replayed; {PATIENCE} trials without a gain is Optuna's default."


def _described(inputs: RuleInputs, response: ResponseModel) -> MetaFeatures:
    return inputs.datasets[response.dataset].meta_features
