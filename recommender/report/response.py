"""What a study's trials say on its parameters: importance, partial dependence and interactions.

Importance is fANOVA as Optuna computes it (Hutter et al. 2014). Dependence and interactions are read off a random
forest over the trials; how well it predicts trials that a tree has not seen is told beside them.
"""

from __future__ import annotations

import itertools
import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import optuna
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.trial import FrozenTrial

from recommender.report.model import Dependence, Fit, Interaction

Array = npt.NDArray[np.float64]

#: Fewer complete trials than this say nothing on parameters.
LEAST_TRIALS = 10
#: Parameters that are shown, the most important first; all pairs of them are looked at.
MOST_PARAMETERS = 4
#: Values of a parameter at which dependence is computed; trials over which it is averaged.
_POINTS, _ROWS = 12, 60
#: The forest: trees enough for curves without steps; leaves of two trials and half of the parameters a split, because
#: scores of cross-validation are noisy.
_FOREST = {"n_estimators": 200, "min_samples_leaf": 2, "max_features": 0.5}
#: Stands for a parameter that is inactive; values are within [0, 1].
_INACTIVE = -1.0


@dataclass(frozen=True)
class Response:
    """What the trials say on the parameters."""

    importances: dict[str, float]
    """Name -> per cent. Parameters that are not active in every trial are not there."""
    fit: Fit
    dependence: tuple[Dependence, ...]
    interactions: tuple[Interaction, ...]


def response_of(study: optuna.Study, trials: Sequence[FrozenTrial], *, seed: int = 0) -> Response:
    """Return what `trials`, complete ones of `study`, say on its parameters; at least `LEAST_TRIALS`, not all alike."""
    importances = importances_of(study, trials, seed=seed)
    forest = _Forest.over(trials, seed=seed)
    named = sorted(forest.names, key=lambda name: -importances.get(name, 0.0))[:MOST_PARAMETERS]
    named = [name for name in named if len(forest.grid(name)) > 1]
    pairs = [forest.interaction(first, second) for first, second in itertools.combinations(named, 2)]
    return Response(
        importances=importances,
        fit=Fit(n_trials=len(trials), r2_percent=round(100 * max(0.0, forest.r2), 1)),
        dependence=tuple(forest.dependence(name) for name in named),
        interactions=tuple(sorted((p for p in pairs if p), key=lambda p: -p.percent)),
    )


def importances_of(study: optuna.Study, trials: Sequence[FrozenTrial], *, seed: int) -> dict[str, float]:
    """Return the share of the score's variance that each parameter explains, in per cent, greatest first.

    Those only that every complete trial has: Optuna's fANOVA takes no parameter that is inactive at times. Empty where
    none of these took a second value, on which it raises an error.

    Args:
        study: What is analysed.
        trials: Its complete trials with a finite score, which are all that fANOVA looks at.
        seed: Of the forest.
    """
    common = set.intersection(*(set(trial.params) for trial in trials))
    if all(len({repr(trial.params[name]) for trial in trials}) == 1 for name in common):
        return {}
    evaluator = optuna.importance.FanovaImportanceEvaluator(seed=seed)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        found = optuna.importance.get_param_importances(study, evaluator=evaluator, normalize=False)
    return {name: round(100 * float(share), 1) for name, share in found.items()}


