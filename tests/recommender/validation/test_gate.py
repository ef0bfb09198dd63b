"""The gate as a whole: order, time, what it says, and that its own output passes."""

import time

import pytest

from kg.errors import InputError
from kg.model import Iri
from recommender.proposal import Grounding, Neighbour, Proposal
from recommender.validation.gate import Gate, default_stages, overall
from recommender.validation.stage import GateContext, StageVerdict, failed, noted, repaired
from recommender.validation.stages.grounding import GroundingStage
from recommender.validation.verdict import Outcome, StageResult
from tests.recommender.validation.gate_cases import draft, judge, propose, small_table


class Nothing:
    """A graph that holds nothing but some names."""

    def __init__(self, *names):
        self.names = names

    def find(self, iris):
        return {iri: None for iri in iris if iri in self.names}

    def evidence(self, kind=None, **_):
        return ()


class Scripted:
    """A stage that says what it is told to."""

    def __init__(self, name, *findings):
        self.name, self.findings, self.asked = name, findings, 0

    def judge(self, proposal, context):
        self.asked += 1
        return StageVerdict(proposal, self.findings)


def test_the_seven_stages_stand_in_their_order():
    names = ["schema", *(stage.name for stage in default_stages())]
    assert names == ["schema", "learner", "grounding", "sanity", "cost", "test_run", "worth"]


def test_a_stage_that_fails_keeps_the_next_from_being_asked():
    first, second = Scripted("one", failed("learner", "bad", "Bad.")), Scripted("two")
    proposal, verdict = Gate([first, second]).judge(propose(), GateContext())
    assert (first.asked, second.asked) == (1, 0)
    assert [stage.outcome for stage in verdict.stages] == [Outcome.PASS, Outcome.FAILED, Outcome.SKIPPED]
    assert not verdict.may_be_shown
    assert proposal.verdict == verdict


@pytest.mark.parametrize(
    ("found", "outcome"),
    [((), Outcome.PASS), ((noted("a", "b", "c"),), Outcome.PASS), ((repaired("a", "b", "c"),), Outcome.REPAIRED)],
)
def test_the_verdict_is_the_worst_of_its_stages(found, outcome):
    _, verdict = Gate([Scripted("one", *found), Scripted("two")]).judge(propose(), GateContext())
    assert verdict.outcome is outcome
    assert verdict.may_be_shown


def test_skipped_stages_stand_in_nobodys_way():
    results = [StageResult(name=o, outcome=o, seconds=0) for o in (Outcome.PASS, Outcome.SKIPPED)]
    assert overall(results) is Outcome.PASS


@pytest.mark.parametrize("given", [propose().to_json(), draft(), propose(), propose().to_json().encode()])
def test_proposals_text_and_values_are_all_drafts(given):
    proposal, verdict = judge(given)
    assert verdict.outcome is Outcome.PASS
    assert proposal.replace(verdict=None) == propose()


def test_a_draft_cannot_bring_its_own_verdict():
    shown, verdict = judge(propose())
    spoilt = shown.replace(search_space=shown.search_space.replace(value={"parameters": ()}))
    proposal, again = judge(spoilt.to_json())
    assert verdict.outcome is Outcome.PASS
    assert again.outcome is Outcome.FAILED
    assert proposal.verdict == again


def test_a_proposal_built_past_the_validators_is_read_again():
    space = propose().search_space
    twisted = space.value["max_depth"].model_copy(update={"low": 9, "high": 1})
    value = space.value.model_copy(update={"parameters": (twisted,), "conditions": ()})
    spoilt = propose().model_copy(update={"search_space": space.model_copy(update={"value": value})})
    assert judge(spoilt)[1].stages[0].outcome is Outcome.FAILED


def test_a_verdict_survives_json():
    proposal, verdict = Gate().judge(propose(), GateContext(table=small_table(), test_run_seconds=6))
    assert verdict.test_runs
    assert Proposal.from_json(proposal.to_json()) == proposal


def test_what_the_gate_repaired_needs_no_further_repair(table):
    spoilt = draft("random_forest", n_rows=table.n_rows)
    found = next(p for p in spoilt["search_space"]["value"]["parameters"] if p["name"] == "max_features")
    found.update(low=0.5, high=3.0)
    context = GateContext(table=table, test_run_seconds=5)
    proposal, verdict = Gate().judge(spoilt, context)
    assert verdict.outcome is Outcome.REPAIRED
    assert judge(proposal)[1].outcome is Outcome.PASS


def test_ten_seconds_are_about_ten_seconds():
    started = time.monotonic()
    _, verdict = Gate().judge(propose("random_forest"), GateContext(table=small_table(rows=3000), test_run_seconds=5))
    assert time.monotonic() - started < 5 + 2
    assert any(finding.code == "not_checked" for finding in verdict.findings)


