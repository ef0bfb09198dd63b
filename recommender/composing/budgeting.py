"""How many trials, how long in all, and how long each.

Trials: the fewest after which tuning on similar data sets is, on average, within `EPSILON` of the best that was found
there. Time: the user's limit, or trials x seconds a trial with room to spare, or a stated default.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from recommender.proposal import Budget
from recommender.task import Constraints

#: Regret at which tuning counts as done, as a share of the way from the best to the median configuration.
EPSILON = 0.05
#: Trials where the curve never gets that far, and the most that are proposed unasked.
MOST_TRIALS = 100
#: Fewest trials that are proposed unasked.
FEWEST_TRIALS = 10
#: Trials where nothing is known (the order that Optuna's and SMAC's defaults advise for a model-based sampler).
UNKNOWN_TRIALS = 50
#: Seconds where neither the user nor a measurement sets any (the ten-minute test preset of the AutoML benchmark).
DEFAULT_SECONDS = 600.0
#: One trial may take at most this share of the whole (auto-sklearn's per-run limit).
PER_TRIAL_SHARE = 0.1
#: Where a time is set, the first trials are chosen for what they cost, too, and bring less each: so many times as many.
#: (One data set left out, XGBoost: regret .121, .092, .076 after 5, 10 and 20 such; .098, .075 after 5, 10 others.)
MORE_OF_CHEAP = 2
#: Room for trials that take longer than the typical one.
SLACK = 1.5


@dataclass(frozen=True)
class BudgetChoice:
    """A budget and the sentence that says why."""

    budget: Budget
    reason: str


def trials_needed(curve: Sequence[tuple[int, float]], *, epsilon: float = EPSILON) -> int | None:
    """Return the fewest trials at which `curve` (k, expected regret) is at most `epsilon`; None where it never is."""
    return next((k for k, regret in sorted(curve) if regret <= epsilon), None)


def choose_budget(
    constraints: Constraints, curve: Sequence[tuple[int, float]], *, trial_s: float | None, n_warm_starts: int
) -> BudgetChoice:
    """Return the budget.

    Args:
        constraints: What the user limits.
        curve: (k, expected regret after k trials) on similar data sets; empty where unknown.
        trial_s: Expected seconds of one trial (all folds); None where nothing was measured.
        n_warm_starts: Trials that are already decided.
    """
    needed = trials_needed(curve)
    times = 1 if constraints.wall_clock_s is None else MORE_OF_CHEAP
    n_trials, why = _trials(constraints.n_trials, needed, bool(curve), n_warm_starts, times=times)
    workers = constraints.n_workers
    expected = trial_s * n_trials / workers if trial_s is not None else None
    wall, wall_why = _wall_clock(constraints.wall_clock_s, expected)
    binding: Literal["n_trials", "wall_clock_s"] = (
        "wall_clock_s" if expected is not None and expected > wall else "n_trials"
    )
    per_trial = max(wall * PER_TRIAL_SHARE, min(wall, SLACK * trial_s) if trial_s is not None else 0.0)
    if n_trials < 1 / PER_TRIAL_SHARE:
        per_trial = wall / n_trials
    budget = Budget(
        n_trials=n_trials, wall_clock_s=wall, per_trial_s=min(per_trial, wall), n_workers=workers, binding=binding
    )
    cost = _shortfall(budget, curve, trial_s, workers)
    return BudgetChoice(budget, f"{why} {wall_why}{cost}")


def _trials(given: int | None, needed: int | None, known: bool, n_warm_starts: int, *, times: int) -> tuple[int, str]:
    if given is not None:
        return given, f"You allow {given} trials."
    if needed is not None:
        n = min(MOST_TRIALS, max(FEWEST_TRIALS, n_warm_starts, times * needed))
        again = f" Yours are chosen for what they cost, too: {times} times as many." if times > 1 else ""
        return n, f"On similar data sets {needed} trials come within {EPSILON:.0%} of the best, on average.{again}"
    if known:
        return (
            MOST_TRIALS,
            f"On similar data sets more trials than were observed are needed to come within {EPSILON:.0%}.",
        )
    return (
        UNKNOWN_TRIALS,
        f"Nothing is known of how fast this learner improves; {UNKNOWN_TRIALS} trials is the usual order.",
    )


def _wall_clock(given: float | None, expected: float | None) -> tuple[float, str]:
    if given is not None:
        return given, f"You allow {given:g} s."
    if expected is not None:
        wall = max(10.0, float(round(SLACK * expected)))
        return wall, f"The trials should take about {expected:.0f} s; {wall:g} s leaves room."
    return DEFAULT_SECONDS, f"You set no time limit and no trial was timed: {DEFAULT_SECONDS:g} s is assumed."


def _shortfall(budget: Budget, curve: Sequence[tuple[int, float]], trial_s: float | None, workers: int) -> str:
    if budget.binding == "n_trials" or trial_s is None:
        return ""
    fits = max(1, int(budget.wall_clock_s * workers / trial_s))
    text = f" About {fits} of the {budget.n_trials} trials fit into the time"
    reached = [regret for k, regret in sorted(curve) if k <= fits]
    if not reached:
        return text + "."
    return text + f": expected regret {reached[-1]:.2f} of the way from best to median."
