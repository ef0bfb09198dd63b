"""The checkpoint: canonical pages wait on disk until their source is complete, so that an interruption loses none.

<home>/staging/<source>/state.json          what is being read, by which rules
<home>/staging/<source>/page-00001.parquet  the runs of a page
<home>/staging/<source>/page-00001.json     what else there is to say of it; written last, it makes the page count
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from ingest.normalize import NormalRuns
from ingest.records import SCORE_PREFIX, Rejected
from kg.atomic_files import write_atomically
from kg.iris import digest
from kg.model.base import FrozenMapping, Value

#: Runs that are judged at once, where data sets are smaller; a data set is never cut.
BATCH_ROWS = 20_000
#: Times that a page is read on average, from which on the runs of a part are laid together first.
MOST_READS = 4
#: Parts that are laid together at once, and runs of each that wait in memory to be written.
OPEN_FILES, WRITTEN_ROWS = 64, 2_000

_NUMERIC = ("seconds", "memory_mb", "fidelity_value", "fidelity_full")


@dataclass(frozen=True)
class Part:
    """Data sets whose runs are judged together."""

    datasets: tuple[str, ...]
    """Their IRIs."""
    rows: int
    """How many runs there are."""


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
        self._is_gathered: frozenset[Part] = frozenset()
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

    def parts(self) -> tuple[Part, ...]:
        """Return the data sets, as many together as have about `BATCH_ROWS` runs."""
        sizes: Counter[str] = Counter()
        for note in self._notes.values():
            sizes.update(dict(note.rows.items()))
        parts: list[Part] = []
        for iri in self.datasets:
            if parts and parts[-1].rows + sizes[iri] <= BATCH_ROWS:
                parts[-1] = Part((*parts[-1].datasets, iri), parts[-1].rows + sizes[iri])
            else:
                parts.append(Part((iri,), sizes[iri]))
        return tuple(parts)

    def read(self, part: Part, columns: Callable[[str], bool] = lambda _: True) -> pd.DataFrame:
        """Return the runs of a part, in the order in which they came.

        Args:
            part: One of `parts`.
            columns: Says of a column's name whether it is wanted; all are by default.
        """
        return _joined([*self._tables(part, columns)])

    def pieces(self, part: Part) -> Iterator[pd.DataFrame]:
        """Yield the runs of a part, in the order in which they came, about `BATCH_ROWS` at once."""
        waiting: list[pa.Table] = []
        for table in self._tables(part, lambda _: True):
            if waiting and sum(map(len, waiting)) + len(table) > BATCH_ROWS:
                yield _joined(waiting)
                waiting = []
            waiting.append(table)
        if waiting:
            yield _joined(waiting)

    def gather(self) -> None:
        """Lay the runs of each part together, where pages mix data sets so much that each is read many times."""
        parts = self.parts()
        if sum(len(self._pages(part)) for part in parts) <= MOST_READS * len(self._notes):
            return
        for start in range(0, len(parts), OPEN_FILES):
            self._gather(parts[start : start + OPEN_FILES])
        self._is_gathered = frozenset(parts)

    def clear(self) -> None:
        """Drop all pages."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def _gather(self, parts: Sequence[Part]) -> None:
        """Write the runs of each of `parts` to one file, page by page."""
        place = {iri: at for at, part in enumerate(parts) for iri in part.datasets}
        schema = pa.unify_schemas([pq.read_schema(self._path(number, "parquet")) for number in sorted(self._notes)])
        waiting: list[list[pa.Table]] = [[] for _ in parts]
        with ExitStack() as opened:
            files = [
                opened.enter_context(pq.ParquetWriter(self._gathered(p), schema, compression="zstd")) for p in parts
            ]
            for number in sorted(self._notes):
                table = pq.read_table(self._path(number, "parquet"))
                whole = pa.concat_tables([schema.empty_table(), table], promote_options="default")
                places = np.array([place.get(iri, -1) for iri in table["dataset"].to_pylist()], dtype=int)
                for at in set(places.tolist()) - {-1}:
                    waiting[at].append(whole.filter(pa.array(places == at)))
                    if sum(map(len, waiting[at])) >= WRITTEN_ROWS:
                        files[at].write_table(pa.concat_tables(waiting[at]))
                        waiting[at] = []
            for file, rest in zip(files, waiting, strict=True):
                if rest:
                    file.write_table(pa.concat_tables(rest))

    def _tables(self, part: Part, columns: Callable[[str], bool]) -> Iterator[pa.Table]:
        if part in self._is_gathered:
            paths = [self._gathered(part)]
        else:
            paths = [self._path(number, "parquet") for number in self._pages(part)]
        datasets = pa.array(part.datasets)
        for path in paths:
            with pq.ParquetFile(path) as file:
                names = [name for name in file.schema_arrow.names if columns(name)]
                for group in range(file.num_row_groups):
                    table = file.read_row_group(group, columns=names)
                    yield table.filter(pc.is_in(table["dataset"], value_set=datasets))

    def _pages(self, part: Part) -> list[int]:
        wanted = set(part.datasets)
        return [number for number in sorted(self._notes) if not wanted.isdisjoint(self._notes[number].rows)]

    def _gathered(self, part: Part) -> Path:
        return self.folder / f"part-{digest(part.datasets)}.parquet"

    def _path(self, number: int, suffix: str) -> Path:
        return self.folder / f"page-{number:05d}.{suffix}"


def _joined(tables: Sequence[pa.Table]) -> pd.DataFrame:
    frame: pd.DataFrame = pa.concat_tables(tables, promote_options="default").to_pandas()
    return frame


def _note(path: Path) -> PageNote:
    return PageNote.model_validate_json(path.read_bytes())


def _schema(frame: pd.DataFrame) -> pa.Schema:
    """Return the types of the columns: a page in which a column is empty has the same ones as any other."""
    numeric = [name in _NUMERIC or name.startswith(SCORE_PREFIX) for name in frame.columns]
    kinds = [pa.float64() if is_number else pa.string() for is_number in numeric]
    return pa.schema(list(zip(frame.columns, kinds, strict=True)))
