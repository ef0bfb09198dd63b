"""Claims to cite, true and false: a guide that says of every published range what it is.

The graph that ships holds no claims; these stand over it while faults are planted, and nothing of them is kept.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kg.errors import EvidenceError
from kg.iris import evidence_iri
from kg.model import Claim, Dataset, Evidence, Iri, Provenance, PublishedSpace, Run, Standing

_SOURCE = Provenance(source="guide", licence="CC0-1.0", url="https://example.org/guide", retrieved=date(2026, 1, 1))


@dataclass(frozen=True)
class Guide:
    """A made-up document with what it says and what it is only said to say."""

    text: str
    claims: tuple[Claim, ...]
    """True: the quote stands in the text."""
    contrary: tuple[Claim, ...]
    """The quote stands in the text and gives another range."""
    forged: tuple[Claim, ...]
    """The quote stands nowhere."""

    @property
    def all(self) -> tuple[Claim, ...]:
        """Every claim, true or not."""
        return (*self.claims, *self.contrary, *self.forged)

    def text_of(self, document: str) -> str | None:
        """Return the text of a document by its name."""
        return self.text if document == "guide" else None


def guide(spaces: Iterable[PublishedSpace]) -> Guide:
    """Return a guide to the hyper-parameters of published spaces: ranges wide enough for any that is proposed."""
    found: dict[tuple[str, str], tuple[Claim, Claim, Claim]] = {}
    for learner, name, high in _numeric(spaces):
        sentence = f"For {learner}, search {name} between 0 and {high * 1e9:g} and look no further."
        contrary = f"For {learner}, {name} is best between {high * 1e12:g} and {high * 1e13:g} on large tables."
        forged = f"For {learner}, {name} needs no search at all, as everybody knows."
        found[learner, name] = (
            _claim(learner, name, sentence, 0.0, high * 1e9),
            _claim(learner, name, contrary, high * 1e12, high * 1e13),
            _claim(learner, name, forged, 0.0, high * 1e9),
        )
    text = " ".join(claim.quote for claims in found.values() for claim in claims[:2])
    claims, contrary_claims, forged_claims = zip(*found.values(), strict=True) if found else ((), (), ())
    return Guide(text, claims, contrary_claims, forged_claims)


class WithClaims:
    """A graph with some claims over it; all else is asked of the graph itself."""

    def __init__(self, store: Any, claims: Iterable[Claim]) -> None:
        self._store = store
        self._claims: Mapping[Iri, Claim] = {claim.iri: claim for claim in claims}

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def has(self, iri: Iri) -> bool:
        """Say whether `iri` names something of the graph, or one of the claims."""
        return iri in self._claims or bool(self._store.has(iri))

    def get(self, iri: Iri) -> Dataset | Run | Evidence:
        """Return what `iri` names.

        Raises:
            EvidenceError: Nothing has that name.
        """
        if iri in self._claims:
            return self._claims[iri]
        found: Dataset | Run | Evidence = self._store.get(iri)
        if found is None:
            raise EvidenceError(f"there is no {iri}")
        return found

    def find(self, iris: Iterable[Iri]) -> dict[Iri, Any]:
        """Return what `iris` name, by IRI."""
        return {iri: self.get(iri) for iri in iris if self.has(iri)}


def _numeric(spaces: Iterable[PublishedSpace]) -> Iterator[tuple[str, str, float]]:
    for space in spaces:
        for parameter in space.space.parameters:
            if parameter.kind in ("int", "float") and parameter.high > 0:
                yield space.learner, parameter.name, float(parameter.high)


def _claim(learner: str, name: str, quote: str, low: float, high: float) -> Claim:
    return Claim(
        iri=evidence_iri("claim", "guide", quote),
        standing=Standing.CLAIMED,
        n=1,
        provenance=_SOURCE,
        document="guide",
        quote=quote,
        statement="range",
        learner=learner,
        hyperparameter=name,
        low=low,
        high=high,
    )
