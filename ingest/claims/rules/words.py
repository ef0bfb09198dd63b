"""Claims without a value in running text: what matters, what has an effect when, which method to take, when to stop."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from ingest.claims.domains import domains_in
from ingest.claims.model import FoundClaim
from ingest.claims.naming import method_groups, mentions_in
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules.place import stated
from ingest.claims.rules.subjects import names_in
from ingest.claims.rules.values import Sentence

_I = re.IGNORECASE
_IMPORTANT = re.compile(
    r"\b(?:(?:most|very|particularly|especially|extremely|critically|quite|more|less|least|equally) (?:important|influential|critical|crucial|sensitive|impactful|relevant)"
    r"|(?:is|are) (?:also )?(?:important|critical|crucial|essential|vital|key|influential|sensitive)\b(?! (?:to note|that|to (?!tune|set|the)))"
    r"|important (?:hyper-?)?parameters?|key (?:hyper-?)?parameters?|sensitive to|strongest (?:effect|influence)"
    r"|(?:large|big|strong|significant|substantial|major|huge|great|biggest|largest|strongest|considerable|dramatic|small|little|minor|negligible|no) (?:effect|impact|influence) on"
    r"|depends? (?:strongly|heavily|critically|greatly|crucially) on|(?:only|first|mainly|primarily|additionally) tune|trials?,? (?:only |additionally )?tune|worth tuning|strongly (?:affects?|influences?|depends?))\b",
    _I,
)
_CHANGE = re.compile(
    r"\b(?:increas(?:e|es|ed|ing)|decreas(?:e|es|ed|ing)|lower(?:ing|ed)?|rais(?:e|ed|ing)|reduc(?:e|ed|ing)|rais(?:e|ed|ing)|higher|larger|smaller|lower|bigger|high|low|small|large|enable[d]?|disable[d]?|turn (?:on|off)|avoid|tun(?:e|ed|ing)|adjust(?:ed)?|set|use|try|specify)\b",
    _I,
)
_CASE = re.compile(
    r"\b(?:if|when|whenever|unless|in case|only (?:if|when|with|for)|for (?:large|small|noisy|imbalanced|high|continuous|sparse|very|datasets?|problems?)\w*)\b",
    _I,
)
_ADVICE = re.compile(
    r"\b(?:should|recommend\w*|advis\w+|need(?:s|ed)? to|may (?:need|have|want) to|you can|you could|you may|try|consider|must|important to|we (?:either |usually |often )?(?:increase|decrease|lower|raise|reduce)|helps?|useful|beneficial|better|usually|often|it is best)\b",
    _I,
)
_EFFECT = re.compile(
    r"\b(?:only (?:used|active|applicable|relevant|applies|effective|valid|available|supported|significant|has (?:an )?effect|takes? effect|works?|matters|considered|meaningful|needed|required)"
    r"|(?:is|are|will be) ignored|(?:has|have) no effect|no effect (?:if|when|unless)|not (?:used|applicable|supported|available|valid) (?:if|when|for|with|unless)|used only (?:if|when|for|with|in)|applicable only|applies only|valid only|requires? (?:that )?|must (?:also )?be (?:set|enabled|true|used|specified|larger|smaller|greater|less)|cannot be used|can only be used|active (?:if|when|only)|depends on the)\b",
    _I,
)
_CHOICE = re.compile(
    r"\b(?:recommend(?:ed|s)?|preferred|prefer|good (?:choice|default|option)|best (?:choice|option|suited)|default (?:choice|sampler|pruner|algorithm|method|optimi[sz]er|strategy)|well[- ]suited|suitable|works? (?:\w+ )?(?:well|best|better)|method of choice|go-to|should be (?:used|preferred)|choose|popular choice|superior|outperforms?|outperformed|performs? (?:\w+ )?(?:well|best|better|poorly)|struggles? with|is (?:typically |usually |often |generally )?(?:faster|better|more (?:efficient|robust|effective|suitable)|preferable)|acceptable|advantageous|defaults? to|use)\b",
    _I,
)
_STOP = re.compile(
    r"\b(?:stop(?:s|ped|ping)?|terminat(?:e|es|ed|ing|ion))\b[^.]{0,80}\b(?:if|once|when|after|until|as soon as|drops? below|falls? below|based on|threshold)\b",
    _I,
)
_FIDELITY_WORDS = re.compile(
    r"\b(?:(?:as|is|are) (?:a |the )?(?:fidelity|budget|resource)\b(?! to| of)|fidelity (?:parameter|dimension|hyperparameter)|low(?:er)?[- ]fidelity (?:evaluations?|approximations?) (?:are|by|using|via|with)|resource is (?:defined|measured|the))",
    _I,
)
_QUESTION = re.compile(r"\?\s*$")
_PAST = re.compile(r"\b(?:et al\.?|\[\d+\]|previous work|prior work|proposed|introduced)\b", _I)


def word_claims(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield the claims of a sentence whose point is no value."""
    plain = sentence.text.plain
    if _QUESTION.search(plain) or len(plain.split()) < 5:
        return
    names = names_in(sentence.text)
    yield from _importance(sentence, names)
    yield from _conditions(sentence, names)
    yield from _choices(sentence)
    yield from _method_defaults(sentence)
    yield from _other(sentence)


