"""What of the graph on disk a caller may see: all of it, or what is public.

Asking a list of graphs costs a look-up a graph and pattern (measured on the starter graph: 13 to 17 times the seconds
of asking their union), so what is public is a database of its own: links to the files of the published generation,
less the private graphs. It is made once a generation and lies among what is deleted with it (`kg.rdf_backend`).
"""

from __future__ import annotations

import secrets
import shutil
from contextlib import suppress
from pathlib import Path
from typing import Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Store

from kg.errors import StoreError
from kg.model.provenance import OWN_SOURCE
from kg.rdf_backend import DiskBackend
from kg.rdf_terms import last_segment

#: Name of the folder, with the version of what it leaves out.
_FOLDER: Final = "public-1"


def is_private(graph: NamedNode | BlankNode) -> bool:
    """Say whether the named graph `graph` is that of a user's own study."""
    return last_segment(graph.value).startswith(OWN_SOURCE)


class Snapshots:
    """The generations of a graph on disk, opened to be read from; not for several threads at once.

    Args:
        path: The folder of the graph; it is there already.

    Raises:
        StoreError: It cannot be opened.
    """

    def __init__(self, path: Path) -> None:
        self._backend = DiskBackend(path)
        self._public: tuple[Store, Store] | None = None

    def view(self, *, private: bool) -> Store:
        """Return the graph as it was last published.

        Args:
            private: Whether with the sources that are the user's own.

        Raises:
            StoreError: It cannot be read, or what is public cannot be written apart.
        """
        whole = self._backend.reading()
        if private:
            return whole
        if self._public is None or self._public[0] is not whole:
            folder = self._backend.cache_of(whole)
            if folder is None:
                raise StoreError("The graph changed while it was opened; try again.")
            self._public = (whole, _public_view(whole, folder / _FOLDER))
        return self._public[1]

    def close(self) -> None:
        """Release files and locks."""
        self._public = None
        self._backend.close()


def _public_view(whole: Store, folder: Path) -> Store:
    try:
        if not folder.exists():
            _write_public(whole, folder)
        return Store.read_only(str(folder))
    except (OSError, RuntimeError) as error:
        raise StoreError(f"What is public cannot be told apart in {folder}: {error}") from error


def _write_public(whole: Store, folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    draft, done = (folder.with_name(f"{folder.name}.{kind}-{secrets.token_hex(4)}") for kind in ("draft", "done"))
    try:
        whole.backup(str(draft))
        store = Store(str(draft))
        for graph in filter(is_private, list(store.named_graphs())):
            store.remove_graph(graph)
        # What stands in no named graph is the store's own bookkeeping, with the names of all sources.
        store.clear_graph(DefaultGraph())
        # A copy: while anything still refers to the draft, its database goes on tidying up its files.
        store.backup(str(done))
        del store
        # Another process may have been quicker; its folder is as good.
        with suppress(OSError):
            done.rename(folder)
    finally:
        shutil.rmtree(draft, ignore_errors=True)
        shutil.rmtree(done, ignore_errors=True)
