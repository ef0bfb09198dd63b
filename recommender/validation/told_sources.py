"""Sources that a text names or counts: each is among what is cited, or the text is left out."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping

from kg.model import Iri
from kg.store import KnowledgeStore
from recommender.proposal import Grounded, Proposal
from recommender.validation.prose import MAX_PROSE, texts
from recommender.validation.repairs import plain
from recommender.validation.stage import repaired
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


def without_unknown_sources(
    proposal: Proposal,
    cited: Collection[tuple[str, Iri]],
    store: KnowledgeStore,
    reasons: Mapping[str, str] | None = None,
) -> tuple[Proposal, tuple[Finding, ...]]:
    """Return `proposal` without texts that lean on papers or numbers of data sets from nowhere, and what they were.

    A paper may be named where what is cited for the same field names it. As many data sets may be counted as the field
    cites pieces of evidence, as there are neighbours, or as the field's rule, run again, counts. Texts of no field
    (assumptions, warnings) account for nothing, and are not read.

    Args:
        proposal: A proposal.
        cited: Path and name of each of its citations.
        store: The graph.
        reasons: Path of a field or part -> what its rule says. Default: nothing is known of rules.
    """
    findings = []
    for path, text, without in tuple(texts(proposal)):
        shown, field = text[:MAX_PROSE], path.partition(".")[0]
        if not isinstance(getattr(proposal, field, None), Grounded):
            continue
        theirs = dict.fromkeys(iri for place, iri in cited if place.partition(".")[0] == field)
        why = " ".join(reason for place, reason in (reasons or {}).items() if place.partition(".")[0] == field)
        counts = _counts(why) | {len(theirs), len(proposal.neighbours)}
        if unknown := [*_unknown_papers(shown, theirs, store, why), *_unknown_counts(shown, counts)]:
            message = f"Nothing that is cited here is, or counts, {unknown[0]}; the text is left out."
            findings.append(repaired(path, "source_not_in_evidence", message, value=text[:200]))
            proposal = without(proposal)
    return proposal, tuple(findings)


def _unknown_papers(text: str, cited: Collection[Iri], store: KnowledgeStore, why: str) -> Iterator[str]:
    named = [match["arxiv"] or match["doi"].rstrip(".") for match in _PAPER.finditer(text)]
    if not named:
        return
    known = " ".join([why, *(json.dumps(plain(store.get(iri))) for iri in cited)]).lower()
    yield from (paper for paper in named if paper.lower() not in known)


def _unknown_counts(text: str, known: Collection[int]) -> Iterator[str]:
    most = max(known)
    for match in _COUNTED.finditer(text):
        if int(match["count"].replace(",", "")) > most:
            yield match[0]


def _counts(text: str) -> set[int]:
    return {int(match["count"].replace(",", "")) for match in _COUNTED.finditer(text)}
