"""The answer: said first, then warned of, then shown with what stands behind it."""

from __future__ import annotations

import streamlit as st

from recommender.proposal import Proposal
from recommender.spending_curve import spending_curve
from recommender.validation.verdict import Outcome, Verdict
from ui.figures.prediction import prediction_chart, spoken
from ui.pages.asking.along_shown import show_along
from ui.pages.asking.evidence_shown import show_space, show_warm_starts
from ui.pages.asking.likeness_shown import show_graph, show_likeness
from ui.pages.telling import tell, whisper
from ui.plain import escaped
from ui.session import Answer
from ui.view import configuration_text, duration, number
from ui.views.card import Card, card, refusal
from ui.views.steps import STAGES

_OUTCOMES = {
    Outcome.PASS: (":material/check_circle:", "passed"),
    Outcome.REPAIRED: (":material/build_circle:", "repaired"),
    Outcome.FAILED: (":material/cancel:", "failed"),
    Outcome.SKIPPED: (":material/do_not_disturb_on:", "not checked"),
}


def show(answer: Answer) -> None:
    """Show an answer."""
    proposal = answer.proposal
    said = refusal(answer.verdict, is_changed=bool(answer.changes)) if proposal is None else card(proposal)
    _show_card(said, answer)
    _show_warnings(proposal)
    if proposal is None:
        st.subheader("What was checked")
        _show_verdict(answer.verdict)
        return
    tabs = st.tabs(["Search space", "Warm starts", "Expected score", "Similar data sets", "Verdict", "Graph"])
    with tabs[0]:
        show_space(proposal)
    with tabs[1]:
        show_warm_starts(proposal)
    with tabs[2]:
        _show_prediction(proposal)
    with tabs[3]:
        show_likeness(proposal)
    with tabs[4]:
        _show_verdict(answer.verdict)
    with tabs[5]:
        show_graph(proposal)


def _show_card(said: Card, answer: Answer) -> None:
    with st.container(border=True):
        st.subheader(escaped(said.headline), anchor=False)
        if said.tone == "abstain":
            st.warning("This is an answer in its own right: too little is known to recommend more.")
        elif said.tone == "do_not_tune":
            st.info("This is an answer in its own right: tuning is not likely to pay.")
        for text in said.sentences:
            tell(text)
        outcome = answer.verdict.outcome
        about = f"For {answer.given.name}" + (f", predicting {answer.task.target}" if answer.task.target else "")
        whisper(f"{about}. Checks: {_OUTCOMES[outcome][1]}. Answered in {duration(round(answer.seconds, 1))}.")


def _show_warnings(proposal: Proposal | None) -> None:
    if proposal is None:
        return
    for warning in proposal.warnings:
        st.warning(escaped(warning, at_most=1000), icon=":material/warning:")
    for assumption in proposal.assumptions:
        st.info(f"Assumed: {escaped(assumption, at_most=1000)}", icon=":material/info:")


def _show_prediction(proposal: Proposal) -> None:
    curve = spending_curve(proposal)
    metric = proposal.prediction.value.metric
    tell(proposal.prediction.rationale)
    if not curve:
        st.info("No score can be foretold from what is known.")
        show_along(proposal)
        return
    level = proposal.prediction.value.level
    st.altair_chart(prediction_chart(curve, metric, level=level), alt=spoken(curve, metric))
    whisper(
        f"Expected {metric} against the number of trials. The band holds the score with {level:.0%} probability: it "
        "was calibrated by leaving each known data set out in turn."
    )
    rows = [
        {
            "trials": one.score.k,
            "expected": number(one.score.expected),
            "interval": f"{number(one.score.low)} to {number(one.score.high)}",
            "takes about": "not timed" if one.seconds is None else duration(float(f"{one.seconds:.2g}")),
        }
        for one in curve
    ]
    st.dataframe(rows, hide_index=True, alt="Expected score by number of trials")
    show_along(proposal)


def _show_verdict(verdict: Verdict) -> None:
    for stage in verdict.stages:
        icon, word = _OUTCOMES[stage.outcome]
        name = stage.name.replace("_", " ").capitalize()
        st.markdown(f"{icon} **{escaped(name)}** {word}, {stage.seconds:.1f} s. {escaped(STAGES.get(stage.name, ''))}?")
        for finding in stage.findings:
            tell(f"{finding.field}: {finding.message}" if finding.field else finding.message)
        if stage.measurements:
            with st.expander(f"Measured: {escaped(name)}"):
                rows = [{"what": name, "figure": str(value)} for name, value in stage.measurements.items()]
                st.dataframe(rows, hide_index=True, alt=f"Measurements of stage {stage.name}")
    if verdict.test_runs:
        st.markdown("**What was fitted**")
        st.dataframe(_runs(verdict), hide_index=True, alt="The fits of the test run")


def _runs(verdict: Verdict) -> list[dict[str, object]]:
    return [
        {
            "role": run.role.replace("_", " "),
            "which": run.label,
            "ended": run.status,
            "mean score": round(sum(run.scores) / len(run.scores), 4) if run.scores else None,
            "seconds": round(sum(run.seconds), 2),
            "rows": run.rows,
            "configuration": configuration_text(run.configuration.items()),
        }
        for run in verdict.test_runs
    ]
