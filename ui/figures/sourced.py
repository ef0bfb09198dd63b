"""Ranges of one hyper-parameter by source, side by side, those in conflict told apart."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from ui.exploring.ranges import SourcedRange

if TYPE_CHECKING:
    import altair as alt

#: Pixels of one line.
_LINE = 24
#: Colours that red-green blindness tells apart (Okabe and Ito 2008); dashes tell them apart without colour.
_AGREES, _CONFLICTS = "#0072B2", "#D55E00"


def sourced_chart(ranges: Sequence[SourcedRange], name: str, *, log: bool) -> alt.LayerChart | None:
    """Return a bar a range from end to end; None where no source has two ends.

    Args:
        ranges: What the sources say, from top to bottom.
        name: The hyper-parameter, for the axis; its own unit.
        log: Whether its values are compared by their ratios; a range that begins at 0 is then drawn from the least
            end above 0.
    """
    import altair as alt
    import pandas as pd

    rows = _rows(ranges, log=log)
    if not rows:
        return None
    base = alt.Chart(pd.DataFrame(rows))
    x = alt.X(
        "low:Q",
        title=f"{name} ({'log' if log else 'linear'} scale)",
        scale=alt.Scale(type="log" if log else "linear", zero=False, nice=False, padding=12),
        axis=alt.Axis(labelOverlap=True, tickCount=5),
    )
    y = alt.Y("label:N", sort=None, title=None, axis=alt.Axis(labelLimit=170, labelOverlap=False))
    states = ["fits the others", "in conflict"]
    colour = alt.Color(
        "state:N",
        scale=alt.Scale(domain=states, range=[_AGREES, _CONFLICTS]),
        legend=alt.Legend(title=None, orient="top", symbolType="stroke", symbolStrokeWidth=4),
    )
    dash = alt.StrokeDash("state:N", scale=alt.Scale(domain=states, range=[[1, 0], [4, 3]]), legend=None)
    bars = base.mark_rule(strokeWidth=4).encode(
        x=x, x2="high:Q", y=y, color=colour, strokeDash=dash, tooltip=["source:N", "basis:N", "says:N", "against:N"]
    )
    ends = base.mark_tick(thickness=3, size=12).encode(x=x, y=y, color=colour)
    others = base.mark_tick(thickness=3, size=12).encode(x="high:Q", y=y, color=colour)
    return alt.LayerChart(layer=[bars, ends, others], height=_LINE * len(rows) + 90)


def _rows(ranges: Sequence[SourcedRange], *, log: bool) -> list[dict[str, Any]]:
    there = [one for one in ranges if one.low is not None and one.high is not None and (one.high > 0 or not log)]
    least = min((one.low for one in there if one.low is not None and one.low > 0), default=1e-3)
    rows, used = [], dict[str, int]()
    for one in there:
        low = one.low if one.low is not None else 0.0
        used[one.source] = used.get(one.source, 0) + 1
        rows.append(
            {
                "label": one.source if used[one.source] == 1 else f"{one.source} ({used[one.source]})",
                "source": one.source,
                "basis": one.basis.value,
                "says": one.text,
                "low": max(low, min(least, one.high or least)) if log else low,
                "high": one.high,
                "against": ", ".join(one.against),
                "state": "in conflict" if one.against else "fits the others",
            }
        )
    return rows
