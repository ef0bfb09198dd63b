"""The texts of a proposal: where each stands, and how one is left out for what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from kg.model.base import FrozenMapping
from recommender.proposal import Grounded, Grounding, Proposal
from recommender.validation.stage import repaired
from recommender.validation.verdict import Finding

#: Characters that a rationale, an assumption or a warning may have, and up to which one is read.
MAX_PROSE = 4000
#: What stands in place of a text that is left out.
LEFT_OUT = "(left out)"

_Change: TypeAlias = Callable[[Proposal], Proposal]


@dataclass(frozen=True)
class Text:
    """One text of a proposal."""

    path: str
    """Where it stands, such as ``budget.rationale``."""
    words: str
    left_out: _Change
    """Gives the proposal without it."""

    @property
    def field(self) -> str:
        """The field of the proposal that it belongs to."""
        return self.path.partition(".")[0]

    @property
    def shown(self) -> str:
        """As much of it as is read."""
        return self.words[:MAX_PROSE]


def without_texts(
    proposal: Proposal, fault: Callable[[Text], str | None], code: str, *, allowed: str = ""
) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` without the texts in which there is a fault, and what they were.

    Args:
        proposal: A proposal.
        fault: Says in words what is wrong with a text; None where nothing is.
        code: Name of the fault.
        allowed: What would have been right.
    """
    findings = []
    for text in texts(proposal):
        if (wrong := fault(text)) is not None:
            message = f"{wrong}; the text is left out."
            findings.append(repaired(text.path, code, message, value=text.words, allowed=allowed))
            proposal = text.left_out(proposal)
    return proposal, tuple(findings)


def texts(proposal: Proposal) -> Iterator[Text]:
    """Yield each text of `proposal` with its path and what takes it out."""
    for name in type(proposal).model_fields:
        grounded = getattr(proposal, name)
        if isinstance(grounded, Grounded):
            yield Text(f"{name}.rationale", grounded.rationale, _without_rationale(name))
            for key, part in grounded.parts.items():
                yield Text(f"{name}.parts.{key[:40]}", part.rationale, _without_rationale(name, key))
    for name in ("assumptions", "warnings"):
        for number, words in enumerate(getattr(proposal, name)):
            yield Text(f"{name}.{number}", words, _without_item(name, number))
    yield Text("proposer", proposal.proposer, lambda one: one.replace(proposer=LEFT_OUT))
    yield Text("task.name", proposal.task.name, lambda one: one.replace(task=one.task.replace(name="")))
    reason = proposal.task.metric_reason
    yield Text("task.metric_reason", reason, lambda one: one.replace(task=one.task.replace(metric_reason=LEFT_OUT)))


def _without_rationale(name: str, part: str | None = None) -> _Change:
    def change(proposal: Proposal) -> Proposal:
        grounded: Grounded[Any] = getattr(proposal, name)
        if part is None:
            return proposal.replace(**{name: grounded.replace(rationale=LEFT_OUT)})
        parts = {**dict(grounded.parts.items()), part: grounded.parts[part].replace(rationale=LEFT_OUT)}
        return proposal.replace(**{name: grounded.replace(parts=FrozenMapping[str, Grounding](parts))})

    return change


def _without_item(name: str, number: int) -> _Change:
    def change(proposal: Proposal) -> Proposal:
        items = list(getattr(proposal, name))
        items[number] = LEFT_OUT
        return proposal.replace(**{name: tuple(items)})

    return change
