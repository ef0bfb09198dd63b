"""Claims in a row whose cells are not told apart: a name, then an interval, set or distribution."""

from __future__ import annotations

import re
from dataclasses import replace

from ingest.claims.domains import Domain, domains_in, scale_of
from ingest.claims.masking import Masked, masked
from ingest.claims.model import FoundClaim
from ingest.claims.parameters import ParameterMention, is_parameter_name, parameters_in
from ingest.claims.rules.place import Place
from ingest.claims.rules.row_claims import PARENT, row_claim


def line_claims(place: Place) -> list[FoundClaim]:
    """Read a row as one line: a name, then an interval, set or distribution, and what stands around them."""
    text = masked(place.reading.replace(" | ", "   "))
    domains = [d for d in domains_in(text.plain) if d.form in {"interval", "set", "spread", "half"}]
    found: list[FoundClaim] = []
    for number, domain in enumerate(domains):
        start = domains[number - 1].end if number else 0
        end = domains[number + 1].start if number + 1 < len(domains) else len(text.plain)
        name = _line_name(text, start, domain.start)
        if name and not re.search(r"\d\s*$", text.plain[start : domain.start].split(name.name)[-1]):
            rest = text.plain[domain.end : end]
            rest = rest[: len(rest) - len(_next_name(rest))] if number + 1 < len(domains) else rest
            found += _line_claim(place, name, domain, (text.plain[name.end : domain.start], rest))
    return found


def _line_name(text: Masked, start: int, end: int) -> ParameterMention | None:
    """Return the name that stands before an interval in a row: the last identifier but for words of type."""
    part = text.part(start, end)
    mentions = [m for m in parameters_in(part) if len(part.plain[m.end :].split()) <= 3]
    if mentions:
        return replace(mentions[0], start=mentions[0].start + start, end=mentions[0].end + start)
    typed = r"(?:integer|int|continuous|float|real|double|numeric|num|discrete|log|linear|uniform|ordinal|:|=|∈|in|-|–)"
    match = re.search(rf"(?P<name>[A-Za-zα-ω][\w.]*)\s*(?:\b{typed}\s*)*[,:=∈]?\s*$", part.plain, re.IGNORECASE)
    if match and is_parameter_name(match["name"]) and not re.fullmatch(typed, match["name"], re.IGNORECASE):
        return ParameterMention(match["name"], start + match.start("name"), start + match.end("name"), is_code=True)
    return None


def _next_name(rest: str) -> str:
    """Return the end of what stands between two intervals that belongs to the second: its name and its type."""
    match = re.search(r"\s[A-Za-z][\w.]*\s+(?:integer|int|continuous|float|real|numeric|discrete)?\s*$", rest)
    return match[0] if match else ""


def _line_claim(place: Place, name: ParameterMention, domain: Domain, beside: tuple[str, str]) -> list[FoundClaim]:
    around, span = " ".join(beside), (name.start, domain.end + len(beside[1].rstrip()))
    log = domain.log if domain.log is not None else scale_of(around)
    if log is None and re.search(r"\b(?:continuous|integer|float|int|numeric|real)\b", around):
        log = False if domain.form == "interval" else None
    domain = replace(domain, log=log)
    if re.search(r"\b(?:budget|fidelity)\b", around):
        return [row_claim(place, "fidelity", name.name, "", domain, span=span)]
    parent = PARENT.search(around)
    if not parent:
        return [row_claim(place, "range", name.name, "", domain, span=span)]
    condition = re.sub(r"\s+", " ", parent[0]).strip()
    claims = [row_claim(place, kind, name.name, "", domain, span=span) for kind in ("range", "condition")]
    return [claim.replace(condition=condition) for claim in claims]
