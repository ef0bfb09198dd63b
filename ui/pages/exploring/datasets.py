"""Data sets: a table to search in, and one of them in full."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from kg.model import Dataset, Iri
from ui.exploring.catalogue import DatasetRow, dataset_rows, evidence_counts, matching, quality_rows, table_rows
from ui.pages.exploring.paging import page_of
from ui.pages.telling import show_evidence, show_links, tell, whisper
from ui.session import tunegraph
from ui.views.citations import links_of, told

if TYPE_CHECKING:
    from ui.compose import Tunegraph


def show() -> None:
    """Show the data sets."""
    opened = tunegraph()
    rows = _rows(opened, opened.store.fingerprint())
    words = st.text_input("Search by name, source or OpenML id", key="explore-dataset-words")
    found = matching(rows, words)
    whisper(f"{len(found):,} of {len(rows):,} data sets, those of which most is known first.")
    if not found:
        return
    st.dataframe(
        table_rows(found),
        hide_index=True,
        height=260,
        alt=f"{len(found)} data sets: name, source, task, size, evidence",
    )
    by_iri = {row.iri: row for row in found}
    chosen = st.selectbox(
        "Look at", list(by_iri), format_func=lambda iri: _label(by_iri[iri]), key="explore-dataset", index=0
    )
    dataset = opened.store.get(chosen)
    if isinstance(dataset, Dataset):
        _one(opened, dataset)


@st.cache_resource(max_entries=4, show_spinner="Reading the data sets")
def _rows(_tunegraph: Tunegraph, fingerprint: str) -> tuple[DatasetRow, ...]:
    del fingerprint  # names the state that they are of
    return dataset_rows(_tunegraph.store)


def _label(row: DatasetRow) -> str:
    return f"{row.name} ({row.iri.rsplit('/', 1)[-1]})"


def _one(opened: Tunegraph, dataset: Dataset) -> None:
    store = opened.store
    st.subheader("Data set", anchor=False)
    tell(f"{dataset.name}: {dataset.task_type or 'task unknown'}")
    if dataset.description:
        tell(dataset.description)
    whisper(dataset.iri)
    show_links(links_of(dataset, store), key="explore-dataset")
    if dataset.same_as:
        whisper(f"The same data set under other names: {', '.join(iri.rsplit('/', 1)[-1] for iri in dataset.same_as)}")
    rows = quality_rows(dataset)
    with st.expander(f"{len(rows)} meta-features"):
        st.dataframe(rows, hide_index=True, alt="Meta-features: name and value")
    _evidence(opened, dataset.iri)


def _evidence(opened: Tunegraph, iri: Iri) -> None:
    pieces = opened.store.evidence(dataset=iri)
    st.subheader("Evidence", anchor=False)
    if not pieces:
        whisper("There is no evidence about it under this name.")
        return
    whisper(evidence_counts(piece.kind for piece in pieces))
    kinds = tuple(dict.fromkeys(piece.kind for piece in pieces))
    kind = st.selectbox("Kind", kinds, format_func=lambda name: name.replace("_", " "), key="explore-dataset-kind")
    some = [piece for piece in pieces if piece.kind == kind]
    behind = 3 if kind == "run_summary" else 0
    shown = page_of(some, key="explore-dataset-page")
    show_evidence([told(piece, opened.store, runs=behind) for piece in shown], key="explore-dataset-piece")
