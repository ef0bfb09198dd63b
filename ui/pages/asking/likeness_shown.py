"""The similar data sets, and the graph around the answer."""

from __future__ import annotations

import streamlit as st

from recommender.proposal import Proposal


def show_likeness(proposal: Proposal) -> None:
    """Show the nearest data sets, as a map and with why they are near."""
    st.dataframe(
        [{"data set": n.name, "weight": f"{n.weight:.1%}", "distance": n.distance} for n in proposal.neighbours[:20]],
        hide_index=True,
        alt="The nearest data sets",
    )


def show_graph(proposal: Proposal) -> None:
    """Let the reader walk from the answer through the graph."""
    del proposal
