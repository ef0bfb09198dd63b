"""Claims with a value in running text: ``we recommend a learning rate between 1e-5 and 5e-5``."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.claims.domains import Domain, domains_in, scale_of
from ingest.claims.domains import plain as plain_number
from ingest.claims.masking import Masked
from ingest.claims.model import FoundClaim
from ingest.claims.naming import known_parameters, mentions_in
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules import cues
from ingest.claims.rules.kinds import is_budget, kind_for
from ingest.claims.rules.place import Place, cut, stated
from ingest.claims.rules.subjects import Subject, names_in, subject_of
from kg.iris import plain_name
from kg.model.evidence import ClaimKind

_WORD_DEFAULT = re.compile(
    r"(?:\bdefaults?\s+(?:value\s+)?(?:to|is|=|:)|\bdefault\s*[=:]|\bby default[^.;]{0,60}?\b(?:is set to|is|to|uses)\b)\s*"
    r"(?P<open>[`\"'(]*\s*)(?P<value>[A-Za-z][\w./+-]*)(?P<close>\s*[`\"')\]]*)",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"(?i:true|false|none|null|auto|nan|off|on|null/none|none/null)|[A-Z][A-Z0-9_]{2,}")
_CONDITION = re.compile(
    r"\b(?:if|when|unless|while|where|for|in case|as long as|provided)\b[^.;:]{3,110}", re.IGNORECASE
)


@dataclass(frozen=True)
class Sentence:
    """A sentence of a block, and what is known about it."""

    place: Place
    text: Masked
    """The sentence."""
    block: Masked
    start: int
    """Where in the block it starts."""
    term: ParameterMention | None = None
    """What the block defines, where it is an item of a list of definitions."""
    last: ParameterMention | None = None
    """What the sentence before was about, where it named but one setting."""
    offset: int = 0
    """Where in the block's reading `block` starts: a comment in a listing."""

    def claim(
        self, kind: ClaimKind, mention: ParameterMention | None, domain: Domain | None, **fields: object
    ) -> FoundClaim:
        """Return a claim of this sentence on what `mention` names."""
        name = mention.name if mention else ""
        around = self._span(mention, domain)
        end = self.start + len(self.text.raw)
        span = cut(self.block.raw, self._quote_start(mention), end, around=around)
        values = stated(domain) if domain else {}
        is_here = mention is not None and mention not in (self.term, self.last)
        nearby = nearest_methods(self.text.plain, mention.start if mention and is_here else 0)
        if mention is not None and mention is self.term:
            nearby = ()  # what an item on a parameter names is one of its values
        method = str(fields.pop("method", "")) or self.place.method_for(name, *nearby, kind=kind)
        merged = {"condition": condition_of(self.text.plain), **values, **fields}
        span = (span[0] + self.offset, span[1] + self.offset)
        return self.place.claim(kind, span, method=method, parameter=name, **merged)

    def _span(self, mention: ParameterMention | None, domain: Domain | None) -> tuple[int, int]:
        ends = [(domain.start, domain.end)] if domain else []
        if mention and mention not in (self.term, self.last):
            ends.append((mention.start, mention.end))
        if not ends:
            return self.start, self.start
        return self.start + min(a for a, _ in ends), self.start + max(b for _, b in ends)

    def _quote_start(self, mention: ParameterMention | None) -> int:
        """Return where the quote starts: with the term that is defined, where that makes it no longer than it may be."""
        end = self.start + len(self.text.raw)
        first = len(self.block.raw) - len(self.block.raw.lstrip(" -*•|"))
        return first if mention is not None and mention is self.term and end - first <= 300 else self.start


def nearest_methods(plain: str, position: int) -> tuple[str, ...]:
    """Return the methods that a sentence names, the nearest before `position` first, then those after."""
    mentions = mentions_in(plain)
    opening = re.match(r"\W*(?:For|In|With)\s+(?P<name>[A-Z][\w-]*[A-Z][\w-]*),\s", plain)
    if opening and not any(m.start < opening.end() for m in mentions):
        return (opening["name"], *(m.name for m in mentions))
    before = [m.name for m in reversed(mentions) if m.end <= position]
    return (*before, *(m.name for m in mentions if m.end > position))


def condition_of(plain: str) -> str:
    """Return the clause of a sentence that says in which case; empty where there is none."""
    match = _CONDITION.search(plain)
    return re.sub(r"\s+", " ", match[0]).strip(" ,)") if match else ""


