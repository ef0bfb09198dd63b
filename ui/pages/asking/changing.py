"""Change the answer: the gate runs again on what was changed, and it is said what that costs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

import streamlit as st

from kg.errors import InputError
from kg.model import Parameter
from recommender.proposal import Proposal
from ui.answering import another, judged
from ui.jobs import Job
from ui.pages.telling import whisper
from ui.plain import escaped
from ui.session import Answer, Told, session, tunegraph
from ui.view import value_text
from ui.views import changes
from ui.views.changes import Change


def show(answer: Answer) -> None:
    """Show what may be changed."""
    proposal = answer.proposal
    if proposal is None:
        return
    st.subheader("Change it", anchor=False)
    whisper("What you set is yours: it is checked like any proposal, but it need not follow from the evidence.")
    kind = st.radio("What should be different?", list(_KINDS), horizontal=True, key=f"change-{answer.number}")
    try:
        _KINDS[kind](answer, proposal)
    except InputError as error:
        st.error(escaped(str(error)), icon=":material/error:")


def show_changes(answer: Answer) -> None:
    """Say what was changed on the way to an answer, and what it costs."""
    if not answer.changes:
        return
    with st.container(border=True):
        st.markdown("**You changed**")
        for change in answer.changes:
            st.markdown(escaped(change))
        st.markdown("**What the last change costs**")
        for cost in answer.costs:
            st.markdown(escaped(cost))


def _range(answer: Answer, proposal: Proposal) -> None:
    names = [p.name for p in proposal.search_space.value.tunable]
    if not names:
        st.info("Nothing is searched any more.")
        return
    name = st.selectbox("Hyper-parameter", names, key=f"range-of-{answer.number}")
    parameter = proposal.search_space.value[name]
    key = f"{answer.number}-{name}"
    if parameter.kind == "categorical":
        texts = {value_text(choice): choice for choice in parameter.choices}
        kept = st.multiselect("Choices that stay", list(texts), default=list(texts), key=f"choices-{key}")
        _button(answer, lambda: changes.with_choices(proposal, name, [texts[text] for text in kept]))
        return
    low, high = _bounds(parameter, key)
    _button(answer, lambda: changes.with_range(proposal, name, low, high))


def _bounds(parameter: Parameter, key: str) -> tuple[float, float]:
    assert parameter.kind in ("int", "float")  # noqa: S101  # the caller looked
    options = {"step": 1} if parameter.kind == "int" else {"step": None, "format": "%.6g"}
    low = st.number_input("Lower bound", value=parameter.low, key=f"low-{key}", **options)
    high = st.number_input("Upper bound", value=parameter.high, key=f"high-{key}", **options)
    return low, high


def _held(answer: Answer, proposal: Proposal) -> None:
    names = [p.name for p in proposal.search_space.value.tunable]
    if len(names) < 2:
        st.info("One hyper-parameter must stay, or there is nothing to tune.")
        return
    name = st.selectbox("Hyper-parameter that is not searched", names, key=f"held-{answer.number}")
    value = changes.default_value(proposal, name)
    whisper(f"It is held at {value_text(value)}.")
    _button(answer, lambda: changes.held(proposal, name, value))


def _halved(answer: Answer, proposal: Proposal) -> None:
    _button(answer, lambda: changes.with_half_budget(proposal))


def _learner(answer: Answer, proposal: Proposal) -> None:
    from recommender.composing.compose import Composer

    left = [name for name in Composer.candidates(answer.task) if name != proposal.learner.value]
    if not left:
        st.info("No other learner may be chosen.")
        return
    whisper(f"{proposal.learner.value} is left out; one of {', '.join(left)} is chosen.")
    request = answer.request.replace(learner=None, learners=tuple(left))
    opened, told = tunegraph(), f"learner: not {proposal.learner.value}"
    work = partial(another, opened, answer, request, told)
    if st.button("Recommend another learner", key=f"drop-learner-{answer.number}"):
        _begin(work)


def _button(answer: Answer, change: Callable[[], Change]) -> None:
    """Offer to check a change; what cannot be is said when it is asked for."""
    if st.button("Check the change", key=f"check-{answer.number}"):
        changed = change()
        _begin(partial(judged, tunegraph(), answer, changed.proposal, changed.told))


def _begin(work: Callable[..., Answer]) -> None:
    visit = session()
    visit.problem = ""
    visit.job = Job[Answer | Told](lambda progress: work(progress=progress)).start()
    st.rerun()


_KINDS: Final[dict[str, Callable[[Answer, Proposal], None]]] = {
    "A range": _range,
    "What is searched": _held,
    "Half the budget": _halved,
    "The learner": _learner,
}
