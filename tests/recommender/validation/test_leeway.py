"""Edits that claim no more than the evidence bears stand, their account put right; those that claim more do not."""

import pytest

from kg.learners.registry import learner_named
from kg.model import Configuration, SearchSpace
from recommender.grounding import check
from recommender.proposal import Derivation, Grounding, Proposal
from recommender.validation.gate import Gate
from recommender.validation.leeway import amended, published_for, registry_derivation
from recommender.validation.repairs import REPAIRED
from recommender.validation.stage import GateContext
from recommender.validation.support import CITED
from tests.recommender.composing.world import task


@pytest.fixture
def judged(composer):
    """Return a function that judges a proposal without fitting, and gives it with the findings of its grounding."""

    def judge(proposal):
        context = GateContext(
            store=composer.store,
            test_run_seconds=0,
            check_grounding=lambda one, store: check(one, store, surfaces=composer.surfaces),
        )
        found, verdict = Gate().judge(proposal.to_json(), context)
        stage = next(stage for stage in verdict.stages if stage.name == "grounding")
        return found, verdict.outcome, {(f.field, f.code, str(f.outcome)) for f in stage.findings}

    return judge


def changed(proposal: Proposal, field: str, **changes) -> Proposal:
    return proposal.replace(**{field: getattr(proposal, field).replace(**changes)})


def with_range(proposal: Proposal, name: str, low: float, high: float) -> Proposal:
    space = proposal.search_space.value
    one = space[name].replace(low=low, high=high, prior=None)
    return changed(
        proposal,
        "search_space",
        value=space.replace(parameters=tuple(one if p.name == name else p for p in space.parameters)),
    )


def narrowed(proposal: Proposal) -> Proposal:
    """Return `proposal` with a little less of C, its warm starts still within."""
    parameter = proposal.search_space.value["C"]
    tried = [start["C"] for start in proposal.warm_starts.value]
    return with_range(proposal, "C", min(parameter.low * 1.05, *tried), max(parameter.high / 1.05, *tried))


def uncited(proposal: Proposal, field: str, **changes) -> Proposal:
    return changed(proposal, field, citations=(), derivation=None, confidence=0.0, parts={}, **changes)


