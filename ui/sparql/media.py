"""Which form of an answer a caller takes: content negotiation (RFC 9110, section 12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

#: Media type of solutions and truth values -> other types that are answered with it. The first is the default.
ROWS: Final[Mapping[str, tuple[str, ...]]] = {
    "application/sparql-results+json": ("application/json",),
    "application/sparql-results+xml": ("application/xml", "text/xml"),
    "text/csv": (),
    "text/tab-separated-values": (),
}
#: Media type of graphs -> other types that are answered with it. The first is the default.
GRAPHS: Final[Mapping[str, tuple[str, ...]]] = {
    "text/turtle": ("application/x-turtle", "application/turtle"),
    "application/ld+json": ("application/json",),
    "application/n-triples": ("text/plain",),
    "application/rdf+xml": ("application/xml", "text/xml"),
}
_SUFFIX_CHARSET: Final = frozenset({"text/csv", "text/tab-separated-values", "text/turtle", "text/html"})


def chosen(accept: str | None, offers: Mapping[str, Sequence[str]]) -> str | None:
    """Return the one of `offers` that the header `accept` likes best; None where it takes none.

    Where it likes several as much, the one that it names first; else the one that is offered first.

    Args:
        accept: The header ``Accept``; None or empty: anything.
        offers: Media type -> other types for which it will do.
    """
    ranges = _ranges(accept or "*/*")
    best: tuple[float, int, int] | None = None
    found = None
    for place, (media_type, others) in enumerate(offers.items()):
        liking, named_at = _liking(media_type, others, ranges)
        rank = (liking, -named_at, -place)
        if liking > 0 and (best is None or rank > best):
            best, found = rank, media_type
    return found


def content_type(media_type: str) -> str:
    """Return the header for a body of `media_type`: what is text says that it is UTF-8."""
    return f"{media_type}; charset=utf-8" if media_type in _SUFFIX_CHARSET else media_type


def _ranges(accept: str) -> list[tuple[str, float]]:
    """Return media ranges and how much each is liked, 0 to 1, in their order."""
    found = []
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        weights = [p.removeprefix("q=") for p in parameters if p.startswith("q=")]
        found.append((name, _weight(weights[0]) if weights else 1.0))
    return found


def _weight(text: str) -> float:
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0


def _liking(media_type: str, others: Sequence[str], ranges: Sequence[tuple[str, float]]) -> tuple[float, int]:
    """Return how much `media_type` is liked, by the closest range, and the place of that range.

    Another type for which it will do counts only where it is named, not where a wildcard takes it in.
    """
    for names in ({media_type, *others}, {media_type.split("/", maxsplit=1)[0] + "/*"}, {"*/*"}):
        found = [(weight, -place) for place, (name, weight) in enumerate(ranges) if name in names]
        if found:
            weight, place = max(found)
            return weight, -place
    return 0.0, len(ranges)
