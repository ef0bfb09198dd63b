"""From a document to claims that may enter the graph: extracted, named, checked."""

from __future__ import annotations

from collections.abc import Mapping

from ingest.claims.check import checked
from ingest.claims.model import ClaimExtractor
from ingest.claims.rules import RULES
from ingest.documents.model import Document
from kg.iris import evidence_iri, plain_name
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
            told = _told_apart(outcome, claims)
            claims.setdefault(told.iri, told)
        else:
            dropped.append((outcome.reason, outcome.detail))
    return Claims(claims=tuple(claims.values()), dropped=tuple(dropped))


def _told_apart(claim: Claim, claims: Mapping[str, Claim]) -> Claim:
    """Return `claim`; under an IRI of its own where the same words say the same of another learner, or in another case.

    A row with the same value for two methods makes two claims, and so do rows that are alike in two tables.
    """
    first = claims.get(claim.iri)
    if first is None or _said_of(first) == _said_of(claim):
        return claim
    return claim.replace(iri=evidence_iri("claim", claim.iri, *_said_of(claim)))


def _said_of(claim: Claim) -> tuple[str, str]:
    return claim.learner or plain_name(claim.algorithm_name), claim.condition
