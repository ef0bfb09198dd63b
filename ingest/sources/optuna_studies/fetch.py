"""Taking studies out of a storage into raw files, and the sources that read these.

    sources = fetch("sqlite:///tuning.db", home / "raw", given=Given(metric="accuracy"))
    ingest(sources, home / "raw", home)

What a snapshot holds of finished trials is not taken again: they do not change. Trials that the storage has lost since
are kept.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from ingest.sources.optuna_studies.snapshot import (
    NAMELESS,
    Given,
    GivenData,
    Study,
    earlier,
    finished,
    write_snapshot,
)
from ingest.sources.optuna_studies.source import StudySource
from kg.errors import InputError
from kg.model import MetaFeatures, TaskType

#: Nothing is said.
NOTHING = Given()


def fetch(
    storage: str,
    raw: Path,
    *,
    before: Path | None = None,
    study: str | None = None,
    given: Given = NOTHING,
    progress: Callable[[str], None] | None = None,
) -> tuple[StudySource, ...]:
    """Take the studies of a storage into raw files, and return a source for each.

    Args:
        storage: URL of a database, or the path of a SQLite or journal file; it is only read.
        raw: The folder of raw files, such as ``<home>/raw``.
        before: The folder of raw files that earlier snapshots are in; None: `raw`.
        study: Name of the only study wanted; None for all.
        given: What is said of the studies that they do not say; what was said before stands where nothing is said now.
        progress: Called with a short text for each study.

    Raises:
        InputError: The storage is not there, cannot be opened, or holds no studies.
        UnknownNameError: It has no study of that name.
    """
    from ingest.sources.optuna_studies.storage import snapshots

    found = snapshots(storage, study=study)
    if not found:
        raise InputError("The storage holds no study.", where=storage, allowed="a storage of finished studies")
    return tuple(keep(one, raw, before=before, given=given, progress=progress) for one in found)


def keep(
    study: Study,
    raw: Path,
    *,
    before: Path | None = None,
    given: Given = NOTHING,
    progress: Callable[[str], None] | None = None,
) -> StudySource:
    """Write a snapshot (see `storage.snapshot`) below the folder of raw files, and return the source that reads it.

    The arguments are those of `fetch`.
    """
    last = earlier(study, before or raw)
    known = finished(last.trials) if last else {}
    trials = {trial.number: trial for trial in study.trials} | known
    merged = study.replace(
        trials=tuple(trials[number] for number in sorted(trials)),
        given=given.over(last.given if last else NOTHING),
    )
    write_snapshot(merged, raw)
    if progress:
        new = len(finished(merged.trials)) - len(known)
        progress(f"Study {study.name!r}: {len(merged.trials):,} trials, {new:,} finished since it was read last")
    return StudySource(merged.slug)


def described(data: str | Path | Any, target: str | None, *, task_type: TaskType | None = None) -> GivenData:
    """Return the description of a table that studies were made on.

    Args:
        data: A file, or whatever `kg.tables.prepare_table` takes.
        target: The column that is predicted; None: the last one.
        task_type: Classification or regression; None: as the target looks.

    Raises:
        TableError: It cannot be read, or nothing can be learnt from it.
    """
    from kg.describe import describe
    from kg.tables import prepare_table

    table = prepare_table(data, target, task_type=task_type)
    features = MetaFeatures(dict(describe(table, seed=0).items()))
    # A frame has no name, and the graph's shapes ask every data set for one.
    return GivenData(name=table.name or NAMELESS, task_type=table.task_type, meta_features=features)
