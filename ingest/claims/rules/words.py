"""Claims without a value in running text: what matters, what has an effect when, which method to take, when to stop."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.claims.domains import domains_in
from ingest.claims.model import FoundClaim
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules.choices import choice_claims
from ingest.claims.rules.conditions import condition_claims, means_claims
from ingest.claims.rules.place import stated
from ingest.claims.rules.sentence import Sentence
from ingest.claims.rules.subjects import names_in

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


def word_claims(sentence: Sentence) -> Iterator[FoundClaim]:
    """Yield the claims of a sentence whose point is no value."""
    plain = sentence.text.plain
    if _QUESTION.search(plain) or len(plain.split()) < 3:
        return
    names = names_in(sentence.text)
    yield from _importance(sentence, names)
    yield from condition_claims(sentence, names)
    yield from choice_claims(sentence)
    yield from means_claims(sentence, names)
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


#: What stands between a word of importance and what it is about.
_UP_TO_NAME = re.compile(
    r"[\s:,'\"()`]*(?:(?:hyper-?)?parameters?|is|are|the|to tune|to set|tune|one|ones|include|includes"
    r"|likely|usually|base|choice"
    r"|of|values?|for|in|practice|initial|your|its|[\s:,'\"()`])*",
    _I,
)


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
    if after and not _UP_TO_NAME.fullmatch(plain[cue.end() : after[0].start]):
        after = []
    return list(reversed(subject)) or after or [n for n in before if cue.start() - n.end <= 40][-1:]


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
    if not match or re.fullmatch(r"it|this|that|they|one|there", match["what"], _I):
        return None
    start = cue.start() + match.start("what")
    return ParameterMention(re.sub(r"\s+", " ", match["what"]), start, start + len(match["what"]))
