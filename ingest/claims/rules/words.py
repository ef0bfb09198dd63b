"""Claims without a value in running text: what matters, what has an effect when, which method to take, when to stop."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from ingest.claims.domains import domains_in
from ingest.claims.model import FoundClaim
from ingest.claims.naming import group_of, mentions_in
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules import cues
from ingest.claims.rules.place import stated
from ingest.claims.rules.sentence import Sentence
from ingest.claims.rules.subjects import names_in
from ingest.documents.model import BlockKind

_I = re.IGNORECASE
_IMPORTANT = re.compile(
    r"\b(?:(?:most|very|particularly|especially|extremely|critically) (?:important|influential"
    r"|critical|crucial|sensitive|impactful)"
    r"|(?:is|are) (?:also )?(?:important|critical|crucial|essential|vital|key|influential"
    r"|sensitive)\b(?! (?:to note|that|to (?!tune|set|the)))"
    r"|important (?:hyper-?)?parameters?|key (?:hyper-?)?parameters?|sensitive to|strongest (?:effect|influence)"
    r"|(?:large|big|strong|significant|substantial|major|huge|great|biggest|largest|strongest"
    r"|considerable|dramatic|small|little|minor|negligible|no) (?:effect|impact|influence) on"
    r"|depends? (?:strongly|heavily|critically|greatly|crucially) on|(?:only|first|mainly|primarily"
    r"|additionally) tune|trials?,? (?:only |additionally )?tune|worth tuning|strongly (?:affects?"
    r"|influences?|depends?))\b",
    _I,
)
_CHANGE = re.compile(
    r"\b(?:increas(?:e|es|ed)|decreas(?:e|es|ed)|lower(?:ed)?|raised?|reduced?|higher|larger|smaller"
    r"|lower|bigger|high|low|small|large|enable[d]?|disable[d]?|turn (?:on|off)|avoid|tun(?:e|ed|ing)"
    r"|adjust(?:ed)?|set|use|try|specify)\b",
    _I,
)
_CASE = re.compile(
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
_CHOICE = re.compile(
    r"\b(?:recommend(?:ed|s)?|(?:is|are|as) (?:usually |often )?the best|preferred|prefer"
    r"|good (?:choice|default|option)|best (?:choice|option|suited)|recommended (?:algorithm"
    r"|optimi[sz]er|method|choice|approach)s?|give a try to|default (?:choice|sampler|pruner|algorithm"
    r"|method|optimi[sz]er|strategy)|well[- ]suited|suitable|works? (?:\w+ )?(?:well|best|better)"
    r"|method of choice|go-to|should be (?:used|preferred)|popular choice|performs? (?:\w+ )?(?:well"
    r"|best|better|poorly)|struggles? with|is (?:typically |usually |often |generally )(?:faster"
    r"|better|more (?:efficient|robust|effective|suitable)|preferable)|acceptable|advantageous"
    r"|defaults? to|use)\b",
    _I,
)
_STOP = re.compile(
    r"\b(?:stop(?:s|ped|ping)?|terminat(?:e|es|ed|ing|ion))\b[^.]{0,80}\b(?:if|once|when|after|until"
    r"|as soon as|drops? below|falls? below|based on|threshold)\b",
    _I,
)
_FIDELITY_WORDS = re.compile(
    r"\b(?:(?:as|is|are) (?:a |the )?(?:fidelity|budget|resource)\b(?! to| of| limited)"
    r"|fidelity (?:parameter|dimension|hyperparameter)|low(?:er)?[- ]fidelity (?:evaluations?"
    r"|approximations?) (?:are|by|using|via|with)|resource is (?:defined|measured|the))",
    _I,
)
_QUESTION = re.compile(r"\?\s*$")
_PAST = re.compile(r"\b(?:et al\.?|\[\d+\]|previous work|prior work|proposed|introduced)\b", _I)


def word_claims(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield the claims of a sentence whose point is no value."""
    plain = sentence.text.plain
    if _QUESTION.search(plain) or len(plain.split()) < 3:
        return
    names = names_in(sentence.text)
    yield from _importance(sentence, names)
    yield from _conditions(sentence, names)
    yield from _choices(sentence)
    yield from _method_defaults(sentence)
    yield from _default_method(sentence)
    yield from _means(sentence, names)
    yield from _other(sentence)


def _importance(sentence: Sentence, names: tuple[ParameterMention, ...]) -> Iterator[FoundClaim]:
    plain = sentence.text.plain
    cue = _IMPORTANT.search(plain)
    if not cue or re.search(r"\b(?:not|less|no longer|hardly)\s+$", plain[: cue.start()]):
        return
    near = _judged(plain, names, cue)
    counted = next(
        (d for d in domains_in(plain) if d.start < cue.start() and plain[d.end :].lstrip().startswith("trials")), None
    )
    pointed = sentence.term or sentence.last
    if not names and pointed and re.match(r"\W*(?:\d\.)?\W*(?:this|it|the)\b", plain, _I):
        near = [pointed]
    for mention in [n for n in near if n.start > cue.start()] if counted else near[:2]:
        limits = {key: value for key, value in (stated(counted) if counted else {}).items() if key in {"low", "high"}}
        if counted and counted.form == "single":
            limits = {"low": float(str(counted.value))}
        yield sentence.claim("importance", mention, None, **limits, unit="trials" if counted else "")


