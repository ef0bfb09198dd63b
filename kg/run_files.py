"""The files of the run table: Parquet named by its content, and the manifest that says which of it counts."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, Literal, TypeAlias

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import Field, ValidationError

from kg.atomic_files import write_atomically
from kg.errors import StoreError
from kg.model.base import Value
from kg.model.provenance import Provenance
from kg.run_columns import COLUMNS, NUMERIC, QUARANTINE_COLUMNS, column_order

Area: TypeAlias = Literal["runs", "quarantine"]

#: Rows of a row group: what a reader skips or reads as a whole. Part of what names a file, which is by its bytes.
_ROW_GROUP: Final = 20_000


class RunFile(Value):
    """One Parquet file of the run table."""

    path: str
    """Below the home, with forward slashes."""
    learner: str
    rows: int = Field(ge=0)
    digest: str
    """SHA-256 of the file's bytes, in hexadecimal."""


class Manifest(Value):
    """Which files hold a source's runs, and where they come from."""

    provenance: Provenance
    """Source, licence, origin, version and the day it was read."""
    content: str = ""
    """Digest of what was read and of the rules it was read by; empty where rows were added singly."""
    runs: tuple[RunFile, ...] = ()
    quarantine: tuple[RunFile, ...] = ()

    @property
    def source(self) -> str:
        """The name of the source."""
        return self.provenance.source

    @property
    def rows(self) -> int:
        """Rows in use (not in quarantine)."""
        return sum(file.rows for file in self.runs)

    def files(self, area: Area) -> tuple[RunFile, ...]:
        """Return the files of `area`."""
        return self.runs if area == "runs" else self.quarantine


def read_manifest(path: Path) -> Manifest:
    """Return the manifest in `path`.

    Raises:
        StoreError: It cannot be read.
    """
    try:
        return Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise StoreError(f"The manifest {path} cannot be read: {error}") from error


def write_frame(folder: Path, frame: pd.DataFrame, schema: pa.Schema | None = None) -> Path:
    """Write `frame` to ``<folder>/<digest of the bytes>.parquet`` and return the path.

    Rows of equal data set and metric should be neighbours: a reader then skips what it did not ask for.
    """
    table = pa.Table.from_pandas(frame, schema=schema, preserve_index=False).replace_schema_metadata(None)
    sink = pa.BufferOutputStream()
    pq.write_table(table, sink, compression="zstd", row_group_size=_ROW_GROUP)
    content = sink.getvalue().to_pybytes()
    path = folder / f"{hashlib.sha256(content).hexdigest()[:16]}.parquet"
    if not path.is_file():
        write_atomically(path, content)
    return path


def write_learner(home: Path, area: Area, source: str, learner: str, frame: pd.DataFrame) -> RunFile:
    """Write rows of one learner of one source as one file of `area`.

    Args:
        home: The home folder of the run table.
        area: ``runs`` or ``quarantine``.
        source: Name of the source.
        learner: Canonical name of the learner.
        frame: Rows with `COLUMNS` and ``hp.*``; columns that are missing become null.
    """
    folder = home / area / f"source={source}" / f"learner={learner}"
    wanted = (*COLUMNS, *QUARANTINE_COLUMNS) if area == "quarantine" else COLUMNS
    whole = frame.assign(**{name: None for name in wanted if name not in frame})
    used = [name for name in column_order(whole.columns) if name in wanted or whole[name].notna().any()]
    ordered = whole[used].sort_values(["dataset", "metric"], kind="stable")
    schema = pa.schema([(name, pa.float64() if name in NUMERIC else pa.string()) for name in used])
    path = write_frame(folder, ordered, schema)
    return RunFile(
        path=path.relative_to(home).as_posix(),
        learner=learner,
        rows=len(ordered),
        digest=hashlib.sha256(path.read_bytes()).hexdigest(),
    )


def read_table(path: Path, columns: Sequence[str] | None, equal: Mapping[str, str]) -> pa.Table:
    """Return the rows of a file in which every column of `equal` has its value.

    Raises:
        StoreError: The file cannot be read.
    """
    filters = [(name, "==", value) for name, value in equal.items()] or None
    try:
        if columns is not None:
            there = pq.read_schema(path).names
            columns = [name for name in columns if name in there]
        return pq.read_table(path, columns=columns, filters=filters, partitioning=None)
    except (OSError, pa.ArrowInvalid) as error:
        raise StoreError(f"The run file {path} cannot be read: {error}") from error
