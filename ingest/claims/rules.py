"""The extractor that needs no model: rules for the ways in which texts on configuring are written."""

from __future__ import annotations

from typing import ClassVar

from ingest.claims.model import ClaimExtractor, FoundClaim
from ingest.documents.model import Document


class Rules:
    """Finds claims by rules alone."""

    name: ClassVar[str] = "rules"

    def extract(self, document: Document) -> tuple[FoundClaim, ...]:
        """Return the claims of `document`, in the order of the text."""
        return ()


#: The extractor that is always there.
RULES: ClaimExtractor = Rules()
