"""The page that puts the answers of a session side by side."""

from __future__ import annotations

import streamlit as st


def page() -> None:
    """Show the page."""
    st.title("Compare")
