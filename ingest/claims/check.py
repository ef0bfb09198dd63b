"""The check that every claim passes, whoever extracted it; what fails is dropped, with its reason."""

from __future__ import annotations

from ingest.claims.model import FoundClaim
from ingest.documents.model import Document
from kg.iris import evidence_iri
from kg.model import Claim, Provenance, Standing
from kg.model.base import Value


class Dropped(Value):
    """An extraction that must not enter the graph."""

    reason: str
    """A stable name of what is wrong; drops are counted by it."""
    detail: str
    """What exactly, for people."""


def checked(found: FoundClaim, document: Document, provenance: Provenance) -> Claim | Dropped:
    """Return `found` as a claim of the graph, or why it is none."""
    if not document.quotes(found.quote):
        return Dropped(reason="quote is not in the document", detail=found.quote[:200])
    numbers = (found.low, found.high, found.value)
    return Claim(
        iri=evidence_iri("claim", document.name, found.quote, found.kind, found.parameter_name, numbers),
        standing=Standing.CLAIMED,
        n=1,
        provenance=provenance,
        document=document.name,
        quote=found.quote,
        section=found.section,
        page=found.page,
        statement=found.kind,
        algorithm_name=found.algorithm_name,
        parameter_name=found.parameter_name,
        low=found.low,
        high=found.high,
        log=found.log,
        value=found.value,
        unit=found.unit,
        condition=found.condition,
    )
