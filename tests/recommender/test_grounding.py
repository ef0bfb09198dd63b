"""Grounding: whatever is planted in a proposal that its evidence and rules do not give is found, by field and code."""

from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kg.iris import dataset_iri, evidence_iri
from kg.model import Configuration
from recommender.composing.rules import PART_RULES, RULES
from recommender.grounding import check, same
from recommender.proposal import Advice, Derivation, Grounding, PredictedScore, Proposal
from recommender.validation.repairs import REPAIRED, replace_value, with_starts
from recommender.validation.support import CITED
from recommender.validation.verdict import Outcome
from tests.recommender.composing.world import response, study, task

NOWHERE = evidence_iri("response_model", "nobody wrote this")


@pytest.fixture
def found(composer):
    """Return a function that gives the (field, code) of each finding."""

    def findings(proposal):
        return {(f.field, f.code) for f in check(proposal, composer.store, surfaces=composer.surfaces)}

    return findings


def changed(proposal: Proposal, field: str, **changes) -> Proposal:
    return proposal.replace(**{field: getattr(proposal, field).replace(**changes)})


def with_part(proposal: Proposal, field: str, part: str, **changes) -> Proposal:
    grounded = getattr(proposal, field)
    parts = {**grounded.parts, part: grounded.parts[part].replace(**changes)}
    return proposal.replace(**{field: grounded.replace(parts=parts)})


def with_arguments(proposal: Proposal, field: str, **arguments) -> Proposal:
    before = getattr(proposal, field).derivation
    derivation = Derivation(rule=before.rule, arguments={**before.arguments, **arguments})
    return changed(proposal, field, derivation=derivation)


def with_parameter(proposal: Proposal, name: str, **changes) -> Proposal:
    space = proposal.search_space.value
    parameters = [p.replace(**changes) if p.name == name else p for p in space.parameters]
    return changed(proposal, "search_space", value=space.replace(parameters=tuple(parameters)))


def test_what_was_composed_is_grounded(composed, composer, found):
    assert found(composed) == set()
    assert check(composed, composer.store) == ()


def test_a_proposal_from_json_is_grounded_as_well(composed, found):
    assert found(Proposal.from_json(composed.to_json())) == set()


class TestCitations:
    def test_of_nothing(self, composed, composer):
        spoilt = changed(composed, "budget", citations=(*composed.budget.citations, NOWHERE))
        (finding,) = check(spoilt, composer.store, surfaces=composer.surfaces)
        assert (finding.field, finding.code) == ("budget", "citation_to_nothing")
        assert (finding.outcome, finding.evidence) == (Outcome.FAILED, (NOWHERE,))

    def test_of_nothing_in_a_part(self, composed, found):
        spoilt = with_part(composed, "search_space", "C", citations=(NOWHERE,))
        assert found(spoilt) == {("search_space.C", "citation_to_nothing")}

    def test_of_another_learner(self, composed, found):
        spoilt = changed(composed, "budget", citations=(*composed.budget.citations, study(0).iri))
        assert found(spoilt) == {("budget", "citation_beside_the_point")}

    def test_of_a_data_set_bears_on_any_learner(self, composed, found):
        spoilt = changed(composed, "budget", citations=(*composed.budget.citations, dataset_iri("s0")))
        assert found(spoilt) == set()

    def test_of_other_learners_where_learners_are_compared(self, composer, found):
        proposal = composer.compose(task())
        about = {composer.store.get(iri).learner for iri in proposal.learner.citations}
        assert about == {"knn", "lightgbm", "svm"}
        assert found(proposal) == set()

    @pytest.mark.parametrize("field", ["search_space", "warm_starts", "prediction", "fixed"])
    def test_left_out_where_the_value_rests_on_them(self, composed, found, field):
        spoilt = changed(composed, field, citations=composed.fixed.citations[-3:])
        assert {name for name, _ in found(spoilt)} == {field}


