"""Writes all runs of a home to a file, for ``tunegraph export``."""

from __future__ import annotations

import gzip
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from kg.errors import InputError, StoreError
from ui.compose import Progress, Settings, silent

if TYPE_CHECKING:
    from ingest.exporting import ExportReport


def export_to(
    path: Path, settings: Settings, *, source: str | None = None, progress: Progress = silent
) -> ExportReport:
    """Write all runs of the run table as ML-Schema in N-Quads; in the end there is the whole file, or none.

    Args:
        path: The file; one that is there already is replaced, ``.gz`` packs it.
        settings: Which home, and which engine is asked.
        source: Name of the only source wanted.
        progress: Told what is being done.

    Raises:
        InputError: There are no such runs, or what the engine needs is not installed.
        StoreError: Runs cannot be read, or the file cannot be written.
    """
    from ingest.exporting import export_runs
    from kg.engines import engine_named
    from kg.runs import RunTable

    known = [manifest.source for manifest in RunTable(settings.home).manifests() if manifest.rows]
    if not known or source not in (None, *known):
        raise InputError(
            f"The run table in {settings.home} has no runs{f' of {source!r}' if source else ''}.",
            where="--source" if source else "--home",
            allowed=", ".join(known) or "a home that runs were ingested into",
        )
    draft = path.with_name(f"{path.name}.new")
    try:
        with closing(engine_named(settings.engine)) as engine, _opened(draft, packed=path.suffix == ".gz") as out:
            report = export_runs(RunTable(settings.home, engine=engine), out, source=source, progress=progress)
        draft.replace(path)
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"The runs cannot be written to {path}: {error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return report


def _opened(path: Path, *, packed: bool) -> BinaryIO:
    # No time in the header: the same runs give the same bytes.
    return cast("BinaryIO", gzip.GzipFile(path, "wb", mtime=0)) if packed else path.open("wb")
