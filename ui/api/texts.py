"""Passages of papers and guides, and the index over them, read again when their files change."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from kg.model import Passage
from recommender.text_index import TextIndex

if TYPE_CHECKING:
    from ui.compose import Tunegraph

_Stamp = tuple[tuple[str, int, int], ...]


class Texts:
    """The passages of a home, for who may see only what is public."""

    def __init__(self) -> None:
        self._read: tuple[_Stamp, TextIndex] | None = None
        self._reading = threading.Lock()

    def passages(self, tunegraph: Tunegraph) -> tuple[Passage, ...]:
        """Return the passages.

        Raises:
            StoreError: They cannot be read.
        """
        return self.index(tunegraph).passages

    def index(self, tunegraph: Tunegraph) -> TextIndex:
        """Return the index that finds passages.

        Raises:
            StoreError: They cannot be read.
        """
        home = tunegraph.settings.home
        with self._reading:
            stamp = _stamp(home)
            if self._read is None or self._read[0] != stamp:
                self._read = (stamp, _index(home))
            return self._read[1]


def _index(home: Path) -> TextIndex:
    from kg.passages import PassageTable
    from ui.embeddings import sentence_encoder

    table = PassageTable(home)
    passages = [one for one in table.all() if not one.provenance.is_own]
    return TextIndex(passages, cache=home / "cache", encoder=sentence_encoder() if passages else None)


def _stamp(home: Path) -> _Stamp:
    files = sorted((home / "passages").glob("[!.]*.parquet"))
    return tuple((file.name, file.stat().st_mtime_ns, file.stat().st_size) for file in files)