class Clock:
    """A stage that keeps the time it is given."""

    name = "clock"

    def __init__(self):
        self.seen = []

    def judge(self, proposal, context):
        self.seen.append(context)
        return StageVerdict(proposal)


def test_the_clock_runs_from_the_start_of_the_judging():
    clock = Clock()
    Gate([clock]).judge(propose(), GateContext(test_run_seconds=9))
    assert clock.seen[0].deadline is not None
    assert 0 < clock.seen[0].seconds_left < 9


def test_a_deadline_that_is_set_stands():
    clock, deadline = Clock(), time.monotonic() + 100
    Gate([clock]).judge(propose(), GateContext(test_run_seconds=9, deadline=deadline))
    assert clock.seen[0].deadline == deadline


def test_before_the_judging_all_the_time_is_left_and_after_the_deadline_none():
    assert GateContext(test_run_seconds=7).seconds_left == 7
    assert GateContext(test_run_seconds=7, deadline=time.monotonic() - 1).seconds_left == 0


def test_progress_is_told():
    told = []
    Gate().judge(propose(), GateContext(test_run_seconds=0, progress=told.append))
    assert [word for word in told if "cost" in word]


def citing(*iris):
    proposal = propose()
    return proposal.replace(budget=proposal.budget.replace(citations=tuple(Iri(iri) for iri in iris)))


def test_a_citation_to_nothing_is_refused():
    verdict = judge(citing("urn:x"), store=Nothing())[1]
    assert ("citation_to_nothing", "budget.citations") in {(f.code, f.field) for f in verdict.findings}
    assert verdict.outcome is Outcome.FAILED


def test_a_neighbour_that_is_not_in_the_graph_is_refused():
    stranger = Neighbour(dataset=Iri("urn:d"), name="d", distance=0.1, weight=1.0)
    verdict = judge(propose().replace(neighbours=(stranger,)), store=Nothing())[1]
    assert "neighbours.0.dataset" in {f.field for f in verdict.findings}


def test_a_citation_of_a_part_is_looked_up_too():
    proposal = propose()
    part = Grounding(citations=(Iri("urn:x"),))
    spoilt = proposal.replace(budget=proposal.budget.replace(parts={"n_trials": part}))
    found = {(f.code, f.field) for f in judge(spoilt, store=Nothing())[1].findings}
    assert ("citation_to_nothing", "budget.parts.n_trials.citations") in found


def test_what_grounding_finds_is_the_stages_finding():
    context = GateContext(
        store=Nothing("urn:x"), check_grounding=lambda *_: (failed("budget", "value_differs", "No."),)
    )
    assert GroundingStage().judge(citing("urn:x"), context).outcome is Outcome.FAILED


def test_citations_speak_for_the_values_as_they_came():
    seen = []
    spoilt = draft("random_forest")
    found = next(p for p in spoilt["search_space"]["value"]["parameters"] if p["name"] == "max_features")
    found.update(low=0.5, high=3.0)

    def check(proposal, _):
        seen.append(proposal.search_space.value["max_features"].high)
        return ()

    proposal, _ = judge(spoilt, store=Nothing(), check_grounding=check)
    assert seen == [3.0]
    assert proposal.search_space.value["max_features"].high == 1.0


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "no JSON|Invalid JSON|EOF"),
        ('{"task": 1}', "task"),
        (propose().to_json().replace('"n_trials":50', '"n_trials":"50"'), "n_trials"),
        (propose().to_json().replace('"n_trials":50', '"n_trials":0'), "greater than or equal to 1"),
    ],
)
def test_reading_what_is_no_proposal_is_an_error_that_names_the_field(text, words):
    with pytest.raises(InputError, match=words):
        Proposal.from_json(text)


def test_a_refusal_for_lack_of_evidence_lets_the_free_stages_speak_and_nothing_be_fitted():
    grounding = Scripted("grounding", failed("budget", "value_differs", "Another."))
    sanity, cost, test_run = (Scripted(name) for name in ("sanity", "cost", "test_run"))
    _, verdict = Gate([grounding, sanity, cost, test_run]).judge(propose(), GateContext())
    assert (sanity.asked, cost.asked, test_run.asked) == (1, 1, 0)
    assert verdict.outcome is Outcome.FAILED
    assert "grounding failed" in verdict.stages[-1].findings[0].message


def test_after_a_second_refusal_nothing_more_is_held():
    grounding = Scripted("grounding", failed("budget", "value_differs", "Another."))
    sanity, cost = Scripted("sanity", failed("budget", "absurd_budget", "Absurd.")), Scripted("cost")
    Gate([grounding, sanity, cost]).judge(propose(), GateContext())
    assert (sanity.asked, cost.asked) == (1, 0)
