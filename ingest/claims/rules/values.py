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
from ingest.claims.rules.kinds import is_budget, kind_for
from ingest.claims.rules.noise import is_noise
from ingest.claims.rules.place import stated
from ingest.claims.rules.sentence import Sentence
from ingest.claims.rules.subjects import Subject, default_subject, names_in, subject_of
from ingest.claims.rules.texts import texts_as_values
from kg.model.evidence import ClaimKind


def value_claims(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield the claims that the values of a sentence make."""
    names = names_in(sentence.text)
    plain = sentence.text.plain
    domains = domains_in(plain)
    for domain in domains:
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
    left, right = plain[: domain.start], plain[domain.end :]
    subject = subject_of(domain, sentence.text, names)
    if is_default(left, right, domain):
        mention = default_subject(sentence.term, subject, assigned=bool(_ASSIGNED_DEFAULT.search(left)))
        if mention is None or domain.form in {"above", "below"}:
            return None
        limits = _limits(sentence.text.plain, domain) if domain.form == "single" else {}
        if (domain.is_range and domain.form not in {"list", "set"}) or _MACHINES.match(right):
            return None
        return sentence.claim(kind_for(mention.name, "default"), mention, domain, **limits)
    if cues.REPORT.search(plain) and not re.search(r"\brecommend", plain, re.IGNORECASE):
        return None
    if found := spent(sentence, domain, subject):
        return found
    if domain.form == "pair":
        return None  # two numbers with a comma: seldom a set in running text
    mention = _subject(sentence, subject, domain, right)
    if mention is None or _is_supposed(plain, domain):
        return None
    domain = _changed_to(domain, left)
    kind = _kind(sentence, domain, mention)
    if kind is None:
        return None
    return sentence.claim(
        kind_for(mention.name, kind), mention, _scaled(domain, plain), **_default_beside(plain, domain)
    )


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
    """Return the bounds that a sentence gives with a default: ``The default is 0.1 and the range is 0 to 1.``"""
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


def _subject(sentence: Sentence, subject: Subject | None, domain: Domain, right: str) -> ParameterMention | None:
    held = subject is not None and re.search("memory|cache", subject.mention.name)
    if (
        subject
        and subject.is_close
        and (held or not (cues.COUNTED.match(right) and subject.mention.start >= domain.end))
    ):
        return subject.mention
    left = sentence.text.plain[: domain.start]
    if _IT_IS_SET.search(left) and (before := [n for n in names_in(sentence.text) if n.end <= domain.start]):
        return before[0]
    if cues.COUNTED.match(right):
        return None
    if (sentence.term or sentence.last) and re.search(
        r"\bset(?:ting)? (?:it|this) to (?:an? |the )?(?:value )?(?:of |around |about )?$", left, re.I
    ):
        return sentence.term or sentence.last
    if not names_in(sentence.text) and sentence.last and _speaks_on(sentence, domain):
        return sentence.term or sentence.last
    strong = cues.RECOMMEND.search(sentence.text.plain) or domain.form in {"interval", "half", "spread", "set"}
    if (
        sentence.term
        and strong
        and re.search(
            r"\b(?:range|values?|between|recommend\w*|typical\w*|ratio|must|should|set)\b", sentence.text.plain, re.I
        )
    ):
        return sentence.term
    if re.search(r"\w\s?=\s*$", left):
        return None  # it is assigned to something else
    ahead = subject is not None and subject.mention.end <= domain.start
    if subject and ahead and cues.RECOMMEND.search(sentence.text.plain) and len(names_in(sentence.text)) == 1:
        return subject.mention
    return None


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


def _kind(sentence: Sentence, domain: Domain, mention: ParameterMention) -> ClaimKind | None:
    """Return what a value that is tied to a name states, or None where nothing says so."""
    plain = sentence.text.plain
    about = sentence.place.block.section + " " + sentence.place.document.title
    if "threshold" in mention.name and cues.STOPPING.search(plain + " " + about):
        return "termination"
    if cues.STOPPING.search(plain) and re.search(
        r"threshold|patience|tol|round|iteration|stop", mention.name + plain[domain.end : domain.end + 20], re.I
    ):
        return "termination"
    if cues.FIDELITY.search(plain) and re.search(
        r"epoch|size|fraction|fidelit|budget|resource|step|iteration", mention.name, re.I
    ):
        return "fidelity"
    recommends = cues.RECOMMEND.search(plain)
    if domain.form in {"single", "words", "expression"}:
        if cues.INSTANCE.search(plain) and not cues.ADVISED.search(plain):
            return None
        return "recommended_value" if recommends or _is_set(plain, mention, domain) else None
    if domain.form in {"above", "below"}:
        if re.search(r"\b(?:if|when|unless|whether|where|once)\b[^,]*$", plain[: domain.start], re.I):
            return None
        if re.search(r"\b(?:better|best|recommend\w*|advis\w*|good|prefer\w*|works? well)\b", plain, re.I):
            return "recommended_value"
        return (
            "range"
            if cues.SEARCH.search(plain) or recommends or "(" in plain[max(0, domain.start - 2) : domain.start]
            else None
        )
    if re.search(
        r"\b(?:recommend\w*|typical\w*|common\w*|usual\w*|good|reasonable|works? well|suggest\w*)\b", plain, re.I
    ):
        return "range" if cues_of_search(plain, domain) else "recommended_value"
    if domain.form in {"interval", "set", "spread", "half", "within", "between"}:
        return "range"
    if domain.form == "list" and is_budget(re.sub(r"^number of ", "", mention.name)):
        return "budget"
    return "range" if cues.SEARCH.search(plain) or cues.SETTING.search(plain) else None


def _is_set(plain: str, mention: ParameterMention, domain: Domain) -> bool:
    """Say whether a verb of setting governs a name and its value: close before them, or between them."""
    start = min(mention.start, domain.start)
    return bool(
        cues.SETTING.search(plain[max(0, start - (120 if re.search(r"=\s*$", plain[: domain.start]) else 45)) : start])
        or cues.SETTING.search(plain[mention.end : domain.start])
    )


def cues_of_search(plain: str, domain: Domain) -> bool:
    """Say whether a range of values is one to search, rather than one to take a value from."""
    return domain.form in {"interval", "set", "spread", "half", "within"} and bool(
        re.search(r"\b(?:search\w*|sweep\w*|grid\w*|try|explor\w*|range|tun\w+)\b", plain, re.I)
    )


def _scaled(domain: Domain, plain: str) -> Domain:
    """Return `domain` with the scale that the words beside it say."""
    if not domain.is_range or domain.log is not None:
        return domain
    beside = plain[max(0, domain.start - 60) : domain.end + 50]
    return replace(domain, log=True if scale_of(beside) else None)