@dataclass(frozen=True)
class _Forest:
    """A random forest from encoded configurations to scores."""

    model: Any
    rows: Array
    """Configurations over which dependence is averaged, shape (at most `_ROWS`, parameters)."""
    distributions: dict[str, BaseDistribution]
    r2: float
    """Of trials that a tree has not seen; negative where the mean predicts better."""

    @classmethod
    def over(cls, trials: Sequence[FrozenTrial], *, seed: int) -> _Forest:
        from sklearn.ensemble import RandomForestRegressor

        distributions: dict[str, BaseDistribution] = {}
        for trial in trials:
            distributions |= trial.distributions
        rows = np.array([[_encoded(t, name, d) for name, d in distributions.items()] for t in trials])
        scores = np.array([trial.value for trial in trials], dtype=float)
        model = RandomForestRegressor(**_FOREST, oob_score=True, random_state=seed, n_jobs=1)
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message="Some inputs do not have OOB scores")
            model.fit(rows, scores)
        chosen = np.random.default_rng(seed).permutation(len(rows))[:_ROWS]
        return cls(model, rows[chosen], distributions, float(model.oob_score_))

    @property
    def names(self) -> list[str]:
        return list(self.distributions)

    def grid(self, name: str) -> list[float]:
        """Return the encoded values at which dependence is computed."""
        match self.distributions[name]:
            case CategoricalDistribution(choices=choices):
                return [_of_choice(index, len(choices)) for index in range(len(choices))]
            case FloatDistribution(low=low, high=high) | IntDistribution(low=low, high=high) if low < high:
                steps = _POINTS if isinstance(self.distributions[name], FloatDistribution) else high - low + 1
                return list(np.linspace(0, 1, int(min(_POINTS, steps))))
            case _:
                return [0.0]

    def dependence(self, name: str) -> Dependence:
        grid, distribution = self.grid(name), self.distributions[name]
        scores = self._means([{name: value} for value in grid])
        at = tuple(_decoded(value, distribution) for value in grid)
        return Dependence(
            name=name, at=at, score=tuple(map(float, scores)), log=bool(getattr(distribution, "log", False))
        )

    def interaction(self, first: str, second: str) -> Interaction | None:
        """Return H squared of a pair; None where the pair has no effect, or is hardly ever active together."""
        rows = self._active(first, second)
        if len(rows) < LEAST_TRIALS:
            return None
        i, j = self.names.index(first), self.names.index(second)
        points = rows[:, [i, j]]
        effects = [self._at_rows(rows, columns, points[:, picked]) for columns, picked in _sides(i, j)]
        one, two, both = (effect - effect.mean() for effect in effects)
        total = float((both**2).sum())
        if total < 1e-18:
            return None
        percent = 100 * float(((both - one - two) ** 2).sum()) / total
        return Interaction(first=first, second=second, percent=round(min(100.0, percent), 1))

    def _active(self, *names: str) -> Array:
        columns = [self.names.index(name) for name in names]
        active: Array = self.rows[(self.rows[:, columns] != _INACTIVE).all(axis=1)]
        return active

    def _means(self, settings: Sequence[dict[str, float]]) -> Array:
        """Return the mean prediction over the trials in which the parameters are active, at each setting."""
        means = []
        for setting in settings:
            rows = self._active(*setting).copy()
            rows = rows if len(rows) else self.rows.copy()
            for name, value in setting.items():
                rows[:, self.names.index(name)] = value
            means.append(float(self.model.predict(rows).mean()))
        return np.array(means)

    def _at_rows(self, rows: Array, columns: list[int], points: Array) -> Array:
        """Return the mean prediction over `rows` with `columns` set to each of `points`, shape (points,)."""
        repeated = np.repeat(rows[None, :, :], len(points), axis=0)
        repeated[:, :, columns] = points[:, None, :]
        predicted = self.model.predict(repeated.reshape(-1, rows.shape[1]))
        return np.asarray(predicted.reshape(len(points), len(rows)).mean(axis=1))


def _sides(i: int, j: int) -> list[tuple[list[int], list[int]]]:
    """Return the columns to set, and which of the pair's values go there: the first, the second, both."""
    return [([i], [0]), ([j], [1]), ([i, j], [0, 1])]


def _of_choice(index: int, n_choices: int) -> float:
    return index / max(1, n_choices - 1)


def _encoded(trial: FrozenTrial, name: str, distribution: BaseDistribution) -> float:
    if name not in trial.params:
        return _INACTIVE
    value = trial.params[name]
    match distribution:
        case CategoricalDistribution(choices=choices):
            return _of_choice(int(distribution.to_internal_repr(value)), len(choices))
        case FloatDistribution(low=low, high=high, log=log) | IntDistribution(low=low, high=high, log=log):
            low, high, value = (math.log(v) if log else float(v) for v in (low, high, value))
            # A study may have narrowed its space on the way.
            return float(np.clip((value - low) / (high - low), 0, 1)) if high > low else 0.0
        case _:
            return _INACTIVE


def _decoded(value: float, distribution: BaseDistribution) -> float | str:
    match distribution:
        case CategoricalDistribution(choices=choices):
            choice = choices[round(value * max(1, len(choices) - 1))]
            return choice if isinstance(choice, str) else repr(choice)
        case FloatDistribution(low=low, high=high, log=log) | IntDistribution(low=low, high=high, log=log):
            low, high = (math.log(v) if log else float(v) for v in (low, high))
            found = low + value * (high - low)
            found = math.exp(found) if log else found
            return float(round(found)) if isinstance(distribution, IntDistribution) else float(found)
        case _:
            return value
