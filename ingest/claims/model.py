"""What an extractor finds, before it is checked, and the protocol of extractors."""

from __future__ import annotations

from typing import Protocol

from ingest.documents.model import Document
from kg.model import ParameterValue
from kg.model.base import Value
from kg.model.evidence import ClaimKind


class FoundClaim(Value):
    """A statement found in a document. Names are as the text has them; the registry is asked later."""

    kind: ClaimKind
    quote: str
    """Verbatim, but for white space."""
    section: str = ""
    page: int | None = None
    algorithm_name: str = ""
    """What the text calls the learner or method; empty where it names none."""
    parameter_name: str = ""
    """What the text calls the hyper-parameter or setting; empty where none is meant."""
    low: float | None = None
    high: float | None = None
    log: bool | None = None
    """None where the text does not say."""
    value: ParameterValue = None
    unit: str = ""
    condition: str = ""


class ClaimExtractor(Protocol):
    """Finds claims in a document. A new extractor is one module with one class."""

    @property
    def name(self) -> str:
        """Who it is, such as ``rules``: with another name, a document is read again."""
        ...

    def extract(self, document: Document) -> tuple[FoundClaim, ...]:
        """Return the claims of `document`, in the order of the text; they are checked afterwards."""
        ...
