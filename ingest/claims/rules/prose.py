"""Claims in running text, in items of lists, and in comments of code."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from ingest.claims.masking import Masked, masked, sentences
from ingest.claims.model import FoundClaim
from ingest.claims.parameters import ParameterMention, clean_name, is_parameter_name
from ingest.claims.rules.code import search_calls
from ingest.claims.rules.place import Place
from ingest.claims.rules.subjects import names_in
from ingest.claims.rules.values import Sentence, value_claims
from ingest.claims.rules.words import word_claims
from ingest.documents.model import BlockKind

#: The term of a definition at the start of an item: in code font or bold, or followed by a bracket or a colon.
_TERM = re.compile(
    r"^\s*(?:[-*+•|]|\\item|\d+[.)])?\s*(?:\\item)?\s*(?P<mark>[`*{\[\\\"']*(?:texttt\{|code\{|tt\s)?)\s*"
    r"(?P<name>--?[A-Za-z][\w-]*|[A-Za-zα-ω](?:[\w.]|\\_|-(?=\w))*)\s*(?:=\s*[^\s`*]{1,20})?(?P<close>[`*}\]\"'~]*|\s*<[^<>]*>`__?)\s*"
    r"(?P<after>:|\[|\(|–|—|-\s|,\s*(?:optional|default|alias)|=|$|\s+\()"
)
#: A call of a search space's function within running text, such as a listing that its format does not tell.
_CALL = re.compile(r"\w\s?\(\s*[\"'‘’][\w. -]+[\"'‘’]\s*,")
_COMMENT = re.compile(r"(?:^[ \t]*#[^\n!][^\n]*\n?)+", re.MULTILINE)
#: A listing's comment of this many words is prose.
_PROSE_WORDS = 5


def prose_claims(place: Place) -> list[FoundClaim]:
    """Return the claims of a block of running text."""
    found = list(_claims(place, masked(place.reading)))
    return [*found, *search_calls(place, place.reading)] if _CALL.search(place.reading) else found


def comment_claims(place: Place) -> list[FoundClaim]:
    """Return the claims of the comments in a listing."""
    found: list[FoundClaim] = []
    raw = place.reading
    for match in _COMMENT.finditer(raw):
        if len(match[0].split()) >= _PROSE_WORDS:
            text = masked(re.sub(r"#", " ", match[0]))
            found += _claims(place, replace(text, raw=match[0]), offset=match.start())
    return found


def _claims(place: Place, text: Masked, *, offset: int = 0) -> Iterator[FoundClaim]:
    term, last = term_of(place, text), None
    for start, end in sentences(text):
        sentence = Sentence(place, text.part(start, end), text, start, term, last, offset)
        yield from value_claims(sentence)
        yield from word_claims(sentence)
        names = {mention.name: mention for mention in names_in(sentence.text)}
        last = next(iter(names.values())) if len(names) == 1 else last if not names else None


def term_of(place: Place, text: Masked) -> ParameterMention | None:
    """Return what a block defines, or None where it is no definition.

    An item starts with its term; so does a paragraph whose first word is in code font with a bracket or colon behind
    it. Below a heading that is an identifier, every block defines it.
    """
    match = _TERM.match(text.raw)
    if match and is_parameter_name(clean_name(match["name"])):
        marked = bool(match["mark"].strip("\\ ")) or "_" in match["name"]
        if (marked or place.block.kind is BlockKind.ITEM) and (match["after"] or marked):
            return ParameterMention(clean_name(match["name"]), *match.span("name"), is_code=True)
    heading = clean_name(place.block.section.rpartition(" > ")[2])
    if (
        re.fullmatch(r"(?:--)?[a-z][a-z0-9]*(?:[_.-][a-z0-9]+)+|[a-z]+\d?", heading)
        and is_parameter_name(heading)
        and "_" in heading
    ):
        return ParameterMention(heading, 0, 0, is_code=True)
    return None
