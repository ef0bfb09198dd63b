"""How far a learner's space may be cut: the tightest box that leaves every source something near its best.

Cuts multiply over the parameters: 10 % to 90 % quantiles are safe with three or four numeric parameters and lose
with seven, and the distance to the nearest source does not tell when. So each level is tried on the sources, each
left out in turn, and the tightest whose mean ceiling (the regret that even exhausting the box leaves) is small is
taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.model import CategoricalParameter, ConstantParameter, Parameter, ResponseModel, SearchSpace
from recommender.composing.narrowing import (
    Narrowing,
    kept_choices,
    quantile_ranges,
    scaled_bounds,
    scaled_values,
    top_configurations,
    widened,
)
from recommender.composing.surface import support_configurations

Array = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

#: Levels to choose from, tightest first.
LEVELS = (0.2, 0.15, 0.1, 0.05, 0.02, 0.0)
#: Mean ceiling that is accepted.
MOST_CEILING = 0.02
#: Regret of an empty box: that of the median run.
_NOTHING_INSIDE = 1.0
#: Stands for the value of an inactive parameter: no parameter has it.
_INACTIVE = "\0inactive"


@dataclass(frozen=True)
class LevelReport:
    """What a level does to the sources, each left out in turn."""

    level: float | None
    """None: the space is not cut."""
    ceiling: float
    """Mean regret that exhausting the box leaves."""
    cover: float
    """Mean share of a source's own best configurations that lie inside."""
    volume: float
    """Mean volume of the box, as a share of the wide space."""


def level_reports(
    models: Sequence[ResponseModel],
    space: SearchSpace,
    weights: Array,
    *,
    levels: Sequence[float] = LEVELS,
    most_ceiling: float = MOST_CEILING,
) -> tuple[LevelReport, ...]:
    """Try `levels` on the sources; the last report is that of the level to use.

    Args:
        models: The sources' response models.
        space: The wide space.
        weights: Row t: how much each source counts when source t is the target (`similarity.pairwise_weights`), 0 for
            itself and for other versions of it; shape (sources, sources).
        levels: Tightest first.
        most_ceiling: The mean ceiling that is accepted.

    Returns:
        Reports on the levels tried, tightest first, up to the first that is accepted; where none is, a last one that
        says not to cut (level None).
    """
    owner, tops, pools = _table(models, space)
    counts = np.bincount(owner, minlength=len(models))
    mass = (weights / counts)[:, owner]
    reports: list[LevelReport] = []
    for level in levels:
        inside_pool, inside_top = np.ones(pools.shape[:2], dtype=bool), np.ones((len(models), len(owner)), dtype=bool)
        volumes = np.ones(len(models))
        for j, parameter in enumerate(space.parameters):
            cut = _Cut.of(parameter, tops[:, j], mass, Narrowing(level))
            inside_pool &= cut.holds(pools[:, :, j])
            inside_top &= cut.holds(np.broadcast_to(tops[:, j], inside_top.shape))
            volumes *= cut.share
        ceilings = _ceilings(models, inside_pool)
        own = owner[None, :] == np.arange(len(models))[:, None]
        cover = (inside_top & own).sum(1) / own.sum(1)
        reports.append(LevelReport(level, float(ceilings.mean()), float(cover.mean()), float(volumes.mean())))
        if reports[-1].ceiling <= most_ceiling:
            return tuple(reports)
    return (*reports, LevelReport(level=None, ceiling=0.0, cover=1.0, volume=1.0))


@dataclass(frozen=True)
class _Cut:
    """One parameter, cut for each target: a range each, or a set of choices each."""

    lows: Array
    highs: Array
    choices: Mask | None
    share: Array
    """What is left of the wide parameter, shape (targets,)."""

    @classmethod
    def of(cls, parameter: Parameter, values: Array, mass: Array, narrowing: Narrowing) -> _Cut:
        """Cut `parameter` by `values` (n,) under each row of `mass` (targets, n)."""
        none = np.full(len(mass), np.nan)
        known = ~np.isnan(values)
        if isinstance(parameter, ConstantParameter) or not known.any():
            return cls(none, none, None, np.ones(len(mass)))
        if isinstance(parameter, CategoricalParameter):
            number = len(parameter.choices)
            index = values[known].astype(np.intp)
            kept = kept_choices(index, mass[:, known], number, narrowing.least_share)
            return cls(none, none, kept, kept.mean(1))
        bottom, top = scaled_bounds(parameter)
        lows, highs = quantile_ranges(values[known], mass[:, known], narrowing.level, slack=narrowing.slack)
        lows, highs = widened(lows, highs, (bottom, top), narrowing.least_width)
        return cls(lows, highs, None, (highs - lows) / (top - bottom) if top > bottom else np.ones(len(mass)))

    def holds(self, values: Array) -> Mask:
        """Say which of `values` (targets, n) lie inside; a parameter that is inactive (NaN) does."""
        missing = np.isnan(values)
        if self.choices is not None:
            index = np.where(missing, 0, values).astype(np.intp)
            return missing | np.take_along_axis(self.choices, index, axis=1)
        outside: Mask = (values < self.lows[:, None] - 1e-9) | (values > self.highs[:, None] + 1e-9)
        return missing | ~outside


def _table(models: Sequence[ResponseModel], space: SearchSpace) -> tuple[npt.NDArray[np.intp], Array, Array]:
    """Return the source of each best configuration, its values (n, parameters), and all support (sources, most, ...).

    Values are on the parameters' own scales, NaN where inactive; shorter supports are padded with NaN.
    """
    best = [top_configurations(model) for model in models]
    owner = np.repeat(np.arange(len(models)), [len(one) for one in best]).astype(np.intp)
    flat = [c for one in best for c in one]
    tops = np.stack([scaled_values(p, [c.get(p.name, _INACTIVE) for c in flat]) for p in space.parameters], axis=1)
    most = max(len(model.support) for model in models)
    pools = np.full((len(models), most, len(space.parameters)), np.nan)
    for s, model in enumerate(models):
        runs = support_configurations(model)
        for j, parameter in enumerate(space.parameters):
            pools[s, : len(runs), j] = scaled_values(parameter, [c.get(parameter.name, _INACTIVE) for c in runs])
    return owner, tops, pools


def _ceilings(models: Sequence[ResponseModel], inside: Mask) -> Array:
    """Return the least regret of each source's support that lies inside, shape (sources,)."""
    return np.array(
        [
            min((r for r, keep in zip(model.regrets, row, strict=False) if keep), default=_NOTHING_INSIDE)
            for model, row in zip(models, inside, strict=True)
        ]
    )
