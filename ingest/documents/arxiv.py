"""What arXiv calls a paper, and where its sources, PDF and page are."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ingest.documents.licences import licence_named

#: Where arXiv is.
ARXIV = "https://arxiv.org"
_ID = r"(?P<id>\d{4}\.\d{4,5}|[a-z-]+(?:\.[A-Z]{2})?/\d{7})(?P<version>v\d{1,2})?"
_GIVEN = re.compile(rf"(?:arxiv:\s*)?{_ID}", re.IGNORECASE)
_ADDRESS = re.compile(
    rf"https?://(?:www\.|export\.)?arxiv\.org/(?:abs|pdf|html|e-print|src|format)/{_ID}(?:\.pdf)?/?(?:[?#].*)?"
)
_LICENCE = re.compile(r"href=\"(https?://(?:creativecommons\.org|arxiv\.org)/(?:licenses|publicdomain)/[^\"]+)\"")


@dataclass(frozen=True)
class ArxivPaper:
    """A paper on arXiv."""

    id: str
    """With its version, where one was named."""
    base: str = ARXIV

    @property
    def name(self) -> str:
        """What claims and passages call it."""
        return f"arXiv:{self.id}"

    @property
    def page(self) -> str:
        """Address of its page."""
        return f"{self.base}/abs/{self.id}"

    @property
    def files(self) -> tuple[str, ...]:
        """Addresses of its text, the best first: its sources keep tables and powers, its PDF is always there."""
        return tuple(f"{self.base}/{kind}/{self.id}" for kind in ("e-print", "pdf"))


def arxiv_paper(text: str, *, base: str = ARXIV) -> ArxivPaper | None:
    """Return the paper that an id or address names; None where it names none.

    >>> arxiv_paper("https://arxiv.org/pdf/2301.04567v2.pdf")
    ArxivPaper(id='2301.04567v2', base='https://arxiv.org')
    """
    found = _GIVEN.fullmatch(text.strip()) or _ADDRESS.fullmatch(text.strip())
    return ArxivPaper(found["id"] + (found["version"] or ""), base) if found else None


def licence_on(page: str) -> str:
    """Return the licence that the page of a paper links to, as SPDX identifier or address; empty without one."""
    found = _LICENCE.search(page)
    return "" if found is None else licence_named(found.group(1)) or found.group(1)
