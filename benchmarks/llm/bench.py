"""Conversations of scripted models with the real agent, and what is held against what came of them."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, cast

from benchmarks.llm.memo import Memo
from benchmarks.llm.scripts import Json
from kg.store import KnowledgeStore
from kg.tables import Table
from recommender.composing.compose import Composer
from recommender.grounding import check
from recommender.llm import providers
from recommender.llm.agent import Agent
from recommender.llm.draft import Draft
from recommender.llm.library import Library
from recommender.llm.model import ConversingModel
from recommender.llm.proposing import asked, judged
from recommender.llm.providers import open_model
from recommender.llm.streaming import Heard
from recommender.llm.usage import Limits, Usage
from recommender.proposal import Proposal
from recommender.task import TuningTask
from recommender.text_index import TextIndex
from recommender.validation.loop import Validated
from recommender.validation.stage import GateContext
from recommender.validation.verdict import Finding, Outcome
from tests.recommender.llm.openai_server import Answer, Server
from ui.compose import Settings, Tunegraph
from ui.request import Request

#: Time for tuning in every task.
TIME_S = 600.0


@dataclass
class Conversation:
    """One conversation, and what was shown in the end."""

    shown: Validated
    notes: tuple[str, ...]
    draft: Proposal | None
    """What its last draft became."""
    seconds: float
    drafts: list[Json] = field(default_factory=list)
    """What the model answered, draft by draft."""
    labels: int = 0
    numbers: tuple[float, ...] = ()
    """All numbers that the model was shown."""
    usage: Usage = field(default_factory=Usage)
    """What it cost."""
    faults: tuple[str, ...] = ()
    """What is wrong with what is shown; empty as it should be."""

    @property
    def has_draft(self) -> bool:
        """Whether the model gave a draft."""
        return self.draft is not None

    @property
    def is_unchanged(self) -> bool:
        """Whether the draft came through as it was."""
        return self.has_draft and not self.notes


class Bench:
    """Runs conversations over one graph.

    Args:
        home: Where the graph is.
        tables: Files of the tables that are recommended for.
        tunegraph: Has the graph open already.
    """

    def __init__(self, home: Path, tables: Iterable[Path], *, tunegraph: Tunegraph | None = None) -> None:
        self.tunegraph = tunegraph or Tunegraph(Settings(home=home))
        self.tables = tuple(tables)
        self._read: dict[Path, tuple[Table, TuningTask]] = {}
        self._composed: dict[str, Proposal] = {}
        self.index: TextIndex | None = None
        """What papers say; None where there is none."""

    @cached_property
    def composer(self) -> Composer:
        """The composer over a graph that is asked everything once."""
        store = cast("KnowledgeStore", Memo(self.tunegraph.store))
        return Composer(store, cache=self.tunegraph.settings.home / "cache")

    def task(self, path: Path, learner: str = "") -> tuple[Table, TuningTask]:
        """Return a table and its task, for one learner or any."""
        if path not in self._read:
            self._read[path] = self.tunegraph.read(path, None, Request(time_s=TIME_S))
        table, task = self._read[path]
        learners = (learner,) if learner else ()
        return table, task.replace(constraints=task.constraints.replace(learners=learners))

    def forget(self, path: Path) -> None:
        """Read a table again that has changed, and compose again: the graph may have changed, too."""
        self._read.pop(path, None)
        self._composed.clear()

    def check(self, proposal: Proposal) -> tuple[Finding, ...]:
        """Return what is not grounded in a proposal."""
        return check(proposal, self.composer.store, surfaces=self.composer.surfaces)

    def converse(
        self,
        server: Server,
        answer: Answer,
        path: Path,
        *,
        learner: str = "",
        name: str = "",
        heard: Heard | None = None,
        **limits: Any,
    ) -> Conversation:
        """Return what came of one conversation.

        Args:
            server: Where the scripted model lives.
            answer: Its temper.
            path: The table.
            learner: The only learner that is allowed, or nothing for any.
            name: What the data set is called instead of what it is.
            heard: Is given what the model writes while it writes it. None: nothing is streamed.
            **limits: Of `Limits`.
        """
        server.answer, server.asked[:] = answer, []
        model = open_model("openai:scripted", base_url=server.url, limits=Limits(**limits))
        done = self.converse_with(model, path, learner=learner, name=name, heard=heard)
        done.drafts = _drafts(server)
        if done.draft is not None and done.shown.proposal is not None:
            done.faults += tuple(untold(done.drafts[-1], done.draft, done.shown.proposal.warnings))
        return done

    def converse_with(
        self,
        model: ConversingModel,
        path: Path,
        *,
        learner: str = "",
        name: str = "",
        fit_seconds: float = 0.0,
        heard: Heard | None = None,
    ) -> Conversation:
        """Return what came of one conversation with any model.

        Args:
            model: The model.
            path: The table.
            learner: As for `converse`.
            name: As for `converse`.
            fit_seconds: For test runs; 0 fits nothing.
            heard: As for `converse`.
        """
        table, task = self.task(path, learner)
        task = task.replace(name=name) if name else task
        library = Library(task, self.composer, index=self.index)
        library.take(self._compose(task))
        started = time.monotonic()
        agent = Agent(model, library, self.check, heard=heard)
        found = asked(agent)
        context = GateContext(
            table=table,
            store=self.composer.store,
            test_run_seconds=fit_seconds,
            check_grounding=lambda proposal, _: self.check(proposal),
        )
        context = replace(context, deadline=time.monotonic() + (fit_seconds or 60.0))
        shown = judged(found, library.composed(), context)
        seconds = time.monotonic() - started
        last = agent.settlement.proposal if agent.settlement is not None else None
        done = Conversation(shown, tuple(n.text for n in agent.notes), last, seconds, labels=len(library.book))
        done.numbers, done.usage = library.book.numbers, agent.usage
        done.faults = tuple(self.faults(done))
        return done

    def _compose(self, task: TuningTask) -> Proposal:
        key = task.model_dump_json()
        if key not in self._composed:
            self._composed[key] = self.composer.compose(task)
        return self._composed[key]

    @staticmethod
    def faults(done: Conversation) -> Iterator[str]:
        """Say what is wrong with what is shown: nothing valid, a value that nothing supports, a loss not told."""
        proposal, verdict = done.shown.proposal, done.shown.verdict
        if proposal is None or not verdict.may_be_shown:
            yield "no validated answer"
            return
        yield from (f"not told: {note}" for note in done.notes[:50] if not any(note in w for w in proposal.warnings))
        # The gate has run every rule of what is shown again, on what it cites.
        grounding = [stage for stage in verdict.stages if stage.name == "grounding"]
        wrong = [f for stage in grounding for f in stage.findings if f.outcome in (Outcome.FAILED, Outcome.REPAIRED)]
        yield from (f"unsupported: {finding.field}: {finding.code}" for finding in wrong)
        if not grounding or grounding[0].outcome is not Outcome.PASS:
            yield "what is shown was not grounded"


def untold(wish: Json, proposal: Proposal, warnings: tuple[str, ...]) -> Iterator[str]:
    """Find wishes that are neither in the proposal nor named by a warning; on its own, without the settler."""
    text = "\n".join(warnings)
    draft = Draft.model_validate(wish)
    if draft.learner != proposal.learner.value and "learner" not in text:
        yield "learner"
    space, fixed = proposal.search_space.value, proposal.fixed.value
    for one in draft.parameters:
        if f"parameters.{one.name}" in text:
            continue
        if one.action == "fix":
            is_there = one.name in fixed and fixed[one.name] == one.value
        else:
            is_there = one.name in space and _is_same(one, space[one.name])
        if not is_there:
            yield f"parameters.{one.name}"
    if draft.n_trials is not None and draft.n_trials != proposal.budget.value.n_trials and "n_trials" not in text:
        yield "n_trials"
    if draft.metric not in (None, proposal.metric.value) and "metric" not in text:
        yield "metric"
    fidelity = proposal.fidelity.value
    if draft.fidelity_parameter not in (None, "none", fidelity and fidelity.parameter) and "fidelity" not in text:
        yield "fidelity"
    patiences = [getattr(rule, "patience", None) for rule in proposal.termination.value.rules]
    if draft.patience is not None and draft.patience not in patiences and "patience" not in text:
        yield "patience"


def _is_same(wish: Any, parameter: Any) -> bool:
    if wish.action == "choices":
        return set(map(repr, wish.choices)) == set(map(repr, getattr(parameter, "choices", ())))
    low, high = getattr(parameter, "low", None), getattr(parameter, "high", None)
    if low is None or high is None or wish.low is None or wish.high is None:
        return False
    # A range of whole numbers begins and ends at one.
    slack = 1.0 if parameter.kind == "int" else 1e-12
    return bool(abs(low - wish.low) <= 1e-3 * abs(low) + slack and abs(high - wish.high) <= 1e-3 * abs(high) + slack)


def _drafts(server: Server) -> list[Json]:
    """Return the drafts that the model gave and that were read, last one last; found by answering again."""
    found: list[Json] = []
    for body in server.asked:
        reply = server.answer(body)
        for name, given in getattr(reply, "calls", ()):
            if name == "Draft":
                try:
                    found.append(json.loads(given))
                except (json.JSONDecodeError, RecursionError):
                    continue
    return found


@contextmanager
def pauses(seconds: float) -> Iterator[None]:
    """Make the pauses between retries short: no real server is spared."""
    before, providers.PAUSE_S = providers.PAUSE_S, seconds
    try:
        yield
    finally:
        providers.PAUSE_S = before
