"""Scores that a text tells: each stands in what the proposal holds or cites, or the text is left out."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from itertools import islice
from typing import Any

from recommender.proposal import Proposal
from recommender.validation.backing import Backing
from recommender.validation.repairs import plain
from recommender.validation.texts import Text, without_texts
from recommender.validation.verdict import Finding

#: Fields whose values may be scores, or differences of scores.
HOLD_SCORES = ("task", "prediction", "advice", "budget", "fidelity", "termination")

#: Numbers up to which a field of a piece of evidence tells figures; more are the points of a function.
MOST_FIGURES = 40

_METRIC = (
    r"(?:balanced\s+)?accurac(?:y|ies)|(?:roc[\s_-]*)?auc(?:[\s_-]*roc)?|auroc|f1(?:[\s_-]*(?:score|macro|micro))?"
    r"|average\s+precision|log[\s_-]*loss|r2|r²|rmse|mae|scores?"
)
_NUMBER = r"(?<![\w.])(?P<{0}>\d*\.\d+|\d+(?:\.\d+)?(?=\s*%))(?P<{0}_percent>\s*%)?"
_LINK = r"(?:\s+(?:of|is|was|at|to|about|around|up|near|nearly|over|above|a|with|reached|reaches|hits))*[\s:=≈~>≥]*"
#: "accuracy of 0.97", "AUC = .9", "scored 0.98", "reaches 97 % accuracy", "0.93 ROC AUC".
_TOLD = re.compile(
    rf"\b(?:{_METRIC}|scor(?:ed|ing))\b\)?{_LINK}\s*{_NUMBER.format('after')}"
    rf"|{_NUMBER.format('before')}\s*(?:of\s+|in\s+)?(?:{_METRIC})\b",
    re.IGNORECASE,
)
#: Keys of a proposal under which there are accounts, not values.
_ACCOUNTS = frozenset({"rationale", "derivation", "metric_reason", "citations", "parts"})
_ANY_NUMBER = re.compile(r"(?<![\w.])-?\d*\.?\d+(?:[eE][-+]?\d+)?")


def without_unknown_scores(proposal: Proposal, backing: Backing) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` without texts that tell a score from nowhere, and what they were.

    A score may be told where a value of the proposal holds it (a prediction), where what is cited for the same field
    has it, as a figure of its own or in its words, or where the field's rules, run again, tell it; rounded as the text
    rounds it, a percent for a share. The many points of a response model count for nothing: any number is near one
    of them.
    """
    held = _held(proposal)

    @cache
    def said(field: str) -> Collection[float]:
        return held.union(_in_words(backing.reason(field)))

    @cache
    def cited(field: str) -> Collection[float]:
        return set[float]().union(*map(_figures, backing.evidence(field)))

    def is_known(number: float, digits: int, field: str) -> bool:
        # Evidence last: hundreds of pieces with thousands of numbers, and most scores are the rule's own words.
        return _is_known(number, digits, said(field)) or _is_known(number, digits, cited(field))

    def fault(text: Text) -> str | None:
        unknown = [number for number, digits in scores_told(text.shown) if not is_known(number, digits, text.field)]
        return f"Nothing that is held or cited here has the score {unknown[0]:g}" if unknown else None

    allowed = "scores of the prediction, or of what is cited"
    return without_texts(proposal, fault, "score_not_in_evidence", allowed=allowed)


def scores_told(text: str) -> tuple[tuple[float, int], ...]:
    """Return the scores that a text tells, as shares where it has percents, each with its digits after the point."""
    found = []
    for match in _TOLD.finditer(text):
        side = "after" if match["after"] else "before"
        digits = len(match[side].partition(".")[2])
        value = float(match[side])
        found.append((value / 100, digits + 2) if match[f"{side}_percent"] else (value, digits))
    return tuple(found)


def _is_known(number: float, digits: int, known: Collection[float]) -> bool:
    half = 0.5 * 10.0**-digits * (1 + 1e-9)
    return any(abs(number - value) <= half or abs(number - value / 100) <= half for value in known)


def _held(proposal: Proposal) -> set[float]:
    """Return the numbers of the values that may be scores; not those of texts."""
    return set(_numbers({name: plain(getattr(proposal, name)) for name in HOLD_SCORES}))


def _figures(evidence: Mapping[str, Any]) -> set[float]:
    """Return the figures of a piece of evidence and the numbers in its words."""
    figures: set[float] = set()
    for value in evidence.values():
        numbers = _in_words(value) if isinstance(value, str) else _numbers(value)
        found = list(islice(numbers, MOST_FIGURES + 1))
        figures |= set(found) if len(found) <= MOST_FIGURES else set()
    return figures


def _in_words(text: str) -> Iterator[float]:
    return (float(found) for found in _ANY_NUMBER.findall(text))


def _numbers(value: Any) -> Iterator[float]:
    """Yield the numbers in a plain value, but for those of accounts."""
    if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value):
        yield float(value)
    elif isinstance(value, Mapping):
        for name, part in value.items():
            if name not in _ACCOUNTS:
                yield from _numbers(part)
    elif isinstance(value, list | tuple):
        for part in value:
            yield from _numbers(part)
