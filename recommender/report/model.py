"""The figures of a report: plain frozen values. Every number that the words say is one of them.

Shares are kept in per cent and rounded as they are shown, so that what is read is what is meant.
"""

from __future__ import annotations

from typing import Literal

from kg.model import ParameterValue
from kg.model.base import FrozenMapping, Value


class Tried(Value):
    """One finished trial."""

    number: int
    state: Literal["complete", "pruned", "fail"]
    score: float | None
    best: float | None
    """The best score so far, this one included."""
    seconds: float
    origin: str = ""
    """Why it was tried: a warm start, a test run; empty where the sampler chose it."""


class Searched(Value):
    """One parameter that was searched, and where the best trials lie."""

    name: str
    kind: Literal["float", "int", "categorical"]
    log: bool = False
    low: float | None = None
    high: float | None = None
    choices: tuple[ParameterValue, ...] = ()
    best: ParameterValue = None
    """Its value in the best trial; None where it was inactive."""
    importance_percent: float | None = None
    """Share of the score's variance that it explains alone (fANOVA); None where that was not computed."""


class Dependence(Value):
    """How the score answers to one parameter, all else being as in the study's trials (Friedman 2001, section 8.2)."""

    name: str
    at: tuple[float | str, ...]
    """Values of the parameter, or names of its choices."""
    score: tuple[float, ...]
    """The model's mean score there, in the metric's unit."""
    log: bool = False


class Interaction(Value):
    """How far two parameters do not simply add up (H squared of Friedman and Popescu 2008, section 8.1)."""

    first: str
    second: str
    percent: float
    """Share of the variance of their joint effect that is neither's alone."""


class Fit(Value):
    """The forest that dependence and interactions are read off."""

    n_trials: int
    r2_percent: float
    """Of trials that a tree has not seen, the share of the variance that the forest explains. At 0: nothing."""


class Check(Value):
    """One thing that the evidence had said, beside what happened."""

    about: str
    outcome: Literal["held", "did not hold", "cannot be told"]
    said: str
    found: str
    citations: int = 0
    """Pieces of evidence that it rested on."""


class Spent(Value):
    """What the study cost, and what was assumed to say so."""

    trial_seconds: float
    """What the trials took, over all workers."""
    wall_clock_s: float
    """From the first trial's start to the last one's end, pauses between sessions included."""
    cores: int
    """Cores that a trial is taken to have kept busy where its processor seconds were not measured."""
    cpu_seconds: float
    """Of the processors, over all trials."""
    n_measured: int
    """Trials whose processor seconds were measured."""
    energy_wh: float
    watts_per_core: float
    pue: float
    """Power usage effectiveness: energy that the building takes for each unit that the computer takes."""
    seconds_after_best: float
    """What the trials took that came after the best one."""


class Figures(Value):
    """All that a report says."""

    study: str
    learner: str = ""
    metric: str = ""
    maximise: bool
    n_trials: int
    n_complete: int
    n_pruned: int
    n_failed: int
    failures: FrozenMapping[str, int] = FrozenMapping({})
    best_score: float | None = None
    best_trial: int | None = None
    first_score: float | None = None
    median_score: float | None = None
    configuration: FrozenMapping[str, ParameterValue] = FrozenMapping({})
    """The best one, fixed hyper-parameters included."""
    history: tuple[Tried, ...] = ()
    parameters: tuple[Searched, ...] = ()
    fit: Fit | None = None
    not_analysed: str = ""
    """Why there are no importances, where there are none."""
    dependence: tuple[Dependence, ...] = ()
    interactions: tuple[Interaction, ...] = ()
    checks: tuple[Check, ...] = ()
    tally: FrozenMapping[str, int] = FrozenMapping({})
    """How many of the checks held, did not hold, and cannot be told."""
    stop_reason: str = ""
    spent: Spent
