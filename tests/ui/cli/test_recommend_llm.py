"""``--llm``: a model drafts, over real HTTP; without one that works, the composed proposal comes with a warning."""

import io
import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from benchmarks.llm import tempers
from recommender.llm import providers
from recommender.proposal import Proposal
from tests.recommender.llm.openai_server import Calls, serving

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


def test_steps_are_told_as_they_happen(command: Any, at_home: Path, table: Path) -> None:
    with serving(tempers.honest(2, "decision_tree")) as server:
        ran = command("recommend", table, *ASKED, "--llm-base-url", server.url)
    told = ran.err.index
    assert told("looks up similar datasets") < told("drafts decision_tree") < told("judging the proposal")


def test_anonymised_nothing_of_the_table_is_named(command: Any, at_home: Path, tmp_path: Path) -> None:
    rows = range(120)
    path = tmp_path / "zebrafish_secret.csv"
    columns = {
        "finlength": [i * 0.37 % 5 for i in rows],
        "scalecolour": ["turquoise" if i % 3 else "mauve" for i in rows],
    }
    frame = pd.DataFrame({**columns, "survival": ["perished" if i % 4 == 0 else "survived" for i in rows]})
    frame.to_csv(path, index=False)
    with serving(tempers.hallucinating(2, "decision_tree")) as server:
        ran = command("recommend", path, "--target", "survival", *ASKED, "--llm-base-url", server.url, "--anonymise")
    sent = json.dumps([server.asked, server.headers]).lower()
    assert ran.code == 0
    assert len(server.asked) > 2
    assert "dataset_1" in sent
    names = (
        "zebrafish",
        "secret",
        "finlength",
        "scalecolour",
        "turquoise",
        "mauve",
        "survival",
        "perished",
        "survived",
    )
    assert [name for name in names if name in sent] == []
    assert Proposal.from_json(ran.out).task.name == "zebrafish_secret"


def test_the_risk_of_snooping_is_said_of_a_public_table(command: Any, at_home: Path, table: Path) -> None:
    with serving(tempers.honest(2, "decision_tree")) as server:
        ran = command("recommend", table, *ASKED, "--llm-base-url", server.url)
    (told,) = [warning for warning in Proposal.from_json(ran.out).warnings if warning.startswith("Snooping risk")]
    assert "wdbc" in told
    assert "--anonymise" in told


class Terminal(io.StringIO):
    """Standard error, on a terminal or not."""

    def __init__(self, *, is_terminal: bool) -> None:
        super().__init__()
        self._is_terminal = is_terminal

    def isatty(self) -> bool:
        return self._is_terminal


@pytest.mark.parametrize("is_terminal", [True, False])
def test_on_a_terminal_the_model_is_heard_while_it_writes(
    command: Any, at_home: Path, table: Path, monkeypatch: Any, is_terminal: bool
) -> None:
    """Its talk stands there as such, and no value of its draft does; elsewhere nothing is streamed at all."""
    looks = Calls((("similar_datasets", "{}"),), words="First I look for tables like yours.")
    draft = Calls((("Draft", '{"learner": "decision_tree", "rationale": "Won 8888 times."}'),))
    replies = [looks]
    shown = Terminal(is_terminal=is_terminal)
    monkeypatch.setattr("sys.stderr", shown)
    with serving(lambda _: replies.pop() if replies else draft) as server:
        ran = command("recommend", table, *ASKED, "--llm-base-url", server.url)
    text = " ".join(shown.getvalue().split())
    assert ran.code == 0
    assert "8888" not in text
    assert [bool(body.get("stream")) for body in server.asked] == [is_terminal] * 2
    for said in (
        "The model writes (not checked yet): First I look for tables like yours. looks up similar datasets",
        "writes its draft, which is shown once it is checked: learner rationale",
    ):
        assert (said in text) is is_terminal
