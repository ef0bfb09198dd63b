"""The public part of a graph that is on a server, kept as an embedded copy for whoever may not see the rest.

What `kg.rdf_public` does for a graph in files, by links to them, this does for any store, by reading its items: the
sources that have changed are read again, the others stay.
"""

from __future__ import annotations

import threading
from pathlib import Path

from kg.copying import all_items, by_source
from kg.model.provenance import is_own
from kg.rdf_store import RdfStore
from kg.store import KnowledgeStore


class PublicMirror:
    """Keeps an embedded copy of a graph without its private sources.

    Args:
        store: The whole graph.
        path: Folder of the copy.
        with_private: Whether the private sources are copied, too: for those who may see them, where only an embedded
            graph can be asked (`ui.sparql`).
    """

    def __init__(self, store: KnowledgeStore, path: Path, *, with_private: bool = False) -> None:
        self._whole, self._with_private = store, with_private
        self._copy = RdfStore(path)
        self._updating = threading.Lock()

    def current(self) -> RdfStore:
        """Return the copy, up to date: always the same store, to be read only.

        Raises:
            StoreError: The graph cannot be read, or the copy cannot be written.
        """
        wanted = self._wanted()
        if self._copy.sources() != wanted:
            with self._updating:
                self._update()
        return self._copy

    def close(self) -> None:
        """Release the copy; it stays on disk."""
        self._copy.close()

    def _wanted(self) -> dict[str, str]:
        there = self._whole.sources().items()
        return {name: sum_ for name, sum_ in there if self._with_private or not is_own(name)}

    def _update(self) -> None:
        wanted, there = self._wanted(), self._copy.sources()
        changed = {name for name, sum_ in wanted.items() if there.get(name) != sum_}
        if not changed and there.keys() <= wanted.keys():
            return
        items = by_source(item for item in all_items(self._whole) if item.provenance.source in changed)
        with self._copy.transaction():
            for name in there.keys() - wanted.keys():
                self._copy.remove_source(name)
            for name in changed:
                kept = items.get(name, {})
                self._copy.remove([iri for iri in self._copy.items_of(name) if iri not in kept])
                self._copy.add(kept.values())
            self._copy.keep_vocabulary()
