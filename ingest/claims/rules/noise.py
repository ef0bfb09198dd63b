"""Numbers in running text that are no value of anything."""

from __future__ import annotations

import re

from ingest.claims.domains import Domain
from ingest.claims.rules import cues

_FORMULA = re.compile(r"\s*(?:log\b|\||\(\w|[/·∗]|orders? of\b|to (?:some|the|a)\b|(?:st|nd|rd|th)\b)")
_YEARS = range(1900, 2101)


def is_noise(domain: Domain, plain: str) -> bool:
    """Say whether a number is no value of anything: it numbers, dates, cites, or is part of a name or a formula."""
    left, right = plain[max(0, domain.start - 30) : domain.start], plain[domain.end : domain.end + 40]
    if _is_citation(domain, plain) or (re.search(r"[+√⌈(]\s*$", left) and domain.form == "expression"):
        return True
    if re.match(r"\s*orders? of\b", right):
        return True
    if re.match(r"[\w-]*[A-Za-z]", right) and not re.match(r"(?:x|s|h|ms|min|MB|GB|k|d)\b|-", right):
        return True  # part of a name: ``4bit``
    return not domain.is_range and _is_lone_noise(domain, left, right, begins=not plain[: domain.start].strip(" -*•#>"))


def _is_lone_noise(domain: Domain, left: str, right: str, *, begins: bool) -> bool:
    if cues.NUMBERING.search(left) and not cues.DEFAULT_BEFORE.search(left):
        return True
    if re.search(r"[\w)][-–]$|\b(?:hours?|minutes|days?) and\s*$", left) or _FORMULA.match(right):
        return True
    if begins and re.match(r"[.)]\s", right):
        return True  # the number of an item
    if left.endswith("(") and right.startswith(") ") and domain.value in range(1, 11):
        return True  # one of a list: (1) ..., (2) ...
    is_year = isinstance(domain.value, int) and domain.value in _YEARS
    return is_year or (left.endswith("[") and right.startswith("]"))


_BEFORE_BRACKET = re.compile(
    r"(?:\b(?:in|of|from|values?|try|range|ranges|between|set|over|to|is|are|sizes?|grid|interval"
    r"|with)|[=:∈(`'\"]|\\in)\s*$"
)


def _is_citation(domain: Domain, plain: str) -> bool:
    """Say whether a bracket of whole numbers follows a word that no range follows: it cites."""
    text = plain[domain.start : domain.end]
    if not text.startswith("[") or re.search(r"[.e^%−{]", text):
        return False
    left = plain[max(0, domain.start - 25) : domain.start]
    if not _BEFORE_BRACKET.search(left):
        return True
    numbers = [float(number) for number in re.findall(r"\d+", text)]
    cited = len(numbers) > 2 and max(numbers) < 200 and bool(re.search(r"\b(?:in|from|of|with)\s*$", left))
    return cited and not re.search(r"\brang|\bvalues|\bsearch", plain)
