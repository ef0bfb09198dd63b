"""Free questions in SPARQL. They are answered in a process apart, which only reads and has limits."""

from __future__ import annotations

from typing import Final

import streamlit as st

from kg.errors import InputError, TunegraphError
from ui.exploring.questions import EXAMPLES, GRAPH, ROWS, Answered, as_csv, prefix_text, read_answer
from ui.pages.telling import whisper
from ui.plain import escaped
from ui.session import tunegraph
from ui.sparql.limits import ServiceLimits
from ui.sparql.process import Job
from ui.sparql.shared import pool_of

#: What one question may take here: a person waits for it.
LIMITS: Final = ServiceLimits(workers=1, query_s=20.0, rows=5000)
_QUERY, _EXAMPLE = "explore-query", "explore-example"


def show() -> None:
    """Show a field for a question, examples, and the answer."""
    if _QUERY not in st.session_state:
        st.session_state[_QUERY] = EXAMPLES[0].query
    st.selectbox(
        "Example", range(len(EXAMPLES)), format_func=lambda i: EXAMPLES[i].title, key=_EXAMPLE, on_change=_take_example
    )
    query = st.text_area("Question in SPARQL 1.1", key=_QUERY, height=200)
    with st.expander("Prefixes that need no declaration"):
        st.code(prefix_text(), language=None)
    whisper(
        f"Read only: updates and other servers are refused. At most {LIMITS.query_s:g} seconds and {LIMITS.rows:,} "
        "rows. The default graph is all sources together; your own studies are among them."
    )
    if not st.button("Ask the graph", type="primary", key="explore-ask"):
        return
    try:
        with st.spinner("Asking"):
            answer = pool_of(tunegraph(), LIMITS).answer(Job(query, True, ROWS, GRAPH))
    except InputError as error:
        st.error(f"{escaped(error.message, at_most=1000)} Allowed: {escaped(error.allowed)}")
    except TunegraphError as error:
        st.error(escaped(error, at_most=1000))
    else:
        _show_answer(read_answer(answer))


def _take_example() -> None:
    st.session_state[_QUERY] = EXAMPLES[st.session_state[_EXAMPLE]].query


def _show_answer(answered: Answered) -> None:
    if answered.text:
        st.code(answered.text, language=None)
        return
    whisper(f"{len(answered.rows):,} rows." if answered.rows else "No answer: nothing in the graph fits.")
    if answered.rows:
        st.dataframe(list(answered.rows), hide_index=True, alt=f"{len(answered.rows)} rows of the answer")
        st.download_button("As CSV", as_csv(answered.rows), "answer.csv", "text/csv", on_click="ignore")
