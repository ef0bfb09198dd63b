"""What papers and guides claim, as rows to choose from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from kg.model import Claim
from kg.store import KnowledgeStore
from ui.exploring.ranges import claim_value


@dataclass(frozen=True)
class Wanted:
    """Which claims; empty: any."""

    document: str = ""
    learner: str = ""
    statement: str = ""
    words: str = ""
    """All of them stand in the quote, in any case."""


def claims_in(store: KnowledgeStore) -> tuple[Claim, ...]:
    """Return all claims, in the order of documents and places."""
    found = (claim for claim in store.evidence("claim") if isinstance(claim, Claim))
    return tuple(sorted(found, key=lambda claim: (claim.document, claim.page or 0, claim.section, claim.iri)))


def chosen(claims: Iterable[Claim], wanted: Wanted) -> tuple[Claim, ...]:
    """Return the claims that are `wanted`."""
    words = wanted.words.lower().split()
    return tuple(
        claim
        for claim in claims
        if wanted.document in ("", claim.document)
        and wanted.learner in ("", claim.learner or "")
        and wanted.statement in ("", claim.statement)
        and all(word in f"{claim.quote} {claim.section}".lower() for word in words)
    )


def document_rows(claims: Iterable[Claim]) -> list[dict[str, str | int]]:
    """Return the documents that claims are from: how many, which licence, where."""
    by_document: dict[str, list[Claim]] = {}
    for claim in claims:
        by_document.setdefault(claim.document, []).append(claim)
    return [
        {"document": name, "claims": len(some), "licence": some[0].provenance.licence, "from": some[0].provenance.url}
        for name, some in sorted(by_document.items(), key=lambda pair: -len(pair[1]))
    ]


def claim_rows(claims: Iterable[Claim]) -> list[dict[str, str]]:
    """Return claims as rows of a table."""
    return [
        {
            "states": claim.statement.replace("_", " "),
            "learner": claim.learner or claim.algorithm_name,
            "hyper-parameter": claim.hyperparameter or claim.parameter_name,
            "says": claim_value(claim),
            "document": claim.document,
            "place": place_of(claim),
        }
        for claim in claims
    ]


def place_of(claim: Claim) -> str:
    """Return where in its document a claim stands."""
    return ", ".join(part for part in (f"page {claim.page}" if claim.page else "", claim.section) if part)


def options(claims: Sequence[Claim], field: str) -> tuple[str, ...]:
    """Return the values that `field` has, the commonest first."""
    counted = Counter(str(value) for claim in claims if (value := getattr(claim, field)))
    return tuple(value for value, _ in counted.most_common())
