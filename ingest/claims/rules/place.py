"""A place in a document that claims are made of: a block, what is known around it, and how to quote from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from ingest.claims.context import Context
from ingest.claims.domains import Domain, plain
from ingest.claims.model import FoundClaim
from ingest.claims.rules.kinds import is_of_search
from ingest.claims.rules.labels import Tables
from ingest.documents.model import Block, Document
from kg.model import ParameterValue
from kg.model.evidence import ClaimKind

#: Quotes are cut down to about this many characters.
QUOTE_LENGTH = 300


@dataclass(frozen=True)
class Place:
    """A block of a document, by its number."""

    document: Document
    context: Context
    tables: Tables
    number: int

    @property
    def block(self) -> Block:
        """The block itself."""
        return self.document.blocks[self.number]

    @cached_property
    def reading(self) -> str:
        """What a reader sees; the rules work on it."""
        return self.block.reading

    def method_for(self, parameter: str, *nearby: str, kind: ClaimKind | None = None) -> str:
        """Return the method that `parameter` belongs to here (see `Context.method_for`)."""
        trains = re.search(r"patience|epoch|early[- _]stop", parameter, re.IGNORECASE)
        searches = is_of_search(parameter) or (kind in {"budget", "termination", "fidelity"} and not trains)
        return self.context.method_for(self.number, parameter, nearby, searches=searches)

    def claim(
        self, kind: ClaimKind, span: tuple[int, int], *, method: str, parameter: str, **fields: Any
    ) -> FoundClaim:
        """Return a claim of this block that quotes the words behind a span of its reading."""
        quote = self.block.verbatim(*span)
        return FoundClaim(
            kind=kind,
            quote=re.sub(r"\s+", " ", quote).strip(),
            section=self.block.section,
            page=self.block.page,
            algorithm_name=method,
            parameter_name=parameter,
            **fields,
        )


def stated(domain: Domain) -> dict[str, ParameterValue]:
    """Return the fields of a claim that `domain` fills."""
    fields: dict[str, ParameterValue] = {}
    if domain.low is not None:
        fields["low"] = plain(domain.low)
    if domain.high is not None:
        fields["high"] = plain(domain.high)
    if domain.value is not None:
        fields["value"] = domain.value
    if domain.log is not None:
        fields["log"] = domain.log
    if domain.percent:
        fields["unit"] = "%"
    return fields


def cut(raw: str, start: int, end: int, *, around: tuple[int, int]) -> tuple[int, int]:
    """Return the span, or, where that is long, the part around the span `around`, at word boundaries."""
    if end - start <= QUOTE_LENGTH:
        return start, end
    room = max(0, QUOTE_LENGTH - (around[1] - around[0]))
    left, right = max(start, around[0] - room // 2), min(end, around[1] + room // 2)
    while left > start and not raw[left - 1].isspace():
        left -= 1
    while right < end and not raw[right].isspace():
        right += 1
    return left, right
