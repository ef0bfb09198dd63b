"""Words that are said to stand in a document: they must stand there.

Two things are looked at: the quote of a claim that is cited, and what a rationale sets in double quotation marks. A
document is known by the text of its passages; of one that no passages are kept of, nothing can be said.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import TypeAlias

from kg.model import Claim
from recommender.validation.stage import failed, unchecked
from recommender.validation.verdict import Finding

#: Name of a document -> its text (passages in order, joined), or None where none is kept.
TextOf: TypeAlias = Callable[[str], str | None]

#: Words from which on what stands in quotation marks is a quotation, not a term.
LEAST_WORDS = 4

_QUOTED = re.compile(r"“([^”]+)”|\"([^\"]+)\"")  # typographic marks are meant
_OMISSION = re.compile(r"\s*(?:\.\.\.|…|\[…\]|\[\.\.\.\])\s*")


def quote_faults(path: str, claims: Sequence[Claim], rationale: str, text_of: TextOf | None) -> Iterator[Finding]:
    """Find quotes that do not stand where they are said to.

    Args:
        path: The field that cites.
        claims: The claims that it cites.
        rationale: Its rationale.
        text_of: Looks up documents; None where none can be looked up.
    """
    for claim in claims:
        yield from _claim_faults(path, claim, text_of)
    for words in quotations(rationale):
        if not any(_stands_in(words, text) for text in _sources(claims, text_of)):
            where = f"in what is cited ({', '.join(sorted({c.document for c in claims})) or 'no text is'})"
            yield failed(path, "quote_not_found", f"These words do not stand {where}.", value=words)


def quotations(text: str) -> tuple[str, ...]:
    """Return what `text` quotes: each part of `LEAST_WORDS` words or more between double quotation marks."""
    found = (left or right for left, right in _QUOTED.findall(text))
    return tuple(words for words in found if len(words.split()) >= LEAST_WORDS)


def _claim_faults(path: str, claim: Claim, text_of: TextOf | None) -> Iterator[Finding]:
    text = text_of(claim.document) if text_of is not None else None
    if text is None:
        yield unchecked(path, f"No text of {claim.document} is kept, so the quote of {claim.iri} was not looked up.")
    elif not _stands_in(claim.quote, text):
        message = f"The quote of {claim.iri} does not stand in {claim.document}."
        yield failed(path, "quote_not_found", message, value=claim.quote)


def _sources(claims: Sequence[Claim], text_of: TextOf | None) -> Iterator[str]:
    for claim in claims:
        yield claim.quote
        if text_of is not None and (text := text_of(claim.document)) is not None:
            yield text


def _stands_in(quote: str, text: str) -> bool:
    """Say whether the parts of `quote`, between its omissions, stand in `text` in that order."""
    plain, place = _plain(text), 0
    for part in _OMISSION.split(quote):
        wanted = _plain(part).strip(" .,;:")
        found = plain.find(wanted, place)
        if found < 0:
            return False
        place = found + len(wanted)
    return place > 0  # of a quote that is all omissions nothing is left to stand anywhere


def _plain(text: str) -> str:
    """Return `text` in lower case with single spaces, as quotes are compared."""
    return " ".join(text.split()).casefold()
