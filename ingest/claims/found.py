"""From a document to claims that may enter the graph: extracted, named, checked."""

from __future__ import annotations

from ingest.claims.check import checked
from ingest.claims.model import ClaimExtractor
from ingest.claims.rules import RULES
from ingest.documents.model import Document
from kg.model import Claim, Provenance
from kg.model.base import Value


class Claims(Value):
    """The claims of a document, and what was dropped."""

    claims: tuple[Claim, ...]
    """In the order of the text, each once."""
    dropped: tuple[tuple[str, str], ...] = ()
    """(reason, detail) of each extraction that failed a check; reasons are few and stable, to be counted by."""


def found_in(document: Document, *, provenance: Provenance, extractor: ClaimExtractor = RULES) -> Claims:
    """Return the claims that `extractor` finds in `document` and that hold against its text.

    Args:
        document: What was read.
        provenance: Of the document: source, licence, URL, version, day. The locator is set here (page or section).
        extractor: Who finds them. Whoever it is, every claim passes the same checks (`ingest.claims.check`).
    """
    claims: dict[str, Claim] = {}
    dropped: list[tuple[str, str]] = []
    for found in extractor.extract(document):
        outcome = checked(found, document, provenance)
        if isinstance(outcome, Claim):
            claims.setdefault(outcome.iri, outcome)
        else:
            dropped.append((outcome.reason, outcome.detail))
    return Claims(claims=tuple(claims.values()), dropped=tuple(dropped))
