"""Claims: statements on how to configure, found in documents, each with its verbatim quote.

>>> found = found_in(document, provenance=provenance)  # doctest: +SKIP
>>> found.claims[0].quote, found.dropped  # doctest: +SKIP
"""

from ingest.claims.found import Claims, found_in
from ingest.claims.model import ClaimExtractor, FoundClaim
from ingest.claims.rules import RULES

__all__ = ["RULES", "ClaimExtractor", "Claims", "FoundClaim", "found_in"]
