"""What a text says a setting may be or is: an interval, a set, a bound, a single value; and where it says so.

>>> [(d.low, d.high, d.value) for d in domains_in("in [1e-5, 0.1], one of {3, 5, 9}, at most 20 or 7")]
[(1e-05, 0.1, None), (3.0, 9.0, '{3, 5, 9}'), (None, 20.0, None), (None, None, 7)]
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from ingest.claims.numbers import WORDS, Number, numbers_in, sunk_powers
from kg.model import ParameterValue

_EXPONENT = r"\s*[{(]?\s?[-+−–]?\s?\d+\s?[)}]?"
#: A number, without groups (see `ingest.claims.numbers`).
NUMBER = (
    r"(?:(?<![\w.])[-−–+]?(?:\d{1,3}(?:,\d{3})+(?![\d,])|10[−–]\d{1,2}(?![\d.%])|\d+/\d+(?![\d/])"
    rf"|(?:\d+(?:\.\d+)?|\.\d+)(?:\s?(?:×|·|⋅|\\times|\\cdot|\*)\s?10\s?(?:(?:\^|\*\*){_EXPONENT}|[−–-]\d{{1,2}})"
    rf"|\s?(?:\^|\*\*){_EXPONENT}|[⁻⁺]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+|[eE]\s?[-+−–]?\s?\d{{1,3}}(?!\w))?)"
    r"(?:[kKM](?!\w)|\s(?:thousand|million|billion)\b)?(?:\s?\\?%)?)"
)
_IN_SET = NUMBER.replace(r"\d{1,3}(?:,\d{3})+(?![\d,])|", "")
_SPREAD = r"(?:log[-_ ]?uniform|log[-_]?unif|q?loguniform|lograndint|logint|LogUniform|LU|logU|q?uniform|unif|U|randint|int|float|choice)"
_LOG = re.compile(
    r"log(?![a-z]*(?:istic|loss|[-_ ]?loss))(?:[-_ ]?(?:uniform|unif|randint|scale|arithmic|arithmically|space|10|2))?\b"
    r"|\blogarithm|\bexponential(?:ly)? (?:spaced|grid)|lograndint|\bLU\b|\blogU\b",
    re.IGNORECASE,
)
_LINEAR = re.compile(r"\b(?:linear|uniform|linearly)\b", re.IGNORECASE)
_SEP = r"\s*(?:,|;|\.\.\.?|…|:|\bto\b|\band\b|–|—|−)\s*"
_ABOVE = (
    r"(?:at least|no less than|not less than|more than|greater than(?: or equal to)?|larger than|higher than|bigger than"
    r"|above|over|exceeds?|exceeding|minimum(?: \w+)? of|starting from|>=|≥|\\?geq?|>)"
)
_BELOW = (
    r"(?:at most|no more than|not more than|less than(?: or equal to)?|fewer than|smaller than|lower than|below|under"
    r"|up to|maximum(?: \w+)? of|a max(?:imum)? of|<=|≤|\\?leq?|<)"
)
_WORD = "|".join(WORDS)
_FORMS: tuple[tuple[str, re.Pattern[str]], ...] = tuple(
    (form, re.compile(pattern.replace(" ", r"\s+") if form in {"above", "below"} else pattern, flags))
    for form, pattern, flags in (
        (
            "spread",
            rf"\b{_SPREAD}\s*[\[({{]\s*(?P<low>{_IN_SET})\s*[,;]\s*(?P<high>{_IN_SET})[^\])}}]{{0,40}}[\])}}]",
            0,
        ),
        ("interval", rf"[\[(\]]\s*(?P<low>{_IN_SET}){_SEP}(?P<high>{_IN_SET})\s*[\])\[]", 0),
        ("half", rf"[\[(]\s*(?P<low>{_IN_SET})\s*,\s*\+?(?:∞|\\?inf(?:ty|inity)?|None|NULL|Inf)\s*[\])]", 0),
        ("set", rf"\\?[{{\[]\s*{_IN_SET}(?:\s*[,;]\s*(?:{_IN_SET}|\.\.\.|…|\\[lc]?dots)){{1,}}\s*\\?[}}\]]", 0),
        ("set", rf"\\?\{{\s*{_IN_SET}\s*\\?\}}(?:\s*,\s*\{{[^{{}}]{{1,60}}\}})+", 0),
        ("within", rf"(?P<low>{NUMBER})\s*(?:<=|≤|<|\\?leq?)\s*[\w\\]+\s*(?:<=|≤|<|\\?leq?)\s*(?P<high>{NUMBER})", 0),
        (
            "between",
            rf"\b(?:between|from|range)\s+(?P<low>{NUMBER})\s*(?:and|to|-|–|−|\.\.\.?)\s*(?P<high>{NUMBER})",
            re.I,
        ),
        ("dash", rf"(?<![\w.−–-])(?P<low>{NUMBER})\s?(?:-|–|—|−|~|\bto\b)\s?(?P<high>{NUMBER})(?![\w−–-])", 0),
        ("list", rf"(?P<first>{_IN_SET})(?:\s*,\s*{_IN_SET})*\s*,?\s+(?:and|or)\s+{_IN_SET}(?!\w)", 0),
        ("list", rf"(?<![\w(])(?P<first>{_IN_SET})(?:\s*,\s*{_IN_SET}){{1,}}(?![\w)])", 0),
        ("above", rf"{_ABOVE}\s*(?:the |a |about |around |~)?(?P<low>{NUMBER}|(?:{_WORD})\b)", re.I),
        ("below", rf"{_BELOW}\s*(?:the |a |about |around |~)?(?P<high>{NUMBER}|(?:{_WORD})\b)", re.I),
        ("single", rf"(?P<value>{NUMBER})(?:\+(?!\d))?", 0),
    )
)


@dataclass(frozen=True)
class Domain:
    """A value or a set of values, and the span of text that states it."""

    form: str
    """``spread`` (a distribution), ``interval``, ``set``, ``within``, ``between``, ``dash``, ``list``, ``above``,
    ``below``, ``single``, ``words``."""
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
        return self.form not in {"single", "words"}


def domains_in(text: str) -> tuple[Domain, ...]:
    """Return the domains of plain `text`, in order; none overlaps another."""
    found: list[Domain] = []
    taken = [False] * len(text)
    for form, pattern in _FORMS:
        for match in pattern.finditer(text):
            if any(taken[match.start() : match.end()]):
                continue
            if domain := _domain(form, match, text):
                found.append(domain)
                taken[match.start() : match.end()] = [True] * (match.end() - match.start())
    return tuple(sorted(found, key=lambda domain: domain.start))


def _domain(form: str, match: re.Match[str], text: str) -> Domain | None:
    if form in {"set", "list"}:
        return _set(form, match)
    groups = match.groupdict()
    numbers = {name: _bound(match, name) for name in groups if groups[name]}
    if any(number is None for number in numbers.values()):
        return None
    values = {name: number.value for name, number in numbers.items() if number}
    percent = any(number.percent for number in numbers.values() if number)
    if form == "single":
        return Domain(form, *match.span(), value=plain(values["value"]), percent=percent)
    domain = Domain(form, *match.span(), low=values.get("low"), high=values.get("high"), percent=percent)
    domain = _with_powers(domain, text)
    if domain.low is not None and domain.high is not None and domain.low > domain.high:
        return None
    return replace(domain, log=_scale(match[0]) if form == "spread" else None)


def _bound(match: re.Match[str], name: str) -> Number | None:
    """Return the bound `name`; a multiplier or percent sign of the high one (``10-20k``, ``5-10%``) holds for both."""
    return next(iter(numbers_in(match[name], words=True)), None)


def _with_powers(domain: Domain, text: str) -> Domain:
    """Read ``[10−6, 26 ]`` as 10 to the -6 to 2 to the 6, where the gap says that a superscript was lost."""
    if domain.form != "interval" or domain.low is None or domain.high is None:
        return domain
    sunk = {number.end: number.value for number in sunk_powers(text[: domain.end]) if number.start > domain.start}
    inner = text[domain.start : domain.end - 1].rstrip()
    power = sunk.get(domain.start + len(inner))
    return replace(domain, high=power) if power else domain


def _set(form: str, match: re.Match[str]) -> Domain | None:
    values = [number.value for number in numbers_in(re.sub(r"(?<=\d),(?=\S)", ", ", match[0]))]
    if form == "list" and not _alike(match[0]):
        return None
    if len(values) < 2:
        return None
    shown = re.sub(r"\s+", " ", match[0]).strip("{}[]\\ ")
    return Domain(
        form, *match.span(), low=min(values), high=max(values), value="{" + shown + "}", percent="%" in match[0]
    )


def _alike(text: str) -> bool:
    """Say whether the numbers of a list are of one kind: not a year beside a page, nor a date."""
    values = [abs(number.value) for number in numbers_in(re.sub(r"(?<=\d),(?=\S)", ", ", text))]
    return len(values) >= 2 and not any(1900 <= value <= 2100 and value == int(value) for value in values)


def plain(value: float) -> int | float:
    """Return `value` as a whole number where it is one."""
    return int(value) if value == int(value) and abs(value) < 1e15 else value


def _scale(text: str) -> bool | None:
    return True if _LOG.search(text) else False if _LINEAR.search(text) else None


def scale_of(text: str) -> bool | None:
    """Return whether `text` speaks of a logarithmic scale (True), a linear one (False), or neither (None)."""
    return _scale(text)
