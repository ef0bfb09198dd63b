"""The passage table: the texts of all documents, one Parquet file a source, to be found again by their words.

    <home>/passages/<source>.parquet

A file is replaced as a whole, so a source has its old passages or its new ones.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import Any, Final

import pyarrow as pa
import pyarrow.parquet as pq

from kg.atomic_files import write_atomically
from kg.errors import StoreError
from kg.model import Passage, Provenance

_TEXT: Final = ("iri", "document", "title", "section", "text")
_PROVENANCE: Final = ("source", "licence", "url", "version", "retrieved", "activity", "locator")
_SCHEMA: Final = pa.schema(
    [*((name, pa.string()) for name in _TEXT), ("page", pa.int32()), *((name, pa.string()) for name in _PROVENANCE)]
)


class PassageTable:
    """The passages below a home folder.

    Args:
        home: The folder; it is made when something is written.
    """

    def __init__(self, home: Path) -> None:
        self.home = Path(home)

    def write(self, source: str, passages: Iterable[Passage]) -> None:
        """Make `passages` all that `source` has; none of them takes it out.

        Raises:
            StoreError: They cannot be written.
        """
        rows = [_row(passage) for passage in passages]
        if not rows:
            self.remove(source)
            return
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pylist(rows, schema=_SCHEMA), sink, compression="zstd")
        try:
            write_atomically(self.path(source), sink.getvalue().to_pybytes())
        except OSError as error:
            raise StoreError(f"The passages of {source} cannot be written: {error}") from error

    def remove(self, source: str) -> int:
        """Take a source out, and return how many passages it had."""
        count = len(self.of(source))
        self.path(source).unlink(missing_ok=True)
        return count

    def sources(self) -> tuple[str, ...]:
        """Return the names of the sources that have passages, sorted."""
        return tuple(sorted(path.name.removesuffix(".parquet") for path in self._folder.glob("[!.]*.parquet")))

    def of(self, source: str) -> tuple[Passage, ...]:
        """Return the passages of a source, in the order of its documents; none where it has none.

        Raises:
            StoreError: They cannot be read.
        """
        try:
            rows = pq.read_table(self.path(source), partitioning=None).to_pylist()
        except FileNotFoundError:
            return ()
        except (pa.ArrowException, OSError) as error:
            raise StoreError(f"The passages in {self.path(source)} cannot be read: {error}") from error
        return tuple(map(_passage, rows))

    def all(self) -> tuple[Passage, ...]:
        """Return all passages, by name of the source."""
        return tuple(passage for source in self.sources() for passage in self.of(source))

    def digest(self) -> str:
        """Return a digest of all passages: the same passages, the same digest."""
        total = hashlib.sha256()
        for source in self.sources():
            total.update(source.encode() + b"\0" + hashlib.sha256(self.path(source).read_bytes()).digest())
        return total.hexdigest()[:16]

    def path(self, source: str) -> Path:
        """Return where the passages of a source are."""
        return self._folder / f"{source}.parquet"

    @property
    def _folder(self) -> Path:
        return self.home / "passages"


def _row(passage: Passage) -> dict[str, Any]:
    origin = passage.provenance.model_dump(mode="json")
    origin["activity"] = json.dumps(origin["activity"]) if origin["activity"] else None
    return {**passage.model_dump(exclude={"provenance"}), **{name: origin[name] for name in _PROVENANCE}}


def _passage(row: dict[str, Any]) -> Passage:
    origin = {name: row.pop(name) for name in _PROVENANCE}
    origin["retrieved"] = date.fromisoformat(origin["retrieved"])
    origin["activity"] = json.loads(origin["activity"]) if origin["activity"] else None
    return Passage(**row, provenance=Provenance(**origin))
