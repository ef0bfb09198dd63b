"""What a text says a setting may be or is: an interval, a set, a bound, a single value; and where it says so.

>>> [(d.low, d.high, d.value) for d in domains_in("in [1e-5, 0.1], one of {3, 5, 9}, at most 20; it is 7")]
[(1e-05, 0.1, None), (3.0, 9.0, '{3, 5, 9}'), (None, 20.0, None), (None, None, 7)]
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from ingest.claims.numbers import WORDS, Number, numbers_in
from kg.model import ParameterValue

_EXPONENT = r"\s*[{(]?\s?[-+−–]?\s?\d+\s?[)}]?"
#: A number, without groups (see `ingest.claims.numbers`); first as it stands in a list, where a comma separates.
_IN_LIST = (
    r"(?:(?<![\w.])[-−–+]?(?:10[−–]\d{1,2}(?![\d.%])|\d+/\d+(?![\d/])"
    rf"|(?:\d+(?:\.\d+)?|\.\d+)(?:\s?(?:×|·|⋅|\\times|\\cdot|\*)\s?10\s?(?:(?:\^|\*\*){_EXPONENT}|[−–-]\d{{1,2}})"
    rf"|\s?(?:\^|\*\*){_EXPONENT}|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|[eE]\s?[-+−–]?\s?\d{{1,3}}(?!\w))?)"
    r"(?:[kKM](?!\w)|\s(?:thousand|million|billion)\b)?(?:\s?\\?%)?)"
)
_NUMBER = _IN_LIST.replace("(?:10[−–]", r"(?:\d{1,3}(?:,\d{3})+(?![\d,])|10[−–]", 1)
_WORD = "|".join(WORDS)
_UNIT = r"(?:\s?\(?(?:KB|MB|GB|ms|s|h|min|seconds|minutes|hours|epochs|steps|trials|iterations|trees)\b\)?)?"
_SPREAD = (
    r"(?:log[-_ ]?uniform|log[-_]?unif|q?loguniform|lograndint|logint|LogUniform|LU|logU|q?uniform|Uniform|unif|U"
    r"|randint|int|float|choice)"
)
_SEP = r"\s*(?:,|;|\.\.\.?|…|:|\bto\b|\band\b|–|—|−)\s*"
#: A comma between the numbers of a list; without a space it may stand within one number (``90,000``).
_LISTED = r"(?:\s*,\s+|\s*,(?!\d{3}(?!\d)))"
#: Numbers of a list before its ``and`` or ``or``. Without a limit each number of a long series is a start to try.
_FEW = "{0,40}"
_COMMA = r"\s*[,;]\s*"
_TO = r"\s*(?:and|to|-|–|−|\.\.\.?)\s*"
_DASH = r"\s?(?:-|–|—|−|~|\bto\b)\s?"
_ABOUT = r"\s*(?:the |a |about |around |~)?"
_ABOVE = (
    r"(?<!\bno )(?<!\bnot )(?:at\s+least|(?:no|not)\s+(?:less|smaller|lower|fewer)\s+than|more\s+than"
    r"|greater\s+than(?:\s+or\s+equal\s+to)?|larger\s+than"
    r"|higher\s+than|bigger\s+than|above|over|exceeds?|exceeding|minimum(?:\s+\w+)?\s+of"
    r"|starting\s+from|>=|≥|\\?geq?\b|>)"
)
_BELOW = (
    r"(?<!\bno )(?<!\bnot )(?:at\s+most|(?:no|not)\s+(?:more|larger|greater|higher|bigger)\s+than"
    r"|less\s+than(?:\s+or\s+equal\s+to)?|fewer\s+than|smaller\s+than"
    r"|lower\s+than|below|under|up\s+to|maximum(?:\s+\w+)?\s+of|<=|≤|\\?leq?\b|<)"
)
#: Not the base of a power: ``<= 2^max_depth`` bounds by no 2.
_NO_POWER = r"(?![\d.]*\s?(?:\^|\*\*)\s?[A-Za-z])"
_LESS = r"\s*(?:<=|≤|<|\\?leq?\b)\s*"


def _pair(separator: str, *, number: str = _NUMBER) -> str:
    return rf"(?P<low>{number}){separator}(?P<high>{number})"


#: The forms, the telling ones first: what one has taken is not read by another.
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("spread", re.compile(rf"\b{_SPREAD}\s*[\[({{]\s*{_pair(_COMMA, number=_IN_LIST)}[^\])}}]{{0,40}}[\])}}]")),
    ("interval", re.compile(rf"[\[(\]]\s*{_pair(_SEP, number=_IN_LIST)}\s*[\])\[]")),
    ("half", re.compile(rf"[\[(]\s*(?P<low>{_IN_LIST})\s*,\s*\+?(?:∞|\\?[Ii]nf(?:ty|inity)?|None|NULL)\s*[\])]")),
    ("set", re.compile(rf"\\?[{{\[]\s*{_IN_LIST}(?:\s*[,;]\s*(?:{_IN_LIST}|\.\.\.|…|\\[lc]?dots))+\s*\\?[}}\]]")),
    ("set", re.compile(rf"\\?\{{\s*{_IN_LIST}\s*\\?\}}(?:\s*,\s*\{{[^{{}}]{{1,60}}\}})+")),
    ("within", re.compile(rf"(?P<low>{_NUMBER}){_LESS}[\w\\]+{_LESS}(?P<high>{_NUMBER})")),
    ("between", re.compile(rf"\b(?:between|from|range)\s+{_pair(_TO)}", re.IGNORECASE)),
    ("dash", re.compile(rf"(?<![\w.−–-]){_pair(_DASH)}(?![\w−–-])")),
    (
        "expression",
        re.compile(
            rf"{_IN_LIST}\s?(?:[·⋅×*]|\\cdot|\\times|x(?=\s[a-z]+_))\s?(?:[A-Za-z]\w*_\w+\b"
            rf"|[A-Za-z]\w*(?=\()|[a-zA-Z]\b)(?:\([^()]*\))?"
        ),
    ),
    ("expression", re.compile(r"(?<![\w.])(?:\d+\.\d+[dDnNpP]|\d+[dnp])\b(?!-)|(?<![\w.])[a-zA-Z]\s?\+\s?\d+\b")),
    ("above", re.compile(rf"{_ABOVE}{_ABOUT}(?P<low>{_NUMBER}|(?:{_WORD})\b){_NO_POWER}", re.IGNORECASE)),
    ("below", re.compile(rf"{_BELOW}{_ABOUT}(?P<high>{_NUMBER}|(?:{_WORD})\b){_NO_POWER}", re.IGNORECASE)),
    (
        "list",
        re.compile(
            rf"{_IN_LIST}{_UNIT}(?:{_LISTED}{_IN_LIST}{_UNIT}){_FEW}\s*,?\s+(?:and|or)\s+{_IN_LIST}{_UNIT}(?!\w)"
        ),
    ),
    ("list", re.compile(rf"(?<![\w(]){_IN_LIST}(?:{_LISTED}{_IN_LIST}){{2,}}(?![\w)])")),
    ("pair", re.compile(rf"(?<![\w(]){_IN_LIST}{_LISTED}{_IN_LIST}(?![\w)])")),
    ("single", re.compile(rf"(?P<value>{_NUMBER})(?:\+(?!\d))?")),
    (
        "single",
        re.compile(
            rf"\b(?P<value>{_WORD})(?=\s(?:hours?|days?|minutes?|seconds?|epochs|trials|iterations"
            rf"|folds|evaluations)\b)",
            re.IGNORECASE,
        ),
    ),
)
_LOG = re.compile(
    r"log(?![a-z]*(?:istic|loss|[-_ ]?loss))(?:[-_ ]?(?:uniform|unif|randint|scale|arithmic"
    r"|arithmically|space|10|2))?\b"
    r"|\blogarithm|\bexponential(?:ly)? (?:spaced|grid)|lograndint|\bLU\b|\blogU\b|\borders of magnitude\b",
    re.IGNORECASE,
)
_LINEAR = re.compile(r"\b(?:linear|uniform|linearly)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Domain:
    """A value or a set of values, and the span of text that states it."""

    form: str
    """``spread`` (a distribution), ``interval``, ``half``, ``set``, ``within``, ``between``, ``dash``, ``expression``,
    ``list``, ``pair`` (two with a comma), ``above``, ``below``, ``single``, ``words``."""
    start: int
    end: int
    low: float | None = None
    high: float | None = None
    value: ParameterValue = None
    log: bool | None = None
    percent: bool = False

    @property
    def is_range(self) -> bool:
        """Whether it states more than one value."""
        return self.form not in {"single", "words", "expression"}


@lru_cache(maxsize=512)
def domains_in(text: str) -> tuple[Domain, ...]:
    """Return the domains of plain `text`, in order; none overlaps another."""
    found: list[Domain] = []
    taken = [False] * len(text)
    for form, match in _matches(text):
        if not any(taken[match.start() : match.end()]) and (domain := _domain(form, match)):
            found.append(domain)
            taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    return tuple(sorted(found, key=lambda domain: domain.start))


def _matches(text: str) -> Iterator[tuple[str, re.Match[str]]]:
    if not any(character.isdigit() for character in text) and not re.search(rf"\b(?:{_WORD})\b", text, re.IGNORECASE):
        return
    for form, pattern in _FORMS:
        for match in pattern.finditer(text):
            yield form, match


def _domain(form: str, match: re.Match[str]) -> Domain | None:
    if form in {"set", "list", "pair"}:
        return _set(form, match)
    if form == "expression":
        return Domain(form, *match.span(), value=re.sub(r"\s+", " ", match[0]).strip())
    numbers = {name: _first(text) for name, text in match.groupdict().items()}
    if any(number is None for number in numbers.values()):
        return None
    values = {name: number.value for name, number in numbers.items() if number}
    percent = any(number.percent for number in numbers.values() if number)
    if form == "single":
        return Domain(form, *match.span(), value=plain(values["value"]), percent=percent)
    low, high = values.get("low"), values.get("high")
    if low is not None and high is not None and low > high:
        return None
    log = scale_of(match[0]) if form == "spread" else None
    return Domain(form, *match.span(), low=low, high=high, percent=percent, log=log)


def _first(text: str) -> Number | None:
    return next(iter(numbers_in(text, words=True)), None)


def _set(form: str, match: re.Match[str]) -> Domain | None:
    text = re.sub(r"(?<=\d),(?=\S)", ", ", match[0])
    numbers = numbers_in(text)
    values = [number.value for number in numbers]
    dated = any(1900 <= abs(value) <= 2100 and value == int(value) for value in values)
    if len(values) < 2 or (form != "set" and dated):
        return None
    shown = [re.sub(r"\s+", " ", text[number.start : number.end]).strip() for number in numbers]
    nested = "}" in match[0].strip("{}\\")
    value = re.sub(r"\s+", " ", match[0]).strip() if nested else "{" + ", ".join(shown) + "}"
    return Domain(form, *match.span(), low=min(values), high=max(values), value=value, percent="%" in match[0])


def plain(value: float) -> int | float:
    """Return `value` as a whole number where it is one."""
    return int(value) if abs(value) < 1e15 and value == int(value) else value


def scale_of(text: str) -> bool | None:
    """Return whether `text` speaks of a logarithmic scale (True), a linear one (False), or neither (None)."""
    return True if _LOG.search(text) else False if _LINEAR.search(text) else None
