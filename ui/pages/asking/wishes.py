"""What is wished: a metric, and limits on time, trials, the test run, memory and learners."""

from __future__ import annotations

import os
from typing import Final

import streamlit as st

from kg.errors import InputError
from kg.learners.registry import learners
from kg.model import METRICS, MetaFeatures, TaskType
from recommender.metric_choice import choose_metric
from ui.options import MODEL_URL_VARIABLE, MODEL_VARIABLE
from ui.pages.telling import whisper
from ui.plain import escaped
from ui.request import Request
from ui.session import Given, session
from ui.tasks import class_counts
from ui.view import duration

_TIMES: Final = (60, 120, 300, 600, 1800, 3600, 4 * 3600, 8 * 3600, None)
_TRIALS: Final = (None, 10, 25, 50, 100, 200, 500, 1000)
_CHOSEN: Final = "chosen for you"


def wishes(given: Given) -> Request | None:
    """Show what may be wished and return the request; None where the wishes do not fit."""
    if given.words:
        return Request(test_run=False, **_model())
    task_type, counts = _task(given)
    metric = _metric(task_type, counts)
    with st.expander("Limits: time, trials, test run, memory, learners"):
        time_s = st.select_slider("Time for tuning", _TIMES, value=600, format_func=_time_name, key="time")
        n_trials = st.select_slider("Trials, at most", _TRIALS, value=None, format_func=_trials_name, key="trials")
        seconds = st.slider("Test run before you see the answer, in seconds (0: none)", 0, 120, 15, key="test-run")
        memory = st.slider("Memory of a fit in the test run, in GB", 0.5, 16.0, 4.0, step=0.5, key="memory")
        names = [spec.name for spec in learners(task_type, installed_only=True)]
        wanted = st.multiselect("Learners to choose from", names, placeholder="any that is installed", key="learners")
    if metric is _REFUSED:
        return None
    return Request(
        task_type=task_type if given.path is not None or task_type is TaskType.REGRESSION else None,
        metric=metric,
        learners=tuple(wanted),
        time_s=time_s,
        n_trials=n_trials,
        test_run_seconds=seconds or 1,
        test_run=seconds > 0,
        memory_mb=int(memory * 1024),
        **_model(),
    )


_REFUSED: Final = "\0"


def _metric(task_type: TaskType, counts: tuple[int, ...]) -> str | None:
    """Let a metric be chosen; say why it is the one."""
    names = [name for name, metric in METRICS.items() if metric.task_type is task_type]
    chosen = st.selectbox("Metric", [_CHOSEN, *names], key=f"metric-{task_type}")
    named = None if chosen == _CHOSEN else chosen
    try:
        choice = choose_metric(task_type, counts, named=named)
    except InputError as error:
        st.error(escaped(str(error)), icon=":material/error:")
        return _REFUSED
    whisper(f"{choice.metric.name}: {choice.reason}" if named is None else choice.reason)
    return named


def _task(given: Given) -> tuple[TaskType, tuple[int, ...]]:
    """Return the task type, and the rows of each class as far as they are known."""
    looked = session().looked
    if given.path is not None and looked is not None and looked.table is not None:
        table = looked.table
        is_classes = table.task_type is TaskType.CLASSIFICATION
        return table.task_type, tuple(int(n) for n in table.target.value_counts()) if is_classes else ()
    features = MetaFeatures(dict(given.meta_features))
    is_classes = (features.get("NumberOfClasses") or 0) >= 2
    return (TaskType.CLASSIFICATION, class_counts(features)) if is_classes else (TaskType.REGRESSION, ())


def configured_model() -> Request | None:
    """Return a request that names the language model of these pages; None where none is configured."""
    name = os.environ.get(MODEL_VARIABLE)
    return Request(llm=name, llm_base_url=os.environ.get(MODEL_URL_VARIABLE)) if name else None


def _model() -> dict[str, str | None]:
    """Let a language model draft, where one is configured; offer nothing where none is."""
    named = configured_model()
    if named is None:
        return {}
    drafts = st.toggle(f"Let the language model {escaped(named.llm)} draft; code checks what it says", key="model")
    return {"llm": named.llm, "llm_base_url": named.llm_base_url} if drafts else {}


def _time_name(seconds: int | None) -> str:
    return "no limit" if seconds is None else duration(seconds)


def _trials_name(trials: int | None) -> str:
    return "as many as it takes" if trials is None else str(trials)
