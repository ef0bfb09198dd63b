"""What the transfer sampler is compared with beyond TPE: other spaces, a plain process, FLAML's zero-shot, chance."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from statistics import median

from benchmarks.quality.calibration import loo_weights
from benchmarks.quality.methods import (
    KS,
    PORTFOLIOS,
    Fold,
    by_meta_features,
    default_of,
    expected_best,
    nearest_rows,
    order_of,
    then_random,
)
from benchmarks.quality.suites import Suite
from benchmarks.sampler.pool import PLAIN, continued
from benchmarks.sampler.studies import space_of
from kg.learners.registry import learner_named
from kg.model import Configuration, MetaFeatures, SearchSpace, TaskType
from recommender.composing.narrowing import Narrowing, narrow_space, top_configurations
from recommender.composing.narrowing_level import level_reports

#: FLAML's name of a suite's learner; it has none for the others.
FLAML = {"RandomForest": "rf", "XGBoost": "xgb_limitdepth"}
_HERE = Path(__file__).parent
_LEVELS: dict[str, float | None] = {}
_ZERO_SHOTS: dict[str, tuple[Configuration, ...]] = {}


def library_space(fold: Fold) -> SearchSpace:
    """Return the library's wide space, but for what the published runs did not vary."""
    wide = learner_named(fold.suite.learner).space(TaskType.CLASSIFICATION)
    known = {parameter.name: parameter for parameter in wide.parameters}
    searched = space_of(fold)
    return searched.replace(parameters=tuple(known.get(p.name, p) for p in searched.parameters))


def recommended_space(fold: Fold) -> SearchSpace:
    """Return the space of the published runs, cut as a proposal cuts it.

    The level is calibrated once over all data sets of the suite, the box is made of the fold's sources.
    """
    level = _level(fold.suite)
    if level is None:
        return space_of(fold)
    weights = by_meta_features()(fold)
    tops = [top_configurations(fold.suite.models[i]) for i in fold.sources]
    return narrow_space(space_of(fold), tops, list(weights), Narrowing(level))


def random_curve(fold: Fold) -> list[float]:
    """Return the expected regret of the best of k runs drawn at random."""
    return [expected_best(fold.pool.regrets, k) for k in KS]


def portfolio_then_plain(fold: Fold, n_starts: int = 5) -> list[int]:
    """Return rows in the order in which a portfolio, and then a process that knows nothing of the sources, try them."""
    starts = order_of(next(p for p in PORTFOLIOS if p.label == "ours"), fold)[:n_starts]
    return continued(fold, fold.suite.predicted[fold.target][:, fold.sources], starts, PLAIN)


def zero_shot_curve(fold: Fold, python: str) -> list[float]:
    """Return the regret of FLAML's zero-shot configuration (its nearest run), followed by runs drawn at random."""
    configuration = _zero_shots(fold.suite, python)[fold.target]
    return then_random(fold, nearest_rows(fold, [configuration])[0])


def _level(suite: Suite) -> float | None:
    if suite.name not in _LEVELS:
        _LEVELS[suite.name] = level_reports(suite.models, suite.models[0].space, loo_weights(suite))[-1].level
    return _LEVELS[suite.name]


def _zero_shots(suite: Suite, python: str) -> tuple[Configuration, ...]:
    if suite.name not in _ZERO_SHOTS:
        _ZERO_SHOTS[suite.name] = _asked(suite, python)
    return _ZERO_SHOTS[suite.name]


def _asked(suite: Suite, python: str) -> tuple[Configuration, ...]:
    """Return FLAML's configuration for each data set; one of unknown shape is taken for the median of the others."""
    shapes = [_shape(pool.dataset.meta_features) for pool in suite.pools]
    known = [shape for shape in shapes if shape is not None]
    usual = [*(round(median(shape[i] for shape in known)) for i in range(3)), median(shape[3] for shape in known)]
    asked = [[FLAML[suite.name], *(usual if shape is None else shape)] for shape in shapes]
    done = subprocess.run(
        [python, str(_HERE / "flaml_default.py")], input=json.dumps(asked), capture_output=True, text=True, check=True
    )
    # FLAML names hyper-parameters as the libraries do; what it says of those that no run varied is left out.
    named = set(suite.models[0].space.names)
    return tuple(
        Configuration({**default_of(Fold(suite, t)).root, **{k: v for k, v in one.items() if k in named}})
        for t, one in enumerate(json.loads(done.stdout))
    )


def _shape(known: MetaFeatures) -> tuple[int, int, int, float] | None:
    """Return rows, columns without the target, classes and the share of numeric columns; None where unknown."""
    if any(name not in known for name in ("NumberOfInstances", "NumberOfFeatures", "NumberOfClasses")):
        return None
    columns = max(1, int(known["NumberOfFeatures"]) - 1)
    numeric = known.get("NumberOfNumericFeatures", columns) / columns
    return int(known["NumberOfInstances"]), columns, int(known["NumberOfClasses"]), min(1.0, numeric)
