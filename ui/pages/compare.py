"""The page that puts proposals side by side: those of this session, and those from files."""

from __future__ import annotations

import streamlit as st

from kg.errors import InputError
from recommender.proposal import Proposal
from ui.pages.telling import whisper
from ui.plain import escaped, one_line
from ui.session import Session, session
from ui.views.comparing import side_by_side, title

#: Megabytes of a proposal; what is larger was given by mistake.
_MOST_MB = 20


def page() -> None:
    """Show the page."""
    st.title("Compare proposals", anchor=False)
    offered = _of_session(session()) | _of_files()
    if len(offered) < 2:
        st.info("Two proposals can be compared: ask twice, change an answer, or open the JSON of one that you kept.")
        return
    names = st.multiselect("Proposals", list(offered), default=list(offered)[-2:], key="compared")
    if len(names) < 2:
        st.info("Choose at least two.")
        return
    rows = side_by_side({one_line(name, at_most=60): offered[name] for name in names})
    only = st.toggle("Only what differs", value=True, key="differing")
    shown = [row for row in rows if row["differs"] or not only]
    st.dataframe(shown, hide_index=True, alt="Proposals side by side, a row for each thing that is recommended")
    whisper(f"{sum(bool(row['differs']) for row in rows)} of {len(rows)} things differ.")


def _of_session(visit: Session) -> dict[str, Proposal]:
    return {title(answer): answer.proposal for answer in visit.answers if answer.proposal is not None}


def _of_files() -> dict[str, Proposal]:
    files = st.file_uploader(
        "Proposals that you kept, as JSON",
        type=["json"],
        accept_multiple_files=True,
        key="kept",
        max_upload_size=_MOST_MB,
    )
    found = {}
    for i, file in enumerate(files, 1):
        try:
            found[f"file {i}: {one_line(file.name, at_most=60)}"] = Proposal.from_json(file.getvalue())
        except (InputError, UnicodeDecodeError) as error:
            st.error(f"{escaped(file.name)}: {escaped(error, at_most=500)}", icon=":material/error:")
    return found