class TestRules:
    def test_that_nobody_wrote(self, composed, composer):
        spoilt = changed(composed, "sampler", derivation=Derivation(rule="intuition"))
        (finding,) = check(spoilt, composer.store, surfaces=composer.surfaces)
        assert (finding.field, finding.code) == ("sampler", "unknown_rule")
        assert finding.allowed == ", ".join(sorted([*RULES, *PART_RULES, CITED]))

    @pytest.mark.parametrize("field", ["learner", "metric", "search_space", "sampler", "advice"])
    def test_that_are_not_named(self, composed, found, field):
        assert found(changed(composed, field, derivation=None)) == {(field, "not_grounded")}

    def test_that_are_not_named_in_a_part(self, composed, found):
        assert found(with_part(composed, "warm_starts", "2", derivation=None)) == {("warm_starts.2", "not_grounded")}

    def test_for_a_part_that_is_not_there(self, composed, found):
        extra = {**composed.warm_starts.parts, "10": Grounding(rationale="Trust me.")}
        assert found(changed(composed, "warm_starts", parts=extra)) == {("warm_starts.10", "not_grounded")}

    def test_of_another_field(self, composed, found):
        borrowed = composed.pruner.derivation
        assert found(changed(composed, "metric", derivation=borrowed)) == {("metric", "value_differs")}

    def test_for_an_unknown_learner_give_nothing(self, composed, found):
        codes = found(changed(composed, "learner", value="magic"))
        assert ("learner", "value_differs") in codes
        assert ("search_space", "not_derivable") in codes

    @pytest.mark.parametrize(
        ("field", "arguments"),
        [
            ("search_space", {"level": 0.7}),
            ("search_space", {"level": "low"}),
            ("search_space", {"hold": [{"C": 55.5}]}),
            ("search_space", {"hold": 7}),
            ("warm_starts", {"k": "all"}),
            ("budget", {"trial_s": "long"}),
            ("budget", {"n_warm_starts": None}),
            ("prediction", {"ks": [0]}),
            ("prediction", {"metric": "luck"}),
            ("termination", {"n_trials": 0}),
            ("fixed", {"names": ["C"]}),
            ("fixed", {"names": ["no_such_thing"]}),
        ],
    )
    def test_that_their_arguments_make_fail(self, composed, found, field, arguments):
        assert found(with_arguments(composed, field, **arguments)) == {(field, "not_derivable")}

    def test_whose_argument_is_missing(self, composed, found):
        spoilt = changed(composed, "budget", derivation=Derivation(rule="budget"))
        assert found(spoilt) == {("budget", "not_derivable")}


class TestValues:
    @pytest.mark.parametrize(
        ("field", "changes"),
        [
            ("protocol", {"folds": 3}),
            ("sampler", {"name": "random"}),
            ("pruner", {"name": "hyperband"}),
            ("budget", {"n_trials": 7}),
            ("budget", {"wall_clock_s": 601.0}),
            ("termination", {"combine": "all"}),
        ],
    )
    def test_that_were_moved(self, composed, found, field, changes):
        moved = getattr(composed, field).value.replace(**changes)
        assert found(changed(composed, field, value=moved)) == {(field, "value_differs")}

    def test_of_the_advice(self, composed, found):
        assert found(changed(composed, "advice", value=Advice.DO_NOT_TUNE)) == {("advice", "value_differs")}

    def test_of_a_widened_bound(self, composed, found):
        spoilt = with_parameter(composed, "C", high=2 * composed.search_space.value["C"].high)
        assert found(spoilt) == {("search_space", "value_differs"), ("search_space.C", "value_differs")}

    def test_of_a_scale_or_a_condition(self, composed, found):
        assert ("search_space", "value_differs") in found(with_parameter(composed, "C", log=False))
        bare = composed.search_space.value.replace(conditions=())
        assert ("search_space", "value_differs") in found(changed(composed, "search_space", value=bare))

    def test_of_a_changed_warm_start(self, composed, found):
        first, *rest = composed.warm_starts.value
        moved = Configuration({**first, "C": first["C"] * 1.01})
        spoilt = changed(composed, "warm_starts", value=(moved, *rest))
        assert found(spoilt) == {("warm_starts", "value_differs"), ("warm_starts.0", "value_differs")}

    def test_of_warm_starts_in_another_order(self, composed, found):
        first, second, *rest = composed.warm_starts.value
        fields = found(changed(composed, "warm_starts", value=(second, first, *rest)))
        assert fields == {(f, "value_differs") for f in ("warm_starts", "warm_starts.0", "warm_starts.1")}

    def test_of_what_is_fixed(self, composed, found):
        other = Configuration({"shrinking": not composed.fixed.value["shrinking"]})
        spoilt = changed(composed, "fixed", value=other)
        assert found(spoilt) == {("fixed", "value_differs"), ("fixed.shrinking", "value_differs")}

    def test_of_a_fabricated_prediction(self, composed, composer, found):
        claim = PredictedScore(k=10, low=0.98, expected=0.99, high=1.0)
        spoilt = changed(composed, "prediction", value=composed.prediction.value.replace(scores=(claim,)))
        assert found(spoilt) == {("prediction", "value_differs")}
        bare = composer.compose(task("knn"))
        invented = bare.prediction.value.replace(scores=(claim,))
        assert found(changed(bare, "prediction", value=invented)) == {("prediction", "value_differs")}


