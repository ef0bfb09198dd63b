"""How much of a document is read: no input may take more."""

from __future__ import annotations

from dataclasses import dataclass

from kg.errors import InputError


@dataclass(frozen=True)
class Limits:
    """The limits on one document."""

    file_bytes: int = 64 * 1024**2
    """Largest file."""
    text_characters: int = 8_000_000
    """Longest text: a book of 2,500 pages has about six million."""
    line_characters: int = 1_000_000
    """Longest line."""
    pages: int = 1_000
    """Most pages of a PDF that are read."""
    seconds: float = 120.0
    """Longest that reading may take."""
    memory_bytes: int = 4 * 1024**3
    """Most memory of the process that reads."""


class DocumentError(InputError):
    """A document cannot be read: what is wrong with it, and which it is."""


#: What is used where nothing else is said.
DEFAULT_LIMITS = Limits()
