"""The map of similar data sets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ui.views.likeness import Place

if TYPE_CHECKING:
    import altair as alt

#: Data sets whose names stand on the map: the heaviest. More would cover each other.
_NAMED = 6


def likeness_map(places: Sequence[Place]) -> alt.LayerChart:
    """Return the map: this table as a cross, data sets as discs whose size is their share in the evidence.

    Args:
        places: This table first, then data sets by their weight.
    """
    import altair as alt
    import pandas as pd

    frame = pd.DataFrame(
        {
            "name": [place.name for place in places],
            "x": [place.x for place in places],
            "y": [place.y for place in places],
            "weight": [place.weight for place in places],
            "distance": [place.distance for place in places],
            "kind": ["this table" if place.iri is None else "known data set" for place in places],
            "shown": [place.name if i <= _NAMED else "" for i, place in enumerate(places)],
        }
    )
    # No figures on the axes: only distances mean something, so both have one scale.
    reach = 1.25 * max(frame["x"].abs().max(), frame["y"].abs().max(), 1e-6)
    scale = alt.Scale(domain=[-reach, reach])
    base = alt.Chart(frame).encode(
        x=alt.X("x:Q", axis=None, scale=scale),
        y=alt.Y("y:Q", axis=None, scale=scale),
        tooltip=["name", alt.Tooltip("weight:Q", format=".1%"), alt.Tooltip("distance:Q", format=".2f")],
    )
    kinds = ["this table", "known data set"]
    points = base.mark_point(filled=True, opacity=0.8).encode(
        size=alt.Size("weight:Q", legend=None, scale=alt.Scale(range=[60, 500])),
        shape=alt.Shape("kind:N", title=None, scale=alt.Scale(domain=kinds, range=["cross", "circle"])),
        color=alt.Color("kind:N", title=None, sort=kinds, legend=alt.Legend(orient="top")),
    )
    # In the middle of white and black, so that it can be read on either.
    names = base.mark_text(dy=-14, color="#808080").encode(text="shown:N")
    return alt.LayerChart(layer=[points, names]).properties(height=360)


def spoken(places: Sequence[Place]) -> str:
    """Return the map in words, for who does not see it."""
    near = ", ".join(place.name for place in places[1 : _NAMED + 1])
    return f"A map of {len(places) - 1} known data sets around this table, nearest {near}. The table has the figures."
