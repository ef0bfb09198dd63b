"""``--llm``: a model drafts, over real HTTP; without one that works, the composed proposal comes with a warning."""

import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.llm import tempers
from recommender.llm import providers
from recommender.proposal import Proposal
from tests.recommender.llm.openai_server import serving

pytest.importorskip("langchain_openai", reason="needs tunegraph[llm]")

ASKED = ("--learner", "decision_tree", "--no-test-run", "--time", "5m", "--json", "--llm", "openai:m")


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: Any) -> None:
    monkeypatch.setattr(providers, "PAUSE_S", 0.01)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


def test_a_draft_is_settled_judged_and_told_of(command: Any, at_home: Path, table: Path) -> None:
    with serving(tempers.hallucinating(2, "decision_tree")) as server:
        ran = command("recommend", table, *ASKED, "--llm-base-url", server.url)
    assert ran.code == 0
    assert "Asking openai:m" in ran.err
    proposal = Proposal.from_json(ran.out)
    assert any("openai:m's draft:" in warning for warning in proposal.warnings)
    assert "tokens of prompts" in proposal.assumptions[-1]


def test_a_model_that_fails_costs_a_warning_and_nothing_else(command: Any, at_home: Path, table: Path) -> None:
    with serving(tempers.always(503)) as server:
        ran = command("recommend", table, *ASKED, "--llm-base-url", server.url, "--llm-seconds", "3")
    plain = command("recommend", table, *ASKED[:-2])
    found, composed = json.loads(ran.out), json.loads(plain.out)
    assert ran.code == 0
    assert "openai:m gave no proposal" in found["warnings"][-1]
    assert {n: found[n] for n in ("search_space", "warm_starts", "budget")} == {
        n: composed[n] for n in ("search_space", "warm_starts", "budget")
    }


@pytest.mark.parametrize(("name", "says"), [("gpt", "names no language model"), ("openai:gpt", "key")])
def test_a_model_that_cannot_be_opened_is_an_error(
    command: Any, at_home: Path, table: Path, name: str, says: str
) -> None:
    ran = command("recommend", table, "--learner", "decision_tree", "--no-test-run", "--llm", name)
    assert ran.code == 2
    assert says in ran.err


def test_seconds_must_be_positive(command: Any, at_home: Path, table: Path) -> None:
    ran = command("recommend", table, *ASKED, "--llm-seconds", "0")
    assert ran.code == 2
    assert "--llm-seconds" in ran.err
