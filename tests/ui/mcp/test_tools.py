"""The tools and resources of an assistant, through the protocol's own client, on the graph that ships."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from mcp import Client, MCPError

from kg.questions import questions
from ui.mcp import make_server

SMALL = {"NumberOfInstances": 500, "NumberOfFeatures": 21, "NumberOfClasses": 2}

Talk = Callable[[Callable[[Client], Any]], Any]


@pytest.fixture(scope="module")
def talk(tunegraph) -> Talk:
    """Talk to a server in this process."""
    server = make_server(tunegraph, may_read_files=False)

    def talk(words):
        async def run():
            async with Client(server) as client:
                return await words(client)

        return asyncio.run(run())

    return talk


@pytest.fixture
def call(talk):
    """Call a tool; return what it answers, or the text of its error."""

    def call(tool, **arguments):
        answer = talk(lambda client: client.call_tool(tool, arguments))
        return answer.content[0].text if answer.is_error else answer.structured_content

    return call


def test_every_tool_says_what_it_takes_and_answers_and_changes_nothing(talk):
    tools = talk(lambda client: client.list_tools()).tools

    assert {tool.name for tool in tools} == {
        "list_questions", "ask_graph", "find_datasets", "find_evidence", "look_up", "search_passages", "recommend",
        "validate",
    }  # fmt: skip
    for tool in tools:
        assert tool.description
        assert tool.output_schema
        assert tool.annotations.read_only_hint is True


def test_the_questions_are_those_of_the_graph(call):
    assert {question["name"] for question in call("list_questions")["questions"]} == set(questions())


def test_an_answer_comes_a_page_at_a_time(call):
    first = call("ask_graph", question="evidence_of_learner", parameters={"learner": "xgboost"})
    last = call("ask_graph", question="evidence_of_learner", parameters={"learner": "xgboost"}, page=2)

    assert len(first["rows"]) == 20 < first["total"]
    assert first["next_page"] == 2
    assert first["rows"] != last["rows"]


def test_a_learner_is_known_by_any_of_its_names(call):
    assert call("ask_graph", question="what_matters", parameters={"learner": "RandomForestClassifier"}) == (
        call("ask_graph", question="what_matters", parameters={"learner": "random_forest"})
    )
    assert "There is no learner 'nix'" in call("ask_graph", question="what_matters", parameters={"learner": "nix"})


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"question": "SELECT * WHERE { ?s ?p ?o }"}, "There is no question"),
        ({"question": "what_matters"}, "learner is missing"),
        ({"question": "what_matters", "parameters": {"learner": "xgboost", "nonsense": 1}}, "nonsense"),
        ({"question": "sources", "page": 999}, "There is no page 999"),
    ],
)
def test_a_wrong_question_is_told_with_what_is_allowed(call, arguments, message):
    assert message in call("ask_graph", **arguments)


def test_evidence_can_be_followed_to_its_origin(call):
    found = call("find_evidence", kind="claim", learner="random forest")["rows"]
    item = call("look_up", iri=found[0]["iri"])

    assert item["kind"] == "claim"
    assert item["content"]["quote"]
    assert item["content"]["provenance"]["licence"]
    assert "Nothing in the graph" in call("look_up", iri="urn:nothing")


def test_data_sets_are_found_by_part_of_their_name(call):
    names = [row["name"] for row in call("find_datasets", words="Breast_Cancer")["rows"]]

    assert names
    assert all("breast" in name.lower() for name in names)


def test_without_documents_no_passage_is_found(call):
    assert call("search_passages", question="learning rate") == {"passages": []}


def test_a_table_that_is_only_described_is_recommended_for_and_judged(talk):
    async def words(client):
        wishes = {"learner": "decision_tree", "time_s": 300}
        answer = await client.call_tool("recommend", {"meta_features": SMALL, "wishes": wishes})
        said = answer.structured_content
        verdict = await client.call_tool("validate", {"proposal_id": said["proposal_id"]})
        whole = await client.read_resource(f"tunegraph://proposal/{said['proposal_id']}")
        return said, verdict.structured_content, json.loads(whole.contents[0].text)

    said, verdict, whole = talk(words)

    assert said["headline"].startswith("Tune decision_tree")
    assert any(line["evidence"] or section["evidence"] for section in said["sections"] for line in section["lines"])
    assert verdict["may_be_shown"] is True
    assert any(stage["name"] == "test_run" and "not checked" in stage["value"] for stage in verdict["stages"])
    assert whole["learner"]["value"] == "decision_tree"


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        ("recommend", {}, "must be given"),
        ("recommend", {"data": "/etc/passwd"}, "reads no files"),
        ("recommend", {"meta_features": {"NumberOfInstances": 3, "NumberOfClasses": 2}}, "too small"),
        ("recommend", {"meta_features": SMALL, "wishes": {"learner": "nonsense"}}, "no learner"),
        ("validate", {}, "One of the two"),
        ("validate", {"proposal_id": "nonsense"}, "No proposal"),
    ],
)
def test_what_cannot_be_done_is_told(call, tool, arguments, message):
    assert message in call(tool, **arguments)


def test_a_draft_of_the_assistants_own_making_is_judged(call):
    verdict = call("validate", proposal={"learner": "nonsense"})

    assert verdict["may_be_shown"] is False
    assert "FAILED" in verdict["stages"][0]["value"]


@pytest.mark.parametrize("name", ["questions", "counts", "sources"])
def test_resources_are_json(talk, name):
    read = talk(lambda client: client.read_resource(f"tunegraph://{name}"))

    assert json.loads(read.contents[0].text)


def test_a_learner_is_a_resource(talk):
    read = talk(lambda client: client.read_resource("tunegraph://learner/xgboost"))

    assert "max_depth" in read.contents[0].text


def test_a_resource_that_is_not_there_is_told(talk):
    async def words(client):
        with pytest.raises(MCPError, match="There is no learner"):
            await client.read_resource("tunegraph://learner/nonsense")
        with pytest.raises(MCPError, match="No proposal"):
            await client.read_resource("tunegraph://proposal/nonsense")

    talk(words)


def test_only_the_users_own_assistant_may_name_a_file(tunegraph, tmp_path: Path):
    missing = str(tmp_path / "missing.csv")

    async def said(may_read_files):
        async with Client(make_server(tunegraph, may_read_files=may_read_files)) as client:
            return (await client.call_tool("recommend", {"data": missing})).content[0].text

    assert "reads no files" in asyncio.run(said(may_read_files=False))
    assert "missing.csv" in asyncio.run(said(may_read_files=True))