class TestNeighbours:
    def spoilt(self, proposal, **changes):
        first, *rest = proposal.neighbours
        return proposal.replace(neighbours=(first.replace(**changes), *rest))

    def test_with_another_weight(self, composed, found):
        weight = composed.neighbours[0].weight
        codes = found(self.spoilt(composed, weight=min(1.0, 3 * weight)))
        assert ("neighbours", "neighbour_differs") in codes

    def test_with_another_distance(self, composed, found):
        assert found(self.spoilt(composed, distance=0.0)) == {("neighbours", "neighbour_differs")}
        assert found(self.spoilt(composed, distance=None)) == {("neighbours", "neighbour_differs")}

    def test_that_do_not_exist(self, composed, found):
        codes = found(self.spoilt(composed, dataset=dataset_iri("invented")))
        assert ("neighbours", "citation_to_nothing") in codes

    def test_that_are_kept_back(self, composed, found):
        assert ("search_space", "value_differs") in found(composed.replace(neighbours=(), novelty=None))

    def test_with_a_novelty_of_its_own(self, composed, composer, found):
        assert found(composed.replace(novelty=0.987)) == {("novelty", "neighbour_differs")}
        assert found(composed.replace(novelty=None)) == {("novelty", "neighbour_differs")}
        assert found(composer.compose(task("knn")).replace(novelty=0.5)) == {("novelty", "neighbour_differs")}


class TestRepairs:
    def test_that_claim_less_pass(self, composed, found):
        fewer = replace_value(composed, "budget", composed.budget.value.replace(n_trials=5))
        narrower = with_parameter(composed, "C", high=5.0).search_space.value
        starts = [(i, start) for i, start in enumerate(composed.warm_starts.value) if start["C"] <= 5]
        assert found(fewer) == set()
        assert found(with_starts(replace_value(composed, "search_space", narrower), starts)) == set()
        assert found(replace_value(composed, "prediction", composed.prediction.value.replace(scores=()))) == set()

    @pytest.mark.parametrize("changes", [{"n_trials": 5000}, {"wall_clock_s": 1e6}, {"n_workers": 64}])
    def test_that_spend_more(self, composed, found, changes):
        bolder = composed.budget.value.replace(**changes)
        assert found(replace_value(composed, "budget", bolder)) == {("budget", "value_differs")}

    def test_that_widen_a_range(self, composed, found):
        wider = with_parameter(composed, "C", high=1e3).search_space.value
        codes = found(replace_value(composed, "search_space", wider))
        assert codes == {("search_space", "value_differs"), ("search_space.C", "value_differs")}

    def test_that_bring_a_start_of_their_own(self, composed, found):
        own = Configuration({"C": 1.0, "kernel": "linear"})
        codes = found(with_starts(composed, [(0, own), *((i, s) for i, s in enumerate(composed.warm_starts.value))]))
        assert ("warm_starts", "value_differs") in codes

    def test_that_promise_more(self, composed, found):
        scores = tuple(s.replace(low=s.expected) for s in composed.prediction.value.scores)
        bolder = composed.prediction.value.replace(scores=scores)
        assert found(replace_value(composed, "prediction", bolder)) == {("prediction", "value_differs")}

    def test_whose_former_value_is_invented(self, composed, found):
        """A wide former value would make anything a restriction: it must be what its rule gives."""
        huge = composed.budget.value.replace(n_trials=10_000)
        lying = replace_value(changed(composed, "budget", value=huge), "budget", huge.replace(n_trials=9_000))
        assert found(lying) == {("budget", "value_differs")}

    @pytest.mark.parametrize(
        "arguments",
        [{}, {"rule": "budget"}, {"rule": "budget", "arguments": 3, "value": None}, {"rule": 1, "arguments": {}}],
    )
    def test_that_cannot_be_traced(self, composed, found, arguments):
        spoilt = changed(composed, "budget", derivation=Derivation(rule=REPAIRED, arguments=arguments))
        assert found(spoilt) == {("budget", "not_derivable")}

    def test_of_a_field_that_has_no_repair(self, composed, found):
        bolder = replace_value(composed, "advice", Advice.DO_NOT_TUNE)
        assert found(bolder) == {("advice", "value_differs")}