def _judged(plain: str, names: tuple[ParameterMention, ...], cue: re.Match[str]) -> list[ParameterMention]:
    """Return what a word of importance is about: its subject (``C and gamma are critical``), else what follows it."""
    before = [n for n in names if n.end <= cue.start()]
    subject: list[ParameterMention] = []
    position = cue.start()
    for mention in reversed(before):
        gap = plain[mention.end : position]
        if (
            subject
            and re.fullmatch(r"[\s'\"()`]*,[\s'\"()`]*", gap)
            and not re.search(r"\b(?:are|have)\b", plain[before[-1].end : cue.end()])
        ):
            break
        if not re.fullmatch(
            r"[\s,'\"()`]*(?:(?:and|or|is|are|be|can|may|has|have|parameters?|hyperparameters?|the"
            r"|also|a|one of|often|usually|to)\b[\s,'\"()`]*)*",
            gap,
        ):
            break
        subject.append(mention)
        position = mention.start
    after = [n for n in names if 0 <= n.start - cue.end() <= 70]
    return list(reversed(subject)) or after or [n for n in before if cue.start() - n.end <= 40][-1:]


def _conditions(sentence: Sentence, names: tuple[ParameterMention, ...]) -> Iterator[FoundClaim]:
    """Yield when a setting has an effect, and in which case to change it which way."""
    plain = sentence.text.plain
    subject = next(iter(names), None) or sentence.term
    if effect := _EFFECT.search(plain):
        before = [n for n in names if n.end <= effect.start() and effect.start() - n.end <= 45]
        if len(before) > 1 and re.search(r"\(\s*alias\w*\W*$", plain[before[-2].end : before[-1].start], _I):
            before = before[:-1]
        mention = (before[-1] if before else None) or sentence.term
        if mention and (
            _CASE.search(plain)
            or len(names) > 1
            or re.search(r"\bto (?:enable|use|avoid|have)\b", plain[effect.end() :], _I)
        ):
            close = [d for d in domains_in(plain) if 0 <= d.start - effect.end() <= 30]
            yield sentence.claim(
                "condition", mention, close[0] if close else None, condition=_case(plain, effect.start())
            )
            return
    case, change = _CASE.search(plain), _CHANGE.search(plain)
    if found := _imperative(sentence, names):
        yield found
        return
    subject = subject or sentence.last
    case = case or re.search(
        r"\bwe (?:either|usually|often|then|would|can|could) (?=increase|decrease|lower|raise|reduce)", plain, _I
    )
    if not (case and change and subject and _ADVICE.search(plain)):
        return
    for found in _CHANGE.finditer(plain):
        if re.fullmatch(r"set|use|try|specify|tun\w+|\w+es", found[0], _I):
            continue
        if re.search(r"\b(?:if|when|with)\s+(?:using|you use|we use)?\s*(?:an?|the)?\s*$", plain[: found.start()], _I):
            continue  # the case, not the advice
        mention = _changed(sentence, names, found)
        if mention is None and sentence.last and re.match(r"\s+it\b", plain[found.end() :]):
            mention = sentence.last
        if mention:
            value = found[0].lower()
            yield sentence.claim("condition", mention, None, value=value, condition=_case(plain, case.start()))
            return


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
    """Return the claim of a bidding: ``Use small ``max_bin````, ``Increase ``num_leaves``  for ...``, under its heading."""
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
    case = _CASE.search(plain) or re.search(
        r"\bto (?:avoid|prevent|reduce|speed|improve|deal|handle|get|make|increase)\b", plain, _I
    )
    condition = plain[case.start() :].strip(" .") if case else sentence.place.block.section.rpartition(" > ")[2]
    return sentence.claim("condition", first, None, value=way.lower(), condition=re.sub(r"\s+", " ", condition)[:160])


