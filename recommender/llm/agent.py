"""The agent: a model that looks things up in the graph and drafts; code settles what of its draft holds.

agent = Agent(model, library, check)
settlement = agent.propose()          # raises ModelError where the model gives nothing
validated(settlement.proposal, agent, context, composed=...)
"""

from __future__ import annotations

import json
import math

from kg.errors import ModelError
from recommender.llm.bands import Bands
from recommender.llm.draft import Draft
from recommender.llm.library import Library
from recommender.llm.model import MOST_STEPS, Conversation, ConversingModel
from recommender.llm.notes import Note
from recommender.llm.prompts import prompt
from recommender.llm.settling import Check, Settlement, settle
from recommender.llm.steps import Steps, Told
from recommender.llm.streaming import Heard, unheard
from recommender.llm.tools import foreign, rounded, short, toolbox
from recommender.llm.usage import Usage
from recommender.task import TuningTask
from recommender.validation.stage import Draft as Judged
from recommender.validation.verdict import Finding

#: Names of the prompts, with their versions.
PROPOSE, REVISE = "propose.1", "revise.1"
#: Findings and notes that are sent back.
MOST_FINDINGS = 20


class Agent:
    """Proposes for one task, in one conversation (a `recommender.validation.loop.Proposer`).

    Args:
        model: The model.
        library: The graph as it bears on the task.
        check: Says what of a proposal is not grounded.
        most_steps: Calls of the model for one draft, at most.
        told: Told what the model does, step by step, in the thread that waits for it.
        heard: Is given what the model writes while it writes it, there, too. None: nothing is streamed.
        revision_seconds: For a later draft, while the gate waits. None: what the model's limits leave.
    """

    def __init__(
        self,
        model: ConversingModel,
        library: Library,
        check: Check,
        *,
        most_steps: int = MOST_STEPS,
        revision_seconds: float | None = None,
        told: Told = lambda _: None,
        heard: Heard | None = None,
    ) -> None:
        self._revision_seconds = revision_seconds
        self._steps = Steps(told, heard or unheard)
        self._model, self._library, self._check = model, library, check
        self._conversation: Conversation[Draft] = model.conversation(
            prompt(PROPOSE),
            self._steps.over(toolbox(library), model.name),
            Draft,
            most_steps=most_steps,
            heard=None if heard is None else self._steps.hear,
        )
        self.settlement: Settlement | None = None
        """What came of the last draft."""
        self.failure: str = ""
        """Why there is no (better) draft."""
        self.notes: tuple[Note, ...] = ()
        """What was repaired or dropped, in any of its drafts."""

    @property
    def name(self) -> str:
        """``provider:model``."""
        return self._model.name

    @property
    def usage(self) -> Usage:
        """What was spent so far."""
        return self._model.usage

    @property
    def _last_notes(self) -> tuple[Note, ...]:
        return self.settlement.notes if self.settlement is not None else ()

    def propose(self) -> Settlement:
        """Return what comes of the model's draft.

        Raises:
            ModelError: The model gives none within its limits.
            InputError: No learner can do the task.
        """
        try:
            draft = self._steps.watching(lambda: self._asked(told_task(self._library.task, self._library.bands)))
        except ModelError as error:
            self.failure = str(error)
            raise
        return self._settle(draft)

    def revise(self, draft: Judged, findings: tuple[Finding, ...]) -> Judged | None:
        """Return what comes of the model's next draft, told what was wrong with the last; None where it has none."""
        del draft  # the model remembers its own
        told = [{"field": note.field, "outcome": note.outcome, "why": note.message} for note in self._last_notes]
        told += [
            {"field": f.field, "outcome": str(f.outcome), "why": short(self._library.told(f.message))} for f in findings
        ]
        content = f"{prompt(REVISE)}\n\n{json.dumps(told[:MOST_FINDINGS], ensure_ascii=False)}"
        try:
            wish = self._steps.watching(lambda: self._asked(content, self._revision_seconds))
        except ModelError as error:
            self.failure = str(error)
            return None
        return self._settle(wish).proposal

    def _asked(self, content: str, seconds: float | None = None) -> Draft:
        draft = self._conversation.ask(content, seconds=seconds)
        self._steps.note(f"{self.name} drafts {short(draft.learner, 40)}: checking it against the graph")
        return draft

    def _settle(self, draft: Draft) -> Settlement:
        self.settlement = settle(draft, self._library, self.name, self._check)
        self.notes = tuple(dict.fromkeys((*self.notes, *self.settlement.notes)))
        return self.settlement


def told_task(task: TuningTask, bands: Bands | None = None) -> str:
    """Return what a model is told of a task: kind, size, metric and limits; no row of the table, no column's name.

    Args:
        task: The task.
        bands: What is told of its data set instead of sizes and meta-features; None: these.
    """
    exactly = {
        "rows": task.n_rows,
        "columns": task.n_columns,
        "classes": task.n_classes,
        "meta_features": {n: rounded(float(v)) for n, v in task.meta_features.items() if math.isfinite(v)},
    }
    told = {
        "data_set": foreign(task.name, 60),
        "task_type": str(task.task_type),
        "metric": task.metric,
        **(exactly if bands is None else bands),
        "limits": task.constraints.model_dump(mode="json", exclude_defaults=True),
    }
    known = {name: value for name, value in told.items() if value not in (None, "", {})}
    return "Propose a tuning configuration for this task:\n" + json.dumps(known, ensure_ascii=False)
