"""How a study is doing, as plain values: what a page draws and says. Pure functions of trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import TYPE_CHECKING, Any

from kg.model import ParameterValue, metric_named
from recommender.proposal import Proposal
from recommender.spending_curve import spending_curve

if TYPE_CHECKING:
    import optuna
    from optuna.trial import FrozenTrial


@dataclass(frozen=True)
class Point:
    """One trial that is over."""

    number: int
    """In the study, from 1."""
    place: int | None
    """The how-manieth of the budget's trials it is, from 1; None for a test run beside the budget."""
    state: str
    """``complete``, ``pruned`` or ``fail``."""
    score: float | None
    """None where it has none in full."""
    partial: float | None
    """What had been seen of a pruned trial's score: the mean of its first folds, or a lower fidelity's."""
    best: float | None
    """The best score so far, this one included."""
    seconds: float
    origin: str
    """Why it was tried; empty where the sampler chose it."""


@dataclass(frozen=True)
class Expected:
    """What was predicted for a number of trials, and what came."""

    k: int
    expected: float
    low: float
    high: float
    seconds: float | None
    """Wall clock that they should take; None where no fit was timed."""
    real: float | None
    """The best of the first k trials of the budget; None while there are fewer."""

    @property
    def held(self) -> bool | None:
        """Whether what came lies in the interval; None while nothing has."""
        return None if self.real is None else self.low <= self.real <= self.high


@dataclass(frozen=True)
class Progress:
    """How a study is doing."""

    points: tuple[Point, ...]
    n_budget: int
    """Trials of the budget."""
    n_done: int
    """Of these, those that are over."""
    n_open: int
    """Trials that run now."""
    wall_clock_s: float
    """Seconds of the budget."""
    trial_seconds: float
    """What the trials took, one after the other."""
    best: float | None
    best_number: int | None
    """Number of the best trial, from 1."""
    configuration: tuple[tuple[str, ParameterValue], ...]
    """The best one, fixed hyper-parameters included."""
    failures: tuple[tuple[str, int], ...]
    """Reason and number."""
    expected: tuple[Expected, ...]

    @property
    def n_complete(self) -> int:
        """Trials with a score."""
        return sum(point.score is not None for point in self.points)

    @property
    def spent_s(self) -> float:
        """Seconds of the trials that the study itself ran: what the test run had paid for is not counted again."""
        return sum(point.seconds for point in self.points if not point.origin.startswith("test run"))


def progress_of(study: optuna.Study, proposal: Proposal) -> Progress:
    """Return how `study`, made from `proposal`, is doing."""
    from recommender.tuning import result_of

    trials = study.get_trials(deepcopy=False)
    points = _points(trials, proposal)
    result = result_of(study, proposal)
    number = result["best_trial"]
    return Progress(
        points=points,
        n_budget=proposal.budget.value.n_trials,
        n_done=sum(point.place is not None for point in points),
        n_open=sum(trial.state.name == "RUNNING" for trial in trials),
        wall_clock_s=proposal.budget.value.wall_clock_s,
        trial_seconds=sum(point.seconds for point in points),
        best=result["best_score"],
        best_number=None if number is None else number + 1,
        configuration=tuple(result["best_configuration"].items()),
        failures=tuple(result["failures"].items()),
        expected=_expected(points, proposal),
    )


def _points(trials: Sequence[FrozenTrial], proposal: Proposal) -> tuple[Point, ...]:
    from recommender.first_trials import counts
    from recommender.report.cost import seconds_of
    from recommender.trial_notes import ORIGIN

    metric = metric_named(proposal.metric.value)
    found: list[Point] = []
    best: float | None = None
    place = 0
    for trial in trials:
        if not trial.state.is_finished():
            continue
        score = trial.value if trial.state.name == "COMPLETE" else None
        if score is not None and (best is None or metric.gain(score) > metric.gain(best)):
            best = score
        mine = counts(trial)
        place += mine
        origin: Any = trial.user_attrs.get(ORIGIN, "")
        found.append(
            Point(
                number=trial.number + 1,
                place=place if mine else None,
                state=trial.state.name.lower(),
                score=score,
                partial=_partial(trial) if trial.state.name == "PRUNED" else None,
                best=best,
                seconds=seconds_of(trial),
                origin=str(origin),
            )
        )
    return tuple(found)


def _partial(trial: FrozenTrial) -> float | None:
    from recommender.trial_notes import FOLD_SCORES

    scores = trial.user_attrs.get(FOLD_SCORES) or [v for _, v in sorted(trial.intermediate_values.items())][-1:]
    return float(fmean(scores)) if scores else None


def _expected(points: Sequence[Point], proposal: Proposal) -> tuple[Expected, ...]:
    """Return prediction beside reality: the best of the budget's first k trials, for a test run costs none of them."""
    metric = metric_named(proposal.metric.value)
    mine = [point for point in points if point.place is not None]
    found = []
    for one in spending_curve(proposal):
        scores = [point.score for point in mine[: one.score.k] if point.score is not None]
        real = max(scores, key=metric.gain) if scores and len(mine) >= one.score.k else None
        found.append(
            Expected(one.score.k, one.score.expected, one.score.low, one.score.high, seconds=one.seconds, real=real)
        )
    return tuple(found)
