"""What the tests of claims share."""

from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from ingest.claims import found_in
from ingest.documents.model import Document
from ingest.documents.parsing import parse_document
from kg.model import Claim, Provenance

PROVENANCE = Provenance(
    source="paper:guide", licence="MIT", url="https://example.org/guide", version="1", retrieved=date(2026, 1, 2)
)


@pytest.fixture
def provenance() -> Provenance:
    return PROVENANCE


@pytest.fixture
def document_of(tmp_path: Path) -> Callable[..., Document]:
    """Return a function that reads text as a document: reStructuredText, or what `ending` says."""

    def read(text: str, ending: str = ".rst") -> Document:
        path = tmp_path / f"guide{ending}"
        path.write_text(text, "utf-8")
        return parse_document(path)

    return read


@pytest.fixture
def claims_of(document_of: Callable[..., Document]) -> Callable[..., tuple[Claim, ...]]:
    """Return a function from text to the claims that the rules find in it."""

    def find(text: str, ending: str = ".rst") -> tuple[Claim, ...]:
        return found_in(document_of(text, ending), provenance=PROVENANCE).claims

    return find
