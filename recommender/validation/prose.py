"""What the texts of a draft may not be: orders to whoever reads along, characters that steer a terminal, no end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from recommender.proposal import Proposal
from recommender.validation.stage import failed
from recommender.validation.texts import MAX_PROSE, Text, texts, without_texts
from recommender.validation.verdict import Finding

#: Characters of control but for tab and line feeds, and those that turn the direction of writing.
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


def prose_faults(proposal: Proposal) -> Iterator[Finding]:
    """Find texts that nobody could read: too long, or with characters that steer a terminal."""
    for text in texts(proposal):
        if len(text.words) > MAX_PROSE:
            message = f"{len(text.words):,} characters."
            yield failed(text.path, "text_too_long", message, allowed=f"{MAX_PROSE:,} characters")
        if _CONTROL.search(text.words):
            yield failed(text.path, "control_characters", "The text holds control characters.", value=text.words)


def without_orders(proposal: Proposal) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` without texts that speak to a model or a browser instead of a reader, and what they were."""
    return without_texts(proposal, _order, "prompt_in_text")


def _order(text: Text) -> str | None:
    return "The text gives orders instead of reasons" if _ORDER.search(text.shown) else None
