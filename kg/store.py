"""What can be asked of the graph and added to it; nothing here knows a vendor."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Self

from kg.model import Dataset, Evidence, Iri, MetaFeatures, Run


@dataclass(frozen=True)
class Violation:
    """What keeps an item from being written."""

    iri: Iri
    """The item."""
    path: str
    """The property that is wrong; empty where it is the item as a whole, or a chain of properties."""
    message: str
    value: str = ""
    """What stands there; empty where nothing does."""


class KnowledgeStore(ABC):
    """The graph: data sets, runs that are cited, evidence.

    Adding what is there already changes nothing (an IRI names one thing); adding it with other content replaces it.
    A context manager that closes it.
    """

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @abstractmethod
    def transaction(self) -> AbstractContextManager[None]:
        """Open a block whose additions all take effect at its end, or none of them on an error."""

    @abstractmethod
    def add(self, items: Iterable[Dataset | Run | Evidence]) -> None:
        """Add or replace `items`.

        Raises:
            StoreError: The store cannot be written.
        """

    def violations(self, items: Iterable[Dataset | Run | Evidence]) -> tuple[Violation, ...]:
        """Return what of `items` breaks the shapes that all of the graph has, by IRI; nothing is written."""
        from kg.rdf_shapes import validate

        return validate(items)

    @abstractmethod
    def remove(self, iris: Iterable[Iri]) -> int:
        """Take out the items that `iris` name, and what only they had; return how many there were.

        Raises:
            StoreError: The store cannot be written.
        """

    @abstractmethod
    def sources(self) -> dict[str, str]:
        """Return the fingerprint of what there is of each source, by name."""

    @abstractmethod
    def items_of(self, source: str) -> dict[Iri, str]:
        """Return the kind (``dataset``, ``run``, ``run_summary``, ...) of all that came from `source`, by IRI."""

    @abstractmethod
    def cited(self, iris: Iterable[Iri], *, beside: str) -> frozenset[Iri]:
        """Return those of `iris` that items of other sources than `beside` refer to."""

    @abstractmethod
    def remove_source(self, source: str) -> int:
        """Take out all that came from `source`; return how many items that were."""

    @abstractmethod
    def datasets(self) -> tuple[Dataset, ...]:
        """Return all data sets, by IRI."""

    def meta_features(self, names: Iterable[str]) -> Mapping[Iri, MetaFeatures]:
        """Return those of the qualities `names` that are known of each data set, by IRI; cheaper than `datasets`."""
        wanted = tuple(names)
        return {dataset.iri: dataset.meta_features.only(wanted) for dataset in self.datasets()}

    @abstractmethod
    def runs(self, iris: Iterable[Iri]) -> tuple[Run, ...]:
        """Return the runs that `iris` name, in that order.

        Raises:
            EvidenceError: One of them is not in the graph.
        """

    @abstractmethod
    def evidence(
        self,
        kind: str | None = None,
        *,
        learner: str | None = None,
        metric: str | None = None,
        dataset: Iri | None = None,
    ) -> tuple[Evidence, ...]:
        """Return the evidence that has all the properties given, by IRI."""

    @abstractmethod
    def get(self, iri: Iri) -> Dataset | Run | Evidence:
        """Return what `iri` names.

        Raises:
            EvidenceError: Nothing in the graph has that name.
        """

    @abstractmethod
    def has(self, iri: Iri) -> bool:
        """Say whether `iri` names a data set, a run or a piece of evidence."""

    def find(self, iris: Iterable[Iri]) -> Mapping[Iri, Dataset | Run | Evidence]:
        """Return what `iris` name, each once, by IRI; names of nothing are left out. Cheaper than one by one."""
        return {iri: self.get(iri) for iri in dict.fromkeys(iris) if self.has(iri)}

    @abstractmethod
    def ask(self, question: str, parameters: Mapping[str, Any] | None = None) -> Iterator[dict[str, Any]]:
        """Answer a named question of `kg/queries` (or, where it is no such name, a query in the store's own language).

        Yields:
            One dict a row: variable name -> plain Python value (IRIs as `str`).

        Raises:
            InputError: The query cannot be parsed, or would write.
        """

    @abstractmethod
    def counts(self) -> dict[str, int]:
        """Return how many data sets, runs and pieces of evidence of each kind there are."""

    @abstractmethod
    def fingerprint(self) -> str:
        """Return a digest that changes whenever the content may have changed; caches are keyed by it."""

    @abstractmethod
    def close(self) -> None:
        """Release the store; it cannot be used afterwards."""
