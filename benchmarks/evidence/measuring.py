"""What a proposal is worth on a left-out data set: the study that it lays down, its space, and what it foretells."""

from __future__ import annotations

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import optuna

from benchmarks.quality.methods import Fold, default_of
from kg.learners.registry import learner_named
from kg.model import Configuration, CostProfile, FidelityProfile, ResponseModel, SearchSpace, TaskType
from kg.response import scaled_distance
from kg.store import KnowledgeStore
from recommender.composing.fidelity_choice import MIN_CORRELATION, halving_cost
from recommender.composing.surface import support_configurations
from recommender.proposal import Proposal
from recommender.tuning import configure_study, suggest
from recommender.validation.spending import predicted_cost

Array = npt.NDArray[np.float64]
#: Numbers of trials at which regret is told; the last is the length of a study.
KS = (1, 5, 10, 25)
#: Seeds of samplers that draw at random; their regrets are averaged.
SEEDS = (0, 1)
#: Trials after which the foretold score is held against what the study reached.
FORETOLD = 10


@dataclass(frozen=True)
class Answers:
    """The runs of a left-out data set that the installed library could still make: only they answer."""

    possible: npt.NDArray[np.bool_]
    """Which rows of the pool they are."""
    floor: float
    """Regret of the best of them, against all runs."""

    @classmethod
    def of(cls, fold: Fold) -> Answers:
        """Return those of a fold. Half of the AdaBoost runs were made with SAMME.R, which scikit-learn dropped."""
        spec = learner_named(fold.suite.learner)
        runs = support_configurations(fold.suite.models[fold.target])
        possible = np.array([spec.still_possible(run.root, TaskType.CLASSIFICATION) is not None for run in runs])
        return cls(possible, float(fold.pool.regrets[possible].min()))


def study_figures(fold: Fold, proposal: Proposal, models: Sequence[ResponseModel]) -> dict[str, float]:
    """Return the regret after each k of `KS` of the proposed study, against the best run that is still possible."""
    seeds = SEEDS[:1] if proposal.sampler.value.name == "transfer" else SEEDS
    best = np.mean([_best_so_far(fold, proposal, models, seed) for seed in seeds], axis=0)
    return {f"regret_{k}": float(best[min(k, len(best)) - 1]) for k in KS}


def _best_so_far(fold: Fold, proposal: Proposal, models: Sequence[ResponseModel], seed: int) -> Array:
    """Return the regret of the best trial so far of a whole study; the nearest run not used yet answers."""
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    pool, suite, used, answers = fold.pool, fold.suite, list[int](), Answers.of(fold)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = configure_study(proposal, seed=seed, models=models)
        for _ in range(min(KS[-1], int(answers.possible.sum()))):
            trial = study.ask()
            asked = suggest(trial, proposal.search_space.value)
            point = suite.encode([answerable(fold, {**proposal.fixed.value.root, **asked.root})])
            distance = scaled_distance(point, pool.points, suite.length_scales)[0]
            distance[used] = np.inf
            distance[~answers.possible] = np.inf
            used.append(int(np.argmin(distance)))
            study.tell(trial, float(pool.scores[used[-1]]))
    best: Array = np.minimum.accumulate(pool.regrets[used]) - answers.floor
    return best


def answerable(fold: Fold, asked: dict[str, Any]) -> Configuration:
    """Return what was asked in the terms of the published runs: what they did not vary goes, the default fills up.

    What the installed library does not have any more is as the library behaves now.
    """
    spec, searched = learner_named(fold.suite.learner), fold.suite.models[0].space.names
    available = {each.name for each in spec.available(TaskType.CLASSIFICATION)}
    implied = {name: spec[name].implied for name in searched if name in spec and name not in available}
    given = {name: value for name, value in asked.items() if name in searched}
    return Configuration({**default_of(fold).root, **implied, **given})


def space_figures(fold: Fold, space: SearchSpace) -> dict[str, float]:
    """Return the share of the data set's runs that lie inside the space, and the least regret among them."""
    runs = support_configurations(fold.suite.models[fold.target])
    inside = np.array([all(p.name not in run or p.contains(run[p.name]) for p in space.parameters) for run in runs])
    answers = Answers.of(fold)
    inside = inside[answers.possible]
    regrets = fold.pool.regrets[answers.possible] - answers.floor
    # The median run where the space holds none, as in `recommender.composing.narrowing_level`.
    return {"inside": float(inside.mean()), "ceiling": float(regrets[inside].min()) if inside.any() else 1.0}


def prediction_figures(fold: Fold, proposal: Proposal, reached: float) -> dict[str, float]:
    """Return whether a score is foretold, whether its interval held, its width, and how far its middle was off.

    Args:
        fold: The data set.
        proposal: What was foretold.
        reached: Regret of the best of the first `FORETOLD` trials.
    """
    found = [score for score in proposal.prediction.value.scores if score.k == FORETOLD]
    if not found or proposal.prediction.value.metric != fold.suite.metric:
        return {"foretold": 0.0}
    model, score = fold.suite.models[fold.target], found[0]
    actual = model.best - (reached + Answers.of(fold).floor) * (model.best - model.median)
    return {
        "foretold": 1.0,
        "held": float(score.low - 1e-12 <= actual <= score.high + 1e-12),
        "width": score.high - score.low,
        "off": abs(score.expected - actual),
    }


def cost_figures(fold: Fold, proposal: Proposal, view: KnowledgeStore, store: KnowledgeStore) -> dict[str, float]:
    """Return whether the seconds of a trial are foretold, and by what factor they are off (natural log, absolute)."""
    own = _own(store, "cost_profile", fold)
    if not isinstance(own, CostProfile) or "NumberOfInstances" not in fold.pool.dataset.meta_features:
        return {}  # nothing to hold it against, or to scale it by
    told = predicted_cost(proposal, view)
    if told is None or not own.seconds[1] > 0:
        return {"priced": 0.0}
    protocol = proposal.protocol.value
    actual = own.seconds[1] * protocol.folds * protocol.repeats * (1 - 1 / protocol.folds)
    return {"priced": 1.0, "price_factor": abs(math.log(told.seconds / actual))}


def fidelity_figures(fold: Fold, proposal: Proposal, store: KnowledgeStore) -> dict[str, float]:
    """Return the share of the seconds of full runs that the proposed fidelity takes, by the data set's own profile.

    And whether that was right: the lowest rung ranks well enough there. No fidelity takes all of the seconds.
    """
    own = _own(store, "fidelity_profile", fold)
    if not isinstance(own, FidelityProfile):
        return {}
    fidelity = proposal.fidelity.value
    if fidelity is None:
        return {"screened": 0.0, "seconds": 1.0}
    level = min(own.levels, key=lambda each: abs(each.value - fidelity.min))
    ranks = float(level.rank_correlation >= MIN_CORRELATION)
    return {"screened": 1.0, "seconds": halving_cost(level, own.levels, own.full), "ranks_well": ranks}


def _own(store: KnowledgeStore, kind: str, fold: Fold) -> Any:
    found = store.evidence(kind, learner=fold.suite.learner)
    wanted = [one for one in found if getattr(one, "dataset", None) == fold.pool.dataset.iri]
    right = [one for one in wanted if getattr(one, "metric", fold.suite.metric) == fold.suite.metric]
    return right[0] if right else None