def value_claims(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield the claims that the values of a sentence make."""
    names = names_in(sentence.text)
    plain = sentence.text.plain
    domains = domains_in(plain)
    for domain in domains:
        if _is_noise(domain, plain):
            continue
        if found := _judged(sentence, domain, names):
            yield found
    yield from _word_defaults(sentence, names)
    yield from _word_values(sentence, names)
    yield from _code_values(sentence)


_FORMULA = re.compile(r"\s*(?:log\b|\||\(\w|[/·∗]|orders? of\b|to (?:some|the|a)\b|(?:st|nd|rd|th)\b)")
_YEARS = range(1900, 2101)


def _is_noise(domain: Domain, plain: str) -> bool:
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
    is_year = isinstance(domain.value, int) and domain.value in _YEARS
    return is_year or (left.endswith("[") and right.startswith("]"))


_BEFORE_BRACKET = re.compile(
    r"(?:\b(?:in|of|from|values?|try|range|ranges|between|set|over|to|is|are|sizes?|grid|interval|with)|[=:∈(`'\"]|\\in)\s*$"
)


def _is_citation(domain: Domain, plain: str) -> bool:
    """Say whether a bracket of whole numbers follows a word that no range follows: it cites."""
    text = plain[domain.start : domain.end]
    if not text.startswith("[") or re.search(r"[.e^%−{]", text):
        return False
    left = plain[max(0, domain.start - 25) : domain.start]
    if not _BEFORE_BRACKET.search(left):
        return True
    numbers = [int(number) for number in re.findall(r"\d+", text)]
    cited = len(numbers) > 2 and max(numbers) < 200 and bool(re.search(r"\b(?:in|from|of|with)\s*$", left))
    return cited and not re.search(r"\brang|\bvalues|\bsearch", plain)


_MACHINES = re.compile(r"\s*(?:gpus?|cpus?|cores|nodes|machines)\b", re.I)


def _judged(sentence: Sentence, domain: Domain, names: tuple[ParameterMention, ...]) -> FoundClaim | None:
    """Return the claim that `domain` makes, or None where it makes none."""
    plain = sentence.text.plain
    left, right = plain[: domain.start], plain[domain.end :]
    subject = subject_of(domain, sentence.text, names)
    if is_default(left, right, domain):
        mention = _default_subject(sentence, subject)
        if mention is None or domain.form in {"above", "below"}:
            return None
        limits = _limits(sentence.text.plain, domain) if domain.form == "single" else {}
        if (domain.is_range and domain.form not in {"list", "set"}) or _MACHINES.match(right):
            return None
        return sentence.claim(kind_for(mention.name, "default"), mention, domain, **limits)
    if cues.REPORT.search(plain) and not re.search(r"\brecommend", plain, re.IGNORECASE):
        return None
    if spent := _spent(sentence, domain, subject):
        return spent
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


def _default_subject(sentence: Sentence, subject: Subject | None) -> ParameterMention | None:
    """Return whose default it is: what is named close by, else what the item defines, else what is named at all."""
    if subject and subject.is_close:
        return subject.mention
    return sentence.term or (subject.mention if subject else None)


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
        return sentence.last
    strong = cues.RECOMMEND.search(sentence.text.plain) or domain.form in {"interval", "half", "spread", "set"}
    if (
        sentence.term
        and strong
        and re.search(
            r"\b(?:range|values?|between|recommend\w*|typical\w*|ratio|must|should|set)\b", sentence.text.plain, re.I
        )
    ):
        return sentence.term
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
            r"\s*(?:it|this|values?|a (?:value|good|typical|reasonable|common|larger?|smaller?)|typical|good|common|usual|reasonable|smaller|larger)\b",
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


_NEEDED = re.compile(r"\b(?:must|has to|have to|needs? to|is required to)\s+(?:also\s+)?be\b", re.I)


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


#: No search has more evaluations; what a text counts beyond is data.
_MOST_EVALUATIONS = 1_000_000


def _spent(sentence: Sentence, domain: Domain, subject: Subject | None) -> FoundClaim | None:
    """Return the claim of a number of evaluations, iterations or hours: what to spend, or when to stop."""
    plain = sentence.text.plain
    most = max(domain.low or 0, domain.high or 0, domain.value if isinstance(domain.value, int | float) else 0)
    if most > _MOST_EVALUATIONS:
        return None
    unit = cues.UNITS.match(plain[domain.end :]) or cues.TIME.match(plain[domain.end :])
    if not unit or domain.percent or (cues.INSTANCE.search(plain) and not cues.ADVISED.search(plain)):
        return None
    name = re.sub(r"\s+", " ", unit["unit"])
    at = domain.end + unit.start("unit")
    mention = subject.mention if subject and subject.is_close and subject.mention.end <= domain.start else None
    if re.fullmatch(r"samples|points|trees", name):
        return _designed(sentence, domain, mention)
    until = re.search(
        r"\b(?:for|maximum of|up to|total of)\s+(?:an?\s+)?(?:maximum of\s+|total of\s+)?$", plain[: domain.start]
    )
    lasting = bool(until) or (domain.form == "below" and bool(re.search(r"\bfor an?\s+$", plain[: domain.start])))
    if cues.STOPPING.search(plain) and not lasting:
        watched = mention or ParameterMention(_patience(sentence, plain) or name, at, at + len(name))
        return sentence.claim("termination", watched, domain, unit=name)
    if not cues.BUDGET.search(plain) and not (mention and cues.SETTING.search(plain)):
        return None
    if cues.TIME.match(plain[domain.end :]) and not re.search(
        r"\b(?:budget|limit|run|running|maximum|allow|timeout|recommend)\w*", plain, re.I
    ):
        return None
    if mention is None and name == "steps":
        mention = ParameterMention("steps", at, at + 5)
    kind: ClaimKind = "budget"
    if mention and kind_for(mention.name, "recommended_value") == "recommended_value" and "warm" in mention.name:
        kind = "recommended_value"
    named = mention or ParameterMention(_budget_name(name), at, at + len(name))
    return sentence.claim(kind, named, domain, unit=name)


def _patience(sentence: Sentence, plain: str) -> str:
    """Return what a number of rounds without improvement is called; empty where it is something else."""
    if not re.search(r"improv|unchanged|patience|early[- ]stop", plain, re.I):
        return ""
    text = sentence.place.document.text
    return next((name for name in ("patience", "early stopping") if name in text), "")


def _budget_name(unit: str) -> str:
    return "time limit" if re.match(r"sec|min|h|s$|day", unit, re.I) else unit


def _designed(sentence: Sentence, domain: Domain, mention: ParameterMention | None) -> FoundClaim | None:
    plain = sentence.text.plain
    known = mention is not None and plain_name(mention.name) in known_parameters()
    if mention is None or not (known or cues.SETTING.search(plain) or cues.RECOMMEND.search(plain)):
        return None
    return sentence.claim("recommended_value" if not domain.is_range else "range", mention, domain)


_WORD_VALUE = re.compile(
    r"^[\s`'\"]*(?:parameter\s+)?(?:should|must|has to|needs to|need to|can|is (?:usually|typically|often))\s+(?:also\s+)?be\s+set\s+to\s+(?P<value>[^.;,()]{2,60}?)(?=\s+(?:when|if|for|to|in order|so|because|and|which|as)\b|[.;,()]|$)",
    re.I,
)


def _is_marked(text: Masked, start: int, end: int) -> bool:
    """Say whether a word is all, or nearly all, of a span in code font."""
    return any(a <= start and end <= b and b - a <= end - start + 4 for a, b in text.code)


def _word_values(sentence: Sentence, names: tuple[ParameterMention, ...]) -> Iterator[FoundClaim]:
    """Yield values in words: ``booster`` should be set to ``gbtree``."""
    for mention in names:
        match = _WORD_VALUE.match(sentence.text.plain[mention.end :])
        if not match or domains_in(match["value"]) or not mention.is_code:
            continue
        start, end = (mention.end + position for position in match.span("value"))
        value = re.sub(r"\s+", " ", sentence.text.plain[start:end]).strip(" '\"`")
        domain = Domain("words", start, end, value=value)
        yield sentence.claim(kind_for(mention.name, "recommended_value"), mention, domain)


_CODE_VALUE = re.compile(
    r"\b(?:typical|recommended|good|common|reasonable|sensible)\s+values?\b(?:\s+(?:to consider|is|are|would be|for this))*\s*:?\s*$",
    re.I,
)


def _code_values(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield values in code font that are no numbers: A typical value: ``sum(negative) / sum(positive)``."""
    subject = sentence.term or sentence.last
    for start, end in sentence.text.code:
        if (
            subject
            and _CODE_VALUE.search(sentence.text.plain[:start])
            and not domains_in(sentence.text.plain[start:end])
        ):
            value = re.sub(r"\s+", " ", sentence.text.raw[start:end]).strip(" `")
            yield sentence.claim(
                kind_for(subject.name, "recommended_value"), subject, Domain("words", start, end, value=value)
            )


def _word_defaults(sentence: Sentence, names: tuple[ParameterMention, ...]) -> Iterator[FoundClaim]:
    """Yield defaults that are words: ``defaults to ``None````."""
    for match in _WORD_DEFAULT.finditer(sentence.text.plain):
        start, end = match.span("value")
        if sentence.text.is_code(match.start(), match.start() + 7):
            continue  # ``default`` is itself a value here
        marked = (
            _is_marked(sentence.text, start, end)
            or re.search(r"[\"']", match["open"])
            or _LITERAL.fullmatch(match["value"])
        )
        if not marked:
            continue
        domain = Domain("words", start, end, value=sentence.text.raw[start:end])
        others = tuple(name for name in names if name.end <= start)
        mention = _default_subject(sentence, subject_of(domain, sentence.text, others))
        if mention:
            yield sentence.claim(kind_for(mention.name, "default"), mention, domain)
