"""The browser application: four pages around one session. ``tunegraph ui`` opens it, by way of `ui.launch`."""

from __future__ import annotations

import streamlit as st

from ui.pages import ask, compare, explore, run


def main() -> None:
    """Show the page that was asked for."""
    st.set_page_config(page_title="Tunegraph", page_icon=":material/hub:", layout="centered")
    page = st.navigation(
        [
            st.Page(ask.page, title="Ask", icon=":material/question_answer:", default=True),
            st.Page(run.page, title="Run", icon=":material/play_circle:", url_path="run"),
            st.Page(explore.page, title="Explore", icon=":material/travel_explore:", url_path="explore"),
            st.Page(compare.page, title="Compare", icon=":material/compare_arrows:", url_path="compare"),
        ],
        position="top",
    )
    page.run()
