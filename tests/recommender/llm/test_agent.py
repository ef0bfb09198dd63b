"""The agent over real HTTP: it looks things up, drafts, is told what was wrong; a model that fails costs a warning."""

import json
import time

import pytest

from benchmarks.llm import tempers
from kg.errors import InputError, ModelError
from recommender.llm.agent import PROPOSE, Agent, told_task
from recommender.llm.prompts import prompt
from recommender.llm.proposing import asked, judged, told_usage
from recommender.llm.providers import open_model
from recommender.llm.usage import Limits, Usage
from recommender.validation.stage import GateContext, failed
from tests.recommender.llm.conftest import Talk
from tests.recommender.llm.openai_server import Calls, serving

pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")


@pytest.fixture
def agent(small_composer):
    """Return what makes an agent that talks to a server, about a small task."""

    def make(server, *learners, task=None, **limits):
        talk = Talk(small_composer, *learners, **(task or {}))
        model = open_model("openai:m", base_url=server.url, limits=Limits(**limits))
        return Agent(model, talk.library, talk.check, most_steps=8)

    return make


def no_fits(composer):
    return GateContext(store=composer.store, test_run_seconds=0)


def bodies(server, role):
    return [m["content"] for m in server.asked[-1]["messages"] if m["role"] == role]


class TestWhatReachesTheModel:
    def test_the_prompt_the_task_and_what_the_tools_answer(self, agent):
        with serving(tempers.honest(1)) as server:
            agent(server, "svm").propose()
        assert bodies(server, "system") == [prompt(PROPOSE)]
        task = json.loads(bodies(server, "user")[0].partition("\n")[2])
        assert (task["metric"], task["rows"], task["task_type"]) == ("accuracy", 500, "classification")
        answers = [json.loads(text) for text in bodies(server, "tool")]
        assert len(answers) == len(tempers.FIRST) + len(tempers.THEN)
        assert all("error" not in answer for answer in answers)

    def test_the_tools_are_told_with_their_schemas_and_the_draft_is_one(self, agent):
        with serving(tempers.honest(1)) as server:
            agent(server, "svm").propose()
        tools = {tool["function"]["name"]: tool["function"] for tool in server.asked[0]["tools"]}
        assert set(tempers.FIRST) | set(tempers.THEN) | {"passages", "published_budgets", "Draft"} == set(tools)
        assert all(tool["description"] for tool in tools.values())
        assert tools["similar_datasets"]["parameters"]["properties"]["page"]["minimum"] == 1

    def test_no_column_no_row_and_no_name_that_gives_orders(self, talk):
        told = told_task(talk(name=tempers.PLANTED, target="secret").library.task)
        assert tempers.PLANTED not in told
        assert "secret" not in told

    @pytest.mark.parametrize("name", ["propose.1", "revise.1"])
    def test_prompts_have_a_version_and_say_what_counts(self, name):
        text = prompt(name)
        assert "Draft" in text
        assert len(text) < 3_000


