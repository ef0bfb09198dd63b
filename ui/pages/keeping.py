"""What stays of a study: files to take along, and what Tunegraph learns from it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from kg.errors import TunegraphError
from ui.pages.following import figures_of, study_of
from ui.pages.telling import whisper
from ui.running import Studies, StudyRecord
from ui.session import tunegraph


def keep(studies: Studies, record: StudyRecord) -> None:
    """Offer the files of a study, and to learn from it."""
    st.subheader("Take it along", anchor=False)
    home = str(studies.root.parent)
    with st.container(horizontal=True):
        try:
            script = _script(home, record.name)
        except TunegraphError as error:
            whisper(f"There is no study.py: {error}")
        else:
            st.download_button("study.py", script, "study.py", "text/x-python", key="run-script", on_click="ignore")
        proposal = studies.proposal(record.name).to_json(indent=2)
        st.download_button(
            "Proposal (JSON)", proposal, "proposal.json", "application/json", key="run-proposal", on_click="ignore"
        )
        st.download_button(
            "Report (HTML)",
            lambda: _report(home, record.name),
            f"{record.name}.html",
            "text/html",
            key="run-report",
            on_click="ignore",
        )
    whisper(
        "study.py runs the study with pandas, scikit-learn and Optuna alone, on the copy of the table that lies here; "
        "python study.py --data FILE takes another."
    )
    _learn(studies, record, home)


@st.cache_data(max_entries=16, show_spinner="Writing study.py")
def _script(home: str, name: str) -> str:
    from recommender.export import export_script

    studies = Studies(Path(home))
    return export_script(studies.proposal(name), studies.table(name), studies.record(name).target)


def _report(home: str, name: str) -> str:
    from recommender.report import to_html

    study = study_of(home, name)
    n_complete = sum(trial.state.name == "COMPLETE" for trial in study.get_trials(deepcopy=False))
    return to_html(figures_of(home, name, n_complete))


def _learn(studies: Studies, record: StudyRecord, home: str) -> None:
    st.subheader("Learn from this study", anchor=False)
    whisper(
        "Its scores become evidence in the graph of this home, for the next recommendations on like tables. Nothing "
        "leaves this computer; tunegraph forget takes it out again. The rows of the table are not kept in the graph, "
        "its name and what describes it are."
    )
    learnt = f"run-learnt-{record.name}"
    is_alive = studies.status(record.name).is_alive
    if is_alive:
        whisper("It can be learnt from when it has stopped.")
    elif st.button("Learn from this study", icon=":material/school:", key="run-learn"):
        with st.spinner("Learning"):
            st.session_state[learnt] = _learned(home, record.name)
    if (said := st.session_state.get(learnt)) is not None:
        st.text(said)


def _learned(home: str, name: str) -> str:
    try:
        return tunegraph().learn_from(study_of(home, name)).to_text()
    except TunegraphError as error:
        return str(error)
