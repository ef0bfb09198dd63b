"""What a value that is tied to a name states: a recommendation, a range, when to stop, what makes runs cheaper."""

from __future__ import annotations

import re

from ingest.claims.domains import Domain
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules import cues
from ingest.claims.rules.kinds import is_budget
from ingest.claims.rules.sentence import Sentence
from kg.model.evidence import ClaimKind

_STOPS = re.compile(r"threshold|patience|tol|round|iteration|stop", re.I)
_CHEAPER = re.compile(r"epoch|size|fraction|fidelit|budget|resource|step|iteration", re.I)
_IN_A_CASE = re.compile(r"\b(?:if|when|unless|whether|where|once)\b[^,]*$", re.I)
_BETTER = re.compile(r"\b(?:better|best|recommend\w*|advis\w*|good|prefer\w*|works? well)\b", re.I)
_USUAL = re.compile(r"\b(?:recommend\w*|typical\w*|common\w*|usual\w*|good|reasonable|works? well|suggest\w*)\b", re.I)
_SHOULD = re.compile(r"\bshould (?:use|be|set)\b", re.I)
_SEARCHED = re.compile(r"\b(?:search\w*|sweep\w*|grid\w*|try|explor\w*|range|tun\w+)\b", re.I)
#: A verb of setting governs what is within this many characters; an assignment (``a=1, b=2``) what is further.
_NEAR, _FAR = 45, 120


def kind_of_value(sentence: Sentence, domain: Domain, mention: ParameterMention) -> ClaimKind | None:
    """Return what the value `domain` of `mention` states, or None where nothing says so.

    Args:
        sentence: Where both stand.
        domain: The value or range.
        mention: Whose it is.
    """
    if special := _special_kind(sentence, domain, mention):
        return special
    if not domain.is_range:
        return _kind_of_one(sentence.text.plain, domain, mention)
    if domain.form in {"above", "below"}:
        return _kind_of_bound(sentence.text.plain, domain)
    return _kind_of_range(sentence.text.plain, domain, mention)


def _special_kind(sentence: Sentence, domain: Domain, mention: ParameterMention) -> ClaimKind | None:
    plain = sentence.text.plain
    about = f"{plain} {sentence.place.block.section} {sentence.place.document.title}"
    beside = mention.name + plain[domain.end : domain.end + 20]
    if "threshold" in mention.name and cues.STOPPING.search(about):
        return "termination"
    if cues.STOPPING.search(plain) and _STOPS.search(beside):
        return "termination"
    return "fidelity" if cues.FIDELITY.search(plain) and _CHEAPER.search(mention.name) else None


def _kind_of_one(plain: str, domain: Domain, mention: ParameterMention) -> ClaimKind | None:
    if cues.INSTANCE.search(plain) and not cues.ADVISED.search(plain) and not _SHOULD.search(plain):
        return None
    return "recommended_value" if cues.RECOMMEND.search(plain) or _is_set(plain, mention, domain) else None


def _kind_of_bound(plain: str, domain: Domain) -> ClaimKind | None:
    if _IN_A_CASE.search(plain[: domain.start]):
        return None
    if _BETTER.search(plain):
        return "recommended_value"
    in_brackets = "(" in plain[max(0, domain.start - 2) : domain.start]
    return "range" if in_brackets or cues.SEARCH.search(plain) or cues.RECOMMEND.search(plain) else None


def _kind_of_range(plain: str, domain: Domain, mention: ParameterMention) -> ClaimKind | None:
    is_exact = domain.form in {"interval", "set", "spread", "half", "within"}
    if _USUAL.search(plain):
        return "range" if is_exact and _SEARCHED.search(plain) else "recommended_value"
    if is_exact or domain.form == "between":
        return "range"
    if domain.form == "list" and is_budget(re.sub(r"^number of ", "", mention.name)):
        return "budget"
    return "range" if cues.SEARCH.search(plain) or cues.SETTING.search(plain) else None


def _is_set(plain: str, mention: ParameterMention, domain: Domain) -> bool:
    """Say whether a verb of setting governs a name and its value: close before them, or between them."""
    start = min(mention.start, domain.start)
    reach = _FAR if re.search(r"=\s?\S+,\s*(?:and\s+)?$", plain[: mention.start]) else _NEAR
    before, between = plain[max(0, start - reach) : start], plain[mention.end : domain.start]
    return bool(cues.SETTING.search(before) or cues.SETTING.search(between))
