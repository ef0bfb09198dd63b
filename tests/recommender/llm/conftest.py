"""A small graph, what a conversation may look up in it, and what is asked of a model there."""

import json
from collections.abc import Callable
from typing import Any

import pytest

from recommender.composing.compose import Composer
from recommender.grounding import check
from recommender.llm import providers
from recommender.llm.draft import Draft
from recommender.llm.library import Library
from recommender.llm.settling import Settlement, settle
from recommender.llm.tools import toolbox
from recommender.task import Constraints
from tests.recommender.composing import world


@pytest.fixture(autouse=True)
def _no_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask again at once, with a key that no provider would take."""
    monkeypatch.setattr(providers, "PAUSE_S", 0.01)
    monkeypatch.setenv("OPENAI_API_KEY", "none")


class Talk:
    """One conversation without a model: tools are called, and drafts are settled, by hand."""

    def __init__(self, composer: Composer, *learners: str, **changes: Any) -> None:
        self.library = Library(world.task(*learners, **changes), composer)
        self.tools = {tool.name: tool for tool in toolbox(self.library)}

    def call(self, name: str, **given: Any) -> dict[str, Any]:
        tool = self.tools[name]
        found: dict[str, Any] = json.loads(tool.call(tool.arguments(**given)))
        return found

    def check(self, proposal):
        return check(proposal, self.library.store, surfaces=self.library.composer.surfaces)

    def settle(self, **draft: Any) -> Settlement:
        return settle(Draft.model_validate({"learner": "svm", **draft}), self.library, "openai:m", self.check)


@pytest.fixture(scope="package")
def small_composer() -> Composer:
    return Composer(world.small_store())


@pytest.fixture
def talk(small_composer) -> Callable[..., Talk]:
    """Return what begins a conversation about a small task, for some learners."""

    def begin(*learners: str, **changes: Any) -> Talk:
        if "constraints" in changes:
            changes["constraints"] = Constraints(learners=learners, **changes["constraints"])
        return Talk(small_composer, *learners, **changes)

    return begin
