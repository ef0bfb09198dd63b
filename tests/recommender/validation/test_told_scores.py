"""A score that a text tells is one that the proposal holds or cites; a text with any other is left out."""

import re

import pytest

from recommender.proposal import PredictedScore
from recommender.validation.prose import LEFT_OUT
from recommender.validation.stages.grounding import citations
from recommender.validation.told_scores import scores_told, without_unknown_scores
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


@pytest.fixture
def judged(starter_store):
    def judge(proposal):
        return without_unknown_scores(proposal, tuple(citations(proposal)), starter_store)

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


def test_what_the_rule_of_a_field_tells_may_be_told_of_it(starter_store):
    base = propose()
    told = base.replace(advice=base.advice.replace(rationale="Tuning gains about 0.0467 accuracy."))
    assert without_unknown_scores(told, (), starter_store, {"advice": "about 0.0467 over it"}) == (told, ())
    assert len(without_unknown_scores(told, (), starter_store, {"budget": "about 0.0467 over it"})[1]) == 1


def test_a_score_of_the_prediction_may_be_told(judged):
    told = predicting(0.8317).replace(assumptions=("an accuracy of 0.832 is expected", "that is 83.2 % accuracy"))
    assert judged(told) == (told, ())


def test_a_score_that_a_cited_claim_has_in_its_words_may_be_told_for_that_field_alone(judged, starter_store):
    claim, score = next(
        (claim, match[0])
        for claim in starter_store.evidence("claim")
        if (match := re.search(r"(?<![\d.])0\.\d{2,}(?![\d.])", claim.quote))
    )
    told = {"rationale": f"There it reached an accuracy of {score}.", "citations": (claim.iri,)}
    base = propose()
    assert judged(base.replace(budget=base.budget.replace(**told)))[1] == ()
    elsewhere = base.replace(
        budget=base.budget.replace(citations=(claim.iri,)),
        sampler=base.sampler.replace(rationale=told["rationale"], citations=(starter_store.evidence("claim")[0].iri,)),
    )
    assert [f.field for f in judged(elsewhere)[1]] == ["sampler.rationale"]


def test_the_points_of_a_response_model_tell_no_score(judged, starter_store):
    models = (one for one in starter_store.evidence("response_model", learner="svm") if len(one.regrets) > 100)
    model, point = next((one, r) for one in models for r in one.regrets if 0 < r < 1 and round(r, 3) != r)
    told = {"rationale": f"There it reached an accuracy of {point:.5f}.", "citations": (model.iri,)}
    base = propose()
    assert len(judged(base.replace(budget=base.budget.replace(**told)))[1]) == 1
