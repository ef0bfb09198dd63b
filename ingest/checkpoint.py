"""The checkpoint: canonical pages wait on disk until their source is complete, so that an interruption loses none.

<home>/staging/<source>/state.json          what is being read, by which rules
<home>/staging/<source>/page-00001.parquet  the runs of a page
<home>/staging/<source>/page-00001.json     what else there is to say of it; written last, it makes the page count
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from ingest.normalize import NormalRuns
from ingest.records import SCORE_PREFIX, Rejected
from kg.model.base import FrozenMapping, Value
from kg.run_files import write_atomically

#: Runs that are judged at once, where data sets are smaller; a data set is never cut.
BATCH_ROWS = 20_000

_NUMERIC = ("seconds", "memory_mb", "fidelity_value", "fidelity_full")


class PageNote(Value):
    """What is known of a page without opening it."""

    rows: FrozenMapping[str, int] = FrozenMapping({})
    """IRI of a data set -> runs of it."""
    rejected: tuple[tuple[str, str, str], ...] = ()
    """Locator, reason and detail of each record that could not be used."""
    unmapped: FrozenMapping[str, int] = FrozenMapping({})


class Staging:
    """The pages of one source that is being read.

    Args:
        folder: Where they wait.
        content: Digest of the source's files and of the code that reads them: pages of another content are dropped.
    """

    def __init__(self, folder: Path, content: str) -> None:
        self.folder = folder
        state = folder / "state.json"
        if not state.is_file() or state.read_text() != content:
            self.clear()
            write_atomically(state, content.encode())
        self._notes = {int(p.stem.removeprefix("page-")): _note(p) for p in sorted(folder.glob("page-*.json"))}

    def has(self, number: int) -> bool:
        """Say whether page `number` is there, whole."""
        return number in self._notes

    def put(self, number: int, page: NormalRuns) -> None:
        """Keep a page; it counts from the moment this returns."""
        note = PageNote(
            rows=FrozenMapping[str, int](page.frame["dataset"].value_counts(sort=False).to_dict()),
            rejected=tuple((r.locator, r.reason, r.detail) for r in page.rejected),
            unmapped=FrozenMapping[str, int](dict(page.unmapped)),
        )
        sink = pa.BufferOutputStream()
        pq.write_table(pa.Table.from_pandas(page.frame, schema=_schema(page.frame)), sink, compression="zstd")
        write_atomically(self._path(number, "parquet"), sink.getvalue().to_pybytes())
        write_atomically(self._path(number, "json"), note.model_dump_json().encode())
        self._notes[number] = note

    @property
    def rejected(self) -> Iterator[Rejected]:
        """The records that could not be used, in order."""
        return (Rejected(*record) for number in sorted(self._notes) for record in self._notes[number].rejected)

    @property
    def unmapped(self) -> Mapping[str, int]:
        """Names that have no canonical one, with their counts."""
        total: Counter[str] = Counter()
        for note in self._notes.values():
            total.update(dict(note.unmapped.items()))
        return total

    @property
    def datasets(self) -> tuple[str, ...]:
        """The IRIs of the data sets that have runs, in the order in which they come."""
        return tuple(dict.fromkeys(iri for number in sorted(self._notes) for iri in self._notes[number].rows))

    def batches(self) -> Iterator[pd.DataFrame]:
        """Yield all runs, the runs of a data set always together, about `BATCH_ROWS` at once."""
        sizes: Counter[str] = Counter()
        for note in self._notes.values():
            sizes.update(dict(note.rows.items()))
        batch: list[str] = []
        for iri in self.datasets:
            if batch and sum(sizes[i] for i in batch) + sizes[iri] > BATCH_ROWS:
                yield self._read(batch)
                batch = []
            batch.append(iri)
        if batch:
            yield self._read(batch)

    def clear(self) -> None:
        """Drop all pages."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _read(self, datasets: list[str]) -> pd.DataFrame:
        wanted = set(datasets)
        paths = [self._path(n, "parquet") for n in sorted(self._notes) if wanted & set(self._notes[n].rows)]
        parts = [pq.read_table(path, filters=[("dataset", "in", datasets)]) for path in paths]
        frame: pd.DataFrame = pa.concat_tables(parts, promote_options="default").to_pandas()
        return frame

    def _path(self, number: int, suffix: str) -> Path:
        return self.folder / f"page-{number:05d}.{suffix}"


def _note(path: Path) -> PageNote:
    return PageNote.model_validate_json(path.read_bytes())


def _schema(frame: pd.DataFrame) -> pa.Schema:
    """Return the types of the columns: a page in which a column is empty has the same ones as any other."""
    numeric = [name in _NUMERIC or name.startswith(SCORE_PREFIX) for name in frame.columns]
    kinds = [pa.float64() if is_number else pa.string() for is_number in numeric]
    return pa.schema(list(zip(frame.columns, kinds, strict=True)))
