"""Claims with a value in running text: ``we recommend a learning rate between 1e-5 and 5e-5``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.claims.domains import Domain, domains_in, scale_of
from ingest.claims.domains import plain as plain_number
from ingest.claims.model import FoundClaim
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules import cues
from ingest.claims.rules.budgets import spent
from ingest.claims.rules.deciding import kind_of_value
from ingest.claims.rules.kinds import kind_for
from ingest.claims.rules.noise import is_noise
from ingest.claims.rules.place import stated
from ingest.claims.rules.sentence import Sentence
from ingest.claims.rules.subjects import Subject, default_subject, names_in, subject_of
from ingest.claims.rules.texts import texts_as_values

#: Numbers and ranges of one sentence; what has more is data.
_MOST_NUMBERS = 60


def value_claims(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield the claims that the values of a sentence make."""
    names = names_in(sentence.text)
    plain = sentence.text.plain
    domains = domains_in(plain)
    for domain in domains if len(domains) <= _MOST_NUMBERS else ():
        if is_noise(domain, plain):
            continue
        if found := _judged(sentence, domain, names):
            yield found
    yield from texts_as_values(sentence, names)


_MACHINES = re.compile(r"\s*(?:gpus?|cpus?|cores|nodes|machines)\b", re.I)


_ASSIGNED_DEFAULT = re.compile(r"\bdefault\s*[=:]\W*$", re.I)


def _judged(sentence: Sentence, domain: Domain, names: tuple[ParameterMention, ...]) -> FoundClaim | None:
    """Return the claim that `domain` makes, or None where it makes none."""
    plain = sentence.text.plain
    subject = subject_of(domain, sentence.text, names)
    if is_default(plain[: domain.start], plain[domain.end :], domain):
        return _default(sentence, domain, subject)
    if cues.REPORT.search(plain) and not re.search(r"\brecommend", plain, re.IGNORECASE):
        return None
    # Two numbers with a comma are seldom a set in running text.
    return spent(sentence, domain, subject) or (
        None if domain.form == "pair" else _set_value(sentence, domain, subject)
    )


def _default_of_last(sentence: Sentence) -> ParameterMention | None:
    """Return what the sentence before was about, where this one goes on with nothing but its default."""
    goes_on = re.match(r"\W*(?:its|the|by)?\s*defaults?\b", sentence.text.plain, re.I)
    return sentence.last if goes_on and not names_in(sentence.text) else None


def _default(sentence: Sentence, domain: Domain, subject: Subject | None) -> FoundClaim | None:
    """Return the claim of a default, or None where nothing is named or what is given is no default."""
    plain = sentence.text.plain
    assigned = bool(_ASSIGNED_DEFAULT.search(plain[: domain.start]))
    mention = default_subject(sentence.term, subject, assigned=assigned) or _default_of_last(sentence)
    is_one = domain.form in {"list", "set"} or not domain.is_range
    if mention is None or not is_one or _MACHINES.match(plain[domain.end :]):
        return None
    limits = _limits(plain, domain) if domain.form == "single" else {}
    return sentence.claim(kind_for(mention.name, "default"), mention, domain, **limits)


def _set_value(sentence: Sentence, domain: Domain, subject: Subject | None) -> FoundClaim | None:
    """Return the claim of a value or range that somebody sets, recommends or searches."""
    plain = sentence.text.plain
    mention = _subject(sentence, subject, domain)
    if mention is None or _is_supposed(plain, domain):
        return None
    domain = _changed_to(domain, plain[: domain.start])
    kind = kind_of_value(sentence, domain, mention)
    if kind is None:
        return None
    beside = _default_beside(plain, domain)
    return sentence.claim(kind_for(mention.name, kind), mention, _scaled(domain, plain), **beside)


def _changed_to(domain: Domain, left: str) -> Domain:
    """Return what a value is changed to: 64 where it is increased from 32 to 64."""
    changed = re.search(r"\b(?:increas|decreas|reduc|rais|lower|chang)\w*\b[^.;]{0,40}$", left, re.I)
    if domain.form in {"between", "dash"} and changed and domain.high is not None:
        to = domain.low if re.match("(?:decreas|reduc|lower)", changed[0], re.I) else domain.high
        return replace(domain, form="single", low=None, high=None, value=plain_number(to or domain.high))
    return domain


def _default_beside(plain: str, domain: Domain) -> dict[str, object]:
    """Return the default that a sentence gives with a range: ``have a range of (0, 1], the default value of 1``."""
    singles = [d for d in domains_in(plain) if d.form == "single" and d.start > domain.end] if domain.is_range else []
    for single in singles[:1]:
        after = re.fullmatch(
            r"[^.;]{0,25}\bdefaults?(?: value)?(?: is| of|:|=| to)?\s*", plain[domain.end : single.start], re.I
        )
        if after and domain.form in {"interval", "between", "half"}:
            return {"value": single.value}
    return {}


def is_default(left: str, right: str, domain: Domain) -> bool:
    """Say whether the words directly beside a value, or ``by default`` before an assignment, make it the default."""
    if cues.DEFAULT_BEFORE.search(left[-140:]) or cues.DEFAULT_AFTER.match(right):
        return True
    return domain.form == "single" and bool(re.search(r"\bby default\b[^.;]{0,60}\w=\s*$", left, re.I))