def _changed(sentence: Sentence, names: tuple[ParameterMention, ...], change: re.Match[str]) -> ParameterMention | None:
    """Return the setting that a word of change is about: the object right after it, or the subject of ``be increased``."""
    plain = sentence.text.plain
    after = [n for n in names if 0 <= n.start - change.end() <= 25]
    if after and not re.search(r"[.;:]|\b(?:if|when|and|or|but|that|which)\b", plain[change.end() : after[0].start]):
        return after[0]
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
    if chosen := _chosen(sentence):
        yield chosen
        return
    if not cue or _PAST.search(plain) or cues.REPORT.search(plain):
        return
    for mention in mentions_in(plain):
        group = group_of(mention.name)
        beside = plain[mention.end : cue.start()] if mention.end <= cue.start() else plain[cue.end() : mention.start]
        if (group in {None, "training"} and not mention.is_code) or mention.name == "Gaussian process":
            continue
        if len(beside) > 45 or re.search(r"[.;]|\b(?:than|which|that)\b", beside):
            continue
        if re.match(r"works?|performs?", cue[0], _I) and (
            len(beside) > 25 or mention.start > cue.start() or " to " in beside
        ):
            continue
        if group_of(mention.name) == "models" and (len(beside) > 20 or cue[0].lower() == "use"):
            continue
        if re.match(
            r"\s+(?:taking|reading|looking|checking|you\b|to (?:read|see|take|check)|the following|that)",
            plain[cue.end() :],
        ):
            continue
        if cue[0].lower() == "use" and group_of(mention.name) == "systems":
            continue
        if cue[0].lower() == "use" and not re.search(
            r"(?:^\W*|\b(?:should|please|can|rather|we) )$", plain[: cue.start()], _I
        ):
            continue
        if cue[0].lower() == "use" and not (_CASE.search(plain) and mention.start > cue.start() and len(beside) <= 12):
            continue
        if re.search(r"\bnot\b|n't", beside + cue[0]) or re.search(r"\bas\s+$", plain[: cue.start()]):
            continue
        if re.match(r"defaults? to", cue[0], _I):
            continue  # see `_method_defaults`
        shown = sentence.text.raw[mention.start : mention.end].strip()
        yield sentence.claim("algorithm_choice", None, None, method=mention.name, value=shown, **_limits(sentence))
        return


_IN_CASE = re.compile(r"^[\s*+•\d.)-]*(?P<case>(?:If|When|For|Otherwise)\b[^:]{0,120}):\W*", _I)


def _chosen(sentence: Sentence) -> FoundClaim | None:
    """Return the choice of a list of cases: ``If it has fidelities: `hyperband```."""
    plain = sentence.text.plain
    match = _IN_CASE.match(plain)
    named = [m for m in mentions_in(plain) if match and 0 <= m.start - match.end() <= 3]
    if not match or not named or domains_in(plain) or group_of(named[0].name) not in {"optimisers", "training"}:
        return None
    shown = sentence.text.raw[named[0].start : named[0].end].strip()
    return sentence.claim("algorithm_choice", None, None, method=named[0].name, value=shown, condition=match["case"])


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


_DEFAULT_METHOD = re.compile(
    r"\bdefault (?P<what>sampler|pruner|optimi[sz]er|algorithm|search algorithm|scheduler"
    r"|acquisition function|surrogate(?: model)?|kernel)\b(?:\s+(?:for|of|in)\s+[\w.-]+)?\s+(?:is"
    r"|are)\s+(?:the\s+|an?\s+)?",
    _I,
)


def _default_method(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield which method is the default of its kind: ``The default sampler is TPESampler``."""
    plain = sentence.text.plain
    match = _DEFAULT_METHOD.search(plain)
    named = [m for m in mentions_in(plain) if match and 0 <= m.start - match.end() <= 30]
    if match and named:
        start, end = match.span("what")
        around = [m.name for m in mentions_in(plain) if m is not named[0]]
        method = next(iter(around), "") or next((n for n in sentence.place.context.systems), "")
        mention = ParameterMention(match["what"], start, end)
        yield sentence.claim("default", mention, None, value=named[0].name, **({"method": method} if method else {}))


_VIA = re.compile(
    r"^[\s*+•\d.)-]*(?P<verb>(?!The|This|These|That|It|In|An?|By|If|For|We"
    r"|You)[A-Z][a-z]+)\s(?:[\w,-]+\s+){1,9}?(?:via|by setting|by using|using|with"
    r"|by set)\s+(?:the\s+)?(?:parameter\s+)?$"
)


def _means(sentence: Sentence, names: tuple[ParameterMention, ...]) -> Iterator[FoundClaim]:
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


def _other(sentence: Sentence) -> Iterator[FoundClaim]:
    plain = sentence.text.plain
    names = names_in(sentence.text)
    numbers = [d for d in domains_in(plain) if not (isinstance(d.value, int) and 1900 <= d.value <= 2100)]
    if (cue := _STOP.search(plain)) and not numbers:
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
        r"\b(?:if|once|when|until)\s+(?:the\s+)?(?P<what>[\w-]+(?:\s[\w-]+){0,4}?)\s+(?:drops?|falls?"
        r"|is|remains?|does|stays?|has)\b",
        plain[cue.start() :],
        _I,
    )
    if not match:
        return None
    start = cue.start() + match.start("what")
    return ParameterMention(re.sub(r"\s+", " ", match["what"]), start, start + len(match["what"]))
