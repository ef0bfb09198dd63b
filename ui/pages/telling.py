"""How texts, evidence and links get onto a page: data as plain text, always."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from ui.plain import escaped
from ui.views.citations import Cited, Link

#: Characters of a text that is told as a paragraph.
_PARAGRAPH = 4000


def tell(text: object) -> None:
    """Show a paragraph, as it is written."""
    st.markdown(escaped(text, at_most=_PARAGRAPH))


def whisper(text: object) -> None:
    """Show a paragraph of less weight, as it is written."""
    st.caption(escaped(text, at_most=_PARAGRAPH))


def show_evidence(pieces: Sequence[Cited], *, key: str) -> None:
    """Show pieces of evidence: what each says, where it stands, links, and the runs that it rests on."""
    for i, piece in enumerate(pieces):
        with st.container(border=True):
            tell(piece.says)
            whisper(" · ".join(part for part in (piece.kind, piece.standing, piece.where) if part))
            show_links(piece.links, key=f"{key}-{i}")
            for n, run in enumerate(piece.runs):
                whisper(run.says)
                show_links(run.links[:2], key=f"{key}-{i}-{n}")


def show_links(links: Sequence[Link], *, key: str) -> None:
    """Show links in a row that wraps."""
    if not links:
        return
    with st.container(horizontal=True):
        for i, link in enumerate(links):
            st.link_button(escaped(link.label), link.url, type="tertiary", key=f"link-{key}-{i}")
