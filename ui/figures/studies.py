"""Pictures of a study: its history, prediction against reality, importances, and what it spent. Pure functions.

Each returns an Altair chart, which draws names as text and never as markup; a page puts a caption below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from kg.model import metric_named
from ui.running.watching import Expected, Point

if TYPE_CHECKING:
    import altair as alt
    import pandas as pd

    from kg.model.metrics import Metric
    from recommender.report.model import Searched

#: Colours that a red-green blindness tells apart and that stand out on white and on black (Okabe and Ito 2008).
BLUE: Final = "#0072B2"
ORANGE: Final = "#D55E00"
GREY: Final = "#808080"
#: What tells them apart where colour does not.
_SHAPES: Final = {"trial": "circle", "warm start": "triangle-up", "test run": "square", "pruned": "cross"}
_HEIGHT: Final = 300
#: Bars that are drawn.
_MOST_BARS: Final = 12


def history_chart(points: Sequence[Point], metric: str) -> alt.LayerChart | None:
    """Return scores over trials, and the best so far; None where no trial has a score.

    Args:
        points: Trials that are over.
        metric: Its canonical name.
    """
    import altair as alt

    rows = [_row(point) for point in points if point.score is not None or point.partial is not None]
    best = [{"trial": point.number, "best": point.best} for point in points if point.best is not None]
    if not rows:
        return None
    x = alt.X(
        "trial:Q",
        title="trial (number)",
        axis=alt.Axis(tickMinStep=1, format="d"),
        scale=alt.Scale(zero=False, nice=False, padding=10),
    )
    y = alt.Y("score:Q", title=metric, scale=alt.Scale(zero=False))
    shapes = alt.Scale(domain=list(_SHAPES), range=list(_SHAPES.values()))
    kinds = alt.Legend(title=None, orient="top", columns=2, symbolFillColor=GREY, symbolStrokeColor=GREY)
    dots = (
        alt.Chart(_frame(rows))
        .mark_point(filled=True, size=60, opacity=0.8, color=GREY)
        .encode(
            x=x,
            y=y,
            shape=alt.Shape("kind:N", scale=shapes, legend=kinds),
            tooltip=[
                "trial:Q",
                alt.Tooltip("score:Q", format=".5g"),
                alt.Tooltip("seconds:Q", format=".2f"),
                "origin:N",
            ],
        )
    )
    line = alt.Chart(_frame(best)).mark_line(interpolate="step-after", color=BLUE, strokeWidth=2.5)
    layers: list[alt.Chart] = [dots, line.encode(x=x, y=alt.Y("best:Q"))] if best else [dots]
    return alt.LayerChart(layer=layers, height=_HEIGHT)


def expected_chart(expected: Sequence[Expected], points: Sequence[Point], metric: str) -> alt.LayerChart | None:
    """Return the predicted best score over the number of trials, with its interval, and the real one so far.

    Args:
        expected: What was foretold; where nothing was, there is no picture.
        points: Trials that are over; those beside the budget are left out, as the prediction does.
        metric: Its canonical name.
    """
    import altair as alt

    if not expected:
        return None
    foretold = [
        {"k": one.k, "score": one.expected, "low": one.low, "high": one.high, "line": "predicted"} for one in expected
    ]
    real = [{**row, "line": "real"} for row in _best_by_place(points, metric_named(metric))]
    x = alt.X("k:Q", title="trials of the budget (number, log scale)", scale=alt.Scale(type="log", nice=False))
    y = alt.Y("score:Q", title=metric, scale=alt.Scale(zero=False))
    colour, dash = _told_apart()
    base = alt.Chart(_frame(foretold))
    layers: list[alt.Chart] = [
        base.mark_area(color=ORANGE, opacity=0.18).encode(x=x, y=alt.Y("low:Q", title=metric), y2="high:Q"),
        base.mark_line(point=True).encode(x=x, y=y, color=colour, strokeDash=dash),
    ]
    if real:
        came = alt.Chart(_frame(real)).mark_line(interpolate="step-after", strokeWidth=2.5)
        layers.append(came.encode(x=x, y=y, color=colour, strokeDash=dash))
    return alt.LayerChart(layer=layers, height=_HEIGHT)


def importance_chart(parameters: Sequence[Searched]) -> alt.Chart | None:
    """Return the share of the scores' variance that each parameter explains; None where that is not known."""
    import altair as alt

    rows = [
        {"name": one.name, "share": one.importance_percent} for one in parameters if one.importance_percent is not None
    ][:_MOST_BARS]
    if not rows:
        return None
    x = alt.X("share:Q", title="share of the variance (%)", scale=alt.Scale(domain=[0, 100]))
    y = alt.Y("name:N", title=None, sort=None, axis=alt.Axis(labelLimit=180))
    base = alt.Chart(_frame(rows), height=28 * len(rows) + 40)
    drawn: alt.Chart = base.mark_bar(color=BLUE).encode(
        x=x, y=y, tooltip=["name:N", alt.Tooltip("share:Q", format=".1f")]
    )
    return drawn


