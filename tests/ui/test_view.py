"""How a proposal is told."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.model import CategoricalParameter, ConstantParameter, FloatParameter, IntParameter, Parameter
from recommender.proposal import (
    Advice,
    Cost,
    ExpectedImprovement,
    Fidelity,
    MaxTrials,
    MinimumRegret,
    Proposal,
    RegretBound,
    Rule,
    Stagnation,
    TargetReached,
    WallClock,
)
from recommender.validation.stage import failed
from recommender.validation.verdict import Outcome, StageResult, Verdict
from ui.view import (
    Line,
    configuration_text,
    counted,
    duration,
    evidence_text,
    fidelity_text,
    headline,
    more_text,
    number,
    range_text,
    rule_text,
    section_of,
    sections_of,
    value_text,
    verdict_lines,
)

BASE = "https://w3id.org/tunegraph/evidence"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.3, "0.3"), (1500.0, "1500"), (2.5e-05, "2.5e-05"), (0.123456, "0.1235"), (0, "0"),
        (float("inf"), "inf"), (float("nan"), "nan"),
    ],
)  # fmt: skip
def test_numbers_have_four_digits(value: float, text: str) -> None:
    assert number(value) == text


@given(st.floats(min_value=-1e300, max_value=1e300))
def test_a_number_as_told_is_close_to_what_it_was(value: float) -> None:
    assert float(number(value)) == pytest.approx(value, rel=1e-3)


@pytest.mark.parametrize(
    ("value", "text"),
    [(1, "1"), (1.0, "1.0"), (-2.0, "-2.0"), (0.25, "0.25"), (1e20, "1e+20"), ("a", "'a'"), (True, "True")],
)
def test_a_value_is_told_as_the_type_that_the_library_is_given(value: object, text: str) -> None:
    assert value_text(value) == text


def test_things_are_counted_in_the_number_that_they_have() -> None:
    assert [counted(n, "warm start") for n in (0, 1, 2)] == ["0 warm starts", "1 warm start", "2 warm starts"]


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.25, "0.25 s"), (45, "45 s"), (600, "10 min"), (3600, "1 h"), (5400, "1 h 30 min"), (172_800, "48 h")],
)
def test_durations_are_told_for_people(seconds: float, text: str) -> None:
    assert duration(seconds) == text


@pytest.mark.parametrize(
    ("parameter", "text"),
    [
        (FloatParameter(name="a", low=0.01, high=0.5, log=True), "0.01 to 0.5 (log)"),
        (IntParameter(name="a", low=2, high=30), "2 to 30"),
        (CategoricalParameter(name="a", choices=("gini", None, 0.5)), "'gini' | None | 0.5"),
        (ConstantParameter(name="a", value=100), "= 100"),
    ],
)
def test_ranges_are_told_by_kind(parameter: Parameter, text: str) -> None:
    assert range_text(parameter) == text


@pytest.mark.parametrize(
    ("rule", "text"),
    [
        (Stagnation(patience=20), "20 trials without a gain"),
        (TargetReached(score=0.95), "score 0.95 reached"),
        (WallClock(seconds=600), "10 min passed"),
        (MaxTrials(n_trials=50), "50 trials done"),
        (Cost(seconds=600), "10 min of fits spent"),
        (ExpectedImprovement(trials=4), "next to nothing expected of 4 trials on end"),
        (
            ExpectedImprovement(trials=1, patience=12),
            "next to nothing expected of 1 trial and no gain in 12",
        ),
        (RegretBound(), "no more to gain than folds can tell apart"),
        (MinimumRegret(), "trials no longer change what is expected"),
    ],
)
def test_rules_are_told_in_words(rule: Rule, text: str) -> None:
    assert rule_text(rule) == text


def test_configurations_and_fidelities_are_told() -> None:
    assert configuration_text([("criterion", "gini"), ("alpha", 1 / 3)]) == "criterion='gini', alpha=0.3333"
    assert configuration_text([]) == "library defaults"
    assert fidelity_text(Fidelity(parameter="n_estimators", kind="estimators", min=10, max=90)).startswith(
        "n_estimators from 10 to 90"
    )
    assert fidelity_text(None) == "none: every trial runs in full"


def test_what_all_lines_share_is_said_once() -> None:
    section = section_of("S", [Line(n, "v", "As measured.", (f"{BASE}/claim/1",)) for n in "abc"])
    assert (section.why, section.citations) == ("As measured.", (f"{BASE}/claim/1",))
    assert all(not line.why and not line.citations for line in section.lines)


def test_what_a_line_adds_stays_with_it() -> None:
    lines = [Line("a", "v", "Measured."), Line("b", "v", "Measured."), Line("c", "v", "Measured. Widened.")]
    lines.append(Line("d", "v", "Set by hand."))
    section = section_of("S", lines)
    assert section.why == "Unless said otherwise: Measured."
    assert [line.why for line in section.lines] == ["", "", "Widened.", "Set by hand."]


def test_reasons_and_citations_that_differ_stay_where_they_are() -> None:
    lines = (Line("a", "v", "One.", (f"{BASE}/claim/1",)), Line("b", "v", "Two.", (f"{BASE}/claim/2",)))
    section = section_of("S", lines)
    assert (section.why, section.citations, section.lines) == ("", (), lines)


def test_few_citations_are_named_and_many_are_counted() -> None:
    assert evidence_text([]) == ""
    assert evidence_text([f"{BASE}/claim/1"]) == "claim/1"
    many = [*(f"{BASE}/run_summary/{i}" for i in range(3)), f"{BASE}/claim/9"]
    assert evidence_text(many) == "3 run summaries, 1 claim: run_summary/0, run_summary/1, ..."


def test_the_gate_s_findings_are_told_with_their_stage() -> None:
    finding = failed("budget", "no_time", "There is no time.")
    stages = (
        StageResult(name="schema", outcome=Outcome.PASS, seconds=0.0),
        StageResult(name="sanity", outcome=Outcome.FAILED, seconds=0.0, findings=(finding, finding)),
    )
    told = verdict_lines(Verdict(outcome=Outcome.FAILED, stages=stages))
    assert [line.value for line in told] == ["pass", "FAILED: There is no time. There is no time."]


def test_every_part_of_a_real_proposal_is_told(proposal: Proposal) -> None:
    told = {section.title: section for section in sections_of(proposal)}
    space = proposal.search_space.value.parameters
    assert [line.name for line in told["Search space"].lines] == [*(p.name for p in space), *proposal.fixed.value]
    assert len(told["Warm starts"].lines) == len(proposal.warm_starts.value)
    assert [line.name for line in told["Plan"].lines][:3] == ["budget", "stop when", "fidelity"]
    assert all("distance" in line.value for line in told["Similar data sets"].lines)


def test_no_citation_of_a_real_proposal_is_lost(proposal: Proposal) -> None:
    told = {title.title: title for title in sections_of(proposal)}["Search space"]
    cited = {iri for line in told.lines for iri in line.citations} | set(told.citations)
    assert cited == {iri for part in proposal.search_space.parts.values() for iri in part.citations}


def test_the_headline_says_what_to_do(proposal: Proposal) -> None:
    assert headline(proposal).startswith(f"Tune decision_tree for {proposal.metric.value}: ")
    for advice, start in ((Advice.ABSTAIN, "No recommendation."), (Advice.DO_NOT_TUNE, "Do not tune: take decision")):
        changed = proposal.replace(advice=proposal.advice.replace(value=advice))
        assert headline(changed).startswith(start)


def test_a_reader_learns_where_the_evidence_is(proposal: Proposal) -> None:
    first = next(iter(proposal.search_space.parts))
    assert more_text(proposal).endswith(f"tunegraph explain proposal.json search_space.{first}")
