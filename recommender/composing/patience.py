"""When to stop: the patience that would have cost the sources little.

A study stops after `patience` trials without a gain. Each patience is replayed on the sources' traces; what it gives
up is the regret at the stop less the regret at the end of the trace. A patience holds for the sampler that made the
traces: on random or TPE traces it must be longer than on those of a sampler that learns fast.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.errors import InputError

Array = npt.NDArray[np.float64]

#: Mean regret that stopping may give up.
MOST_GIVEN_UP = 0.02
#: Patiences to choose from.
PATIENCES = (10, 15, 20, 25, 30, 35, 40, 50, 65, 80)


@dataclass(frozen=True)
class Replayed:
    """What a rule did on traces of 100 trials of the sampler itself, data sets left out."""

    trials: int
    """Mean trials used."""
    given_up: float
    """Mean regret given up."""
    datasets: int


#: What stopping did under the transfer sampler once next to nothing was expected of five trials on end (the defaults of
#: `recommender.proposal.ExpectedImprovement`), learner by learner: benchmarks/results/termination.md, *pool*. A replay
#: of the sampler itself takes a second a source, too long to be made for each graph.
EXPECTED_IMPROVEMENT = {
    "random_forest": Replayed(34, 0.009, 67),
    "adaboost": Replayed(50, 0.010, 69),
    "xgboost": Replayed(35, 0.008, 82),
    "rpart": Replayed(21, 0.000, 81),
    "shaped_mlp": Replayed(34, 0.000, 9),
}


def overall(replays: Iterable[Replayed]) -> Replayed:
    """Return the mean over all data sets, for a learner that was not replayed."""
    found = list(replays)
    total = sum(one.datasets for one in found)
    trials = sum(one.trials * one.datasets for one in found) / total
    return Replayed(round(trials), sum(one.given_up * one.datasets for one in found) / total, total)


@dataclass(frozen=True)
class PatienceReport:
    """What a patience does on the traces."""

    patience: int
    trials: float
    """Mean trials used."""
    saved: float
    """Mean share of the trace that was not run."""
    given_up: float
    """Mean regret at the stop less regret at the end."""
    worst: float
    """Ninetieth percentile of what was given up."""


def patience_reports(
    traces: Array, *, patiences: Sequence[int] = PATIENCES, tolerance: float = 0.0
) -> tuple[PatienceReport, ...]:
    """Replay each patience that is shorter than the traces.

    Args:
        traces: Regret of the best so far after each trial, shape (sources, trials); rows with NaN are passed over.
        patiences: Trials without a gain after which a study stops.
        tolerance: A gain counts only above this (in units of regret).

    Raises:
        InputError: There is no trace.
    """
    usable = traces[~np.isnan(traces).any(1)] if traces.size else traces
    if not len(usable):
        raise InputError("no trace to replay", where="traces", allowed="one row or more, without NaN")
    n_trials = usable.shape[1]
    return tuple(_report(usable, patience, tolerance) for patience in patiences if patience < n_trials)


def shortest_patience(
    reports: Sequence[PatienceReport], *, most_given_up: float = MOST_GIVEN_UP
) -> PatienceReport | None:
    """Return the report of the shortest patience that gives up at most `most_given_up`, or None where none does."""
    return next((r for r in sorted(reports, key=lambda r: r.patience) if r.given_up <= most_given_up), None)


def stopping_trial(trace: Array, patience: int, *, tolerance: float = 0.0) -> int:
    """Return the number of trials after which a study with this trace stops; all of them where it never does.

    Args:
        trace: Regret of the best so far after each trial, shape (trials,).
        patience: Trials without a gain.
        tolerance: A gain counts only above this, measured from the last gain that counted.
    """
    reference, since = float(trace[0]), 0
    for trial in range(1, len(trace)):
        if trace[trial] < reference - tolerance:
            reference, since = float(trace[trial]), 0
        else:
            since += 1
        if since >= patience:
            return trial + 1
    return len(trace)


def _report(traces: Array, patience: int, tolerance: float) -> PatienceReport:
    stops = np.array([stopping_trial(trace, patience, tolerance=tolerance) for trace in traces])
    given_up = traces[np.arange(len(traces)), stops - 1] - traces[:, -1]
    return PatienceReport(
        patience=patience,
        trials=float(stops.mean()),
        saved=float(1.0 - stops.mean() / traces.shape[1]),
        given_up=float(given_up.mean()),
        worst=float(np.quantile(given_up, 0.9)),
    )
