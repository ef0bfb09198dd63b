"""Where the quads are: the interface of a backend, and the one that keeps them in memory.

The one on disk is `kg.rdf_generations`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection
from pathlib import Path

from pyoxigraph import Quad, Store
from typing_extensions import override

from kg.rdf_archive import load_quads


class Backend(ABC):
    """Quads that change in transactions; one at a time."""

    @abstractmethod
    def reading(self) -> Store:
        """Return the quads as they were last committed."""

    @abstractmethod
    def cache_of(self, view: Store) -> Path | None:
        """Return a folder for what follows from `view`; None where there is none that lives as long as it does."""

    @abstractmethod
    def writing(self) -> Store:
        """Return the quads as the open transaction sees them."""

    @abstractmethod
    def begin(self) -> None:
        """Open a transaction.

        Raises:
            StoreError: Another process is writing.
        """

    @abstractmethod
    def insert(self, quads: Collection[Quad]) -> None:
        """Add `quads` within the transaction."""

    @abstractmethod
    def load(self, quads: bytes) -> None:
        """Load N-Quads within the transaction, which has seen no other change, into what is empty.

        Raises:
            StoreError: They cannot be parsed.
        """

    @abstractmethod
    def remove(self, quads: Collection[Quad]) -> None:
        """Take out `quads` within the transaction."""

    @abstractmethod
    def commit(self) -> None:
        """Make the transaction's changes last, all at once."""

    @abstractmethod
    def rollback(self) -> None:
        """Drop the transaction's changes."""

    @abstractmethod
    def close(self) -> None:
        """Release files and locks."""


class MemoryBackend(Backend):
    """Quads in memory. A transaction changes them at once and keeps what it takes to undo that."""

    def __init__(self) -> None:
        self._store = Store()
        self._undo: list[tuple[bool, Collection[Quad]]] = []

    @override
    def reading(self) -> Store:
        return self._store

    @override
    def cache_of(self, view: Store) -> None:
        return None

    @override
    def writing(self) -> Store:
        return self._store

    @override
    def begin(self) -> None:
        self._undo = []

    @override
    def insert(self, quads: Collection[Quad]) -> None:
        new = [quad for quad in quads if quad not in self._store]
        self._undo.append((True, new))
        self._store.extend(new)

    @override
    def load(self, quads: bytes) -> None:
        fresh = Store()
        load_quads(fresh, quads)
        self._undo.append((True, list(fresh)))
        self._store = fresh

    @override
    def remove(self, quads: Collection[Quad]) -> None:
        self._undo.append((False, [quad for quad in quads if quad in self._store]))
        for quad in quads:
            self._store.remove(quad)

    @override
    def commit(self) -> None:
        self._undo = []

    @override
    def rollback(self) -> None:
        for inserted, quads in reversed(self._undo):
            if inserted:
                for quad in quads:
                    self._store.remove(quad)
            else:
                self._store.extend(quads)
        self._undo = []

    @override
    def close(self) -> None:
        self._store = Store()
