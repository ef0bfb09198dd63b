"""A training log as values, and each of its figures in words.

sentence(log, "T5")     # "After 5 trials (about 12 s): accuracy 0.8912, between ..."
"""

from __future__ import annotations

from kg.model import Iri
from kg.model.base import Value


class TrialEntry(Value):
    """What is expected after `k` trials."""

    k: int
    seconds: float | None
    """Wall clock until then, by fits of the test run; None where none was timed."""
    low: float
    expected: float
    high: float


class LevelEntry(Value):
    """What a cheaper run is expected to tell."""

    value: float
    share: float
    """Of the full fidelity."""
    cost_share: float
    """Of the seconds of a full run, median over data sets."""
    low: float
    rank_correlation: float
    """Spearman with the full fidelity over configurations, median over data sets."""
    high: float
    datasets: int


class ScoreEntry(Value):
    """What the best of the first `k` trials is expected to score at a lower fidelity."""

    parameter: str
    value: float
    share: float
    """Of the full fidelity."""
    k: int
    low: float
    expected: float
    high: float
    low_change: float
    """What the score is expected to differ by from that in full: ends and middle of an interval."""
    change: float
    high_change: float


class Compared(Value):
    """A figure that was predicted beside what was measured."""

    what: str
    """``after 5 trials``, or ``rank correlation at epochs = 9``."""
    low: float
    expected: float
    high: float
    measured: float
    difference: float
    """Measured less expected, in the unit of the figure."""
    is_inside: bool
    rows: int
    """That were fitted."""
    is_whole: bool
    """Whether these are all rows: less data scores worse."""


class TrainingLog(Value):
    """What tuning is expected to bring, and how the test run compares."""

    learner: str
    metric: str
    level: float
    """Nominal coverage of the intervals of `trials`."""
    trials: tuple[TrialEntry, ...] = ()
    parameter: str = ""
    """Of the fidelity; empty where nothing is known of cheaper runs."""
    levels: tuple[LevelEntry, ...] = ()
    along: tuple[ScoreEntry, ...] = ()
    """Scores at lower fidelity, lowest level first; empty where `reasons` say why."""
    compared: tuple[Compared, ...] = ()
    reasons: tuple[str, ...] = ()
    """Why figures are missing, and what to know of those that are there."""
    citations: tuple[Iri, ...] = ()


def told(log: TrainingLog) -> tuple[str, ...]:
    """Return the log in words, a sentence a figure."""
    return (*(sentence(log, label) for label in entries(log)), *log.reasons)


def entries(log: TrainingLog) -> dict[str, Value]:
    """Return what of the log is told in a sentence each, by label: ``T5``, ``F9``, ``S9``, ``C0``."""
    return (
        {f"T{entry.k}": entry for entry in log.trials}
        | {f"F{entry.value:g}": entry for entry in log.levels}
        | {f"S{entry.value:g}": entry for entry in log.along}
        | {f"C{place}": entry for place, entry in enumerate(log.compared)}
    )


def sentence(log: TrainingLog, label: str) -> str:
    """Return one entry of the log in words."""
    match entries(log)[label]:
        case TrialEntry() as one:
            trials = f"{one.k} trial{'s' if one.k > 1 else ''}"
            time = "" if one.seconds is None else f" (about {one.seconds:.3g} s)"
            figures = f"{log.metric} {one.expected:.4g}, between {one.low:.4g} and {one.high:.4g}"
            return f"After {trials}{time}: {figures} ({log.level:.0%} interval)."
        case LevelEntry() as one:
            return (
                f"At {log.parameter} = {one.value:g} a run costs {one.cost_share:.0%} of a full one and ranks like it "
                f"with a correlation of {one.rank_correlation:.2f}, from {one.low:.2f} to {one.high:.2f} over "
                f"{one.datasets} data sets."
            )
        case ScoreEntry() as one:
            best = f"the best of {one.k} trials" if one.k > 1 else "the first trial"
            return (
                f"At {one.parameter} = {one.value:g} {best} should score {log.metric} {one.expected:.4g}, between "
                f"{one.low:.4g} and {one.high:.4g} ({log.level:.0%} interval); its score differs from that in full by "
                f"{one.change:+.3g}, from {one.low_change:+.3g} to {one.high_change:+.3g}."
            )
        case Compared() as one:
            side = "inside" if one.is_inside else "outside"
            sample = "" if one.is_whole else f" on {one.rows:,} rows"
            return (
                f"Measured {one.what}{sample}: {one.measured:.4g}, {side} [{one.low:.4g}, {one.high:.4g}]; "
                f"that is {one.difference:+.3g} from the {one.expected:.4g} expected."
            )
        case other:
            raise AssertionError(f"unexpected entry: {other!r}")
