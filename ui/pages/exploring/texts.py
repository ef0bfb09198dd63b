"""Papers, guides and documentation: what they claim, in their own words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from kg.model import Claim
from ui.exploring.texts import Wanted, chosen, claim_rows, claims_in, document_rows, options
from ui.pages.exploring.paging import page_of
from ui.pages.telling import show_evidence, whisper
from ui.session import tunegraph
from ui.views.citations import told

if TYPE_CHECKING:
    from ui.compose import Tunegraph


def show() -> None:
    """Show the documents, and the claims that are wanted."""
    opened = tunegraph()
    claims = _claims(opened, opened.store.fingerprint())
    if not claims:
        whisper("No paper or guide has been read into this graph: tunegraph ingest --help says how.")
        return
    documents = document_rows(claims)
    with st.expander(f"{len(documents)} documents, {len(claims)} claims"):
        st.dataframe(documents, hide_index=True, alt="Documents: claims, licence, address")
    found = chosen(claims, _wanted(claims))
    whisper(f"{len(found):,} of {len(claims):,} claims. Found by rules or by a model; the quote is word for word.")
    if not found:
        return
    st.dataframe(claim_rows(found), hide_index=True, height=260, alt=f"{len(found)} claims and what they state")
    st.subheader("In their words", anchor=False)
    shown = page_of(found, key="explore-claim-page")
    show_evidence([told(claim, opened.store) for claim in shown], key="explore-claim")


@st.cache_resource(max_entries=4, show_spinner="Reading the claims")
def _claims(_tunegraph: Tunegraph, fingerprint: str) -> tuple[Claim, ...]:
    del fingerprint  # names the state that they are of
    return claims_in(_tunegraph.store)


def _wanted(claims: tuple[Claim, ...]) -> Wanted:
    def choice(label: str, field: str) -> str:
        values = ["", *options(claims, field)]
        return str(
            st.selectbox(
                label, values, format_func=lambda v: v.replace("_", " ") or "any", key=f"explore-claim-{field}"
            )
        )

    return Wanted(
        document=choice("Document", "document"),
        learner=choice("Learner", "learner"),
        statement=choice("States", "statement"),
        words=st.text_input("Words in the quote", key="explore-claim-words"),
    )
