"""The tables of a report, as rows of texts: names and values between backticks, to be laid out by either form."""

from __future__ import annotations

from dataclasses import dataclass

from recommender.report.model import Figures, Searched
from recommender.report.numbers import code, shown, value_text

#: Trials of the history that are listed: the last of them, beside the best.
MOST_TRIALS = 50


@dataclass(frozen=True)
class Table:
    """A heading a column, and rows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def parameters(figures: Figures) -> Table:
    """Return what was searched."""
    rows = tuple((code(p.name), _range(p), _best(p), _percent(p)) for p in figures.parameters)
    return Table(("Parameter", "Searched", "Best trial", "Importance"), rows)


def configuration(figures: Figures) -> Table:
    """Return the best configuration."""
    rows = tuple((code(name), code(value_text(value))) for name, value in figures.configuration.items())
    return Table(("Parameter", "Value"), rows)


def checks(figures: Figures) -> Table:
    """Return what the evidence had said beside what was found."""
    rows = tuple((c.about, c.said, c.found, c.outcome, str(c.citations)) for c in figures.checks)
    return Table(("On", "The evidence said", "The study found", "Outcome", "Pieces of evidence"), rows)


def interactions(figures: Figures) -> Table:
    """Return how far pairs of parameters depend on each other."""
    rows = tuple((code(i.first), code(i.second), f"{shown(i.percent)} %") for i in figures.interactions)
    return Table(("Parameter", "Parameter", "Interaction"), rows)


def history(figures: Figures) -> Table:
    """Return the last trials."""
    rows = tuple(
        (
            str(trial.number),
            trial.state,
            "" if trial.score is None else shown(trial.score),
            shown(trial.seconds),
            trial.origin or "sampler",
        )
        for trial in figures.history[-MOST_TRIALS:]
    )
    return Table(("Trial", "State", "Score", "Seconds", "Suggested by"), rows)


def failures(figures: Figures) -> Table:
    """Return why trials failed."""
    return Table(("Trials", "Reason"), tuple((str(n), code(reason)) for reason, n in figures.failures.items()))


def _range(parameter: Searched) -> str:
    if parameter.kind == "categorical":
        return ", ".join(code(value_text(choice)) for choice in parameter.choices)
    low, high = (shown(value) if value is not None else "?" for value in (parameter.low, parameter.high))
    return f"{low} to {high}{' (log)' if parameter.log else ''}"


def _best(parameter: Searched) -> str:
    """Return the value in the best trial; nothing where it was inactive, or no trial succeeded."""
    return "" if parameter.best is None else code(value_text(parameter.best))


def _percent(parameter: Searched) -> str:
    return "" if parameter.importance_percent is None else f"{shown(parameter.importance_percent)} %"
