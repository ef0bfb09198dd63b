"""A conversation about the answer, where a language model is configured; nothing where none is."""

from __future__ import annotations

from functools import partial

import streamlit as st

from recommender.llm.streaming import Transcript
from ui.answering import spoken
from ui.jobs import Job
from ui.pages.asking.wishes import configured_model
from ui.pages.telling import tell
from ui.session import Answer, session, tunegraph


def show(answer: Answer) -> None:
    """Show what was said so far, and a line to say more."""
    if configured_model() is None:
        return
    st.subheader("Talk about it", anchor=False)
    for who, text in session().talk:
        with st.chat_message(who):
            tell(text)
    st.chat_input(
        "Such as: only trees; half the time; why this range of max_depth?", key="said", on_submit=_say, args=(answer,)
    )


def _say(answer: Answer) -> None:
    model, visit = configured_model(), session()
    words = str(st.session_state["said"] or "").strip()
    if model is None or not words:
        return
    visit.talk.append(("user", words))
    visit.problem = ""
    visit.transcript = Transcript()
    work = partial(spoken, tunegraph(), answer, words, model, heard=visit.transcript.hear)
    visit.job = Job(lambda progress: work(progress=progress)).start()
