"""What a proposal cites, as the graph has it: looked up at once, each thing once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from kg.model import Dataset, Evidence, Iri, Run
from kg.store import KnowledgeStore
from recommender.explain import grounded_fields
from recommender.proposal import Proposal


def cited_in(proposal: Proposal) -> Iterator[Iri]:
    """Yield what the fields of `proposal` and their parts cite."""
    for grounded in grounded_fields(proposal).values():
        for grounding in (grounded, *grounded.parts.values()):
            yield from grounding.citations


class CitedItems:
    """Looks up what is cited.

    Args:
        store: The graph.
    """

    def __init__(self, store: KnowledgeStore) -> None:
        self.store = store
        self.datasets: Mapping[Iri, Dataset] = {dataset.iri: dataset for dataset in store.datasets()}
        self._found: dict[Iri, Dataset | Run | Evidence | None] = {}

    def look_up(self, iris: Iterable[Iri]) -> None:
        """Read what will be asked for, all at once."""
        wanted = tuple(iris)
        self._found |= {**dict.fromkeys(wanted), **self.store.find(wanted)}

    def get(self, iri: Iri) -> Dataset | Run | Evidence | None:
        """Return what has that IRI; None where nothing has."""
        if iri not in self._found:
            self.look_up([iri])
        return self._found[iri]