def spend_chart(points: Sequence[Point], expected: Sequence[Expected]) -> alt.LayerChart | None:
    """Return the seconds that the trials took, added up, and what was foretold; None before the first one is over.

    Args:
        points: Trials that are over; what a test run took before the study is left out.
        expected: What was foretold; that without seconds, and that far beyond what has been tried, is left out.
    """
    import altair as alt

    rows: list[dict[str, Any]] = []
    for point in points:
        if point.place is not None and not point.origin.startswith("test run"):
            rows.append({"k": point.place, "seconds": point.seconds + (rows[-1]["seconds"] if rows else 0.0)})
    if not rows:
        return None
    x = alt.X("k:Q", title="trials of the budget (number)", axis=alt.Axis(tickMinStep=1, format="d"))
    y = alt.Y("seconds:Q", title="time of the trials (s)")
    reach = 2 * rows[-1]["k"]
    foretold = [{"k": one.k, "seconds": one.seconds} for one in expected if one.seconds and one.k <= reach]
    colour, dash = _told_apart()
    layers: list[alt.Chart] = [
        alt.Chart(_frame([{**row, "line": name} for row in some]))
        .mark_line(point=True)
        .encode(x=x, y=y, color=colour, strokeDash=dash, tooltip=["k:Q", alt.Tooltip("seconds:Q", format=".1f")])
        for name, some in (("predicted", foretold), ("real", rows))
        if some
    ]
    return alt.LayerChart(layer=layers, height=_HEIGHT)


def _told_apart() -> tuple[alt.Color, alt.StrokeDash]:
    """Return how what was predicted and what came are told apart: by colour and by dashes."""
    import altair as alt

    names = ["predicted", "real"]
    colours = alt.Scale(domain=names, range=[ORANGE, BLUE])
    return (
        alt.Color(
            "line:N",
            scale=colours,
            legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=3),
        ),
        alt.StrokeDash("line:N", scale=alt.Scale(domain=names, range=[[5, 4], [1, 0]]), legend=None),
    )


def _frame(rows: Sequence[Mapping[str, Any]]) -> pd.DataFrame:
    import pandas as pd

    return pd.DataFrame(rows)


def _row(point: Point) -> dict[str, Any]:
    kind = (
        "pruned"
        if point.score is None
        else "test run"
        if "test run" in point.origin
        else "warm start"
        if "warm start" in point.origin
        else "trial"
    )
    return {
        "trial": point.number,
        "score": point.partial if point.score is None else point.score,
        "seconds": point.seconds,
        "kind": kind,
        "origin": point.origin or "chosen by the sampler",
    }


def _best_by_place(points: Sequence[Point], metric: Metric) -> list[dict[str, float]]:
    """Return the best score of the budget's first k trials, for each k that has one."""
    best, rows = None, []
    for point in points:
        if point.place is None:
            continue
        if point.score is not None and (best is None or metric.gain(point.score) > metric.gain(best)):
            best = point.score
        if best is not None:
            rows.append({"k": point.place, "score": best})
    return rows
