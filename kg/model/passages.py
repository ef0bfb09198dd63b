"""A passage of a document: what is found by its words, and can be cited."""

from __future__ import annotations

from kg.model.base import Iri, Value
from kg.model.provenance import Provenance


class Passage(Value):
    """Some sentences, a table or a listing of a document, about as long as a paragraph."""

    iri: Iri
    document: str
    """Name of the document."""
    title: str = ""
    """Title of the document."""
    section: str = ""
    """Headings above it, outermost first, joined by `` > ``."""
    page: int | None = None
    """From 1, in a document that has pages."""
    text: str
    provenance: Provenance
