"""Graphs on disk, opened to be read from, each as it was last published."""

from __future__ import annotations

from pathlib import Path

from pyoxigraph import Store

from kg.rdf_generations import DiskBackend


class Snapshots:
    """Opens each graph once; not for several threads at once."""

    def __init__(self) -> None:
        self._backends: dict[Path, DiskBackend] = {}

    def view(self, path: Path) -> Store:
        """Return the graph in the folder `path`, which is there already, as it was last published.

        Raises:
            StoreError: It cannot be read.
        """
        if path not in self._backends:
            self._backends[path] = DiskBackend(path)
        return self._backends[path].reading()
