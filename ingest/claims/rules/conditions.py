"""When a setting has an effect, and in which case to change it which way, in running text."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.claims.domains import domains_in
from ingest.claims.masking import sentences
from ingest.claims.model import FoundClaim
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules.sentence import Sentence
from ingest.claims.rules.subjects import main_name
from ingest.documents.model import BlockKind

_I = re.IGNORECASE

_CHANGE = re.compile(
    r"\b(?:increas(?:e|es|ed)|decreas(?:e|es|ed)|lower(?:ed)?|raised?|reduced?|higher|larger|smaller"
    r"|lower|bigger|high|low|small|large|enable[d]?|disable[d]?|turn (?:on|off)|avoid|tun(?:e|ed|ing)"
    r"|adjust(?:ed)?|set|use|try|specify)\b",
    _I,
)

#: In which case: where a clause or phrase says so.
CASE = re.compile(
    r"\b(?:if|when|whenever|unless|in case|only (?:if|when|with|for)|for (?:large|small|noisy"
    r"|imbalanced|high|continuous|sparse|very|datasets?|problems?)\w*)\b",
    _I,
)

_ADVICE = re.compile(
    r"\b(?:should|recommend\w*|advis\w+|need(?:s|ed)? to|may (?:need|have|want) to|you can|you could"
    r"|you may|try|consider|must|important to|we (?:either |usually |often )?(?:increase|decrease"
    r"|lower|raise|reduce)|helps?|useful|beneficial|better|usually|often|it is best)\b",
    _I,
)

_EFFECT = re.compile(
    r"\b(?:only (?:used|active|applicable|relevant|applies|effective|valid|available|supported"
    r"|significant|has (?:an )?effect|takes? effect|works?|matters|considered|meaningful|needed"
    r"|required)"
    r"|(?:is|are|will be) ignored|(?:has|have) no effect|no effect (?:if|when|unless)|not (?:used"
    r"|applicable|supported|available|valid) (?:if|when|for|with|unless)|used only (?:if|when|for|with"
    r"|in)|applicable only|applies only|valid only|must (?:also )?be (?:set|enabled|true|used"
    r"|specified|larger|smaller|greater|less)|cannot be used|can only be used|active (?:if|when|only)"
    r"|depends on the)\b",
    _I,
)

_PURPOSE = re.compile(r"\bto (?:enable|use|avoid|have)\b", _I)

_WE_CHANGE = re.compile(
    r"\bwe (?:either|usually|often|then|would|can|could) (?=increase|decrease|lower|raise|reduce)", _I
)

_THAT_CASE = re.compile(r"\W*in (?:that|this|such a|these|those) cases?\b", _I)
#: What else must be set, in parentheses: then it is required by what the item defines.
_REQUIRED = re.compile(r"\((?P<said>[^()]{0,20}?\b\w+\W+must (?:also )?be (?:set|enabled|true)\b[^()]{0,40})\)", _I)
#: A clause that gives the reason: what it supposes is no case of the sentence.
_REASON = re.compile(r"\b(?:because|since|meaning|as otherwise)\b", _I)

#: Words of change that say no way, or describe rather than bid.
_NO_WAY = re.compile(r"set|use|try|specify|tun\w+|\w+es", _I)

_OF_THE_CASE = re.compile(r"\b(?:if|when|with)\s+(?:using|you use|we use)?\s*(?:an?|the)?\s*$", _I)


def condition_claims(sentence: Sentence, names: tuple[ParameterMention, ...]) -> Iterator[FoundClaim]:
    """Yield when a setting has an effect, or in which case to change it which way: one claim at most a sentence."""
    for rule in (_effect, _imperative, _advice):
        if found := rule(sentence, names):
            yield found
            return


def _effect(sentence: Sentence, names: tuple[ParameterMention, ...]) -> FoundClaim | None:
    """Return when a setting has an effect: ``only used if``, ``is ignored when``, ``must be set``."""
    plain = sentence.text.plain
    effect = _EFFECT.search(plain)
    if not effect:
        return None
    if sentence.term and (aside := _REQUIRED.search(plain)):
        return sentence.claim("condition", sentence.term, None, condition=re.sub(r"\s+", " ", aside["said"]).strip())
    plain = plain[: effect.end()] + _REASON.split(plain[effect.end() :])[0]
    names = tuple(n for n in names if n.end <= len(plain))
    before = [n for n in names if n.end <= effect.start() and effect.start() - n.end <= 45]
    mention = main_name(plain, before) or sentence.term
    told = CASE.search(plain) or len(names) > 1 or _PURPOSE.search(plain[effect.end() :])
    if not mention or not told:
        return None
    close = next((d for d in domains_in(plain) if 0 <= d.start - effect.end() <= 30), None)
    return sentence.claim("condition", mention, close, condition=_case(plain, effect.start()))


def _advice(sentence: Sentence, names: tuple[ParameterMention, ...]) -> FoundClaim | None:
    """Return in which case to change a setting which way: ``If the data are noisy, decrease it``."""
    plain = sentence.text.plain
    case = _case_of_advice(sentence)
    if not case or not _ADVICE.search(plain):
        return None
    for change in _CHANGE.finditer(plain):
        if _NO_WAY.fullmatch(change[0]) or _OF_THE_CASE.search(plain[: change.start()]):
            continue
        mention = _changed(sentence, names, change)
        if mention is None and re.match(r"\s+(?:it|this (?:value|parameter))\b", plain[change.end() :]):
            mention = sentence.last or sentence.term
        if mention:
            value = change[0].lower()
            return sentence.claim("condition", mention, None, value=value, condition=case)
    return None


def _case_of_advice(sentence: Sentence) -> str:
    """Return the case of a sentence of advice: its clause, or, of ``In that case, we ...``, the sentence before."""
    plain = sentence.text.plain
    if case := CASE.search(plain):
        return _case(plain, case.start())
    if not _WE_CHANGE.search(plain) or not _THAT_CASE.match(plain):
        return ""
    before = sentence.block.part(0, sentence.start)
    spans = sentences(before)
    return re.sub(r"\s+", " ", before.plain[slice(*spans[-1])]).strip(" .")[:160] if spans else ""


_IMPERATIVE = re.compile(
    r"^[\s*+•\d.)-]*(?:(?:then|or|and|also|you can|you may|you could|remember to|make sure to|we can"
    r"|one can|please|always|never|to [\w\s-]{3,50},)\s+)*(?P<verb>use|try|set|increase|decrease"
    r"|reduce|lower|raise|choose|avoid|prefer|tune|enable|disable|keep|consider)\b"
    r"(?:\s+(?:an?|the|by|using|smaller|to|very|either|your))*\s*(?P<way>small(?:er)?|large(?:r)?"
    r"|high(?:er)?|low(?:er)?|big(?:ger)?|fewer|more|less|increase|increasing|decreasing|reducing"
    r"|lowering)?\b",
    _I,
)

_WAYS = re.compile(r"increas\w+|decreas\w+|reduc\w+|lower\w*|rais\w+|avoid|enable|disable", _I)

_FINITE = re.compile(r"\b(?:might|may|can|will|would|could|usually|is|are|\w+s (?:the|to|us))\b", _I)

_GERUND = re.compile(
    r"^[\s*+•\d.)-]*(?P<verb>increasing|decreasing|lowering|raising|reducing)(?P<way>)\s+(?:the\s+)?(?=\W*\w+\W)", _I
)


def _imperative(sentence: Sentence, names: tuple[ParameterMention, ...]) -> FoundClaim | None:
    """Return the claim of a bidding, such as to use a small ``max_bin``; its case may be the heading."""
    plain = sentence.text.plain
    match = _IMPERATIVE.match(plain) or (
        _GERUND.match(plain) if len(plain.split()) <= 10 and not _FINITE.search(plain) else None
    )
    if not match or not names or domains_in(plain):
        return None
    way = match["way"] or (match["verb"] if _WAYS.fullmatch(match["verb"]) else "")
    first = names[0]
    if not way or first.start - match.end() > 12 or first.start < match.end() - 1:
        return None
    case = CASE.search(plain) or re.search(
        r"\bto (?:avoid|prevent|reduce|speed|improve|deal|handle|get|make|increase)\b", plain, _I
    )
    condition = plain[case.start() :].strip(" .") if case else sentence.place.block.section.rpartition(" > ")[2]
    return sentence.claim("condition", first, None, value=way.lower(), condition=re.sub(r"\s+", " ", condition)[:160])


def _changed(sentence: Sentence, names: tuple[ParameterMention, ...], change: re.Match[str]) -> ParameterMention | None:
    """Return the setting that a word of change is about: its object, or the subject of ``be increased``."""
    plain = sentence.text.plain
    after = [n for n in names if 0 <= n.start - change.end() <= 25]
    if after and not re.search(r"[.;:]|\b(?:if|when|and|or|but|that|which)\b", plain[change.end() : after[0].start]):
        return after[0]
    before = [n for n in names if 0 <= change.start() - n.end <= 45]
    between = plain[before[-1].end : change.start()] if before else ""
    acts = re.search(r"\b(?:we|you|one|I)\s+(?:\w+\s+)?$", between)  # then the object follows
    if before and not acts and re.search(r"\b(?:be|should|to|can|may|must)\s*(?:\w+\s)?$", between, _I):
        return before[-1]
    return None


def _case(plain: str, start: int) -> str:
    case = CASE.search(plain, max(0, start - 1)) or CASE.search(plain)
    text = plain[case.start() :] if case else plain[start:]
    return re.sub(r"\s+", " ", re.split(r"[,;:]\s|\.$", text)[0]).strip(" .")[:160]


_VIA = re.compile(
    r"^[\s*+•\d.)-]*(?P<verb>(?!The|This|These|That|It|In|An?|By|If|For|We"
    r"|You)[A-Z][a-z]+)\s(?:[\w,-]+\s+){1,9}?(?:via|by setting|by using|using|with"
    r"|by set)\s+(?:the\s+)?(?:parameter\s+)?$"
)


def means_claims(sentence: Sentence, names: tuple[ParameterMention, ...]) -> Iterator[FoundClaim]:
    """Yield what is done by which parameter: ``Balance the weights via ``scale_pos_weight````, under its heading."""
    plain = sentence.text.plain
    is_item = sentence.place.block.kind is BlockKind.ITEM and sentence.start < 8
    if not names or not is_item or domains_in(plain) or not names[0].is_code or len(plain.split()) > 16:
        return
    follows = plain[names[0].end : names[0].end + 25]
    if re.match(
        r"\W*(?:functions?|methods?|class|command|script|tool|API|library|package|module|attribute)\b|\s*=|\W*\(",
        follows,
    ):
        return
    if _VIA.match(plain[: names[0].start]):
        goal = re.sub(r"\s+", " ", plain[: names[0].start]).strip(" -*")
        heading = sentence.place.block.section.rpartition(" > ")[2]
        yield sentence.claim("condition", names[0], None, condition=f"{heading}: {goal}"[:160])
