"""Rules: what they may look at, and how far what they cite is to be trusted."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.iris import dataset_iri
from kg.model import ParameterImportance, ResponseModel
from recommender.composing.rule import ENOUGH_SOURCES, Derived, confidence_of, ground, grounding_of
from recommender.composing.rules import PART_RULES, RULES
from recommender.proposal import Derivation
from tests.recommender.composing.world import importance, inputs, published, response


def test_cited_evidence_is_told_apart_by_kind_in_the_order_cited():
    cited = (importance(1), response(2), importance(0))
    seen = inputs(*cited)
    assert seen.of(ParameterImportance) == (cited[0], cited[2])
    assert seen.of(ResponseModel) == (cited[1],)


def test_a_data_set_that_is_no_source_has_the_mean_weight():
    seen = inputs(weights={dataset_iri("s0"): 0.9, dataset_iri("s1"): 0.1})
    assert seen.weight(dataset_iri("s0")) == 0.9
    assert seen.weight(dataset_iri("elsewhere")) == pytest.approx(0.5)
    assert inputs(weights={}).weight(dataset_iri("s0")) == 1.0


def test_a_grounded_value_says_by_which_rule_from_what_it_follows():
    seen = inputs(response(0))
    grounded = ground({"twice": lambda _, a: Derived(2 * a["x"], "Doubled.")}, "twice", seen, {"x": 3})
    assert grounded.value == 6
    assert grounded.citations == (response(0).iri,)
    assert grounded.derivation == Derivation(rule="twice", arguments={"x": 3})
    assert grounding_of(grounded).rationale == "Doubled."
    assert 0 < grounded.confidence < 0.1


def test_no_evidence_no_confidence():
    assert confidence_of((), {}) == 0


def test_confidence_grows_with_the_number_of_sources_up_to_enough():
    found = [confidence_of([importance(i) for i in range(n)], {}) for n in range(1, ENOUGH_SOURCES + 3)]
    assert found[: ENOUGH_SOURCES - 1] == sorted(set(found[: ENOUGH_SOURCES - 1]))
    assert found[-1] == pytest.approx(found[ENOUGH_SOURCES - 1])


def test_one_published_space_is_as_good_as_ten():
    assert confidence_of([published()], {}) == pytest.approx(published().confidence)


@given(st.lists(st.floats(0, 1e6), min_size=1, max_size=12))
def test_confidence_is_between_nothing_and_the_best_cited(weights):
    cited = [importance(i) for i in range(len(weights))]
    found = confidence_of(cited, {e.dataset: w for e, w in zip(cited, weights, strict=True)})
    assert 0 <= found <= max(e.confidence for e in cited) + 1e-9


def test_no_part_rule_passes_for_a_rule_of_a_field():
    assert not RULES.keys() & PART_RULES.keys()
    assert "repaired" not in RULES.keys() | PART_RULES.keys()
