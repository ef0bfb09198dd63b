"""How a study is told: pure functions from values to lines of plain text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from kg.model import metric_named
from ui.running.record import State, Status, StudyRecord
from ui.running.watching import Expected, Point, Progress
from ui.view import duration, number, value_text

_STATES = {
    State.RUNNING: "Running",
    State.STOPPING: "Stopping: the trial that runs is brought to its end",
    State.STOPPED: "Stopped by hand; it can go on",
    State.INTERRUPTED: "Interrupted; it can go on",
    State.FINISHED: "Finished",
    State.FAILED: "Failed",
}


def state_text(status: Status) -> str:
    """Return how a study stands, and why."""
    said = "" if status.state is State.STOPPED or not status.said else f": {status.said}"
    return f"{_STATES[status.state]}{said}."


def choice_text(record: StudyRecord) -> str:
    """Return a study in one line, to choose it by; it never changes."""
    began = datetime.fromisoformat(record.began).strftime("%Y-%m-%d %H:%M:%S")
    return f"{record.label}: {record.learner}, {began} UTC"


def score_text(progress: Progress) -> str:
    """Return the best score so far."""
    return "none yet" if progress.best is None else f"{progress.best:.5g}"


def trials_text(progress: Progress) -> str:
    """Return how many of the budget's trials are over."""
    return f"{progress.n_done:,} of {progress.n_budget:,}"


def time_text(progress: Progress) -> str:
    """Return what the trials took, of the budget's time."""
    return f"{duration(round(progress.spent_s, 1))} of {duration(progress.wall_clock_s)}"


def share_done(progress: Progress) -> float:
    """Return the share of the budget that is spent, by trials or by time, whichever is more; within [0, 1]."""
    by_trials = progress.n_done / progress.n_budget
    return min(1.0, max(by_trials, progress.spent_s / progress.wall_clock_s))


def trial_counts(points: Sequence[Point]) -> str:
    """Return how the trials ended: ``12 complete, 3 pruned, 1 failed``."""
    words = {"complete": "complete", "pruned": "pruned", "fail": "failed"}
    counted = ((sum(point.state == state for point in points), word) for state, word in words.items())
    return ", ".join(f"{n:,} {word}" for n, word in counted if n) or "no trial is over yet"


def metric_text(metric: str) -> str:
    """Return a metric's name and which way is better."""
    return f"{metric} ({'higher' if metric_named(metric).greater_is_better else 'lower'} is better)"


def expected_rows(expected: Sequence[Expected]) -> list[dict[str, str]]:
    """Return prediction beside reality, a row for each number of trials that was foretold."""
    return [
        {
            "best after": f"{one.k} trial{'s' if one.k > 1 else ''}",
            "predicted": number(one.expected),
            "between": f"{number(one.low)} and {number(one.high)}",
            "real": "not there yet" if one.real is None else f"{one.real:.4g}",
            "held": "" if one.held is None else "yes" if one.held else "no",
        }
        for one in expected
    ]


def configuration_rows(progress: Progress) -> list[dict[str, str]]:
    """Return the best configuration as rows of a table."""
    return [{"hyper-parameter": name, "value": value_text(value)} for name, value in progress.configuration]


def history_summary(progress: Progress, metric: str) -> str:
    """Return in a sentence what a picture of the history shows."""
    if progress.best is None:
        return f"No trial has a score yet; {trial_counts(progress.points)}."
    return (
        f"{trial_counts(progress.points)}; the best {metric}, {progress.best:.5g}, came with trial "
        f"{progress.best_number}."
    )
