"""What is said next changes what was said before: ``only trees``, ``half the time``, ``maximise recall``.

refined(reading, "only trees, and half the time", planned=proposal.budget.value).reading
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kg.model.base import FrozenMapping
from recommender.llm.language import language_of
from recommender.llm.model import LanguageModel
from recommender.llm.quantities import figure
from recommender.llm.reading import read
from recommender.llm.stated import Reading, Said
from recommender.llm.understanding import read_words
from recommender.proposal import Budget

#: What can be said where nothing was understood.
EXAMPLES = '"only trees", "no xgboost", "half the time", "at most 50 trials", "maximise recall", "why this range?"'

_AMOUNT = r"(?P<what>time|trials|budget|evaluations|minutes|hours)"
_FACTORS = (
    (rf"(half|halve)( (of )?(the|that|my|this))? {_AMOUNT}", 0.5),
    (rf"(a third of|one third of)( the)? {_AMOUNT}", 1 / 3),
    (rf"(a quarter of|one quarter of)( the)? {_AMOUNT}", 0.25),
    (rf"(twice|double)( (as (much|many)|the|that|my))? {_AMOUNT}", 2.0),
    (rf"(three times|triple)( (as (much|many)|the))? {_AMOUNT}", 3.0),
    (rf"(some |a bit )?more {_AMOUNT}", 2.0),
    (rf"(some |a bit )?(less|fewer) {_AMOUNT}", 0.5),
)
_TIMES = re.compile(rf"(?P<factor>\w+) times (as (much|many)|the|more) {_AMOUNT}")
_PERCENT = re.compile(rf"(?P<share>\d+(?:\.\d+)?) ?(?:%|percent|per cent) (?P<sign>more|less|fewer) {_AMOUNT}")
_SPEED = ((r"faster|quicker|shorter|hurry", 0.5), (r"longer|take your time", 2.0))
_NO_LIMIT = r"(no|without( a)?|forget( about)?( the)?|drop the|unlimited|remove the) (time( limit)?|deadline)"
_NO_TRIALS = r"(no|without( a)?|forget( about)?( the)?|drop the|remove the) (trial limit|limit on (the )?trials)"
_ANY_LEARNER = r"any (learner|model|algorithm)s?|all (learners|models|algorithms)|whatever (learner|model)"
_OPAQUE = (
    r"(need|needs|must|have to|has to|does|do)(n'?t| not)( need)?( to)?( be)? (explain\w*|interpret\w*|readable)|"
    r"black box( is fine| is ok(ay)?)?"
)
_ALSO = re.compile(r"\b(also|as well|too|allow|add|include|plus)\b")
_FIELDS = {"time": "wall_clock_s", "minutes": "wall_clock_s", "hours": "wall_clock_s", "budget": "wall_clock_s"}


@dataclass(frozen=True)
class Refinement:
    """What was said in all, and what of it is new."""

    reading: Reading
    changes: tuple[str, ...]
    """In words; empty where nothing was understood."""


def refined(
    reading: Reading, words: str, *, planned: Budget | None = None, model: LanguageModel | None = None
) -> Refinement:
    """Return what was said in all, after `words`.

    Args:
        reading: What was said before.
        words: What is said now.
        planned: What the last proposal plans to spend: what half of is meant where no limit was said.
        model: Adds what rules do not see, held to the words.

    Raises:
        InputError: The words are not in English, and there is no model.
    """
    edit = _Edit(dict(reading.said), words.lower(), planned)
    if language_of(words):
        now = read_words(words, model)
    else:
        edit.relative()
        edit.removals()
        now = read(edit.rest)
        if model is not None:
            from recommender.llm.understanding_by_model import added

            now = added(now, words, model)
    edit.absolute(now)
    said = FrozenMapping[str, Said](edit.said)
    return Refinement(Reading(said=said, notes=now.notes), tuple(edit.changes))


class _Edit:
    def __init__(self, said: dict[str, Said], words: str, planned: Budget | None) -> None:
        self.said, self.rest, self.planned = said, words, planned
        self.changes: list[str] = []

    def set(self, name: str, value: Any, quote: str, why: str = "") -> None:
        before = self.said[name].value if name in self.said else None
        if before != value:
            self.said[name] = Said(value=value, quote=quote, why=why)
            self.changes.append(f"{name}: {_told(before)} -> {_told(value)} ('{quote}')")

    def drop(self, name: str, quote: str) -> None:
        if (before := self.said.pop(name, None)) is not None:
            self.changes.append(f"{name}: {_told(before.value)} -> not said ('{quote}')")

    def _take(self, phrase: str | re.Pattern[str]) -> re.Match[str] | None:
        """Return where a phrase stands, and take it out of what is still to be read."""
        match = re.search(rf"(?<!\w)(?:{phrase})(?!\w)" if isinstance(phrase, str) else phrase, self.rest)
        if match is not None:
            self.rest = f"{self.rest[: match.start()]} ; {self.rest[match.end() :]}"
        return match

    def relative(self) -> None:
        """Change limits by a factor of what they are, or of what is planned."""
        while (match := self._take(_PERCENT)) is not None:
            share = float(match["share"]) / 100
            self._scale(match, 1 + share if match["sign"] == "more" else max(1 - share, 0.01))
        while (match := self._take(_TIMES)) is not None:
            self._scale(match, figure(match["factor"]) or 1.0)
        for phrase, factor in _FACTORS:
            while (match := self._take(phrase)) is not None:
                self._scale(match, factor)
        for phrase, factor in _SPEED:
            if (match := self._take(phrase)) is not None:
                self._scale_field("wall_clock_s", factor, match[0])

    def _scale(self, match: re.Match[str], factor: float) -> None:
        name = _FIELDS.get(match["what"], "n_trials")
        self._scale_field(name, factor, match[0].strip())
        if match["what"] == "budget" and "n_trials" in self.said:
            self._scale_field("n_trials", factor, match[0].strip())

    def _scale_field(self, name: str, factor: float, quote: str) -> None:
        known = self.said[name].value if name in self.said else getattr(self.planned, name, None)
        if isinstance(known, int | float):
            value = known * factor
            self.set(name, max(1, round(value)) if name == "n_trials" else value, quote)

    def removals(self) -> None:
        """Take back what was said."""
        for phrase, names in (
            (_NO_LIMIT, ("wall_clock_s",)),
            (_NO_TRIALS, ("n_trials",)),
            (_ANY_LEARNER, ("learners", "unwanted", "interpretable")),
            (_OPAQUE, ("interpretable",)),
        ):
            if (match := self._take(phrase)) is not None:
                for name in names:
                    self.drop(name, match[0])

    def absolute(self, now: Reading) -> None:
        """Take over what is said outright."""
        said: Mapping[str, Said] = now.said
        for name, one in said.items():
            if name == "task_type" and name in self.said:
                continue  # it follows from the metric; a metric that does not fit is told of
            if name in ("learners", "unwanted"):
                self._learners(name, one)
            else:
                self.set(name, one.value, one.quote, one.why)

    def _learners(self, name: str, one: Said) -> None:
        given = one.value if isinstance(one.value, tuple) else ()
        known = self.said[name].value if name in self.said else ()
        before = known if isinstance(known, tuple) else ()
        more = name == "unwanted" or _ALSO.search(self.rest) is not None
        self.set(name, tuple(dict.fromkeys((*before, *given))) if more else given, one.quote)
        other = "learners" if name == "unwanted" else "unwanted"
        held = self.said[other].value if other in self.said else ()
        left = tuple(n for n in held if n not in given) if isinstance(held, tuple) else ()
        if other in self.said and left != held:
            self.set(other, left, one.quote) if left else self.drop(other, one.quote)


def _told(value: object) -> str:
    if value is None:
        return "not said"
    if isinstance(value, tuple):
        return ", ".join(map(str, value)) or "none"
    return f"{value:g}" if isinstance(value, float) else str(value)
