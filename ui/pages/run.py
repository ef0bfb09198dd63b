"""The page "Run": start the study of the answer that is shown, and watch, stop, resume and keep those of this home."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from kg.errors import TunegraphError
from recommender.proposal import Advice
from ui.compose import Settings
from ui.pages.following import follow
from ui.pages.keeping import keep
from ui.pages.telling import tell, whisper
from ui.plain import escaped
from ui.running import Studies, StudyRecord
from ui.running.words import choice_text, state_text
from ui.session import Answer, session, tunegraph
from ui.view import duration, headline

#: The part of the address that names a study: a page that is loaded again shows the same one.
_PARAMETER = "study"
#: Where it is kept while a visitor looks at another page.
_CHOSEN = "run-study"


def page() -> None:
    """Show the page."""
    st.title("Run", anchor=False)
    studies = Studies(Settings.from_environment().home)
    if problem := st.session_state.pop("run-problem", ""):
        st.error(escaped(problem, at_most=2000))
    _start(studies, session().shown)
    records = studies.records()
    if not records:
        whisper("No study has been run in this home yet.")
        return
    st.header("Studies", anchor=False)
    record = _chosen(records)
    _controls(studies, record)
    follow(studies, record)
    keep(studies, record)
    _who_sees(studies)


def _start(studies: Studies, answer: Answer | None) -> None:
    """Offer to run what was recommended."""
    proposal = answer.proposal if answer is not None else None
    if answer is None or proposal is None:
        st.info("Nothing to start: a study needs a proposal that was found sound. Ask for one first.")
        return
    with st.container(border=True):
        tell(f"{answer.given.name}: {headline(proposal)}")
        if answer.given.path is None:
            whisper("It was recommended without a table, so there is nothing to tune on: upload the table on Ask.")
            return
        if proposal.advice.value is not Advice.TUNE:
            whisper("The advice is not to tune. A study can be run all the same, to see for yourself.")
        whisper(
            f"It runs on this computer for at most {duration(proposal.budget.value.wall_clock_s)}, also when this page "
            "is closed. A copy of the table is kept with the study until you remove it."
        )
        if st.button("Start the study", type="primary", icon=":material/play_arrow:", key="run-start"):
            _started(studies, answer)


def _started(studies: Studies, answer: Answer) -> None:
    assert answer.proposal is not None and answer.given.path is not None  # noqa: S101, PT018  # else there is no button
    try:
        with st.spinner("Laying out the study"):
            record = studies.start(answer.proposal, answer.given.path, tunegraph=tunegraph(), label=answer.given.name)
    except TunegraphError as error:
        st.session_state["run-problem"] = str(error)
    else:
        _choose(record.name)
    st.rerun()


def _choose(name: str) -> None:
    st.session_state[_CHOSEN] = name
    st.query_params[_PARAMETER] = name


def _chosen(records: tuple[StudyRecord, ...]) -> StudyRecord:
    """Return the study that is looked at: the one chosen, else that of the address, else the newest."""
    known = {record.name: record for record in records}
    named = st.session_state.get(_CHOSEN) or st.query_params.get(_PARAMETER)
    if named not in known:
        named = records[0].name
    name = st.selectbox(
        "Study",
        list(known),
        index=list(known).index(named),
        format_func=lambda one: choice_text(known[one]),
    )
    _choose(name)
    return known[name]


def _controls(studies: Studies, record: StudyRecord) -> None:
    """Show how the study stands, and what can be done about that."""
    status = studies.status(record.name)
    tell(state_text(status))
    with st.container(horizontal=True):
        if status.is_alive:
            is_asked = status.state == "stopping"
            label = "Stop at once" if is_asked else "Stop"
            about = "The trial that runs is lost, and tried again when the study goes on." if is_asked else None
            if st.button(label, icon=":material/stop:", key="run-stop", help=about):
                _do(lambda: studies.stop(record.name, at_once=is_asked))
        if status.is_resumable and st.button("Go on", icon=":material/resume:", key="run-resume", type="primary"):
            _do(lambda: studies.resume(record.name))
        if not status.is_alive:
            with st.popover("Remove", icon=":material/delete:"):
                st.write("The copy of the table and all trials are deleted. What was learnt from it stays learnt.")
                if st.button("Yes, remove this study", key="run-remove"):
                    st.session_state.pop(_CHOSEN, None)
                    st.query_params.pop(_PARAMETER, None)
                    _do(lambda: studies.remove(record.name))


def _do(what: Callable[[], None]) -> None:
    """Do something with a study, tell what is wrong with it, and draw the page anew."""
    try:
        what()
    except TunegraphError as error:
        st.session_state["run-problem"] = str(error)
    st.rerun()


def _who_sees(studies: Studies) -> None:
    with st.expander("Who sees these studies?"):
        tell(
            f"Everybody who opens a page of this home ({studies.root.parent}): a home is one person's, or one team's. "
            "Uploads and answers are each visitor's own and go with the visit; once a study is started, a copy of its "
            "table lies with it until the study is removed. People who must not see each other's data need a home "
            "each: set TUNEGRAPH_HOME before tunegraph ui."
        )
