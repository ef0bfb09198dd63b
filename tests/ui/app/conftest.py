"""What the tests of pages share: the application in a simulated browser, over the graph that ships."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from kg.home import HOME_VARIABLE
from recommender.proposal import Proposal
from recommender.validation.loop import Validated
from ui.compose import Tunegraph
from ui.request import Request
from ui.session import Answer, Given, Session

#: Seconds that a rerun may take on a busy machine.
_PATIENCE = 60


@pytest.fixture
def shared_tunegraph(monkeypatch: pytest.MonkeyPatch, tunegraph: Tunegraph) -> Tunegraph:
    """All sessions share the recommender of the tests."""
    monkeypatch.setattr("ui.session._opened", lambda _: tunegraph)
    monkeypatch.setenv(HOME_VARIABLE, str(tunegraph.settings.home))
    return tunegraph


@pytest.fixture
def open_page(shared_tunegraph: Tunegraph) -> Callable[..., AppTest]:
    """Open a page, in a session of its own or with what is given."""

    def opened(name: str, visit: Session | None = None) -> AppTest:
        app = AppTest.from_string(f"from ui.pages import {name}\n{name}.page()", default_timeout=_PATIENCE)
        if visit is not None:
            app.session_state["tunegraph"] = visit
        return app.run()

    return opened


@pytest.fixture
def answer(proposal: Proposal, table: Path) -> Answer:
    assert proposal.verdict is not None
    given = Given("breast_cancer", table, "diagnosis")
    request = Request(learner="decision_tree", test_run=False, time_s=300)
    return Answer(1, given, request, proposal.task, None, Validated(proposal, proposal.verdict), 1.5)


@pytest.fixture
def answered(answer: Answer) -> Callable[..., Session]:
    """A session that was answered; the proposal and the answer changed as told."""

    def made(proposal: Proposal | None = answer.proposal, **changes: Any) -> Session:
        visit = Session()
        visit.take(replace(answer, found=Validated(proposal, answer.verdict), **changes))
        return visit

    return made
