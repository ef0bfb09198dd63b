"""The run table: every score of every run, in Parquet files, asked by column.

    <home>/runs/source=<source>/manifest.json
    <home>/runs/source=<source>/learner=<learner>/<digest>.parquet
    <home>/quarantine/source=<source>/learner=<learner>/<digest>.parquet

A source's manifest names the files that count, so replacing it by a rename makes all changes to the source take
effect at once; a file that no manifest names is the rest of an interrupted write and is never read. Files are named
by their content. Columns are laid down in ``docs/architecture.md``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd
import pyarrow as pa
from typing_extensions import override

from kg.atomic_files import write_atomically
from kg.engines import RunEngine
from kg.engines.duckdb import DuckdbEngine
from kg.errors import StoreError
from kg.file_lock import FileLock
from kg.model import Iri
from kg.model.provenance import Provenance
from kg.run_columns import COLUMNS, HP_PREFIX, QUARANTINE_COLUMNS, column_order, from_hp_columns, to_hp_columns
from kg.run_files import (
    Area,
    Manifest,
    RunFile,
    read_manifest,
    read_table,
    write_learner,
)

if TYPE_CHECKING:
    from ibis.expr.types import Table

__all__ = ["COLUMNS", "HP_PREFIX", "Area", "Manifest", "RunFile", "RunTable", "from_hp_columns", "to_hp_columns"]


class RunTable:
    """The runs below a home folder.

    Args:
        home: The folder; it is made when something is written.
        engine: What answers questions by column; DuckDB by default.
    """

    def __init__(self, home: Path, *, engine: RunEngine | None = None) -> None:
        self.home = Path(home)
        self.engine: RunEngine = engine or DuckdbEngine()

    def __getstate__(self) -> dict[str, object]:
        """Return what goes to another process, which asks for itself: all but an engine's connections."""
        return {**self.__dict__, "engine": DuckdbEngine()}

    def manifests(self) -> tuple[Manifest, ...]:
        """Return what there is, by name of the source.

        Raises:
            StoreError: A manifest cannot be read.
        """
        return tuple(read_manifest(path) for path in sorted((self.home / "runs").glob("source=*/manifest.json")))

    def manifest(self, source: str) -> Manifest | None:
        """Return the manifest of `source`, or None where it has no runs."""
        path = self._manifest_path(source)
        return read_manifest(path) if path.is_file() else None

    def frame(
        self,
        *,
        learner: str | None = None,
        source: str | None = None,
        metric: str | None = None,
        dataset: Iri | None = None,
        area: Area = "runs",
        columns: Sequence[str] | None = None,
    ) -> pd.DataFrame:
        """Return the rows that have all the properties given, in a stable order.

        Args:
            learner: Canonical name. Without it, the frame has the hyper-parameters of all learners.
            source: Name of the source.
            metric: Canonical name.
            dataset: IRI of the data set.
            area: ``quarantine`` for the rows that were set aside.
            columns: The columns wanted; all by default. A wanted hyper-parameter that no row has is null.

        Raises:
            StoreError: A manifest or a file cannot be read.
        """
        equal = {name: value for name, value in (("metric", metric), ("dataset", dataset)) if value is not None}
        parts = [read_table(p, columns, equal) for p in self.paths(learner=learner, source=source, area=area)]
        extra = QUARANTINE_COLUMNS if area == "quarantine" else ()
        if not parts:
            return pd.DataFrame(columns=list(columns or (*COLUMNS, *extra)), dtype="object")
        frame: pd.DataFrame = pa.concat_tables(parts, promote_options="default").to_pandas()
        return frame.reindex(columns=list(columns or column_order(frame.columns)))

    def table(self, learner: str, *, source: str | None = None, area: Area = "runs") -> Table:
        """Return the rows of `learner` as an Ibis expression, for questions by column that the engine answers.

        Raises:
            StoreError: There are none.
        """
        paths = self.paths(learner=learner, source=source, area=area)
        if not paths:
            raise StoreError(f"The run table in {self.home} has no rows of {learner!r}.")
        return self.engine.read(paths)

    def groups(self) -> pd.DataFrame:
        """Return how many rows there are by source, learner, data set, metric and standing, and at full fidelity."""
        keys = ["source", "learner", "dataset", "metric", "standing"]
        rows = self.frame(columns=(*keys, "fidelity_kind"))
        rows["full"] = rows["fidelity_kind"].isna()
        return rows.groupby(keys, sort=True, dropna=False)["full"].agg(rows="size", full="sum").reset_index()

    def learners(self) -> tuple[str, ...]:
        """Return the canonical names of the learners that have rows in use."""
        return tuple(sorted({file.learner for manifest in self.manifests() for file in manifest.runs}))

    def paths(self, *, learner: str | None = None, source: str | None = None, area: Area = "runs") -> tuple[Path, ...]:
        """Return the files that hold the rows asked for."""
        kept = [manifest for manifest in self.manifests() if source in (None, manifest.source)]
        files = [file for manifest in kept for file in manifest.files(area)]
        return tuple(self.home / file.path for file in files if learner in (None, file.learner))

    def append(self, frame: pd.DataFrame, provenance: Provenance) -> int:
        """Add rows to those that their source has, and return how many were new.

        A row that is there already (same run, same metric) is left as it is; of several such rows the first counts.

        Args:
            frame: Rows of one source, with the columns of the table; those that are missing are null.
            provenance: Where they come from.
        """
        source = provenance.source
        with self.locked(source):
            known = pd.MultiIndex.from_frame(self.frame(source=source, columns=("run_id", "metric")))
            given = pd.MultiIndex.from_frame(frame[["run_id", "metric"]])
            new = frame[~(given.isin(known) | given.duplicated())]
            old = self.manifest(source) or Manifest(provenance=provenance)
            if len(new):
                files = self.write("runs", source, new)
                self.commit(old.replace(provenance=provenance, runs=old.runs + files))
        return len(new)

    def write(self, area: Area, source: str, frame: pd.DataFrame) -> tuple[RunFile, ...]:
        """Write rows as files that do not count until a manifest with them is committed.

        Raises:
            StoreError: They cannot be written.
        """
        try:
            return tuple(
                write_learner(self.home, area, source, str(learner), rows)
                for learner, rows in frame.groupby("learner", sort=True)
            )
        except OSError as error:
            raise StoreError(f"Runs cannot be written to {self.home}: {error}") from error

    def commit(self, manifest: Manifest) -> None:
        """Make `manifest` the one that counts for its source, and delete files that it does not name.

        Hold `locked` around reading the old manifest and committing the new one.

        Raises:
            StoreError: It cannot be written.
        """
        self._put(manifest.source, manifest)
        self._sweep(manifest.source, _files_of(manifest))

    @contextmanager
    def replacing(self, source: str, manifest: Manifest | None) -> Iterator[None]:
        """Let `manifest` count for `source` from within a block on; on an error in it, what counted before does again.

        Hold `locked` around it.

        Args:
            source: Name of the source.
            manifest: None where the source has no rows any more.

        Raises:
            StoreError: It cannot be written.
        """
        old = self.manifest(source)
        kept = old
        try:
            self._put(source, manifest)
            yield
            kept = manifest
        finally:
            if kept is old:
                self._put(source, old)
            self._sweep(source, _files_of(kept))

    def only(self, manifest: Manifest) -> RunTable:
        """Return a table of the rows that `manifest` names and no others, whether or not it counts (yet)."""
        return _Only(self.home, manifest, engine=self.engine)

    def remove_source(self, source: str) -> int:
        """Take out all rows of `source`, those in quarantine included; return how many were in use.

        Raises:
            StoreError: Its manifest cannot be read or deleted.
        """
        with self.locked(source):
            old = self.manifest(source)
            if old is None:
                return 0
            self._put(source, None)
            self._sweep(source, set())
        return old.rows

    @contextmanager
    def locked(self, source: str) -> Iterator[None]:
        """Keep others from changing `source` for the length of a block; waits for as long as another one holds it.

        Raises:
            StoreError: The lock cannot be taken.
        """
        lock = FileLock(self.home / "locks" / f"{source}.lock")
        try:
            lock.acquire(timeout_s=math.inf)
        except OSError as error:
            raise StoreError(f"The runs of {source!r} cannot be locked: {error}") from error
        try:
            yield
        finally:
            lock.release()

    def _put(self, source: str, manifest: Manifest | None) -> None:
        path = self._manifest_path(source)
        try:
            if manifest is None:
                path.unlink(missing_ok=True)
            else:
                write_atomically(path, manifest.model_dump_json(indent=1).encode())
        except OSError as error:
            raise StoreError(f"The manifest of {source!r} cannot be written: {error}") from error

    def _manifest_path(self, source: str) -> Path:
        return self.home / "runs" / f"source={source}" / "manifest.json"

    def _sweep(self, source: str, keep: set[str]) -> None:
        for area in ("runs", "quarantine"):
            for path in (self.home / area / f"source={source}").glob("learner=*/*.parquet"):
                if path.relative_to(self.home).as_posix() not in keep:
                    path.unlink(missing_ok=True)


class _Only(RunTable):
    """The rows of one manifest."""

    def __init__(self, home: Path, manifest: Manifest, *, engine: RunEngine) -> None:
        super().__init__(home, engine=engine)
        self._manifest = manifest

    @override
    def manifests(self) -> tuple[Manifest, ...]:
        return (self._manifest,)

    @override
    def manifest(self, source: str) -> Manifest | None:
        return self._manifest if source == self._manifest.source else None


def _files_of(manifest: Manifest | None) -> set[str]:
    return {file.path for file in (*manifest.runs, *manifest.quarantine)} if manifest is not None else set()
