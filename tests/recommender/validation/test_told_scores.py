"""A score that a text tells is one that the proposal holds or cites; a text with any other is left out."""

import pytest

from kg.iris import evidence_iri
from kg.rdf_store import RdfStore
from recommender.proposal import Grounding, PredictedScore
from recommender.validation.backing import Backing
from recommender.validation.stages.grounding import citations
from recommender.validation.texts import LEFT_OUT
from recommender.validation.told_scores import scores_told, without_unknown_scores
from tests.recommender.composing.world import evidence, response
from tests.recommender.validation.gate_cases import propose


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("reached an accuracy of 0.987 on similar data", ((0.987, 3),)),
        ("AUC = .93, then scored 0.91", ((0.93, 2), (0.91, 2))),
        ("97.5 % accuracy is usual", ((0.975, 3),)),
        ("a ROC AUC up to 0.9 and 0.81 balanced accuracy", ((0.9, 1), (0.81, 2))),
        ("R2 of 0.4; log loss: 0.31", ((0.4, 1), (0.31, 2))),
        ("the 2% to 98% quantiles of the best runs; 82 data sets; expected regret to 0.23", ()),
        ("accuracy counts; learning rates below 0.3 did best", ()),
        ("of 3 metrics accuracy is fair for 569 rows", ()),
    ],
)
def test_scores_are_told_from_other_numbers(text, told):
    assert scores_told(text) == told


CLAIM = evidence(
    "claim", document="guide", quote="It reached 0.9317 there.", statement="default", standing="claimed", n=1
)
MODEL = response(0)


@pytest.fixture(scope="module")
def store():
    with RdfStore() as store:
        store.add([CLAIM, MODEL])
        yield store


@pytest.fixture
def judged(store):
    def judge(proposal, **reasons):
        return without_unknown_scores(proposal, Backing(tuple(citations(proposal)), store, reasons))

    return judge


def predicting(*expected):
    base = propose()
    scores = tuple(PredictedScore(k=1 + k, expected=e, low=e - 0.1, high=1.0) for k, e in enumerate(expected))
    return base.replace(prediction=base.prediction.replace(value=base.prediction.value.replace(scores=scores)))


def test_a_score_from_nowhere_is_left_out_with_its_text(judged):
    base = propose()
    told = base.budget.replace(rationale="This configuration scored 0.98765 for others.")
    proposal, findings = judged(base.replace(budget=told))
    assert proposal.budget.rationale == LEFT_OUT
    assert proposal.budget.value == base.budget.value
    assert [(f.field, f.code, str(f.outcome)) for f in findings] == [
        ("budget.rationale", "score_not_in_evidence", "repaired")
    ]


def test_what_the_rules_of_a_field_tell_may_be_told_of_it(judged):
    base = propose()
    told = base.replace(advice=base.advice.replace(rationale="Tuning gains about 0.0467 accuracy."))
    assert judged(told, advice="about 0.0467 over it") == (told, ())
    assert len(judged(told, budget="about 0.0467 over it")[1]) == 1


def test_what_the_rule_of_a_part_tells_may_be_told_of_it(judged):
    base = propose()
    part = Grounding(rationale="Its runs had an accuracy of 0.0467.")
    told = base.replace(search_space=base.search_space.replace(parts={"max_depth": part}))
    assert judged(told, **{"search_space.max_depth": "runs with 0.0467"}) == (told, ())
    assert len(judged(told)[1]) == 1


def test_a_score_of_the_prediction_may_be_told(judged):
    told = predicting(0.8317).replace(assumptions=("an accuracy of 0.832 is expected", "that is 83.2 % accuracy"))
    assert judged(told) == (told, ())


def test_a_score_that_a_cited_claim_has_in_its_words_may_be_told_for_that_field_alone(judged):
    told = {"rationale": "There it reached an accuracy of 0.9317.", "citations": (CLAIM.iri,)}
    base = propose()
    assert judged(base.replace(budget=base.budget.replace(**told)))[1] == ()
    elsewhere = base.replace(
        budget=base.budget.replace(citations=(CLAIM.iri,)),
        sampler=base.sampler.replace(rationale=told["rationale"], citations=(MODEL.iri,)),
    )
    assert [f.field for f in judged(elsewhere)[1]] == ["sampler.rationale"]


def test_a_figure_of_what_is_cited_may_be_told_and_the_points_of_its_function_may_not(judged):
    base = propose()

    def left_out(score):
        told = {"rationale": f"There it reached an accuracy of {score}.", "citations": (MODEL.iri,)}
        return bool(judged(base.replace(budget=base.budget.replace(**told)))[1])

    assert not left_out(f"{MODEL.best:.3f}")
    assert left_out(f"{next(r for r in MODEL.regrets if 0 < r < 1):.5f}")


def test_what_is_cited_and_not_there_tells_nothing(judged):
    base = propose()
    told = {"rationale": "An accuracy of 0.4321.", "citations": (evidence_iri("claim", "nowhere"),)}
    assert len(judged(base.replace(budget=base.budget.replace(**told)))[1]) == 1
