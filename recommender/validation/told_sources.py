"""Sources that a text names or counts: each is among what is cited, or the text is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from functools import cache

from recommender.proposal import Grounded, Proposal
from recommender.validation.backing import Backing
from recommender.validation.texts import Text, without_texts
from recommender.validation.verdict import Finding

#: Identifiers of papers: an arXiv number, a DOI.
_PAPER = re.compile(
    r"\barxiv(?:\s*:|\.org/(?:abs|pdf)/|\s)\s*(?P<arxiv>\d{4}\.\d{4,5})"
    r"|\b(?P<doi>10\.\d{4,9}/[^\s\"<>)\],;]+)",
    re.IGNORECASE,
)
#: "on 82 data sets", "4,812 similar datasets".
_COUNTED = re.compile(
    r"(?<![\w.,])(?P<count>\d{1,3}(?:,\d{3})+|\d+)\s+(?:(?:similar|known|public|other|measured)\s+)*(?:data\s*sets|tables|studies|papers)\b",
    re.IGNORECASE,
)


def without_unknown_sources(proposal: Proposal, backing: Backing) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` without texts that lean on papers or numbers of data sets from nowhere, and what they were.

    A paper may be named where what is cited for the same field names it. As many data sets may be counted as the field
    cites pieces of evidence, as there are neighbours, or as the field's rules, run again, count. Texts of no field
    (assumptions, warnings) account for nothing, and are not read.
    """

    @cache
    def words(field: str) -> str:
        return " ".join([backing.reason(field), *map(json.dumps, backing.evidence(field))]).lower()

    def unknown(text: Text) -> Iterator[str]:
        yield from (paper for paper in _papers(text.shown) if paper.lower() not in words(text.field))
        most = max(len(backing.citations(text.field)), len(proposal.neighbours), *_counts(backing.reason(text.field)))
        yield from (counted for counted, number in _counted(text.shown) if number > most)

    def fault(text: Text) -> str | None:
        is_account = isinstance(getattr(proposal, text.field), Grounded)
        source = next(unknown(text), None) if is_account else None
        return f"Nothing that is cited here is, or counts, {source}" if source is not None else None

    return without_texts(proposal, fault, "source_not_in_evidence")


def _papers(text: str) -> Iterator[str]:
    """Yield the identifiers of the papers that a text names."""
    return (match["arxiv"] or match["doi"].rstrip(".") for match in _PAPER.finditer(text))


def _counted(text: str) -> Iterator[tuple[str, int]]:
    """Yield what a text says that it counts (``82 data sets``), each with its number."""
    return ((match[0], int(match["count"].replace(",", ""))) for match in _COUNTED.finditer(text))


def _counts(text: str) -> Iterator[int]:
    return (number for _, number in _counted(text))
