"""The score to be expected against the number of trials, with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from recommender.spending_curve import Spending
from ui.view import duration, number

if TYPE_CHECKING:
    import altair as alt


def prediction_chart(curve: Sequence[Spending], metric: str, *, level: float) -> alt.LayerChart:
    """Return score against trials: a line for what is expected, a band that holds with probability `level`.

    Args:
        curve: At least one prediction.
        metric: Canonical name, for the axis; its own unit.
        level: Nominal coverage of the band.
    """
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame(
        {
            "trials": [one.score.k for one in curve],
            "low": [one.score.low for one in curve],
            "expected": [one.score.expected for one in curve],
            "high": [one.score.high for one in curve],
            "takes": ["not timed" if one.seconds is None else f"about {duration(one.seconds)}" for one in curve],
        }
    )
    x = alt.X(
        "trials:Q",
        title="trials",
        scale=alt.Scale(type="log", nice=False),
        axis=alt.Axis(values=[int(k) for k in frame["trials"]]),
    )
    base = alt.Chart(frame).encode(x=x, tooltip=["trials", "takes", "low", "expected", "high"])
    band = base.mark_area(opacity=0.25).encode(
        y=alt.Y("low:Q", title=f"{metric} ({level:.0%} interval)", scale=alt.Scale(zero=False)), y2="high:Q"
    )
    line = base.mark_line(point=True).encode(y=alt.Y("expected:Q", title=f"{metric} ({level:.0%} interval)"))
    return alt.LayerChart(layer=[band, line]).properties(height=260)


def spoken(curve: Sequence[Spending], metric: str) -> str:
    """Return the picture in words, for who does not see it."""
    points = (f"{number(one.score.expected)} after {one.score.k}" for one in curve)
    return f"Expected {metric} against trials: {', '.join(points)}. The table below has the figures."
