"""When to stop: the patience that would have cost the sources little.

A study stops after `patience` trials without a gain. Each patience is replayed on the sources' traces; what it gives
up is the regret at the stop less the regret at the end of the trace. A patience holds for the sampler that made the
traces: on random or TPE traces it must be longer than on those of a sampler that learns fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from kg.errors import InputError
from recommender.proposal import ExpectedImprovement

Array = npt.NDArray[np.float64]

#: Mean regret that stopping may give up.
MOST_GIVEN_UP = 0.02
#: Patiences to choose from.
PATIENCES = (10, 15, 20, 25, 30, 35, 40, 50, 65, 80)


@dataclass(frozen=True)
class Replayed:
    """What a rule did on traces of 100 trials of the sampler itself, data sets left out."""

    rule: ExpectedImprovement
    trials: float
    """Mean trials used."""
    given_up: float
    """Mean regret given up."""
    datasets: int


def hopeless(threshold: float) -> ExpectedImprovement:
    """Return the rule that was replayed: five trials on end of which little was expected, fifteen without a gain."""
    return ExpectedImprovement(threshold=threshold, trials=5, patience=15)


#: What stopping did under the transfer sampler once next to nothing was expected, learner by learner: the threshold
#: that took the fewest trials of those that gave up no more than thirty trials without a gain did
#: (benchmarks/results/termination.md, *pool*). A replay of the sampler itself takes half a second a source, too long
#: to be made for each graph.
EXPECTED_IMPROVEMENT = {
    "random_forest": Replayed(hopeless(3e-5), 35.8, 0.014, 67),
    "adaboost": Replayed(hopeless(1e-3), 39.8, 0.010, 69),
    "xgboost": Replayed(hopeless(3e-4), 36.1, 0.010, 82),
    "rpart": Replayed(hopeless(1e-4), 22.1, 0.000, 81),
}
#: The same with one threshold for all, the least of them: for a learner that was not replayed.
CAUTIOUS = (
    Replayed(hopeless(3e-5), 35.8, 0.014, 67),
    Replayed(hopeless(3e-5), 55.8, 0.006, 69),
    Replayed(hopeless(3e-5), 42.0, 0.009, 82),
    Replayed(hopeless(3e-5), 23.0, 0.000, 81),
)
#: Least trials without a gain that end a study beside that rule. A shorter patience, replayed on random trials, ended
#: studies of the sampler too early (three of LCBench after 24 trials, for .195 of regret); with thirty, both together
#: take fewer trials than thirty without a gain alone, and give up as much (AdaBoost .004 more).
LEAST_BESIDE = 30


def overall(replays: Sequence[Replayed]) -> Replayed:
    """Return the mean over all data sets of replays of one rule, for a learner that was not replayed."""
    total = sum(one.datasets for one in replays)
    trials = sum(one.trials * one.datasets for one in replays) / total
    return Replayed(replays[0].rule, trials, sum(one.given_up * one.datasets for one in replays) / total, total)


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
