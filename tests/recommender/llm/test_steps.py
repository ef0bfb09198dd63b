"""What a model does is told as it does it, in the thread that waits for it."""

import threading

import pytest
from pydantic import BaseModel

from benchmarks.llm import tempers
from kg.errors import ModelError
from recommender.llm.agent import Agent
from recommender.llm.model import Tool
from recommender.llm.providers import open_model
from recommender.llm.steps import Steps, step_text
from tests.recommender.llm.conftest import Talk
from tests.recommender.llm.openai_server import serving


class Given(BaseModel):
    learner: str = ""
    question: str = ""
    page: int = 1


def test_steps_are_told_in_the_thread_that_waits_and_in_their_order():
    told: list[tuple[str, int]] = []
    steps = Steps(lambda text: told.append((text, threading.get_ident())))

    def work() -> int:
        assert threading.get_ident() != here
        steps.note("one")
        steps.note("two")
        return 42

    here = threading.get_ident()
    assert steps.watching(work) == 42
    assert told == [("one", here), ("two", here)]


def test_what_goes_wrong_is_raised_where_it_was_waited_for():
    def fail():
        raise ModelError("gone")

    with pytest.raises(ModelError, match="gone"):
        Steps(lambda _: None).watching(fail)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (Given(learner="svm"), "evidence (svm)"),
        (Given(learner="svm", page=2), "evidence (svm, 2)"),
        (Given(), "evidence"),
        (Given(question="a\nb" * 50), "evidence (" + "a ba ba ba ba ba ba ba ba ba ba ba ba b"[:37] + "...)"),
    ],
)
def test_a_step_names_what_is_looked_up_in_a_line(given, told):
    assert step_text("evidence", given) == told


def test_tools_answer_as_before():
    told: list[str] = []
    steps = Steps(told.append)
    (tool,) = steps.over([Tool("top_configurations", "", Given, lambda given: given.learner)], "openai:m")
    assert steps.watching(lambda: tool.call(Given(learner="svm"))) == "svm"
    assert told == ["openai:m looks up top configurations (svm)"]


def test_an_agent_tells_what_it_looks_up_and_that_it_drafts(small_composer):
    pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")
    talk, told = Talk(small_composer, "svm"), []
    with serving(tempers.honest(1)) as server:
        model = open_model("openai:m", base_url=server.url)
        Agent(model, talk.library, talk.check, told=told.append).propose()
    assert told[0] == "openai:m looks up similar datasets"
    assert told[-1] == "openai:m drafts svm: checking it against the graph"
    assert len(told) == len(tempers.FIRST) + len(tempers.THEN) + 1
