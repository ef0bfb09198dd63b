"""The texts of a draft: data, whatever they say. One that speaks to a model or a browser is left out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from kg.model.base import FrozenMapping
from recommender.proposal import Grounded, Grounding, Proposal
from recommender.validation.stage import failed, repaired
from recommender.validation.verdict import Finding

#: Characters that a rationale, an assumption or a warning may have.
MAX_PROSE = 4000
#: What stands in place of a text that is left out.
LEFT_OUT = "(left out)"
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]")
#: Phrases that no account of a value needs: orders to whoever reads along, turns of a conversation, active markup.
_ORDER = re.compile(
    r"\b(ignore|disregard|forget|override)\b.{0,30}\b(previous|prior|above|earlier|preceding|your)\b"
    r".{0,20}\b(instruction|prompt|message|rule|direction|guideline|context)s?\b"
    r"|\byou are now\b|\b(developer|jailbreak|god) mode\b|\bsystem prompt\b|\bnew instructions\s*:"
    r"|(^|[\n>.!?])\s*(system|assistant|user|human)\s*:"
    r"|<\s*/?\s*(script|iframe|object|embed|svg|img|system|instructions?|tool_call)\b|\bjavascript\s*:|<\|\w+\|>"
    r"|\b(ignore|disregard|override)\b.{0,30}\b(finding|verdict|gate)s?\b"
    r"|\b(verdict|outcome)\s*(is|=|:)\s*[\"'`]?(pass|passed|sound|approved)\b"
    r"|\b(curl|wget)\b[^|]{0,200}\|\s*(ba|z)?sh\b|!\[[^\]]{0,200}\]\(\s*(https?:)?//"
    r"|\b(mark|treat|accept|approve|report)\b.{0,40}\bas (valid|sound|safe|passed|approved)\b",
    re.IGNORECASE,
)

_Change = Callable[[Proposal], Proposal]


def prose_faults(proposal: Proposal) -> Iterator[Finding]:
    """Find texts that nobody could read: too long, or with characters that steer a terminal."""
    for path, text, _ in texts(proposal):
        if len(text) > MAX_PROSE:
            yield failed(path, "text_too_long", f"{len(text):,} characters.", allowed=f"{MAX_PROSE:,} characters")
        if _CONTROL.search(text):
            yield failed(path, "control_characters", "The text holds control characters.", value=text[:100])


def without_orders(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` without texts that speak to a model or a browser instead of a reader, and what they were."""
    findings = []
    for path, text, left_out in tuple(texts(proposal)):
        if _ORDER.search(text[:MAX_PROSE]):
            message = "The text gives orders instead of reasons; it is left out."
            findings.append(repaired(path, "prompt_in_text", message, value=text[:100]))
            proposal = left_out(proposal)
    return proposal, tuple(findings)


def texts(proposal: Proposal) -> Iterator[tuple[str, str, _Change]]:
    """Yield the path of each text of `proposal`, the text, and what takes it out."""
    for name in type(proposal).model_fields:
        grounded = getattr(proposal, name)
        if isinstance(grounded, Grounded):
            yield f"{name}.rationale", grounded.rationale, _without_rationale(name)
            for key, part in grounded.parts.items():
                yield f"{name}.parts.{key[:40]}", part.rationale, _without_rationale(name, key)
    for name in ("assumptions", "warnings"):
        for number, text in enumerate(getattr(proposal, name)):
            yield f"{name}.{number}", text, _without_item(name, number)
    yield "proposer", proposal.proposer, lambda one: one.replace(proposer=LEFT_OUT)
    yield "task.name", proposal.task.name, lambda one: one.replace(task=one.task.replace(name=""))
    reason = proposal.task.metric_reason
    yield "task.metric_reason", reason, lambda one: one.replace(task=one.task.replace(metric_reason=LEFT_OUT))


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
        texts = list(getattr(proposal, name))
        texts[number] = LEFT_OUT
        return proposal.replace(**{name: tuple(texts)})

    return change
