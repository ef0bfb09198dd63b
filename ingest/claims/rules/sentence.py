"""A sentence, what is known around it, and the claims that are made of it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.claims.domains import Domain
from ingest.claims.masking import Masked
from ingest.claims.model import FoundClaim
from ingest.claims.naming import mentions_in
from ingest.claims.parameters import ParameterMention
from ingest.claims.rules.place import Place, cut, stated
from kg.model.evidence import ClaimKind

_CONDITION = re.compile(
    r"\b(?:if|when|unless|while|where|for|in case|as long as|provided)\b(?:[^.;:]|(?<=\d)\.(?=\d)){3,110}",
    re.IGNORECASE,
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
        nearby = nearest_methods(self.text.plain, mention.start if mention and is_here else 0, self.place.document.text)
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
        """Return where the quote starts: with the term that is defined, where it stays short."""
        end = self.start + len(self.text.raw)
        first = len(self.block.raw) - len(self.block.raw.lstrip(" -*•|"))
        return first if mention is not None and mention is self.term and end - first <= 300 else self.start


def nearest_methods(plain: str, position: int, text: str = "") -> tuple[str, ...]:
    """Return the methods that a sentence names, the nearest before `position` first, then those after.

    An unknown name that opens the sentence (``For Sparse-HO, ...``) is one, unless `text` calls it data.
    """
    mentions = mentions_in(plain)
    opening = re.match(r"\W*(?:For|In|With)\s+(?P<name>[A-Z][\w-]*[A-Z][\w-]*),\s", plain)
    is_data = opening and re.search(rf"\b{re.escape(opening['name'])} (?:data|corpus|task|benchmark)", text)
    if opening and not is_data and not any(m.start < opening.end() for m in mentions):
        return (opening["name"], *(m.name for m in mentions))
    before = [m.name for m in reversed(mentions) if m.end <= position]
    return (*before, *(m.name for m in mentions if m.end > position))


def condition_of(plain: str) -> str:
    """Return the clause of a sentence that says in which case; empty where there is none."""
    match = _CONDITION.search(plain)
    return re.sub(r"\s+", " ", match[0]).strip(" ,)") if match else ""