junk = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 50)
    | st.floats(-1e9, 1e9)
    | st.sampled_from(["", "C", "svm", "kernel"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["C", "rule", "kernel"]), inner),
    max_leaves=5,
)
names = ["names", "level", "hold", "k", "row", "ks", "metric", "parameter", "field", "candidates", "modelled", "folds"]
names += ["n_trials", "wall_clock_s", "trial_s", "n_warm_starts", "has_fidelity", "fixed", "rule", "arguments", "value"]


def test_confidence_beyond_what_is_cited_is_found_and_less_is_not(composed, found):
    known = composed.search_space.confidence
    assert found(changed(composed, "search_space", confidence=known / 2)) == set()
    assert found(changed(composed, "search_space", confidence=min(1.0, known + 0.01))) == {
        ("search_space", "confidence_overstated")
    }


@pytest.mark.parametrize("field", ["metric", "protocol", "pruner"])
def test_what_follows_from_no_evidence_cites_none(composed, found, field):
    cited = composed.search_space.citations[:1]
    assert (field, "citation_beside_the_point") in found(changed(composed, field, citations=cited))


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["search_space", "warm_starts", "budget", "fixed", "prediction", "learner", "advice"]),
    st.sampled_from([*RULES, *PART_RULES, REPAIRED]),
    st.dictionaries(st.sampled_from(names), junk, max_size=6),
)
def test_no_arguments_make_the_check_itself_fail(composed, found, field, rule, arguments):
    """Drafts come from outside: whatever stands in them is found wanting, never a crash."""
    spoilt = changed(composed, field, derivation=Derivation(rule=rule, arguments=arguments))
    codes = {"value_differs", "not_derivable", "citation_beside_the_point", "argument_not_supported"}
    assert {code for _, code in found(spoilt)} <= codes


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_any_changed_argument_gives_the_same_value_or_a_finding(composed, composer, data):
    """Nothing in between: where the check is content, the rule did give the value that stands there."""
    field = data.draw(st.sampled_from(["search_space", "warm_starts", "budget", "fixed", "prediction", "termination"]))
    derivation = getattr(composed, field).derivation
    name = data.draw(st.sampled_from(sorted(derivation.arguments)))
    value = data.draw(junk)
    spoilt = with_arguments(composed, field, **{name: value})
    findings = check(spoilt, composer.store, surfaces=composer.surfaces)
    assert Counter(f.field.split(".")[0] for f in findings).keys() <= {field}
    bolder = getattr(spoilt, field)
    assert findings or bolder.value == getattr(composed, field).value


class TestSameness:
    def test_numbers_agree_to_a_millionth(self):
        assert same(1.0, 1.0 + 1e-9)
        assert same({"a": [1, 2.0]}, {"a": [1.0, 2 + 1e-9]})
        assert same([[3.0]], [[3.0 + 1e-9]])
        assert not same(1.0, 1.0001)

    @pytest.mark.parametrize(
        ("left", "right"),
        [(True, 1), (0, False), (None, 0), ("1", 1), ([1], [1, 1]), ({"a": 1}, {"b": 1}), ([], {}), (None, False)],
    )
    def test_what_only_looks_alike_is_not_the_same(self, left, right):
        assert not same(left, right)
        assert not same(right, left)

    @given(junk)
    def test_everything_is_the_same_as_itself(self, value):
        assert same(value, value)

    def test_values_and_their_json_are_the_same(self):
        model = response(0)
        assert same(model.space, model.space.model_dump(mode="json"))
        assert same((Configuration({"C": 1}),), [{"C": 1.0}])
