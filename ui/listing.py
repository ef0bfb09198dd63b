"""Lists that are asked of a graph in the language that its store speaks: SPARQL of files, Cypher of a server."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from kg.rdf_store import RdfStore
from kg.store import KnowledgeStore


@dataclass(frozen=True)
class Listing:
    """A query in the languages of the stores; its rows have the same names and values in both."""

    sparql: str
    cypher: str
    parameters: tuple[tuple[str, Any], ...] = ()
    """Name and value of what either query has to be told."""

    def of(self, store: KnowledgeStore) -> Iterable[Mapping[str, Any]]:
        """Return its rows.

        Raises:
            StoreError: The graph cannot be read.
        """
        return store.ask(self.sparql if isinstance(store, RdfStore) else self.cypher, dict(self.parameters))