class TestWhatClaimsLess:
    def test_a_narrower_range_stands_and_says_what_it_was_cut_from(self, composed, judged):
        found, outcome, findings = judged(narrowed(composed))
        assert outcome == "repaired"
        assert ("search_space.C", "value_differs", "repaired") in findings
        assert found.search_space.value == narrowed(composed).search_space.value
        assert found.search_space.parts["C"].derivation.rule == REPAIRED

    def test_what_was_amended_is_grounded_when_it_is_judged_again(self, composed, judged):
        once, _, _ = judged(narrowed(composed))
        _, outcome, findings = judged(once)
        assert (outcome, findings) == ("pass", set())

    def test_fewer_trials_stand_and_no_score_is_predicted_beyond_them(self, composed, judged):
        fewer = max(2, composed.budget.value.n_trials // 2)
        smaller = changed(composed, "budget", value=composed.budget.value.replace(n_trials=fewer, binding="n_trials"))
        found, outcome, findings = judged(smaller)
        assert outcome == "repaired"
        assert ("budget", "value_differs", "repaired") in findings
        assert all(score.k <= fewer for score in found.prediction.value.scores)

    def test_fewer_warm_starts_and_another_sampler_stand(self, composed, judged):
        kept = {key: part for key, part in composed.warm_starts.parts.items() if key == "0"}
        edited = changed(composed, "warm_starts", value=composed.warm_starts.value[:1], parts=kept)
        sampler = edited.sampler.value.replace(name="random")
        _, outcome, _ = judged(changed(edited, "sampler", value=sampler))
        assert outcome == "repaired"

    def test_no_prediction_needs_no_account(self, composed, judged):
        silent = composed.prediction.value.replace(scores=(), remaining=(), curve=None)
        _, outcome, _ = judged(uncited(composed, "prediction", value=silent))
        assert outcome == "pass"

    def test_a_setting_may_be_made_on_no_evidence_and_is_told(self, composed, judged):
        found, outcome, findings = judged(uncited(composed, "protocol"))
        assert outcome == "repaired"
        assert ("protocol", "not_grounded", "repaired") in findings
        assert found.protocol.confidence == 0


class TestWhatClaimsMore:
    @pytest.mark.parametrize(("n_trials", "factor"), [(1, 1.0), (None, 60.0), (None, 1000.0)])
    def test_a_single_trial_or_another_unit_is_no_wish(self, composed, judged, n_trials, factor):
        budget = composed.budget.value
        value = budget.replace(n_trials=n_trials or budget.n_trials, wall_clock_s=budget.wall_clock_s / factor)
        _, outcome, findings = judged(changed(composed, "budget", value=value))
        assert outcome == "failed"
        assert ("budget", "value_differs", "failed") in findings

    def test_a_larger_budget_does_not_follow(self, composed, judged):
        larger = composed.budget.value.replace(n_trials=2 * composed.budget.value.n_trials)
        assert ("budget", "value_differs", "failed") in judged(changed(composed, "budget", value=larger))[2]

    def test_a_range_without_most_of_what_was_good_misses_the_evidence(self, composed, composer):
        parameter = composed.search_space.value["C"]
        sliver = with_range(composed, "C", parameter.low, parameter.low * 1.001)
        findings = check(sliver, composer.store, surfaces=composer.surfaces)
        assert ("search_space.C", "value_differs", "repaired") not in {
            (f.field, f.code, str(f.outcome)) for f in findings if "claims no more" in f.message
        }

    def test_a_score_is_no_span(self, composed, judged):
        scores = tuple(s.replace(high=s.high, low=s.expected) for s in composed.prediction.value.scores)
        bolder = changed(composed, "prediction", value=composed.prediction.value.replace(scores=scores))
        assert ("prediction", "value_differs", "failed") in judged(bolder)[2]

    def test_the_transfer_sampler_is_no_mere_setting(self, composed, judged):
        sampler = composed.sampler.value.replace(name="transfer")
        assert ("sampler", "not_grounded", "failed") in judged(uncited(composed, "sampler", value=sampler))[2]

    def test_a_lost_condition_is_no_restriction(self, composed, composer):
        space = composed.search_space.value
        assert space.conditions
        looser = changed(composed, "search_space", value=space.replace(conditions=()))
        findings = check(looser, composer.store, surfaces=composer.surfaces)
        assert not any(f.field == "search_space" and "claims no more" in f.message for f in findings)


class TestAccounts:
    def test_confidence_is_cut_to_what_the_citations_lend(self, composed, judged):
        found, outcome, findings = judged(changed(composed, "search_space", confidence=1.0))
        assert outcome == "repaired"
        assert ("search_space", "confidence_overstated", "repaired") in findings
        assert found.search_space.confidence < 1

    def test_a_range_that_names_no_rule_is_taken_as_cited(self, composed, judged):
        part = composed.search_space.parts["C"].replace(derivation=None)
        parts = {**dict(composed.search_space.parts.items()), "C": part}
        found, _, findings = judged(changed(narrowed(composed), "search_space", parts=parts))
        assert ("search_space.C", "not_grounded", "repaired") in findings
        assert found.search_space.parts["C"].derivation.rule == CITED

    def test_a_wider_range_within_what_it_cites_stands_as_cited(self, composed, composer):
        parameter = composed.search_space.value["C"]
        wider = with_range(composed, "C", parameter.low * 0.9, parameter.high)
        (finding,) = (
            f for f in check(wider, composer.store, surfaces=composer.surfaces) if f.field == "search_space.C"
        )
        assert (finding.code, str(finding.outcome)) == ("value_differs", "repaired")
        assert "lies within what it cites" in finding.message

    def test_a_range_that_names_no_rule_is_as_sure_as_its_citations_at_most(self, composed, judged):
        part = composed.search_space.parts["C"].replace(derivation=None, confidence=1.0)
        parts = {**dict(composed.search_space.parts.items()), "C": part}
        found, _, findings = judged(changed(narrowed(composed), "search_space", parts=parts))
        assert ("search_space.C", "confidence_overstated", "repaired") in findings
        assert found.search_space.parts["C"].confidence < 1

    def test_a_published_space_that_nobody_cites_is_cited(self, composer, judged):
        published = composer.store.evidence("published_space", learner="lightgbm")[0]
        composed = composer.compose(task("lightgbm"))
        bare = uncited(composed, "search_space", value=published.space)
        found, _, findings = judged(uncited(bare, "warm_starts", value=()))
        assert ("search_space", "not_grounded", "repaired") in findings
        assert published.iri in found.search_space.citations

    def test_the_librarys_default_needs_no_citation(self, composed, composer):
        default = {"C": 1.0, "kernel": "rbf", "gamma": 1 / composed.task.n_columns, "shrinking": True}
        starts = (Configuration(default), *composed.warm_starts.value[1:])
        parts = {**dict(composed.warm_starts.parts.items()), "0": Grounding()}
        edited = changed(composed, "warm_starts", value=starts, parts=parts)
        findings = check(edited, composer.store, surfaces=composer.surfaces)
        assert ("not_grounded", "repaired") in {
            (f.code, str(f.outcome)) for f in findings if f.field == "warm_starts.0" and "default" in f.message
        }

    def test_a_space_of_the_registry_needs_no_citation(self, composer, judged):
        composed = composer.compose(task("mlp"))
        found, outcome, findings = judged(uncited(composed, "search_space"))
        assert outcome == "repaired"
        assert ("search_space", "not_grounded", "repaired") in findings
        assert found.search_space.derivation.arguments["rule"] == "registry_space"

    def test_an_amendment_of_what_an_earlier_stage_repaired_keeps_what_it_had_been(self, composed):
        edited = narrowed(composed)
        account = edited.search_space.parts["C"].replace(derivation=Derivation(rule=CITED))
        found = amended(edited, composed, {"search_space.C": account}).search_space.parts["C"].derivation
        assert found.rule == REPAIRED
        assert found.arguments["rule"] == CITED
        assert found.arguments["value"]["low"] == composed.search_space.value["C"].low


class TestWhatIsFoundForValuesThatCiteNothing:
    @pytest.fixture
    def boosted(self, composer):
        return composer.compose(task("lightgbm"))

    def test_published_spaces_are_cited_for_what_they_span_alone(self, composer, boosted):
        space = composer.store.evidence("published_space", learner="lightgbm")[0].space
        leaves = space["num_leaves"]
        assert published_for("search_space.num_leaves", leaves, boosted, composer.store)
        wider = leaves.replace(high=leaves.high * 100)
        assert published_for("search_space.num_leaves", wider, boosted, composer.store) == ()

    def test_they_are_cited_for_no_setting_and_for_nothing_that_says_nothing(self, composer, boosted):
        assert published_for("budget", boosted.budget.value, boosted, composer.store) == ()
        assert published_for("warm_starts", (), boosted, composer.store) == ()

    def test_a_space_beyond_the_registrys_does_not_follow_from_it(self, composed):
        wide = learner_named("svm").space(composed.task.task_type)
        assert registry_derivation("search_space", wide, composed) is not None
        beyond = tuple(p.replace(high=p.high * 1000) if p.name == "C" else p for p in wide.parameters)
        assert registry_derivation("search_space", wide.replace(parameters=beyond), composed) is None
        assert registry_derivation("search_space", SearchSpace(parameters=()), composed) is None
