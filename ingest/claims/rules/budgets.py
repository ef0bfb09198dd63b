"""Claims on what a search may spend, and on when it stops: ``a budget of 100 evaluations``."""

from __future__ import annotations

import re

from ingest.claims.domains import Domain
from ingest.claims.model import FoundClaim
from ingest.claims.naming import known_parameters
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules import cues
from ingest.claims.rules.sentence import Sentence
from ingest.claims.rules.subjects import Subject
from kg.iris import plain_name
from kg.model.evidence import ClaimKind

#: No search has more evaluations; what a text counts beyond is data.
_MOST_EVALUATIONS = 1_000_000


def spent(sentence: Sentence, domain: Domain, subject: Subject | None) -> FoundClaim | None:
    """Return the claim of a number of evaluations, iterations or hours: what to spend, or when to stop."""
    plain = sentence.text.plain
    unit = _unit_of(plain, domain)
    if not unit:
        return None
    name = re.sub(r"\s+", " ", unit["unit"])
    at = domain.end + unit.start("unit")
    mention = subject.mention if subject and subject.is_close and subject.mention.end <= domain.start else None
    if re.fullmatch(r"samples|points|trees", name):
        return _designed(sentence, domain, mention)
    if cues.STOPPING.search(plain) and not _LASTING.search(plain[: domain.start]):
        watched = mention or ParameterMention(_patience(sentence, plain) or name, at, at + len(name))
        return sentence.claim("termination", watched, domain, unit=name)
    if not _is_spent(plain, domain, mention):
        return None
    kind: ClaimKind = "recommended_value" if mention and "warm" in mention.name else "budget"
    named = mention or ParameterMention(_budget_name(name, sentence.place.document.text), at, at + len(name))
    return sentence.claim(kind, named, domain, unit=name)


_LASTING = re.compile(r"\b(?:for|maximum of|up to|total of)\s+(?:an?\s+)?(?:maximum of\s+|total of\s+)?$|\bfor an?\s+$")
_OF_TIME = re.compile(r"\b(?:budget|limit|run|running|maximum|allow|timeout|recommend)\w*", re.I)


def _unit_of(plain: str, domain: Domain) -> re.Match[str] | None:
    """Return what the number counts, where that can be spent; None for data, shares and examples."""
    single = domain.value if isinstance(domain.value, int | float) else 0
    if domain.percent or max(domain.low or 0, domain.high or 0, single) > _MOST_EVALUATIONS:
        return None
    if cues.INSTANCE.search(plain) and not cues.ADVISED.search(plain):
        return None
    return cues.UNITS.match(plain[domain.end :]) or cues.TIME.match(plain[domain.end :])


def _is_spent(plain: str, domain: Domain, mention: ParameterMention | None) -> bool:
    if not cues.BUDGET.search(plain) and not (mention and cues.SETTING.search(plain)):
        return False
    return not cues.TIME.match(plain[domain.end :]) or bool(_OF_TIME.search(plain))


def _patience(sentence: Sentence, plain: str) -> str:
    """Return what a number of rounds without improvement is called; empty where it is something else."""
    if not re.search(r"improv|unchanged|patience|early[- ]stop", plain, re.I):
        return ""
    text = sentence.place.document.text
    return next((name for name in ("patience", "early stopping") if name in text), "")


def _budget_name(unit: str, text: str) -> str:
    """Return what an amount of time is called, in the words of the document."""
    if not re.match(r"sec|min|h|s$|day", unit, re.I):
        return unit
    return next(
        (name for name in ("time limit", "time budget", "runtime", "wall-clock", "budget") if name in text), unit
    )


def _designed(sentence: Sentence, domain: Domain, mention: ParameterMention | None) -> FoundClaim | None:
    plain = sentence.text.plain
    known = mention is not None and plain_name(mention.name) in known_parameters()
    if mention is None or not (known or cues.SETTING.search(plain) or cues.RECOMMEND.search(plain)):
        return None
    return sentence.claim("recommended_value" if not domain.is_range else "range", mention, domain)
