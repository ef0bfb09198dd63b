"""Claims in running text, in items of lists, and in comments of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.claims.domains import domains_in
from ingest.claims.masking import Masked, masked, sentences
from ingest.claims.model import FoundClaim
from ingest.claims.naming import known_parameters, mentions_in
from ingest.claims.parameters import ParameterMention, clean_name, is_parameter_name
from ingest.claims.rules.definitions import definitions
from ingest.claims.rules.kinds import kind_for
from ingest.claims.rules.place import Place, stated
from ingest.claims.rules.search_spaces import search_calls
from ingest.claims.rules.sentence import Sentence
from ingest.claims.rules.subjects import names_in
from ingest.claims.rules.values import value_claims
from ingest.claims.rules.words import word_claims
from ingest.documents.model import BlockKind
from kg.iris import plain_name
from kg.model.evidence import ClaimKind

#: The term of a definition at the start of an item: in code font or bold, or followed by a bracket or a colon.
_TERM = re.compile(
    r"^\s*(?:[-*+•|]|\\item|\d+[.)])?\s*(?:\\item)?\s*(?P<mark>[`*{\[\\\"']*(?:texttt\{|code\{|tt\s)?)\s*"
    r"(?P<name>--?[A-Za-z][\w-]*|[A-Za-zα-ω](?:[\w.]|\\_"
    r"|-(?=\w))*)\s*(?:=\s*[^\s`*]{1,20})?(?P<close>[`*}\]\"'~]*|\s*<[^<>]*>`__?)\s*"
    r"(?P<after>:|\.\s|(?:\w+\s+)?\[|\(|–|—|--?\s|,\s*(?:optional|default|alias|\[)|=|$|\s+\()"
)
#: A call of a search space's function within running text, such as a listing that its format does not tell.
_CALL = re.compile(r"\w\s?\(\s*[\"'‘’][\w. -]+[\"'‘’]\s*,")
#: The same in words: ``- **Learning rate** (Adam): 5e-5, 3e-5``.
_FIELD = re.compile(
    r"^\s*(?:[-*+•]|\\item"
    r"|\d+[.)])?\s*(?P<mark>[*`_]{0,3})(?P<name>[A-Za-z][\w /-]{1,40}?)(?P<aside>\s*\([^()]{1,40}\))?(?P=mark)\s*(?::"
    r"|=)[*`_]{0,3}\s*(?=\S)"
)
#: The same in the documentation of a class: ``C : float, default=1.0``.
_TYPED = re.compile(r"^\s*(?P<name>[A-Za-z]\w*)\s?:\s(?:[\w{'\"\[.|, -]+)[^.]{0,80}\b(?:default\b|optional\b)")
#: The same in Sphinx's fields: ``:param buffer_size: ...``.
_DOCUMENTED = re.compile(r"^\s*:param\s+(?:\w+\s+)?(?P<name>[A-Za-z]\w*):")
_COMMENT = re.compile(r"(?:^[ \t]*#[^\n!][^\n]*\n?)+", re.MULTILINE)
#: A listing's comment of this many words is prose.
_PROSE_WORDS = 5


def prose_claims(place: Place) -> list[FoundClaim]:
    """Return the claims of a block of running text."""
    if place.block.kind is not BlockKind.ITEM and _is_figure(place.reading):
        return []
    if _is_listing(place.reading):
        return list(search_calls(place, place.reading))
    text = masked(place.reading)
    found = [claim for start, end in definitions(text) for claim in _claims(place, text.part(start, end), offset=start)]
    return [*found, *search_calls(place, place.reading)] if _CALL.search(place.reading) else found


def _is_figure(text: str) -> bool:
    """Say whether a block is what a figure leaves of its axes: more numbers than words."""
    words = text.split()
    numbers = sum(bool(re.fullmatch(r"[-−]?[\d.,]+(?:e[-+]?\d+)?%?", word)) for word in words)
    return numbers >= 5 and numbers > 0.4 * len(words)


def _is_prose(text: str) -> bool:
    """Say whether what stands as a listing is sentences."""
    words = text.split()
    plain = sum(bool(re.fullmatch(r"[A-Za-z][a-z]*[,.;:]?", word)) for word in words)
    return (
        len(words) >= 15
        and plain > 0.7 * len(words)
        and not re.search(r"^[ \t]*(?:import|from|def|class|\$)\s", text, re.MULTILINE)
    )


def _is_listing(text: str) -> bool:
    """Say whether a block is program text that its format did not tell: signs of code are a tenth of its words."""
    signs = len(re.findall(r"[(){}\[\]=]|\w\.\w|#", text))
    return (
        signs > 4
        and signs > 0.35 * len(text.split())
        and bool(_CALL.search(text) or re.search(r"\w\s?=\s?\w[\w\s.]*\(", text))
    )


def comment_claims(place: Place) -> list[FoundClaim]:
    """Return the claims of the comments in a listing, and of a listing that is prose, set apart by its indent."""
    found: list[FoundClaim] = []
    raw = place.reading
    if _is_prose(raw):
        return list(_claims(place, masked(raw)))
    for match in _COMMENT.finditer(raw):
        if len(match[0].split()) >= _PROSE_WORDS:
            text = masked(re.sub(r"#", " ", match[0]))
            found += _claims(place, replace(text, raw=match[0]), offset=match.start())
    return found


def _claims(place: Place, text: Masked, *, offset: int = 0) -> Iterator[FoundClaim]:
    term: ParameterMention | None = term_of(place, text)
    last: ParameterMention | None = None
    if term and term.end and (fields := _field_claims(place, text, term, offset)):
        yield from fields
        return
    for start, end in sentences(text):
        sentence = Sentence(place, text.part(start, end), text, start, term, last, offset)
        yield from value_claims(sentence)
        yield from word_claims(sentence)
        names = {mention.name: mention for mention in names_in(sentence.text)}
        last = next(iter(names.values())) if len(names) == 1 else last if not names else None


#: What an item says of the parameter that the item above it defines.
_ATTRIBUTE = re.compile(
    r"^[\s*+•-]*(?:valid |allowed |possible |typical |recommended |legal )?(?:range|defaults?|values?"
    r"|type|bounds|min(?:imum)?|max(?:imum)?|choices|options|scale"
    r"|constraints?)\s*(?:\([^()]*\))?\s*(?:[:=]|to\b|is\b)",
    re.IGNORECASE,
)
_REACH = 8
#: Words of an item that is hardly more than a name: ``* ``eta`` [default=0.3, alias: ``learning_rate``]``.
_BARE_WORDS = 10


def _parent_term(place: Place, *, bare: bool = False) -> ParameterMention | None:
    """Return what the nearest item or paragraph above, in the same section, defines.

    Args:
        place: The item.
        bare: Whether the item above must be hardly more than the name.
    """
    blocks = place.document.blocks
    for number in range(place.number - 1, max(-1, place.number - 1 - _REACH), -1):
        if blocks[number].section != place.block.section or blocks[number].kind in {BlockKind.CODE, BlockKind.ROW}:
            return None
        whole = masked(blocks[number].reading)
        text = whole.part(*definitions(whole)[-1])
        if _ATTRIBUTE.match(text.plain):
            continue
        match = _TERM.match(text.raw)
        if match and bare and len(text.plain.split()) > _BARE_WORDS:
            return None
        if (
            match
            and is_parameter_name(clean_name(match["name"]))
            and (match["mark"].strip("\\ ") or "_" in match["name"] or _TYPED.match(text.raw))
        ):
            return ParameterMention(clean_name(match["name"]), 0, 0, is_code=True)
    return None


def _is_setting(name: str) -> bool:
    words = clean_name(name)
    return plain_name(words) in known_parameters() or plain_name(words.removesuffix("s")) in known_parameters()


def _field_claims(place: Place, text: Masked, term: ParameterMention, offset: int) -> list[FoundClaim]:
    """Return the claim of a field with nothing but its value: ``Batch size: 16, 32``."""
    rest = text.plain[term.end :]
    if text.plain[term.start : term.end] in rest:
        return []  # said twice: labels of a figure
    opening = re.match(r"[\s*`_]*(?:\([^()]*\))?[\s*`_]*[:=][\s*`_]*", rest)
    if not opening:
        return []
    domains = domains_in(rest[opening.end() :])
    if not domains or rest[opening.end() : opening.end() + domains[0].start].strip(" ~`"):
        return []
    first = domains[0]
    if first.form == "single" and (
        len(domains) > 2 or re.match(r"\s*(?:GB|MB|GPU)", rest[opening.end() + first.end :])
    ):
        return []
    kind: ClaimKind = "recommended_value" if first.form in {"single", "expression"} else "range"
    aside = mentions_in(text.plain[term.end : term.end + opening.end()])
    method = place.method_for(term.name, *(mention.name for mention in aside))
    end = min(
        len(text.raw), max(term.end + opening.end() + first.end, text.plain.find(". ", term.end) % (len(text.raw) + 1))
    )
    span = (offset, offset + end)
    return [place.claim(kind_for(term.name, kind), span, method=method, parameter=term.name, **stated(first))]


def term_of(place: Place, text: Masked) -> ParameterMention | None:
    """Return what a block defines, or None where it is no definition.

    An item starts with its term; so does a paragraph whose first word is in code font with a bracket or colon behind
    it. What an item says of a range or default belongs to the item above it. Below a heading that is an identifier,
    every block defines it.
    """
    is_item = place.block.kind is BlockKind.ITEM
    if is_item and _ATTRIBUTE.match(text.plain) and (parent := _parent_term(place)):
        return parent
    own = _own_term(text, is_item=is_item)
    if own or not is_item or _TERM.match(text.raw):
        return own or _heading_term(place)
    return _parent_term(place, bare=True) or _heading_term(place)


def _own_term(text: Masked, *, is_item: bool) -> ParameterMention | None:
    """Return the term that a block starts with: marked as code, typed, documented, or a known setting in words."""
    match = _TERM.match(text.raw)
    if match and is_parameter_name(clean_name(match["name"])):
        marked = bool(match["mark"].strip("\\ ")) or "_" in match["name"]
        if marked or (is_item and match["after"]):
            return ParameterMention(clean_name(match["name"]), *match.span("name"), is_code=True)
    if documented := _DOCUMENTED.match(text.raw):
        return ParameterMention(documented["name"], *documented.span("name"), is_code=True)
    if (typed := _TYPED.match(text.raw)) and is_parameter_name(typed["name"]):
        return ParameterMention(typed["name"], *typed.span("name"), is_code=True)
    if (field := _FIELD.match(text.raw)) and _is_setting(field["name"]):
        return ParameterMention(clean_name(field["name"]), *field.span("name"))
    return None


def _heading_term(place: Place) -> ParameterMention | None:
    heading = clean_name(place.block.section.rpartition(" > ")[2])
    is_name = re.fullmatch(r"(?:--)?[a-z][a-z0-9]*(?:[_.-][a-z0-9]+)+", heading) and is_parameter_name(heading)
    return ParameterMention(heading, 0, 0, is_code=True) if is_name and "_" in heading else None
