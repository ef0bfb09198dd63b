"""A proposal with a language model, or without one where it fails: what is asked, what is judged, what is told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from kg.errors import ModelError
from recommender.llm.agent import Agent
from recommender.llm.usage import Usage
from recommender.proposal import Proposal
from recommender.validation.loop import Validated, validated
from recommender.validation.stage import GateContext

#: Notes on a draft that are shown one by one; the rest is counted.
MOST_NOTES = 50


@dataclass(frozen=True)
class Asked:
    """What came of asking a model."""

    agent: Agent
    draft: Proposal | None
    """What its draft became; None where it gave none."""

    @property
    def warnings(self) -> tuple[str, ...]:
        """What a person must know of it: why there is no draft, and all that was repaired or dropped."""
        name, notes = self.agent.name, self.agent.notes
        if self.draft is None:
            return (f"{name} gave no proposal ({self.agent.failure.rstrip('.')}): this one is composed without it.",)
        told = [f"{name}'s draft: {note.text}" for note in notes[:MOST_NOTES]]
        more = len(notes) - len(told)
        return (*told, *([f"{name}'s draft: {more} more repairs or drops."] if more > 0 else []))

    @property
    def spent(self) -> str:
        """What was spent, in a sentence."""
        return told_usage(self.agent.name, self.agent.usage)


def asked(agent: Agent) -> Asked:
    """Ask a model for a draft; where it gives none, that is told, and nothing else is lost.

    Raises:
        InputError: No learner can do the task.
    """
    try:
        return Asked(agent, agent.propose().proposal)
    except ModelError:
        return Asked(agent, None)


def judged(found: Asked, composed: Proposal, context: GateContext) -> Validated:
    """Return what may be shown: the model's proposal if it stands beside the composed one, else the composed one.

    Args:
        found: What came of asking a model.
        composed: What is proposed without it.
        context: For the gate.
    """
    if found.draft is None:
        return told(validated(composed, None, context, task=composed.task), found)
    if found.draft.proposer == composed.proposer:
        rationale = composed.learner.replace(rationale=found.draft.learner.rationale)
        return told(validated(composed.replace(learner=rationale), None, context, task=composed.task), found)
    compose = partial(_same, composed)
    return told(validated(found.draft, found.agent, context, task=composed.task, composed=compose), found)


def told(shown: Validated, found: Asked) -> Validated:
    """Return what is shown with what must be known of the model's part in it."""
    if shown.proposal is None:
        return shown
    proposal = shown.proposal
    warnings = tuple(dict.fromkeys((*proposal.warnings, *found.warnings)))
    changed = proposal.replace(warnings=warnings, assumptions=(*proposal.assumptions, found.spent))
    return Validated(changed, shown.verdict)


def told_usage(name: str, usage: Usage) -> str:
    """Return in a sentence what a model cost."""
    money = f", {usage.money:.4g} in money" if usage.money else ""
    return (
        f"{name} was asked {usage.calls} times ({usage.failed} failed): {usage.prompt_tokens:,} tokens of prompts, "
        f"{usage.answer_tokens:,} of answers, {usage.seconds:.1f} s{money}."
    )


def _same(composed: Proposal) -> Proposal:
    return composed
