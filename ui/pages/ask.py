"""The page that recommends: ask, watch, see, change."""

from __future__ import annotations

import streamlit as st

from recommender.llm.streaming import Transcript
from ui.answering import recommended, understood
from ui.jobs import Job
from ui.pages.asking import changing, showing, table_given, talking, watching, wishes
from ui.plain import escaped
from ui.request import Request
from ui.session import Answer, Given, Session, Told, session, tunegraph
from ui.views.comparing import title


def page() -> None:
    """Show the page."""
    visit = session()
    watching.settle(visit)
    st.title("What to tune, and how?", anchor=False)
    st.caption(
        "Tell what you have; get a search space, first configurations, a budget and a stopping rule, with reasons."
    )
    with st.expander("Ask", expanded=visit.shown is None, icon=":material/edit:"):
        given = table_given.given()
        request = None if given is None else wishes.wishes(given)
        if given is not None and request is not None and _is_clicked(visit):
            _begin(given, request)
    if visit.job is not None:
        watching.watch()
    elif visit.problem:
        st.error(escaped(visit.problem, at_most=1000), icon=":material/error:")
    if visit.job is None and visit.shown is not None:
        _choose(visit)
        changing.show_changes(visit.shown)
        showing.show(visit.shown)
        changing.show(visit.shown)
        talking.show(visit.shown)


def _choose(visit: Session) -> None:
    """Let an earlier answer be looked at again."""
    if len(visit.answers) < 2:
        return
    titles = {answer.number: title(answer) for answer in visit.answers}
    key = f"answer-of-{len(visit.answers)}"
    at = list(titles).index(visit.selected or 1)
    visit.selected = st.selectbox("Answer", list(titles), index=at, format_func=titles.__getitem__, key=key)


def _is_clicked(visit: Session) -> bool:
    return st.button("Recommend", type="primary", disabled=visit.job is not None, key="recommend")


def _begin(given: Given, request: Request) -> None:
    visit, opened = session(), tunegraph()
    visit.problem, visit.talk = "", []
    visit.transcript = transcript = Transcript()
    work = understood if given.words else recommended
    # Begun by the run that read the wishes: a callback would be given what the run before had read.
    visit.job = Job[Answer | Told](
        lambda progress: work(opened, given, request, progress=progress, heard=transcript.hear)
    ).start()
    st.rerun()
