"""What is being done: each step with its time, and a way to end it."""

from __future__ import annotations

import streamlit as st

from recommender.llm.streaming import NOT_CHECKED
from ui import uploads
from ui.jobs import Job
from ui.session import Answer, Session, Told, session
from ui.views.steps import step_text, told_steps

#: Seconds between two looks.
_EVERY = 0.5


def watch() -> None:
    """Show the work that goes on, until it ends; then the whole page runs again."""
    _looking()


@st.fragment(run_every=_EVERY)
def _looking() -> None:
    job = session().job
    if job is None:
        return
    if job.is_done:
        st.rerun()
    with st.status(f"Working: {job.seconds:.0f} s", expanded=True):
        for step in told_steps(job.steps):
            st.text(step_text(step))
        _talk(session())
        if job.is_cancelled:
            st.text("Cancelled: ends with the fit that is going on.")
    st.button("Cancel", on_click=job.cancel, disabled=job.is_cancelled, key="cancel", icon=":material/cancel:")


def _talk(visit: Session) -> None:
    """Show what a language model writes; as plain text, for it may write anything."""
    if visit.transcript is not None and (lines := visit.transcript.lines):
        st.caption(f"What the language model writes ({NOT_CHECKED}):")
        for line in lines:
            st.text(line)


def settle(visit: Session) -> None:
    """Take what came of work that has ended into the session."""
    job = visit.job
    if job is None or not job.is_done:
        return
    visit.job = visit.transcript = None
    if isinstance(job.result, Told):
        visit.talk += [("assistant", line) for line in job.result.lines]
    elif job.result is not None:
        visit.take(job.result)
    else:
        visit.problem = _problem(job, visit)


def _problem(job: Job[Answer | Told], visit: Session) -> str:
    if job.problem is not None:
        return uploads.sentence(job.problem, folder=visit.folder)
    if job.is_cancelled:
        return f"Cancelled after {job.seconds:.0f} s. Nothing was kept of it."
    return "Something broke that is not your fault: the server's log says what. What helps: try again, or report it."
