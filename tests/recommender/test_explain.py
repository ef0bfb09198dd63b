"""Explanations: from a field to its rule, from the rule to its evidence, in words."""

import pytest

from kg.errors import InputError
from kg.model import EVIDENCE_KINDS
from recommender.composing.compose import Composer
from recommender.explain import MOST_CITATIONS, account_of, grounded_fields, has_part, part_value, sentence
from recommender.proposal import Grounding
from tests.kg import samples
from tests.recommender.composing.world import N_SOURCES, SVM_SPACE, small_store, task


@pytest.fixture(scope="module")
def store():
    with small_store() as opened:
        yield opened


@pytest.fixture(scope="module")
def composed(store):
    return Composer(store).compose(task("svm"))


def test_every_field_and_every_part_can_be_asked_for(composed, store):
    for name, field in grounded_fields(composed).items():
        account = account_of(composed, name, store)
        assert (account.rule, account.n_citations) == (field.derivation.rule, len(field.citations))
        for part in account.parts:
            assert account_of(composed, part, store).value


def test_a_range_is_told_with_its_rule_arguments_and_evidence(composed, store):
    account = account_of(composed, "search_space.C", store)
    assert account.rule == "narrowed_parameter"
    assert account.arguments["parameter"] == "C"
    assert (len(account.citations), account.n_citations) == (MOST_CITATIONS, N_SOURCES)
    assert account.citations[0].text.startswith("How accuracy of svm on s")
    assert account.citations[0].source == "test, CC0-1.0"
    assert 0 < account.citations[0].confidence < 1


def test_a_warm_start_is_told_as_its_configuration(composed, store):
    account = account_of(composed, "warm_starts.0", store)
    assert account.value == composed.warm_starts.value[0].model_dump_json(exclude_none=True)
    assert account.rationale.startswith("Run on source")


def test_a_citation_of_nothing_is_told_as_such(composed, store):
    budget = composed.budget.replace(citations=("https://example.org/nothing",))
    (cited,) = account_of(composed.replace(budget=budget), "budget", store).citations
    assert (cited.text, cited.confidence) == ("not in this graph", None)


def test_a_value_without_a_rule_is_told_without_one(proposal, store):
    account = account_of(proposal(), "sampler", store)
    assert (account.rule, account.arguments, account.citations) == ("", {}, ())


@pytest.mark.parametrize(
    ("field", "words"),
    [
        ("colour", "There is no field 'colour'.*Allowed: learner, metric"),
        ("search_space.degree", "'search_space' has no part 'degree'.*search_space.C"),
        ("budget.n_trials", "'budget' has no part 'n_trials'. Allowed: budget"),
        ("neighbours", "There is no field 'neighbours'"),
    ],
)
def test_what_is_not_there_is_refused_with_what_is(composed, store, field, words):
    with pytest.raises(InputError, match=words):
        account_of(composed, field, store)


@pytest.mark.parametrize(("field", "part"), [("warm_starts", "99"), ("search_space", "degree"), ("budget", "x")])
def test_a_field_that_accounts_for_what_it_does_not_hold_is_refused(composed, store, field, part):
    spoilt = getattr(composed, field).replace(parts={part: Grounding(rationale="Trust me.")})
    with pytest.raises(InputError, match="which is not in its value"):
        account_of(composed.replace(**{field: spoilt}), f"{field}.{part}", store)


def test_parts_of_values():
    assert has_part((7, 8), "1")
    assert part_value((7, 8), "1") == 8
    assert part_value(SVM_SPACE, "C") == SVM_SPACE.parameters[0]
    assert part_value({"a": None}, "a") is None
    assert not any(has_part(value, part) for value, part in [((7,), "1"), (SVM_SPACE, "x"), ("abc", "a"), (None, "0")])


def test_every_kind_of_evidence_has_its_sentence():
    told = {item.kind: sentence(item) for item in samples.all_evidence()}
    assert told.keys() == EVIDENCE_KINDS.keys()
    assert told["run_summary"].endswith("accuracy best 0.95, median 0.9.")
    assert told["claim"].startswith('guide: "Use "few" features')
    assert not any("None" in words for words in told.values())


def test_a_study_says_its_best_where_it_is_known():
    (study,) = [item for item in samples.all_evidence() if item.kind == "study_summary"]
    assert sentence(study).endswith("A study of 100 trials of random_forest on openml-61.")
    assert sentence(study.replace(best=0.91, best_trial=7)).endswith(": accuracy 0.91 at trial 7.")


def test_data_sets_and_runs_have_their_sentence():
    assert sentence(samples.dataset()) == "Data set iris."
    assert sentence(samples.run(1)).startswith("A run of random_forest with max_features=0.2, bootstrap=True")