def _importance(sentence: Sentence, names: tuple[ParameterMention, ...]) -> Iterator[FoundClaim]:
    plain = sentence.text.plain
    cue = _IMPORTANT.search(plain)
    if not cue:
        return
    near = [n for n in names if abs(n.start - cue.end()) <= 70 or abs(cue.start() - n.end) <= 70]
    counted = next(
        (d for d in domains_in(plain) if d.start < cue.start() and plain[d.end :].lstrip().startswith("trials")), None
    )
    for mention in [n for n in near if n.start > cue.start()] if counted else near[:2]:
        limits = {key: value for key, value in (stated(counted) if counted else {}).items() if key in {"low", "high"}}
        if counted and counted.form == "single":
            limits = {"low": float(str(counted.value))}
        yield sentence.claim("importance", mention, None, **limits, unit="trials" if counted else "")


def _conditions(sentence: Sentence, names: tuple[ParameterMention, ...]) -> Iterator[FoundClaim]:
    """Yield when a setting has an effect, and in which case to change it which way."""
    plain = sentence.text.plain
    subject = next(iter(names), None) or sentence.term
    if effect := _EFFECT.search(plain):
        before = [n for n in names if n.end <= effect.start()]
        mention = (before[-1] if before else None) or sentence.term
        if mention and (_CASE.search(plain) or len(names) > 1):
            yield sentence.claim("condition", mention, None, condition=_case(plain, effect.start()))
            return
    case, change = _CASE.search(plain), _CHANGE.search(plain)
    subject = subject or sentence.last
    if not (case and change and subject and _ADVICE.search(plain)):
        return
    for found in _CHANGE.finditer(plain):
        mention = _changed(sentence, names, found)
        if mention is None and sentence.last and re.match(r"\s+it\b", plain[found.end() :]):
            mention = sentence.last
        if mention:
            value = found[0].lower()
            yield sentence.claim("condition", mention, None, value=value, condition=_case(plain, case.start()))
            return


def _changed(sentence: Sentence, names: tuple[ParameterMention, ...], change: re.Match[str]) -> ParameterMention | None:
    """Return the setting that a word of change is about: the object right after it, or the subject of ``be increased``."""
    plain = sentence.text.plain
    after = [n for n in names if 0 <= n.start - change.end() <= 25]
    if after and not re.search(r"[.;:]|\b(?:if|when|and|or|but|that|which)\b", plain[change.end() : after[0].start]):
        return after[0] if not re.fullmatch(r"set|use|try|specify|tun\w+", change[0], _I) else None
    before = [n for n in names if 0 <= change.start() - n.end <= 45]
    if before and re.search(
        r"\b(?:be|should|to|can|may|must)\s*(?:\w+\s)?$", plain[before[-1].end : change.start()], _I
    ):
        return before[-1]
    return None


