"""The extractor that needs no model: rules for the ways in which texts on configuring are written."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

from ingest.claims.context import Context
from ingest.claims.model import ClaimExtractor, FoundClaim
from ingest.claims.rules.code import code_claims
from ingest.claims.rules.labels import Tables
from ingest.claims.rules.place import Place
from ingest.claims.rules.prose import comment_claims, prose_claims
from ingest.claims.rules.rows import row_claims
from ingest.documents.model import BlockKind, Document

_RULES: Mapping[BlockKind, tuple[Callable[[Place], list[FoundClaim]], ...]] = {
    BlockKind.ROW: (row_claims,),
    BlockKind.CODE: (code_claims, comment_claims),
    BlockKind.PARAGRAPH: (prose_claims,),
    BlockKind.ITEM: (prose_claims,),
    BlockKind.COMMENT: (prose_claims,),
    BlockKind.CAPTION: (prose_claims,),
}


class Rules:
    """Finds claims by rules alone."""

    name: ClassVar[str] = "rules"

    def extract(self, document: Document) -> tuple[FoundClaim, ...]:
        """Return the claims of `document`, in the order of the text."""
        context = Context(document)
        tables = Tables(document, context.methods)
        found: dict[tuple[object, ...], FoundClaim] = {}
        for number, block in enumerate(document.blocks):
            for rule in _RULES.get(block.kind, ()):
                for claim in rule(Place(document, context, tables, number)):
                    found.setdefault(tuple(claim), claim)
        return tuple(found.values())


#: The extractor that is always there.
RULES: ClaimExtractor = Rules()