def _limits(plain: str, domain: Domain) -> dict[str, object]:
    """Return the bounds that a sentence gives with a default: ``The default is 0.1, the range 0 to 1``."""
    ranges = [
        d for d in domains_in(plain) if d.form in {"interval", "between", "dash", "half"} and d.start > domain.end
    ]
    if len(ranges) == 1 and re.search(r"\brang", plain[domain.end : ranges[0].start], re.I):
        return {key: value for key, value in stated(ranges[0]).items() if key in {"low", "high"}}
    return {}


def _is_supposed(plain: str, domain: Domain) -> bool:
    """Say whether a value is in a clause of condition (``if ``nfolds == 0````), which bids nothing."""
    left = plain[: domain.start]
    if re.search(r"==\s*$", left):
        return True
    clause = re.search(r"\b(?:if|when|unless|whether|since|because|after|once)\b[^,;:]*$", left, re.I)
    return bool(clause) and domain.form == "single" and not cues.ADVISED.search(clause[0] if clause else "")


_IT_IS_SET = re.compile(r"\bit (?:is|was) (?:\w+ )?(?:set|fixed|limited|chosen|defined) (?:to|as|at)\s*$", re.I)
_SET_IT = re.compile(r"\bset(?:ting)? (?:it|this) to (?:an? |the )?(?:value )?(?:of |around |about )?$", re.I)
_MEANS = re.compile(r"\W*(?:means?|would|will|is equivalent|enables?|disables?|causes?|makes?)\b", re.I)
#: A formula gives the value to a letter: ``only binary labels y in [0, 1]``.
_OF_A_LETTER = re.compile(r"(?<![\w.-])[A-Za-zα-ω]\s*(?:∈|\\in\b|\bin\b|=|<|>|≤|≥)\s*$")
#: The sentence is about what the item defines: ``Must be strictly greater than 1``.
_MUST_BE = re.compile(r"^\W*(?:it |values? |this )?(?:must|should|has to|have to|needs? to) be\b", re.I)
_OF_THE_TERM = re.compile(r"\b(?:range|values?|between|recommend\w*|typical\w*|ratio|must|should|set)\b", re.I)


def _subject(sentence: Sentence, subject: Subject | None, domain: Domain) -> ParameterMention | None:
    """Return whose value it is: what is close, what a pronoun means, what the item defines, what alone is named."""
    plain = sentence.text.plain
    counts = cues.COUNTED.match(plain[domain.end :])
    if subject and subject.is_close:
        is_held = re.search("memory|cache", subject.mention.name)
        if is_held or not counts or subject.mention.end <= domain.start:
            return subject.mention
    if _OF_A_LETTER.search(plain[: domain.start]):
        return None
    pointed = _pointed_to(sentence, domain)
    if pointed or counts:
        return pointed
    return _defined(sentence, domain) or _only_named(sentence, subject, domain)


def _pointed_to(sentence: Sentence, domain: Domain) -> ParameterMention | None:
    """Return what a pronoun, or a sentence without a name, speaks of."""
    left = sentence.text.plain[: domain.start]
    names = names_in(sentence.text)
    if _IT_IS_SET.search(left) and (before := [n for n in names if n.end <= domain.start]):
        return before[0]
    set_it = _SET_IT.search(left) and not _MEANS.match(sentence.text.plain[domain.end :])
    if set_it or (not names and sentence.last and _speaks_on(sentence, domain)):
        return sentence.term or sentence.last
    return None


def _defined(sentence: Sentence, domain: Domain) -> ParameterMention | None:
    """Return what the item defines, where the sentence speaks of its values."""
    plain = sentence.text.plain
    bound = domain.form in {"above", "below"} and _MUST_BE.search(plain[: domain.start])
    is_strong = bound or cues.RECOMMEND.search(plain) or domain.form in {"interval", "half", "spread", "set"}
    return sentence.term if is_strong and _OF_THE_TERM.search(plain) else None


def _only_named(sentence: Sentence, subject: Subject | None, domain: Domain) -> ParameterMention | None:
    """Return the only name of a sentence that recommends, where it stands before the value."""
    left = sentence.text.plain[: domain.start]
    if subject is None or subject.mention.end > domain.start or re.search(r"\w\s?=\s*$", left):
        return None  # what is assigned is assigned to something else
    plain = sentence.text.plain
    between = [d for d in domains_in(plain) if subject.mention.end <= d.start < domain.start]
    is_first = all(is_default(plain[: d.start], plain[d.end :], d) for d in between)
    alone = len(names_in(sentence.text)) == 1 and cues.RECOMMEND.search(plain)
    return subject.mention if alone and is_first else None


def _speaks_on(sentence: Sentence, domain: Domain) -> bool:
    """Say whether a sentence without a name goes on about what the last one named."""
    plain = sentence.text.plain
    if re.search(r"\ba (?:hyper)?parameter\b", plain) or domain.form == "pair":
        return False
    if domain.form in {"interval", "set", "spread", "half", "between"}:
        return bool(cues.SEARCH.search(plain))
    return bool(
        re.match(
            r"\s*(?:it|this|values?|a (?:value|good|typical|reasonable|common|larger?|smaller?)"
            r"|typical|good|common|usual|reasonable|smaller|larger)\b",
            plain,
            re.I,
        )
        and cues.RECOMMEND.search(plain)
    )


def _scaled(domain: Domain, plain: str) -> Domain:
    """Return `domain` with the scale that the words beside it say."""
    if not domain.is_range or domain.log is not None:
        return domain
    beside = plain[max(0, domain.start - 60) : domain.end + 50]
    return replace(domain, log=True if scale_of(beside) else None)
