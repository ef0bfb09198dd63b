"""A conversation in words: said, refined, asked why; on the real graph, without and with a model."""

import json
from unittest.mock import Mock

import pytest

from kg.errors import InputError
from recommender.llm import providers
from recommender.llm.understanding import understand
from tests.recommender.llm.openai_server import serving
from ui.conversation import Conversation, Spoken, request_for
from ui.request import Request

LOANS = "I have 40,000 loan records, 3 % defaults, need it in ten minutes on a laptop and must explain it"


@pytest.fixture(scope="module")
def talk(tunegraph):
    """One conversation, to be gone on with by the tests in their order."""
    found = Conversation(tunegraph, Request(test_run=False))
    found.first = found.say(LOANS)  # type: ignore[attr-defined]
    return found


def test_words_become_a_proposal(talk):
    proposal = talk.first.proposal
    assert proposal.learner.value in ("decision_tree", "logistic_regression")
    assert proposal.metric.value == "average_precision"
    assert "3.0% of the rows are of the rarer class" in proposal.metric.rationale
    assert proposal.task.n_rows == 40_000
    assert proposal.budget.value.wall_clock_s <= 600
    assert "A laptop is taken to have 8 GB of memory." in proposal.assumptions
    assert proposal.verdict.may_be_shown


def test_it_is_refined_asked_why_and_kept(talk):
    refined = talk.say("only trees, and half the time, by accuracy")
    assert refined.proposal.learner.value == "decision_tree"
    assert refined.proposal.budget.value.wall_clock_s <= 300
    assert len(refined.changes) == 3
    kept = Spoken.model_validate_json(talk.spoken.model_dump_json())
    assert kept == talk.spoken
    why = talk.say("why this budget?")
    assert why.proposal is None
    assert why.lines[0].startswith("budget = ")
    assert talk.spoken == kept
    assert refined.log is not None
    assert any("After 1 trial" in line or "No score is predicted" in line for line in refined.lines)


def test_a_table_that_is_talked_about_is_read_once(tunegraph, table, monkeypatch):
    reading = Mock(side_effect=tunegraph.read_table)
    monkeypatch.setattr(tunegraph, "read_table", reading)
    reply = Conversation(tunegraph, Request(test_run=False), table).say("a decision tree, ten minutes")
    assert reply.proposal.task.n_rows == 569
    assert reading.call_count == 1


def test_what_changes_nothing_is_said(talk):
    with pytest.raises(InputError, match="only trees"):
        talk.say("thank you")


def test_too_little_is_asked_for(tunegraph):
    reply = Conversation(tunegraph).say("predict who defaults")
    assert reply.proposal is None
    assert reply.understanding.questions
    assert "how many rows" in reply.lines[0]


def test_a_table_says_more_than_words(tunegraph, table):
    talk = Conversation(tunegraph, Request(test_run=False), table, "diagnosis")
    proposal = talk.say("a decision tree, in five minutes; about 600 tumours").proposal
    assert proposal.task.n_rows == 569
    assert proposal.learner.value == "decision_tree"
    assert proposal.budget.value.wall_clock_s <= 300
    assert not any("taken to" in text for text in proposal.assumptions)


def test_options_stand_before_words():
    found = request_for(understand("xgboost, 10 minutes, AUC, 2 cores, 2 GB of memory"), Request(time_s=60))
    assert (found.time_s, found.metric, found.learners, found.n_workers) == (60, "roc_auc", ("xgboost",), 2)
    assert found.memory_mb == 512
    assert request_for(understand("xgboost"), Request(learner="svm")).learners == ()


def test_learners_that_cannot_do_the_task_are_refused():
    with pytest.raises(InputError, match="does regression"):
        request_for(understand("predict house prices by logistic regression"), Request())


@pytest.fixture
def _openai(monkeypatch):
    pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")
    monkeypatch.setattr(providers, "PAUSE_S", 0.01)
    monkeypatch.setenv("OPENAI_API_KEY", "none")


@pytest.mark.usefixtures("_openai")
def test_anonymised_words_never_reach_the_model(tunegraph):
    with serving(lambda _: 503) as server:
        request = Request(test_run=False, llm="openai:m", llm_base_url=server.url, llm_seconds=3, anonymise=True)
        reply = Conversation(tunegraph, request).say("the zebrafish dataset: 500 rows, a decision tree")
    sent = json.dumps(server.asked).lower()
    assert server.asked
    assert "zebrafish" not in sent
    assert "dataset_1" in sent
    assert reply.proposal.task.name == "zebrafish"
