"""The quantities that stand in what somebody says: counts, shares, times and memory, with their units and words.

>>> [(q.value, q.kind) for q in quantities("40k rows, 3 % defaults, ten minutes")]
[(40000.0, 'count'), (0.03, 'share'), (600.0, 'seconds')]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Kind = Literal["count", "share", "seconds", "megabytes"]

#: Characters of what is said that are looked at.
MOST_CHARACTERS = 20_000

_ONES = {
    "zero": 0,
    "one": 1,
    "two": 2,
    "three": 3,
    "four": 4,
    "five": 5,
    "six": 6,
    "seven": 7,
    "eight": 8,
    "nine": 9,
    "ten": 10,
    "eleven": 11,
    "twelve": 12,
    "thirteen": 13,
    "fourteen": 14,
    "fifteen": 15,
    "sixteen": 16,
    "seventeen": 17,
    "eighteen": 18,
    "nineteen": 19,
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_SCALES = {"k": 1e3, "thousand": 1e3, "m": 1e6, "mn": 1e6, "mio": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
_FEW = {"half a": 0.5, "half an": 0.5, "a quarter of an": 0.25, "a couple of": 2, "a dozen": 12, "a": 1, "an": 1}
_SECONDS = {"s": 1, "sec": 1, "second": 1, "m": 60, "min": 60, "minute": 60, "h": 3600, "hr": 3600, "hour": 3600,
            "d": 86400, "day": 86400, "week": 604800}  # fmt: skip
_MEGABYTES = {"mb": 1, "mib": 1, "megabyte": 1, "gb": 1024, "gib": 1024, "gig": 1024, "gigabyte": 1024,
              "tb": 1024**2, "tib": 1024**2, "terabyte": 1024**2}  # fmt: skip

_DIGITS = r"\d{1,3}(?:[,\u202f' ]\d{3})+(?!\d)(?:\.\d+)?|\d+(?:\.\d+)?(?:[eE]\d+)?"
_WORDS = (
    r"half an?|a quarter of an|a couple of|a dozen|"
    rf"(?:(?:{'|'.join(_TENS)})(?:[- ](?:{'|'.join(list(_ONES)[1:10])}))?|{'|'.join(_ONES)}|an?)(?: hundred)?"
)
_NUMBER = re.compile(
    rf"(?:(?<![\w.])|(?<=\dh)|(?<=\dm))(?:(?P<digits>{_DIGITS})|(?P<words>(?i:{_WORDS}))\b)"
    rf"(?:[ -]?(?P<scale>(?i:k|mn|mio|thousand|million|bn|billion)|M)\b(?!\w))?"
)
_UNIT = re.compile(
    r"[ \u00a0-]?(?:(?P<percent>%|(?:percent|per cent|pct)\b)"
    r"|(?P<time>(?:s|secs?|seconds?|mins?|minutes?|m|h|hrs?|hours?|d|days?|weeks?)(?![A-Za-z]))"
    r"|(?P<memory>[kmgt]i?b|(?:mega|giga|tera)bytes?|gigs?)\b)",
    re.IGNORECASE,
)
_RATIO = re.compile(
    rf"(?<![\w.,])(?:(?P<few>\d+|(?i:{'|'.join(_ONES)})|(?:1|(?i:one)) (?P<noun>[a-z]+)) (?:in|out of)(?: every)? "
    rf"(?P<many>{_DIGITS}|(?i:{_WORDS}))(?: (?P<scale>hundred|thousand|million))?(?![\w:])"
    r"|(?P<left>\d+) ?(?P<mark>[:/]) ?(?P<right>\d+)(?![\w:/])"  # 1:50, 1/50 or 80/20; 10:30 is a time of day
    r"|(?P<part>(?i:half|a third|a quarter|a fifth|a tenth))(?= of (?:the|all|them|our|my|those|these)\b))"
)
_RATIO_SCALES = {"hundred": 1e2, "thousand": 1e3, "million": 1e6}
_PARTS = {"half": 1 / 2, "a third": 1 / 3, "a quarter": 1 / 4, "a fifth": 1 / 5, "a tenth": 1 / 10}
_JOINED = re.compile(r"\s*(?:and|&)?\s*")


@dataclass(frozen=True)
class Quantity:
    """One number that was said, with its unit."""

    value: float
    """In the unit of its kind: a count, a share from 0 to 1, seconds, or megabytes."""
    kind: Kind
    text: str
    """The words that say it."""
    start: int
    end: int


def quantities(words: str) -> tuple[Quantity, ...]:
    """Return the quantities in `words`, in their order; ``1 hour 30 minutes`` is one."""
    words = words[:MOST_CHARACTERS]
    ratios = tuple(_ratios(words))
    inside = [(ratio.start, ratio.end) for ratio in ratios]
    single = [q for q in _single(words) if not any(start <= q.start < end for start, end in inside)]
    return tuple(sorted((*ratios, *_merged(words, single)), key=lambda q: q.start))


def figure(text: str) -> float | None:
    """Return the number that digits or words mean: ``40,000``, ``forty-two``, ``three hundred``; None for none."""
    compact = re.sub(r"[,\u202f' ](?=\d{3})", "", text.strip())
    try:
        return float(compact)
    except ValueError:
        return _in_words(text.strip().lower())


def _in_words(text: str) -> float | None:
    if text in _FEW:
        return _FEW[text]
    total = 0.0
    for word in re.split(r"[- ]", text):
        if word == "hundred":
            total *= 100
        elif word in ("a", "an"):
            total += 1
        elif (number := _ONES.get(word, _TENS.get(word))) is not None:
            total += number
        else:
            return None
    return total


def _single(words: str) -> Iterator[Quantity]:
    for match in _NUMBER.finditer(words):
        number = figure(match["digits"] or match["words"])
        if number is None:
            continue
        value = number * _SCALES.get((match["scale"] or "").lower(), 1.0)
        unit = _UNIT.match(words, match.end())
        found = _with_unit(value, unit)
        is_article = (match["words"] or "").lower() in ("a", "an", "half a", "half an") and match["scale"] is None
        if found is None and is_article:  # "a laptop" is no quantity, "a million" is
            continue
        value, kind = found if found is not None else (value, "count")
        end = unit.end() if unit is not None and found is not None else match.end()
        yield Quantity(value, kind, words[match.start() : end], match.start(), end)


def _with_unit(value: float, unit: re.Match[str] | None) -> tuple[float, Kind] | None:
    """Return a number in the unit that follows it; None where none does."""
    if unit is None:
        return None
    if unit["percent"]:
        return value / 100, "share"
    if unit["memory"]:
        factor = _MEGABYTES.get(unit["memory"].lower().removesuffix("s"))
        return None if factor is None else (value * factor, "megabytes")
    if unit["time"] == "M":  # ten million, not ten minutes
        return value * 1e6, "count"
    name = unit["time"].lower()
    return value * _SECONDS[name if name in _SECONDS else name.removesuffix("s")], "seconds"


def _ratios(words: str) -> Iterator[Quantity]:
    for match in _RATIO.finditer(words):
        if match["part"]:
            value = _PARTS[match["part"].lower()]
        elif match["left"]:
            left, right = float(match["left"]), float(match["right"])
            if left == right or (min(left, right) != 1 and left + right != 100):
                continue
            is_fraction = match["mark"] == "/" and left == 1
            value = left / right if is_fraction else min(left, right) / (left + right)
        else:
            few = figure(match["few"]) if match["noun"] is None else 1.0
            many = figure(match["many"])
            many = None if many is None else many * _RATIO_SCALES.get(match["scale"] or "", 1.0)
            if few is None or many is None or many <= few:
                continue
            value = few / many
        yield Quantity(value, "share", match[0], match.start(), match.end())


def _merged(words: str, found: list[Quantity]) -> Iterator[Quantity]:
    """Yield quantities; times that follow each other with falling units become one."""
    last: Quantity | None = None
    for one in found:
        if last is not None and _goes_on(last, one, words):
            last = Quantity(last.value + one.value, "seconds", words[last.start : one.end], last.start, one.end)
            continue
        if last is not None:
            yield last
        last = one
    if last is not None:
        yield last


def _goes_on(last: Quantity, one: Quantity, words: str) -> bool:
    """Say whether a time is the rest of the one before it: ``1 hour`` and ``30 minutes``."""
    is_rest = last.kind == one.kind == "seconds" and one.value < last.value
    return is_rest and _JOINED.fullmatch(words[last.end : one.start]) is not None
