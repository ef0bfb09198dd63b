"""Numbers as texts write them: ``1e-5``, ``2^9``, ``10%``, ``40k``, ``1,000``, ``three``, sunk powers.

>>> [number.value for number in numbers_in("from 10^{-4} to 40k, at most 10%")]
[0.0001, 40000.0, 10.0]
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_PLAIN = r"(?:\d+(?:\.\d+)?|\.\d+)"
_EXPONENT = r"\s?(?:\^|\*\*)\s*[{(]?\s*(?P<NAME>[-+−–]?\s?\d+(?:\.\d+)?)\s*[)}]?"
_TIMES = r"\s?(?:×|·|⋅|\\times|\\cdot|\*)\s?"
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺", "0123456789-+")

#: Words for small whole numbers.
WORDS = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "twenty": 20,
}  # fmt: skip
_SUFFIXES = {"k": 1e3, "K": 1e3, "M": 1e6, "thousand": 1e3, "million": 1e6, "billion": 1e9}

_NUMBER = re.compile(
    r"(?<![\w.])(?P<sign>[-−–+](?=[\d.]))?(?:"
    rf"(?P<mantissa>{_PLAIN}){_TIMES}10(?:{_EXPONENT.replace('NAME', 'e1')}|(?P<lost1>[−–-]\d{{1,2}}))"
    rf"|(?P<base>{_PLAIN}){_EXPONENT.replace('NAME', 'e2')}"
    r"|(?P<sbase>\d+)(?P<super>[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)"
    r"|10(?P<lost2>[−–]\d{1,2})(?![\d.%])"
    r"|(?P<science>\d+(?:\.\d+)?[eE]\s?[-+−–]?\s?\d{1,3})(?![\w])"
    r"|(?P<grouped>(?!0)\d{1,3}(?:,\d{3})+(?:\.\d+)?)(?![\d,])"
    r"|(?P<comma>0,\d{3,})(?![\d,]|\.\d)"
    rf"|(?P<over>\d+)/(?P<under>\d+)(?![\d/])"
    rf"|(?P<plain>{_PLAIN})"
    r")(?:(?P<suffix>[kKM](?![\w])|\s(?:thousand|million|billion)\b))?(?P<percent>\s?\\?%)?"
)
#: Largest exponent of a power; what is larger is a word's superscript or a slip.
_MOST_POWER = 100
_WORD = re.compile(r"\b(" + "|".join(WORDS) + r")\b", re.IGNORECASE)


@dataclass(frozen=True)
class Number:
    """A number and where it stands."""

    value: float
    start: int
    end: int
    percent: bool = False
    """Whether a percent sign follows; `value` is before the sign."""
    others: tuple[float, ...] = ()
    """What it may be read as too: the share of a percentage, the parts of ``1,000`` or of ``1/4``."""


def numbers_in(text: str, *, words: bool = False) -> tuple[Number, ...]:
    """Return the numbers of `text`, in order.

    Args:
        text: Plain text (markup is taken off by `ingest.claims.masking`).
        words: Whether ``three`` is a number too.

    Numbers beyond those of double precision (``1e999``) are left out.
    """
    found = [number for match in _NUMBER.finditer(text) if math.isfinite((number := _number(match)).value)]
    if words:
        found += [Number(float(WORDS[m[1].lower()]), m.start(), m.end()) for m in _WORD.finditer(text)]
    return tuple(sorted(found, key=lambda number: number.start))


def _number(match: re.Match[str]) -> Number:
    value, others = _value(match)
    if match["sign"] and match["sign"] != "+":
        others = (*others, value)  # a dash before a number may be a dash
        value = -value
    if match["suffix"]:
        others = (*others, value)
        value *= _SUFFIXES[match["suffix"].strip()]
    if match["percent"]:
        others = (*others, value / 100)
    return Number(value, match.start(), match.end(), percent=bool(match["percent"]), others=others)


def _value(match: re.Match[str]) -> tuple[float, tuple[float, ...]]:
    """Return the value of a match, and what it may be read as too."""
    if match["mantissa"] or match["base"] or match["super"] or match["lost2"]:
        return _value_of_power(match)
    if match["science"]:
        return _signed(match["science"]), ()
    if match["grouped"]:
        return float(match["grouped"].replace(",", "")), tuple(float(part) for part in match["grouped"].split(","))
    if match["comma"]:  # no group of thousands begins with a zero: a decimal comma
        return float(match["comma"].replace(",", ".")), tuple(float(part) for part in match["comma"].split(","))
    if match["over"]:
        over, under = float(match["over"]), float(match["under"])
        return (over / under if under else over), (over, under)
    return float(match["plain"]), ()


def _value_of_power(match: re.Match[str]) -> tuple[float, tuple[float, ...]]:
    if match["mantissa"]:
        mantissa = float(match["mantissa"])
        return mantissa * _power(10.0, match["e1"] or match["lost1"]), (mantissa,)
    if match["base"]:
        base = float(match["base"])
        return _power(base, match["e2"]), (base,)
    if match["super"]:
        return _power(float(match["sbase"]), match["super"].translate(_SUPERSCRIPTS)), ()
    return _power(10.0, match["lost2"]), (10.0, abs(_signed(match["lost2"])))


def _signed(text: str) -> float:
    return float(re.sub(r"\s", "", text).replace("−", "-").replace("–", "-"))


def _power(base: float, exponent: str) -> float:
    power = _signed(exponent)
    if abs(power) > _MOST_POWER or (base == 0 and power <= 0):
        return base
    try:
        return float(base**power)
    except OverflowError:
        return math.inf


def readings(text: str) -> frozenset[float]:
    """Return every value that a number of `text` can be read as."""
    found = {value for number in numbers_in(text, words=True) for value in (number.value, *number.others)}
    found |= {float(part) for part in re.findall(r"(?<![\w.])\d+(?:\.\d+)?", text)}
    return frozenset(found)


def has_reading(value: float, known: frozenset[float]) -> bool:
    """Say whether `value` is one of `known`, to one part in a billion."""
    return any(abs(value - other) <= 1e-9 * max(abs(value), abs(other)) for other in known)
