"""Papers that a text names and data sets that it counts are among what is cited, or the text is left out."""

import pytest

from kg.rdf_store import RdfStore
from recommender.validation.backing import Backing
from recommender.validation.texts import LEFT_OUT
from recommender.validation.told_sources import without_unknown_sources
from tests.recommender.composing.world import published
from tests.recommender.validation.gate_cases import propose

PAPERS = [published(name, citation=f"Authors, arXiv:2506.1679{number}") for number, name in enumerate(("one", "two"))]


@pytest.fixture(scope="module")
def store():
    with RdfStore() as store:
        store.add(PAPERS)
        yield store


@pytest.fixture
def judged(store):
    def judge(rationale, cited=(), **reasons):
        base = propose()
        told = base.replace(budget=base.budget.replace(rationale=rationale))
        proposal, findings = without_unknown_sources(told, Backing(tuple(cited), store, reasons))
        return proposal.budget.rationale, [(f.field, f.code, str(f.outcome)) for f in findings]

    return judge


LEFT = (LEFT_OUT, [("budget.rationale", "source_not_in_evidence", "repaired")])


@pytest.mark.parametrize(
    "rationale",
    [
        "See arXiv:2399.01234, Table 4.",
        "As https://arxiv.org/abs/2401.99999v2 finds.",
        "Shown in doi 10.1145/12345.6789.",
        "On 4,812 similar data sets this is best.",
        "It held on 30 datasets.",
    ],
)
def test_a_source_that_nothing_cites_is_left_out_with_its_text(judged, rationale):
    assert judged(rationale) == LEFT


@pytest.mark.parametrize("rationale", ["600 s suit us.", "We have 30 trials and 4 workers.", "", "Version 10.2 of it."])
def test_a_text_that_names_no_source_stands(judged, rationale):
    assert judged(rationale) == (rationale, [])


def test_what_the_rule_of_the_field_counts_may_be_told(judged):
    told = "On 82 data sets."
    assert judged(told, budget="Seen on 82 data sets.") == (told, [])
    assert judged("On 83 data sets.", budget="Seen on 82 data sets.") == LEFT
    assert judged(told, sampler="Seen on 82 data sets.") == LEFT


def test_as_many_data_sets_may_be_counted_as_the_field_cites_each_once(judged):
    both = [("budget.citations", paper.iri) for paper in PAPERS]
    assert judged("On 2 data sets.", both) == ("On 2 data sets.", [])
    assert judged("On 3 data sets.", both) == LEFT
    assert judged("On 2 data sets.", [both[0], ("budget.parts.n_trials.citations", PAPERS[0].iri)]) == LEFT


def test_a_paper_that_the_cited_evidence_names_may_be_told(judged):
    told = "As in arXiv:2506.16791."
    assert judged(told, [("budget.citations", PAPERS[1].iri)]) == (told, [])
    assert judged(told, [("budget.citations", PAPERS[0].iri)]) == LEFT
    assert judged(told, [("sampler.citations", PAPERS[1].iri)]) == LEFT


def test_texts_of_no_field_account_for_nothing_and_are_not_read(store):
    noted = propose().replace(assumptions=("Labels as in arXiv:2399.01234.",))
    assert without_unknown_sources(noted, Backing((), store)) == (noted, ())
