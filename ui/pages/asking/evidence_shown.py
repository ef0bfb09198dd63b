"""The search space and the warm starts, each drawn or told against its evidence."""

from __future__ import annotations

import streamlit as st

from kg.model import Iri, Parameter
from recommender.explain import account_of
from recommender.proposal import Grounding, Proposal
from ui.figures.ranges import range_chart, spoken
from ui.pages.telling import show_evidence, tell, whisper
from ui.plain import escaped
from ui.session import tunegraph
from ui.view import configuration_text, number, range_text, value_text
from ui.views.citations import cited
from ui.views.ranges import RangeRow, range_rows

#: Pieces of evidence that are told at once.
_MOST = 8


def show_space(proposal: Proposal) -> None:
    """Show all ranges, and one of them against what it rests on."""
    space = proposal.search_space
    rows = [
        {"hyper-parameter": p.name, "range": range_text(p), "why": _why(proposal, p.name)}
        for p in space.value.parameters
    ]
    rows += [
        {"hyper-parameter": n, "range": f"fixed at {value_text(v)}", "why": _fixed_why(proposal, n)}
        for n, v in proposal.fixed.value.items()
    ]
    st.dataframe(rows, hide_index=True, alt="The search space: a hyper-parameter a row")
    if not space.value.parameters:
        return
    name = st.selectbox("Look behind the range of", space.value.names, key="behind")
    parameter = space.value[name]
    _show_range(parameter, range_rows(proposal, name, tunegraph().store))
    grounding = space.parts.get(name, space)
    tell(_why(proposal, name))
    _show_basis(proposal, f"search_space.{name}" if name in space.parts else "search_space", grounding)


def show_warm_starts(proposal: Proposal) -> None:
    """Show the configurations to begin with, and why one of them is tried."""
    starts = proposal.warm_starts
    tell(starts.rationale)
    for i, configuration in enumerate(starts.value, 1):
        tell(f"{i}. {configuration_text(configuration.items())}")
    if starts.value:
        index = st.selectbox(
            "Look behind warm start", range(len(starts.value)), format_func=lambda i: str(i + 1), key="start"
        )
        grounding = starts.parts.get(str(index), starts)
        tell(grounding.rationale)
        _show_basis(proposal, f"warm_starts.{index}" if str(index) in starts.parts else "warm_starts", grounding)


def _show_range(parameter: Parameter, rows: tuple[RangeRow, ...]) -> None:
    chart = range_chart(rows, parameter.name, log=parameter.kind in ("int", "float") and parameter.log)
    if chart is not None:
        st.altair_chart(chart, alt=spoken(rows, parameter.name))
        whisper(
            f"{parameter.name}, in its own unit. Bars are ranges: proposed, published, and where nine tenths of the "
            "best runs on the nearest data sets lie, their median marked. Diamonds are single values."
        )
    with st.expander("The same as a table"):
        st.dataframe([_row(row) for row in rows], hide_index=True, alt=f"What the range of {parameter.name} rests on")


def _row(row: RangeRow) -> dict[str, str]:
    figures = {"low": row.low, "at": row.value, "high": row.high}
    told = {name: "" if figure is None else number(figure) for name, figure in figures.items()}
    return {"what": row.basis.value, "which": row.label, **told, "choices": row.text if row.low is None else ""}


def _show_basis(proposal: Proposal, field: str, grounding: Grounding) -> None:
    """Show the rule and the evidence behind one field, a click away."""
    citations: tuple[Iri, ...] = grounding.citations
    if not citations:
        whisper("It cites no evidence.")
        return
    account = account_of(proposal, field, tunegraph().store)
    rule = f" by the rule {account.rule}" if account.rule else ""
    whisper(f"From {len(citations)} pieces of evidence{rule}, confidence {grounding.confidence:.2f}.")
    with st.popover(f"Evidence for {escaped(field)}", icon=":material/format_quote:"):
        pieces = cited(citations, tunegraph().store, at_most=_MOST)
        show_evidence(pieces, key=field)
        if len(citations) > len(pieces):
            whisper(f"And {len(citations) - len(pieces)} more.")


def _why(proposal: Proposal, name: str) -> str:
    space = proposal.search_space
    return space.parts[name].rationale if name in space.parts else space.rationale


def _fixed_why(proposal: Proposal, name: str) -> str:
    fixed = proposal.fixed
    return fixed.parts[name].rationale if name in fixed.parts else fixed.rationale
