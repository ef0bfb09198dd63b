"""The page "Explore": what the graph holds, from data sets to sentences, and free questions."""

from __future__ import annotations

from typing import Final

import streamlit as st

from kg.errors import TunegraphError
from ui.pages.exploring import asking, datasets, learners, texts
from ui.plain import escaped

#: Name of a part -> what shows it. Only the part that is looked at is made.
_PARTS: Final = {
    "Data sets": datasets.show,
    "Learners": learners.show,
    "Papers and claims": texts.show,
    "SPARQL": asking.show,
}


def page() -> None:
    """Show the page."""
    st.title("Explore", anchor=False)
    part = st.radio("What to look at", list(_PARTS), horizontal=True, key="explore-part")
    try:
        _PARTS[part]()
    except TunegraphError as error:
        st.error(escaped(error, at_most=1000))
