"""Learners and their hyper-parameters: what each source says of a range, side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from kg.learners.registry import learner_named, learners
from kg.model import TaskType
from ui.exploring.catalogue import NOT_SEARCHED, learner_facts, parameter_rows
from ui.exploring.ranges import SourcedRange, conflict_text, range_rows, ranges_of
from ui.figures.sourced import sourced_chart
from ui.pages.exploring.paging import page_of
from ui.pages.telling import show_evidence, tell, whisper
from ui.session import tunegraph
from ui.views.citations import told

if TYPE_CHECKING:
    from kg.learners.spec import LearnerSpec
    from kg.store import KnowledgeStore
    from ui.compose import Tunegraph


def show() -> None:
    """Show one learner, and one of its hyper-parameters."""
    names = [spec.name for spec in learners()]
    begin = names.index("random_forest") if "random_forest" in names else 0
    spec = learner_named(
        st.selectbox(
            "Learner", names, index=begin, format_func=lambda name: learner_named(name).label, key="explore-learner"
        )
    )
    task_type = spec.task_types[0]
    if len(spec.task_types) > 1:
        task_type = st.radio("Task", spec.task_types, horizontal=True, key="explore-task", format_func=str)
    facts = [{"about": name, "says": text} for name, text in learner_facts(spec)]
    st.dataframe(facts, hide_index=True, alt="; ".join(f"{name}: {text}" for name, text in learner_facts(spec)))
    rows = parameter_rows(spec, task_type)
    st.subheader("Hyper-parameters", anchor=False)
    st.dataframe(rows, hide_index=True, alt=f"{len(rows)} hyper-parameters: default, accepted, worth searching")
    names_here = [row["hyper-parameter"] for row in rows]
    first = next((i for i, row in enumerate(rows) if row["worth searching"] != NOT_SEARCHED), 0)
    name = st.selectbox("Ranges of", names_here, index=first, key=f"explore-parameter-{spec.name}")
    if name:
        _ranges(spec, name, task_type)


def _ranges(spec: LearnerSpec, name: str, task_type: TaskType) -> None:
    opened = tunegraph()
    found = _found(opened, opened.store.fingerprint(), spec.name, name, task_type)
    st.subheader("Ranges by source", anchor=False)
    said = conflict_text(found)
    if any(one.against for one in found):
        st.warning(said, icon=":material/compare_arrows:")
    else:
        tell(said)
    search = spec[name].search_for(task_type)
    chart = sourced_chart(found, name, log=bool(getattr(search, "log", False)))
    if chart is not None:
        st.altair_chart(chart, alt=f"{said} The table below has all of them.")
        whisper("A line a source, from the low to the high end. Where two hardly overlap, both are marked.")
    st.dataframe(range_rows(found), hide_index=True, alt="What each source says, and whether it is in conflict")
    _evidence(found, opened.store)


@st.cache_resource(max_entries=64, show_spinner="Asking the graph")
def _found(
    _tunegraph: Tunegraph, fingerprint: str, learner: str, name: str, task_type: str
) -> tuple[SourcedRange, ...]:
    del fingerprint  # names the state that they are of
    return ranges_of(learner_named(learner), name, TaskType(task_type), _tunegraph.store)


def _evidence(found: tuple[SourcedRange, ...], store: KnowledgeStore) -> None:
    iris = tuple(dict.fromkeys(one.iri for one in found if one.iri is not None))
    if not iris:
        return
    st.subheader("Where that is from", anchor=False)
    shown = page_of(iris, key="explore-range-page")
    pieces = [told(store.get(iri), store) for iri in shown if store.has(iri)]
    show_evidence(pieces, key="explore-range")
