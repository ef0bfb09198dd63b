"""A range drawn against its evidence: one line a source, bars for ranges, marks for values."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal

from ui.views.ranges import Basis, RangeRow

if TYPE_CHECKING:
    import altair as alt

#: Pixels of one line.
_LINE = 24
#: A colour for each basis, in order; told apart in colour blindness, on white and on black (Okabe and Ito 2008).
_COLOURS = ("#0072B2", "#56B4E9", "#D55E00", "#CC79A7", "#009E73")


def range_chart(rows: Sequence[RangeRow], name: str, *, log: bool) -> alt.LayerChart | None:
    """Return the picture of one numeric parameter; None where no row has a number.

    Args:
        rows: What to draw, from top to bottom.
        name: The parameter, for the axis.
        log: Whether its values are compared by their ratios.
    """
    import altair as alt
    import pandas as pd

    drawn = [_record(row) for row in rows if row.low is not None or row.value is not None]
    if not drawn:
        return None
    frame = pd.DataFrame(drawn)
    figures = [figure for row in rows for figure in (row.low, row.high, row.value) if figure is not None]
    scale: Literal["log", "linear"] = "log" if log and min(figures) > 0 else "linear"
    axis = alt.X(
        "low:Q",
        title=f"{name} ({'log scale' if scale == 'log' else 'linear scale'})",
        scale=alt.Scale(type=scale, zero=False, nice=False, padding=12),
        axis=alt.Axis(labelOverlap=True, tickCount=5),
    )
    order = list(dict.fromkeys(frame["label"]))
    base = alt.Chart(frame).encode(
        y=alt.Y("label:N", sort=order, title=None, axis=alt.Axis(labelLimit=150, labelOverlap=False)),
        color=alt.Color(
            "basis:N",
            title=None,
            scale=alt.Scale(domain=[b.value for b in Basis], range=list(_COLOURS)),
            legend=alt.Legend(orient="top", columns=2),
        ),
        tooltip=["label:N", "basis:N", "low:Q", "value:Q", "high:Q"],
    )
    bars = base.transform_filter("isValid(datum.low)").mark_bar(height=8, opacity=0.75).encode(x=axis, x2="high:Q")
    marks = (
        base.transform_filter("isValid(datum.value)")
        .mark_point(filled=True, size=70, shape="diamond", stroke="white", strokeWidth=1)
        .encode(x="value:Q")
    )
    return alt.LayerChart(layer=[bars, marks]).properties(height=_LINE * len(order) + 20)


def spoken(rows: Sequence[RangeRow], name: str) -> str:
    """Return the picture in words, for who does not see it."""
    proposed = next((row for row in rows if row.basis is Basis.PROPOSED), None)
    counts = ", ".join(
        f"{n} of {basis.value}"
        for basis in Basis
        if basis is not Basis.PROPOSED and (n := sum(r.basis is basis for r in rows))
    )
    bounds = "" if proposed is None or proposed.low is None else f" from {proposed.low:.4g} to {proposed.high:.4g}"
    return f"Range of {name}{bounds}, beside {counts or 'nothing else'}. The table below has the figures."


def _record(row: RangeRow) -> dict[str, Any]:
    return {
        "label": row.label if row.basis is not Basis.WARM_START else "Warm starts",
        "basis": row.basis.value,
        "low": row.low,
        "high": row.high,
        "value": row.value,
    }
