"""The similar data sets, and the graph around the answer."""

from __future__ import annotations

import streamlit as st

from kg.errors import EvidenceError
from kg.model import Dataset, Iri
from recommender.proposal import Grounding, Proposal
from ui.figures.likeness import likeness_map, spoken
from ui.pages.telling import show_evidence, tell, whisper
from ui.plain import one_line
from ui.session import session, tunegraph
from ui.view import number
from ui.views.citations import told
from ui.views.likeness import compared, feature_name, places, why_alike
from ui.views.walking import Node, node

#: Data sets that are listed.
_LISTED = 20


def show_likeness(proposal: Proposal) -> None:
    """Show the nearest data sets, as a map and with why they are near."""
    near = proposal.neighbours
    if not near:
        st.info("No data set of the graph could be compared with this one.")
        return
    if proposal.novelty is not None:
        tell(f"Of the known data sets, {proposal.novelty:.0%} have a nearer neighbour than this one has.")
    found = places(proposal, tunegraph().store)
    if found:
        st.altair_chart(likeness_map(found), alt=spoken(found))
        whisper("Near on the map: alike in rank of the meta-features. A disc's size is its share in the evidence.")
    rows = [
        {"data set": n.name, "weight": f"{n.weight:.1%}", "distance": "" if n.distance is None else number(n.distance)}
        for n in near[:_LISTED]
    ]
    st.dataframe(rows, hide_index=True, alt="The nearest data sets")
    names = {n.dataset: n.name for n in near[:_LISTED]}
    chosen = st.selectbox("Why is it similar?", list(names), format_func=lambda iri: one_line(names[iri]), key="alike")
    _show_why(proposal, chosen)


def _show_why(proposal: Proposal, iri: Iri) -> None:
    store = tunegraph().store
    dataset = store.get(iri)
    if not isinstance(dataset, Dataset):
        return
    rows = compared(proposal, dataset, store)
    tell(why_alike(rows))
    table = [
        {
            "meta-feature": feature_name(row.feature),
            "here": number(row.here),
            "there": number(row.there),
            "known data sets between": f"{row.gap:.0%}",
        }
        for row in rows
    ]
    if table:
        st.dataframe(table, hide_index=True, alt=f"Meta-features of this table and of {one_line(dataset.name)}")
    show_evidence((told(dataset, store),), key="alike-evidence")


def show_graph(proposal: Proposal) -> None:
    """Let the reader walk from the answer's evidence through the graph."""
    visit, store = session(), tunegraph().store
    starts = _starts(proposal)
    if not starts:
        st.info("The answer cites nothing to start from.")
        return
    begin = st.selectbox("Start at", list(starts), format_func=lambda iri: one_line(starts[iri]), key="walk-start")
    if not visit.walked or visit.walked[0] != begin:
        visit.walked = [begin]
    try:
        here = node(visit.walked[-1], store)
    except EvidenceError:
        st.info("That is not in the graph any more.")
        visit.walked = []
        return
    whisper(" > ".join(one_line(_title(iri), at_most=40) for iri in visit.walked))
    show_evidence((here.cited,), key="walk")
    _show_ways(here)


def _show_ways(here: Node) -> None:
    walked = session().walked
    titles = {way.iri: f"{way.by}: {way.title}" for way in here.ways}
    if titles:
        onwards = st.selectbox(
            "Where to go", list(titles), format_func=lambda iri: one_line(titles[iri]), key=f"way-{here.iri}"
        )
    with st.container(horizontal=True):
        if titles:
            st.button("Go there", on_click=walked.append, args=(onwards,), key="walk-on")
        st.button("Back", on_click=_back, disabled=len(walked) < 2, key="walk-back")


def _back() -> None:
    session().walked.pop()


def _starts(proposal: Proposal) -> dict[Iri, str]:
    near = {n.dataset: f"data set {n.name}" for n in proposal.neighbours[:5]}
    fields: dict[str, Grounding] = {
        "learner": proposal.learner,
        "budget": proposal.budget,
        "ranges": proposal.search_space,
    }
    store = tunegraph().store
    cited = {iri: f"evidence for the {name}" for name, field in fields.items() for iri in field.citations[:2]}
    return {iri: title for iri, title in {**near, **cited}.items() if store.has(iri)}


def _title(iri: Iri) -> str:
    return iri.rsplit("/", 2)[-2] if "/evidence/" in iri else iri.rsplit("/", 1)[-1]
