"""The answer in sentences, and the answers that are no proposal."""

from recommender.proposal import Advice, Prediction, Proposal
from recommender.validation.verdict import Finding, Outcome, StageResult, Verdict
from ui.jobs import Step
from ui.views.card import card, refusal
from ui.views.comparing import side_by_side
from ui.views.steps import step_text, told_steps


def _advised(proposal: Proposal, advice: Advice) -> Proposal:
    return proposal.replace(advice=proposal.advice.replace(value=advice, rationale="Because of this"))


def test_a_proposal_is_sentences(proposal: Proposal) -> None:
    said = card(proposal)
    assert said.tone == "tune"
    assert all(sentence.endswith((".", "!", "?")) for sentence in (said.headline, *said.sentences))
    whole = " ".join(said.sentences)
    for word in ("Try at most", "Begin with", "Stop when", "Expect accuracy", "The metric is accuracy"):
        assert word in whole


def test_not_to_tune_is_an_answer(proposal: Proposal) -> None:
    said = card(_advised(proposal, Advice.DO_NOT_TUNE))
    assert (said.tone, said.headline) == ("do_not_tune", "Do not tune: take the library's defaults.")
    assert said.sentences[0] == "Because of this."


def test_not_to_know_is_an_answer(proposal: Proposal) -> None:
    said = card(_advised(proposal, Advice.ABSTAIN))
    assert (said.tone, said.headline) == ("abstain", "I do not know what is good here.")


def test_what_was_refused_says_where_and_why() -> None:
    finding = Finding(field="budget", code="x", message="No time.", outcome=Outcome.FAILED)
    stage = StageResult(name="sanity", outcome=Outcome.FAILED, findings=(finding,), seconds=0)
    verdict = Verdict(outcome=Outcome.FAILED, stages=(stage,))
    assert refusal(verdict).sentences == ("sanity: No time.",)
    assert refusal(verdict, is_changed=True).tone == "refused"


def test_no_prediction_is_said(proposal: Proposal) -> None:
    none = proposal.replace(prediction=proposal.prediction.replace(value=Prediction(metric="accuracy")))
    assert "No score can be foretold from what is known." in card(none).sentences


def test_equal_proposals_differ_in_nothing(proposal: Proposal) -> None:
    rows = side_by_side({"a": proposal, "b": proposal})
    assert not any(row["differs"] for row in rows)
    assert {"learner", "budget", "criterion"} <= {row["what"] for row in rows}


def test_what_differs_is_marked(proposal: Proposal) -> None:
    other = proposal.replace(budget=proposal.budget.replace(value=proposal.budget.value.replace(n_trials=3)))
    assert [row["what"] for row in side_by_side({"a": proposal, "b": other}) if row["differs"]] == ["budget"]


def test_steps_are_words_with_times() -> None:
    assert step_text(Step("checking: cost", 1.0, 0.25)) == "Checking cost: does it fit the time (0.2 s)"
    assert step_text(Step("composing", 0.0)) == "Composing (…)"


def test_fits_are_one_step() -> None:
    steps = [
        Step("a", 0, 1),
        Step("fitting 1 of 3", 1, 1),
        Step("fitting 2 of 3", 2, 1),
        Step("fitting 3 of 3", 3, None),
    ]
    assert told_steps(steps) == (Step("a", 0, 1), Step("fitting 3 of 3", 1, None))
    assert told_steps(steps[:3])[1] == Step("fitting 2 of 3", 1, 2)
