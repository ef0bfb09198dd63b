"""How a study is doing, drawn anew every two seconds while it runs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import streamlit as st

from kg.errors import TunegraphError
from ui.figures.studies import expected_chart, history_chart, importance_chart, spend_chart
from ui.pages.telling import tell, whisper
from ui.plain import escaped
from ui.running import Progress, Studies, StudyRecord, progress_of
from ui.running.ahead import ahead_text
from ui.running.words import (
    configuration_rows,
    expected_rows,
    history_summary,
    metric_text,
    score_text,
    share_done,
    time_text,
    trials_text,
)

if TYPE_CHECKING:
    import optuna

    from recommender.proposal import Proposal
    from recommender.report import Figures

#: Seconds between two looks at a study that runs.
EVERY_S = 2.0
#: Complete trials after which importances are computed anew, which takes a second.
_STEP = 10


def follow(studies: Studies, record: StudyRecord) -> None:
    """Show how a study is doing."""
    is_alive = studies.status(record.name).is_alive
    st.fragment(_shown, run_every=EVERY_S if is_alive else None)(studies, record, is_alive)


@st.cache_resource(max_entries=16, show_spinner=False)
def study_of(home: str, name: str) -> optuna.Study:
    """Return a study of a home, its storage opened once."""
    return Studies(Path(home)).study(name)


@st.cache_resource(max_entries=16, show_spinner=False)
def proposal_of(home: str, name: str) -> Proposal:
    """Return the proposal that a study of a home was made from, read once."""
    return Studies(Path(home)).proposal(name)


@st.cache_resource(max_entries=64, show_spinner="Computing importances")
def figures_of(home: str, name: str, n_complete: int) -> Figures:
    """Return the figures of a study's report, computed once for a number of complete trials."""
    from recommender.report import figures_of as computed

    del n_complete  # names the state that they are of
    return computed(study_of(home, name))


def _shown(studies: Studies, record: StudyRecord, was_alive: bool) -> None:
    status = studies.status(record.name)
    if was_alive and not status.is_alive:
        st.rerun()  # all of the page: other things can be done now
    home = str(studies.root.parent)
    try:
        proposal = proposal_of(home, record.name)
        progress = progress_of(study_of(home, record.name), proposal)
    except TunegraphError as error:
        st.error(escaped(error))
        return
    _figures(record, progress)
    _history(record, progress)
    _expected(record, progress, level=proposal.prediction.value.level)
    if ahead := ahead_text(progress.points, proposal):
        tell(ahead)
    _spend(progress)
    _importances(home, record, progress, is_alive=status.is_alive)
    _found(record, progress)


def _figures(record: StudyRecord, progress: Progress) -> None:
    with st.container(horizontal=True):
        st.metric(f"Best {escaped(record.metric)}", score_text(progress), border=True)
        st.metric("Trials", trials_text(progress), border=True)
        st.metric("Time of the trials", time_text(progress), border=True)
    st.progress(share_done(progress), text="Share of the budget that is spent; a stopping rule may end it earlier")


def _history(record: StudyRecord, progress: Progress) -> None:
    st.subheader("History", anchor=False)
    summary = history_summary(progress, record.metric)
    if _draw(history_chart(progress.points, record.metric), summary):
        summary += (
            f" The line is the best {metric_text(record.metric)} so far. Crosses are pruned trials, at the mean of "
            "what had been seen of them."
        )
    whisper(summary)
    for reason, count in progress.failures:
        whisper(f"Failed {count} times: {reason}")


def _expected(record: StudyRecord, progress: Progress, *, level: float) -> None:
    st.subheader("Predicted and real", anchor=False)
    rows = expected_rows(progress.expected)
    if not rows:
        whisper("The proposal foretold no scores.")
        return
    words = "; ".join(f"best after {row['best after']}: predicted {row['predicted']}, {row['real']}" for row in rows)
    _draw(expected_chart(progress.expected, progress.points, record.metric), words)
    whisper(
        f"Best {metric_text(record.metric)} against the trials of the budget. The band should hold it in {level:.0%} "
        "of cases."
    )
    st.dataframe(rows, hide_index=True, alt=words)


def _spend(progress: Progress) -> None:
    st.subheader("Spend", anchor=False)
    spent = f"The study's own trials took {time_text(progress)} that the budget allows."
    _draw(spend_chart(progress.points, progress.expected), spent)
    whisper(f"{spent} What the test run had fitted before is not counted again.")


def _importances(home: str, record: StudyRecord, progress: Progress, *, is_alive: bool) -> None:
    from recommender.report.response import LEAST_TRIALS

    st.subheader("What mattered", anchor=False)
    if progress.n_complete < LEAST_TRIALS:
        whisper(f"Known after {LEAST_TRIALS} complete trials; there are {progress.n_complete}.")
        return
    step = _STEP if is_alive else 1
    counted = progress.n_complete // step * step
    figures = figures_of(home, record.name, counted)
    chart = importance_chart(figures.parameters)
    if chart is None:
        whisper(f"Not known: {figures.not_analysed or 'nothing was searched'}.")
        return
    shares = [f"{p.name} {p.importance_percent:.0f} %" for p in figures.parameters if p.importance_percent is not None]
    _draw(chart, ", ".join(shares))
    whisper(
        f"Share of the variance of the scores that each hyper-parameter explains alone (fANOVA), over the "
        f"{figures.n_complete} complete trials so far, in per cent."
    )


def _found(record: StudyRecord, progress: Progress) -> None:
    if progress.best is None:
        return
    st.subheader("Best configuration", anchor=False)
    tell(f"{record.learner}, {metric_text(record.metric)} {progress.best:.5g}, trial {progress.best_number}.")
    st.dataframe(configuration_rows(progress), hide_index=True, alt="The hyper-parameters of the best trial")


def _draw(chart: Any, words: str) -> bool:
    """Show a chart, if there is one, with what it shows in words for who does not see it; say whether there is."""
    if chart is not None:
        st.altair_chart(chart, alt=words)
    return chart is not None
