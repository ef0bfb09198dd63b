"""Claims whose value is words, in running text: ``booster`` should be set to ``gbtree``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ingest.claims.domains import Domain, domains_in
from ingest.claims.masking import Masked
from ingest.claims.model import FoundClaim
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules.kinds import kind_for
from ingest.claims.rules.sentence import Sentence
from ingest.claims.rules.subjects import default_subject, subject_of

_WORD_DEFAULT = re.compile(
    r"(?:\bdefaults?\s+(?:value\s+)?(?:to|is|=|:)|\bdefault\s*[=:]"
    r"|\bby default[^.;]{0,60}?\b(?:is set to|is|to|uses)\b)\s*"
    r"(?P<open>[`\"'(]*\s*)(?P<value>[A-Za-z][\w./+-]*)(?P<close>\s*[`\"')\]]*)",
    re.IGNORECASE,
)
_LITERAL = re.compile(r"(?i:true|false|none|null|auto|nan|off|on|null/none|none/null)|[A-Z][A-Z0-9_]{2,}")
_WORD_VALUE = re.compile(
    r"^[\s`'\"]*(?:parameter\s+)?(?:should|must|has to|needs to|need to|can|is (?:usually|typically"
    r"|often))\s+(?:also\s+)?be\s+set\s+to\s+(?P<value>[^.;,()]{2,60}?)(?=\s+(?:when|if|for|to"
    r"|in order|so|because|and|which|as)\b|[.;,()]|$)",
    re.I,
)
_CODE_VALUE = re.compile(
    r"\b(?:typical|recommended|good|common|reasonable|sensible)\s+values?\b(?:\s+(?:to consider|is|are"
    r"|would be|for this))*\s*:?\s*$",
    re.I,
)


def texts_as_values(sentence: Sentence, names: tuple[ParameterMention, ...]) -> Iterator[FoundClaim]:
    """Yield the claims of a sentence whose values are words: defaults, settings, expressions in code font."""
    yield from _word_defaults(sentence, names)
    yield from _word_values(sentence, names)
    yield from _code_values(sentence)


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
        mention = default_subject(
            sentence.term, subject_of(domain, sentence.text, others), assigned="=" in match[0] or ":" in match[0]
        )
        if mention:
            yield sentence.claim(kind_for(mention.name, "default"), mention, domain)
