"""A recorded exchange, replayed: what reaches the model, byte for byte, and what comes of what it answered."""

import json
import os
from pathlib import Path

import pytest

from benchmarks.llm import tempers
from recommender.llm.agent import Agent
from recommender.llm.providers import open_model
from tests.recommender.llm.conftest import Talk
from tests.recommender.llm.openai_server import Calls, serving

pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")

#: Made by the test itself where TUNEGRAPH_RECORD is set: look at what changed before you keep it.
RECORDED = Path(__file__).parent / "recorded" / "svm.json"


def said(body):
    """Return a request without the ids that the client makes up."""
    return [{"role": m["role"], "content": m["content"]} for m in body["messages"] if m["role"] != "assistant"]


def exchange(composer, answer):
    talk = Talk(composer, "svm")
    with serving(answer) as server:
        model = open_model("openai:m", base_url=server.url)
        settlement = Agent(model, talk.library, talk.check).propose()
    return [said(body) for body in server.asked], settlement


def test_a_recorded_exchange_gives_what_it_gave(small_composer, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "none")
    if os.environ.get("TUNEGRAPH_RECORD"):
        _record(small_composer)
    recorded = json.loads(RECORDED.read_text("utf-8"))
    replies = iter(recorded["replies"])
    asked, settlement = exchange(small_composer, lambda _: Calls(tuple(map(tuple, next(replies)))))
    assert asked == recorded["asked"]
    assert [note.text for note in settlement.notes] == recorded["notes"]
    space = settlement.proposal.search_space.value.model_dump(mode="json")
    assert space == recorded["search_space"]


def _record(composer):
    replies = []

    def answer(body):
        reply = tempers.hallucinating(11, "svm")(body)
        replies.append([list(call) for call in reply.calls])
        return reply

    asked, settlement = exchange(composer, answer)
    found = {
        "replies": replies,
        "asked": asked,
        "notes": [note.text for note in settlement.notes],
        "search_space": settlement.proposal.search_space.value.model_dump(mode="json"),
    }
    RECORDED.parent.mkdir(exist_ok=True)
    RECORDED.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
