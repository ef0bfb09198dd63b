"""What cheaper runs should score: the prediction along the fidelity, as a table."""

from __future__ import annotations

import streamlit as st

from recommender.proposal import Proposal
from ui.pages.telling import whisper
from ui.plain import escaped
from ui.view import number


def show_along(proposal: Proposal) -> None:
    """Show what the best of the first trials should score at lower fidelities; nothing where no evidence says it."""
    prediction = proposal.prediction.value
    curve = prediction.curve
    if curve is None:
        return
    rows = [
        {
            curve.parameter: number(level.value),
            "expected": number(level.expected),
            "interval": f"{number(level.low)} to {number(level.high)}",
            "differs from full by": f"{level.change:+.3g} ({level.low_change:+.3g} to {level.high_change:+.3g})",
        }
        for level in curve.levels
    ]
    whisper(
        f"In cheaper runs the best of the first {curve.k} trials should score so ({prediction.metric}, "
        f"{prediction.level:.0%} intervals); the full {escaped(curve.parameter)} is {number(curve.full)}."
    )
    st.dataframe(rows, hide_index=True, alt=f"Expected score by {curve.parameter}")
