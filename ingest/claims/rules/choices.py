"""Which method to take, in which case, and which one a system takes if not told otherwise."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator

from ingest.claims.domains import domains_in
from ingest.claims.model import FoundClaim
from ingest.claims.naming import Mention, group_of, mentions_in, usual_name
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules import cues
from ingest.claims.rules.conditions import CASE
from ingest.claims.rules.place import stated
from ingest.claims.rules.sentence import Sentence

_I = re.IGNORECASE

_CHOICE = re.compile(
    r"\b(?:recommend(?:ed|s)?|(?:is|are|as) (?:usually |often )?the best|preferred|prefer"
    r"|good (?:choice|default|option)|best (?:choice|option|suited)|recommended (?:algorithm"
    r"|optimi[sz]er|method|choice|approach)s?|give a try to|default (?:choice|sampler|pruner|algorithm"
    r"|method|optimi[sz]er|strategy)|well[- ]suited|suitable|works? (?:\w+ )?(?:well|best|better)"
    r"|method of choice|go-to|should be (?:used|preferred)|popular choice|performs? (?:\w+ )?(?:well"
    r"|best|better|poorly)|struggles? with|is (?:typically |usually |often |generally )(?:faster"
    r"|better|more (?:efficient|robust|effective|suitable)|preferable)|acceptable|advantageous"
    r"|use)\b",
    _I,
)

_PAST = re.compile(r"\b(?:et al\.?|\[\d+\]|previous work|prior work|proposed|introduced)\b", _I)

_TO_READ = re.compile(r"\s+(?:taking|reading|looking|checking|you\b|to (?:read|see|take|check)|the following|that)")

_BIDDEN = re.compile(r"(?:^\W*|\b(?:should|please|can|rather|we) )$", _I)


def choice_claims(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield which method is taken or left, and in which case; and which one is the default."""
    if found := _chosen(sentence) or _recommended(sentence):
        yield found
    yield from _method_defaults(sentence)
    yield from _default_method(sentence)


def _recommended(sentence: Sentence) -> FoundClaim | None:
    """Return the method that a sentence recommends, calls good, or bids to use in a case."""
    plain = sentence.text.plain
    cue = _CHOICE.search(plain)
    if not cue or _PAST.search(plain) or cues.REPORT.search(plain) or not _is_choice(plain, cue):
        return None
    for mention in mentions_in(plain):
        if _is_of_choice(plain, cue, mention):
            shown = sentence.text.raw[mention.start : mention.end].strip()
            return sentence.claim("algorithm_choice", None, None, method=mention.name, value=shown, **_limits(sentence))
    return None


def _is_choice(plain: str, cue: re.Match[str]) -> bool:
    """Say whether a word of choice is one here: not in ``as recommended in`` or ``when you use``."""
    left, right = plain[: cue.start()], plain[cue.end() :]
    if _TO_READ.match(right) or re.search(r"\bas\s+$", left) or re.search(r"not\b|n't", cue[0]):
        return False
    return cue[0].lower() != "use" or bool(_BIDDEN.search(left) and CASE.search(plain))


def _is_of_choice(plain: str, cue: re.Match[str], mention: Mention) -> bool:
    """Say whether it is `mention` that the word of choice is about: near, and of a kind that one chooses."""
    beside = plain[mention.end : cue.start()] if mention.end <= cue.start() else plain[cue.end() : mention.start]
    if len(beside) > 45 or re.search(r"[.;:]|\b(?:than|which|that|not)\b|n't", beside):
        return False
    group, word = group_of(mention.name), cue[0].lower()
    if usual_name(mention.name) == "Gaussian process" or (group in {None, "training"} and not mention.is_code):
        return False
    if word.startswith("default"):
        return mention.end <= cue.start()
    if word == "use":
        return group not in {"models", "systems"} and mention.start > cue.start() and len(beside) <= 12
    if re.match(r"works?|performs?", word):
        return mention.end <= cue.start() and len(beside) <= 25 and " to " not in beside
    return group != "models" or len(beside) <= 20


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
