"""The pictures of a report, with their captions: history, importances, partial dependence."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

from recommender.report.drawing import Axis, Picture, bars
from recommender.report.model import Dependence, Figures
from recommender.report.numbers import code, shown

#: Bars of a picture of importances: the greatest; the table beside it has all.
MOST_BARS = 15


@dataclass(frozen=True)
class Shown:
    """A picture and what stands below it."""

    svg: str
    caption: str
    alt: str


def history(figures: Figures) -> Shown | None:
    """Return scores over trials, and the best so far; None where no trial has a score."""
    scored = [(float(t.number), t.score) for t in figures.history if t.score is not None]
    if not scored:
        return None
    best = [(float(t.number), t.best) for t in figures.history if t.best is not None]
    metric = figures.metric or "score"
    alt = f"{len(scored)} scores over the trials; the best rises to {shown(best[-1][1])}"
    alt = alt if figures.maximise else alt.replace("rises", "falls")
    x = Axis.over("trial (number)", [number for number, _ in scored])
    picture = Picture(alt, x, Axis.over(_metric_label(figures), [score for _, score in scored]))
    picture.points(scored)
    picture.line(_steps(best))
    caption = f"Each dot is a complete trial, the line is the best {code(metric)} so far."
    return Shown(picture.svg(), caption, alt)


def importances(figures: Figures) -> Shown | None:
    """Return the share of the variance that each parameter explains; None where that was not computed."""
    known = [(p.name, p.importance_percent) for p in figures.parameters if p.importance_percent is not None]
    rows = known[:MOST_BARS]
    if not rows:
        return None
    alt = "Importance of the parameters: " + ", ".join(f"{name} {shown(share)} %" for name, share in rows)
    caption = "Share of the variance of the scores that each parameter explains alone (fANOVA), in per cent."
    left_out = sum(p.importance_percent is None for p in figures.parameters)
    if left_out:
        caption += " Parameters that are inactive in some trials have none."
    return Shown(bars(alt, rows, unit="%"), caption, alt)


def dependences(figures: Figures) -> Iterator[Shown]:
    """Yield how the score answers to each of the parameters that matter most."""
    for one in figures.dependence:
        yield _dependence(figures, one)


def _dependence(figures: Figures, one: Dependence) -> Shown:
    numbers = [value for value in one.at if isinstance(value, float)]
    if len(numbers) == len(one.at):
        scale = ", log scale" if one.log else ""
        x, places = Axis.over(f"{one.name} (value{scale})", numbers, log=one.log), numbers
    else:
        names = tuple(str(value) for value in one.at)
        x = Axis(f"{one.name} (choice)", -0.5, len(names) - 0.5, names=names)
        places = [float(index) for index in range(len(names))]
    # One scale for all of them, so that what matters more looks it.
    everything = [score for each in figures.dependence for score in each.score]
    best = (max if figures.maximise else min)(range(len(places)), key=lambda i: one.score[i])
    where = one.at[best]
    place = where if isinstance(where, str) else shown(where)
    alt = f"Mean score over {one.name}: best, {shown(one.score[best])}, at {place}"
    picture = Picture(alt, x, Axis.over(_metric_label(figures), everything))
    at = list(zip(places, one.score, strict=True))
    if not x.names:
        picture.line(at)
    picture.points(at, radius=4, colour="#0b5fa5")
    caption = f"Partial dependence on {code(one.name)}: the model's mean score, all else as in the study's trials."
    return Shown(picture.svg(), caption, alt)


def _metric_label(figures: Figures) -> str:
    return f"{figures.metric or 'score'} ({'higher' if figures.maximise else 'lower'} is better)"


def _steps(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the corners of a line that goes up at a trial, and not on the way to it."""
    corners = points[:1]
    for (_, before), (x, after) in itertools.pairwise(points):
        corners += [(x, before), (x, after)]
    return corners