class TestProposing:
    def test_an_honest_draft_comes_through_unchanged(self, agent, small_composer):
        for seed in range(5):
            with serving(tempers.honest(seed)) as server:
                one = agent(server, "svm")
                found = asked(one)
            assert found.warnings == ()
            shown = judged(found, small_composer.compose(found.draft.task), no_fits(small_composer))
            assert shown.proposal is not None
            assert shown.verdict.may_be_shown
            assert "openai:m was asked 4 times" in shown.proposal.assumptions[-1]

    @pytest.mark.parametrize("seed", range(8))
    def test_nothing_that_is_not_supported_comes_through_and_all_is_told(self, agent, small_composer, seed):
        learner = ("svm", "lightgbm")[seed % 2]
        with serving(tempers.hallucinating(seed, learner)) as server:
            one = agent(server, learner)
            found = asked(one)
            shown = judged(found, small_composer.compose(found.draft.task), no_fits(small_composer))
        assert shown.verdict.may_be_shown
        assert Talk(small_composer, learner).check(shown.proposal) == ()
        assert one.notes
        assert all(any(note.text in warning for warning in shown.proposal.warnings) for note in one.notes)

    def test_planted_instructions_change_nothing(self, agent):
        drafts = []
        for answer in (tempers.honest(3), tempers.obeying(3)):
            with serving(answer) as server:
                drafts.append(agent(server, task={"name": tempers.PLANTED}).propose().proposal)
        assert drafts[0] == drafts[1]

    def test_one_that_obeys_gets_nothing_that_no_evidence_gives(self, talk):
        found = talk("svm")
        rows = found.call("evidence", learner="svm")["rows"]
        settled = found.settle(n_trials=1, n_trials_citations=[rows[0]["cite"]], rationale=tempers.PLANTED)
        assert settled.proposal.budget == found.library.composed().budget

    def test_findings_go_back_and_the_next_draft_counts(self, agent):
        with serving(tempers.hallucinating(1, "svm")) as server:
            one = agent(server, "svm")
            first = one.propose()
            server.answer = tempers.honest(1, "svm")
            again = one.revise(first.proposal, (failed("search_space", "too_large", "No study can search it."),))
        assert again is not None
        assert one.settlement.notes == ()
        assert one.notes == first.notes
        last = bodies(server, "user")[-1]
        assert "No study can search it." in last
        assert last.startswith(prompt("revise.1"))

    def test_one_that_answers_in_words_is_reminded_of_the_form(self, agent):
        answers = [Calls((("similar_datasets", "{}"),)), "I would use an SVM.", '```json\n{"learner": "svm"}\n```']
        with serving(lambda _: answers.pop(0)) as server:
            assert agent(server, "svm").propose().proposal.learner.value == "svm"
        assert "calling the tool Draft" in bodies(server, "user")[-1]

    def test_wrong_arguments_of_a_tool_are_told_to_the_model(self, agent):
        answers = [Calls((("similar_datasets", '{"page": -1}'), ("no_such_tool", "{}"))), '{"learner": "svm"}']
        with serving(lambda _: answers.pop(0)) as server:
            agent(server, "svm").propose()
        assert ["page" in bodies(server, "tool")[0], "no_such_tool" in bodies(server, "tool")[1]] == [True, True]


class TestFailing:
    @pytest.mark.parametrize("temper", tempers.BROKEN)
    def test_the_composed_proposal_is_shown_with_a_warning_within_the_time(self, agent, small_composer, temper):
        with serving(tempers.BROKEN[temper]()) as server:
            found = asked(agent(server, "svm", seconds=2.0, call_seconds=0.3))
        composed = small_composer.compose(Talk(small_composer, "svm").library.task)
        shown = judged(found, composed, no_fits(small_composer))
        assert shown.proposal.replace(warnings=(), assumptions=(), verdict=None) == composed.replace(
            warnings=(), assumptions=(), verdict=None
        )
        assert "gave no proposal" in shown.proposal.warnings[-1]

    def test_a_dead_server_is_no_different(self, agent):
        with serving(tempers.always("")) as server:
            pass
        assert "gave no proposal" in asked(agent(server, "svm")).warnings[0]

    @pytest.mark.parametrize("limits", [{"calls": 1}, {"tokens": 1}, {"money": 1e-9, "prompt_price": 1.0}])
    def test_no_call_is_made_beyond_a_limit(self, agent, limits):
        with serving(tempers.honest(0)) as server, pytest.raises(ModelError, match="limit"):
            agent(server, "svm", **limits).propose()
        assert len(server.asked) == 1

    def test_what_was_given_up_calls_nothing_any_more(self, agent):
        def slowly(_):
            time.sleep(0.3)
            return Calls((("similar_datasets", "{}"),))

        with serving(slowly) as server:
            one = agent(server, "svm", seconds=0.5)
            with pytest.raises(ModelError):
                one.propose()
            time.sleep(0.5)  # the call that was under way ends
            n = len(server.asked)
            time.sleep(0.7)
            assert len(server.asked) == n

    def test_a_lazy_model_gives_what_is_composed(self, agent, small_composer):
        with serving(tempers.lazy(0)) as server:
            found = asked(agent(server, "svm"))
        shown = judged(found, small_composer.compose(found.draft.task), no_fits(small_composer))
        assert shown.proposal.proposer == "composer"
        assert len(shown.proposal.warnings) >= 2

    def test_models_can_be_forbidden(self, agent, monkeypatch):
        monkeypatch.setenv("TUNEGRAPH_NO_LLM", "1")
        with serving(tempers.honest(0)) as server, pytest.raises(InputError, match="forbidden"):
            agent(server, "svm")
        assert server.asked == []


def test_usage_is_told_in_a_sentence():
    usage = Usage(calls=4, failed=1, prompt_tokens=12_000, answer_tokens=300, seconds=2.345, money=0.0123)
    assert told_usage("a:b", usage) == (
        "a:b was asked 4 times (1 failed): 12,000 tokens of prompts, 300 of answers, 2.3 s, 0.0123 in money."
    )
