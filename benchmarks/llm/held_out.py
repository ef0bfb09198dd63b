"""A graph as it would be had it never seen a data set: for what is measured on data sets left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from kg.iris import digest
from kg.model import Dataset, Evidence, Iri, Run
from kg.store import KnowledgeStore


class HeldOut:
    """Hides some data sets and all that was learnt on them; what it does not know is asked of the graph itself.

    Args:
        store: The graph.
        gone: The data sets that are hidden, under all their names.
    """

    def __init__(self, store: KnowledgeStore, gone: frozenset[Iri]) -> None:
        self._store, self._gone = store, gone

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def datasets(self) -> tuple[Dataset, ...]:
        """Return the data sets that are left."""
        return tuple(dataset for dataset in self._store.datasets() if dataset.iri not in self._gone)

    def evidence(self, kind: str | None = None, **named: Any) -> tuple[Evidence, ...]:
        """Return the evidence that is not about what is hidden."""
        found = self._store.evidence(kind, **named)
        return tuple(one for one in found if getattr(one, "dataset", None) not in self._gone)

    def runs(self, iris: Any) -> tuple[Run, ...]:
        """Return those of the runs that were not made on what is hidden."""
        return tuple(run for run in self._store.runs(iris) if run.dataset not in self._gone)

    def ask(self, question: str, parameters: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Yield the rows that do not name what is hidden."""
        gone = {str(iri) for iri in self._gone}
        for row in self._store.ask(question, parameters):
            if not gone & {str(value) for value in row.values()}:
                yield row

    def fingerprint(self) -> str:
        """Return a digest of the graph and of what is hidden."""
        return digest([self._store.fingerprint(), sorted(self._gone)])
