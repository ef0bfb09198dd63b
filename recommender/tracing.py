"""What the stopping rules see of an Optuna study."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from optuna.trial import FrozenTrial, TrialState

from kg.model import SearchSpace, metric_named
from recommender.proposal import Proposal
from recommender.sampler import HOPE
from recommender.termination import Trace, needs_points
from recommender.transfer.lattice import Lattice
from recommender.trial_notes import EARLIER, FOLD_SCORES

Array = npt.NDArray[np.float64]

#: Points drawn from the space that stand for all of it (as many as Optuna's terminator draws).
N_CANDIDATES = 2048


def trace_of(trials: Sequence[FrozenTrial], proposal: Proposal, *, seconds: float) -> Trace:
    """Return what has happened in a study.

    Args:
        trials: Those that are over, in order.
        proposal: What the study was made from.
        seconds: Wall clock spent.
    """
    metric = metric_named(proposal.metric.value)
    scores = [_score(trial) if trial.state is TrialState.COMPLETE else None for trial in trials]
    known = [trial for trial in trials if trial.state is TrialState.COMPLETE and trial.value is not None]
    best = max(known, key=lambda trial: metric.gain(float(trial.value or 0.0)), default=None)
    points = candidates = None
    if needs_points(proposal.termination.value):
        points, candidates = _encoded(trials, proposal.search_space.value, proposal.task.seed)
    return Trace(
        scores=scores,
        seconds=seconds,
        cost=sum(trial.duration.total_seconds() for trial in trials if trial.duration),
        hopes=[trial.system_attrs.get(HOPE) for trial in trials],
        folds=_folds(best.user_attrs) if best else (),
        points=points,
        candidates=candidates,
    )


def _score(trial: FrozenTrial) -> float | None:
    """Return what a trial brought: with fewer rounds, where that is better."""
    return trial.user_attrs.get(EARLIER, trial.value)


def _folds(attributes: dict[str, Any]) -> tuple[float, ...]:
    return tuple(float(score) for score in attributes.get(FOLD_SCORES, ()))


def _encoded(trials: Sequence[FrozenTrial], space: SearchSpace, seed: int) -> tuple[Array, Array]:
    lattice = Lattice(space)
    constants = {p.name: p.value for p in space.parameters if p.kind == "constant"}
    tried = lattice.encoder.encode([{**constants, **trial.params} for trial in trials])
    return tried, lattice.encode(lattice.random(N_CANDIDATES, np.random.default_rng(seed)))