def _case(plain: str, start: int) -> str:
    case = _CASE.search(plain, max(0, start - 1)) or _CASE.search(plain)
    text = plain[case.start() :] if case else plain[start:]
    return re.sub(r"\s+", " ", re.split(r"[,;:]\s|\.$", text)[0]).strip(" .")[:160]


def _choices(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield which method is taken or left, and in which case."""
    plain = sentence.text.plain
    cue = _CHOICE.search(plain)
    if not cue or _PAST.search(plain):
        return
    for mention in mentions_in(plain):
        group = method_groups().get(mention.name)
        beside = plain[mention.end : cue.start()] if mention.end <= cue.start() else plain[cue.end() : mention.start]
        if group in {None, "training"} and not mention.is_code:
            continue
        if len(beside) > 45 or re.search(r"[.;]|\b(?:than|which|that)\b", beside):
            continue
        if cue[0].lower() == "use" and not _CASE.search(plain):
            continue
        shown = sentence.text.raw[mention.start : mention.end].strip()
        yield sentence.claim("algorithm_choice", None, None, method=mention.name, value=shown, **_limits(sentence))
        return


def _limits(sentence: Sentence) -> dict[str, object]:
    """Return from or up to how many trials or rows a choice holds."""
    found = [d for d in domains_in(sentence.text.plain) if d.form in {"above", "below"}]
    return dict(stated(found[0])) if len(found) == 1 else {}


def _method_defaults(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield which method a system takes if not told otherwise: ``Optuna defaults to NSGA-II``."""
    plain = sentence.text.plain
    mentions = mentions_in(plain)
    for system, method in itertools.pairwise(mentions):
        between = plain[system.end : method.start]
        if (
            re.fullmatch(r"\W*(?:\w+\s){0,3}(?:defaults? to|uses|default \w+ is)(?:\s\w+)?(?:\s\w+)?\W*", between)
            and "default" in between
        ):
            word = next((w for w in ("sampler", "optimizer", "algorithm") if w in sentence.place.document.text), "")
            shown = sentence.text.raw[method.start : method.end].strip()
            mention = ParameterMention(word, method.start, method.end)
            yield sentence.claim("default", mention, None, method=system.name, value=shown)


def _other(sentence: Sentence) -> Iterator[FoundClaim]:
    plain = sentence.text.plain
    names = names_in(sentence.text)
    if (cue := _STOP.search(plain)) and not any(d.form != "words" for d in domains_in(plain)):
        mention = next((n for n in names if n.start >= cue.start()), None)
        if re.search(r"threshold|improv|unchanged|converge|below|plateau", plain, _I):
            named = mention or _stopping_quantity(plain, cue)
            if named:
                yield sentence.claim("termination", named, None)
    if cue := _FIDELITY_WORDS.search(plain):
        mention = next((n for n in names if n.end <= cue.start()), None) or next(iter(names), None)
        if mention:
            yield sentence.claim("fidelity", mention, None)


def _stopping_quantity(plain: str, cue: re.Match[str]) -> ParameterMention | None:
    """Return what is watched for stopping: ``once EI drops below a threshold``."""
    match = re.search(
        r"\b(?:if|once|when|until)\s+(?:the\s+)?(?P<what>[\w-]+(?:\s[\w-]+){0,4}?)\s+(?:drops?|falls?|is|remains?|does|stays?|has)\b",
        plain[cue.start() :],
        _I,
    )
    if not match:
        return None
    start = cue.start() + match.start("what")
    return ParameterMention(re.sub(r"\s+", " ", match["what"]), start, start + len(match["what"]))
