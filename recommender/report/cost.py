"""What a study cost: seconds, and an estimate of the energy with its assumptions.

Energy = seconds of a core x watts of a core x power usage effectiveness: the method of Green Algorithms (Lannelongue,
Grealey and Inouye 2021, Advanced Science 8, 2100707), without memory and storage. Its tool's defaults where nothing is
known of the machine are 12 W a core at full use, and 1.67 for the building; a computer at home has 1.
"""

from __future__ import annotations

from collections.abc import Sequence

from optuna.trial import FrozenTrial

from recommender.report.model import Spent
from recommender.trial_notes import CPU_SECONDS
from recommender.trial_time import seconds_taken

#: Watts of a core in use.
WATTS_PER_CORE = 12.0
#: Power usage effectiveness.
PUE = 1.67


def seconds_of(trial: FrozenTrial) -> float:
    """Return what a trial took (`recommender.trial_time.seconds_taken`); 0 where that is unknown."""
    return seconds_taken(trial) or 0.0


def spent_on(
    trials: Sequence[FrozenTrial],
    best: int | None,
    *,
    cores: int = 1,
    watts_per_core: float = WATTS_PER_CORE,
    pue: float = PUE,
) -> Spent:
    """Return what `trials`, those that are over, cost.

    Args:
        trials: In any order.
        best: Number of the best one.
        cores: Cores that a fit kept busy, where its trial does not say how many processor seconds it took.
        watts_per_core: What one takes.
        pue: What the building takes for each watt of the computer.
    """
    seconds = round(sum(map(seconds_of, trials)), 3)
    began = [trial.datetime_start for trial in trials if trial.datetime_start]
    ended = [trial.datetime_complete for trial in trials if trial.datetime_complete]
    measured = [float(trial.user_attrs[CPU_SECONDS]) for trial in trials if CPU_SECONDS in trial.user_attrs]
    assumed = cores * sum(seconds_of(trial) for trial in trials if CPU_SECONDS not in trial.user_attrs)
    cpu_seconds = sum(measured) + assumed
    after = [trial for trial in trials if best is not None and trial.number > best]
    return Spent(
        trial_seconds=seconds,
        wall_clock_s=round((max(ended) - min(began)).total_seconds(), 2) if began and ended else 0.0,
        cores=cores,
        cpu_seconds=round(cpu_seconds, 3),
        n_measured=len(measured),
        energy_wh=round(cpu_seconds * watts_per_core * pue / 3600, 4),
        watts_per_core=watts_per_core,
        pue=pue,
        seconds_after_best=round(sum(map(seconds_of, after)), 2),
    )
