"""The check that every claim passes, whoever extracted it; what fails is dropped, with its reason.

The quote stands in the document, every number of the claim stands in its quote, bounds are in order, and the claim
names something that the document or the registry knows.
"""

from __future__ import annotations

import re
from enum import StrEnum
from functools import lru_cache

from ingest.claims.masking import masked
from ingest.claims.model import FoundClaim
from ingest.claims.naming import hyperparameter_of, learner_of, other_names
from ingest.claims.numbers import has_reading, numbers_in, readings
from ingest.documents.model import Document, squeezed
from kg.iris import evidence_iri, plain_name
from kg.model import Claim, Provenance, Standing
from kg.model.base import Value

#: The longest quote that is taken, in characters.
LONGEST_QUOTE = 1000
_LOGSPACE = re.compile(r"logspace\s?\(\s*(-?\d+(?:\.\d+)?)\s*,\s*(-?\d+(?:\.\d+)?)")


class DropReason(StrEnum):
    """Why an extraction must not enter the graph."""

    NOT_VERBATIM = "quote not in the document"
    TOO_LONG = "quote too long"
    NUMBER = "number not in the quote"
    WORDS = "value not in the quote"
    ORDER = "low above high"
    LOG = "log range not above zero"
    NAMELESS = "no learner and no parameter"
    NAME = "name not in the document"
    EMPTY = "nothing stated"


class Dropped(Value):
    """An extraction that failed the check."""

    reason: DropReason
    detail: str
    """What exactly, for people."""


def checked(found: FoundClaim, document: Document, provenance: Provenance) -> Claim | Dropped:
    """Return `found` as a claim of the graph, or why it is none.

    Args:
        found: What an extractor found.
        document: What it was found in.
        provenance: Of the document; the section or page becomes its locator.
    """
    if fault := fault_of(found, document):
        return fault
    learner = learner_of(found.algorithm_name) if found.algorithm_name else None
    parameter = hyperparameter_of(learner.name, found.parameter_name) if learner and found.parameter_name else None
    quote = squeezed(found.quote)
    numbers = (found.low, found.high, found.value)
    locator = f"page {found.page}" if found.page else found.section
    return Claim(
        iri=evidence_iri("claim", document.name, quote, found.kind, found.parameter_name, numbers),
        standing=Standing.CLAIMED,
        n=1,
        provenance=provenance.replace(locator=locator),
        document=document.name,
        quote=quote,
        section=found.section,
        page=found.page,
        statement=found.kind,
        learner=learner.name if learner else None,
        hyperparameter=parameter,
        algorithm_name=found.algorithm_name,
        parameter_name=found.parameter_name,
        low=found.low,
        high=found.high,
        log=found.log,
        value=found.value,
        unit=found.unit,
        condition=found.condition,
    )


def fault_of(found: FoundClaim, document: Document) -> Dropped | None:
    """Return the first thing that is wrong with `found`, or None where it holds."""
    for check in (_quote_fault, _bounds_fault, _number_fault, _value_fault, _name_fault):
        if fault := check(found, document):
            return Dropped(reason=fault[0], detail=fault[1])
    return None


def _quote_fault(found: FoundClaim, document: Document) -> tuple[DropReason, str] | None:
    if len(found.quote) > LONGEST_QUOTE:
        return DropReason.TOO_LONG, f"{len(found.quote)} characters: {found.quote[:80]}"
    return None if document.quotes(found.quote) else (DropReason.NOT_VERBATIM, found.quote[:200])


def _bounds_fault(found: FoundClaim, _: Document) -> tuple[DropReason, str] | None:
    low, high = found.low, found.high
    if low is not None and high is not None and low > high:
        return DropReason.ORDER, f"{low} > {high}: {found.quote[:120]}"
    if found.log and low is not None and low <= 0:
        return DropReason.LOG, f"{low}: {found.quote[:120]}"
    if found.kind in {"range", "default", "recommended_value"} and low is high is found.value is found.log is None:
        return DropReason.EMPTY, f"{found.kind} of {found.parameter_name}: {found.quote[:120]}"
    return None


def _number_fault(found: FoundClaim, document: Document) -> tuple[DropReason, str] | None:
    known = quote_readings(found.quote)
    untold = [number for number in _numbers(found) if not has_reading(number, known)]
    known = _read_as(found.quote, document) if untold else known
    missing = next((number for number in untold if not has_reading(number, known)), None)
    return None if missing is None else (DropReason.NUMBER, f"{missing:g}: {found.quote[:160]}")


def quote_readings(quote: str) -> frozenset[float]:
    """Return every value that a number of `quote` can be read as, its markup taken off or not."""
    powers = {
        10.0 ** float(end) for match in _LOGSPACE.finditer(quote) for end in match.groups() if abs(float(end)) < 30
    }
    return readings(masked(quote).plain) | readings(quote) | powers


def _read_as(quote: str, document: Document) -> frozenset[float]:
    """Return the numbers of `quote` as its block is read: with the powers that the document's letters lost."""
    wanted, known = squeezed(quote), frozenset[float]()
    for block in document.blocks:
        if block.edits and (start := block.text.find(wanted)) >= 0 and squeezed(block.text) == block.text:
            end = start + len(wanted)
            part = [edit for edit in block.edits if start <= edit.start and edit.end <= end]
            cut = block.replace(
                text=wanted, edits=tuple(e.replace(start=e.start - start, end=e.end - start) for e in part)
            )
            known |= quote_readings(cut.reading)
            if any(edit.start <= start and edit.end >= end for edit in block.edits):
                known |= quote_readings(block.reading)
    return known


def _numbers(found: FoundClaim) -> list[float]:
    numbers = [float(v) for v in (found.low, found.high) if v is not None]
    if isinstance(found.value, int | float) and not isinstance(found.value, bool):
        numbers.append(float(found.value))
    if isinstance(found.value, str):
        numbers += [number.value for number in numbers_in(re.sub(r"(?<=\d),(?=\S)", ", ", found.value))]
    return numbers


def _value_fault(found: FoundClaim, _: Document) -> tuple[DropReason, str] | None:
    """Return the first word of the value that the quote does not have; inflected words are the same."""
    if not isinstance(found.value, str | bool):
        return None
    quote = masked(found.quote).plain.lower() + " " + found.quote.lower()
    for word in re.findall(r"[^\W\d_]{3,}", str(found.value).lower()):
        if word[: max(4, len(word) - 3)] not in quote:
            return DropReason.WORDS, f"{word!r} of {found.value!r}: {found.quote[:120]}"
    return None


def _name_fault(found: FoundClaim, document: Document) -> tuple[DropReason, str] | None:
    if not (found.algorithm_name or found.parameter_name):
        return DropReason.NAMELESS, found.quote[:160]
    where = _plain_text(document.title, document.name, document.text, document.layout)
    for name in (found.parameter_name, found.algorithm_name):
        stands = any(plain_name(form) in where for form in (name, *other_names(name)))
        if name and not stands and not _is_known(name, found):
            return DropReason.NAME, f"{name!r}: {found.quote[:120]}"
    return None


def _is_known(name: str, found: FoundClaim) -> bool:
    learner = learner_of(found.algorithm_name) if found.algorithm_name else None
    if name == found.algorithm_name:
        return learner is not None or not plain_name(name)
    return not plain_name(name) or bool(learner and hyperparameter_of(learner.name, name))


@lru_cache(maxsize=4)
def _plain_text(*texts: str) -> str:
    """Return the texts of a document without case and punctuation; asked for again and again."""
    return plain_name("".join(texts))
