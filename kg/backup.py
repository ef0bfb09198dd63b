"""Backups: one file with the graph, the run table, the passages and the notes of what was ingested.

How the file is laid out is said in `kg.backup_archive`. Raw files that were fetched, caches and studies stay out: the
first two can be made anew, and a running study changes all the time.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from kg.atomic_files import drafted
from kg.backup_archive import (
    FILES,
    FOLDERS,
    FORMAT,
    GRAPH,
    BackupManifest,
    Member,
    member_of,
    verified,
    write_archive,
)
from kg.copying import all_items
from kg.errors import InputError, StoreError
from kg.migrations import LAYOUT
from kg.model.base import FrozenMapping
from kg.rdf_store import RdfStore
from kg.runs import RunTable
from kg.store import KnowledgeStore

#: Notes that the embedded store keeps about itself and that belong to the user's graph.
NOTES: Final = ("starter",)


def write_backup(
    home: Path, store: KnowledgeStore, path: Path, *, force: bool = False, progress: Callable[[str], None] | None = None
) -> BackupManifest:
    """Write a backup, all or nothing, and read it again before it counts.

    Sources that are being ingested are waited for; meanwhile no other ingestion takes effect.

    Args:
        home: The user's home.
        store: The graph.
        path: The archive.
        force: Whether it may replace a file that is there.
        progress: Told what is being done.

    Raises:
        InputError: There is such a file already.
        StoreError: Something cannot be read or written, or changed meanwhile.
    """
    told = progress or (lambda _: None)
    if path.exists() and not force:
        raise InputError("There is such a file already.", where=str(path), allowed="another name, or --force")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with drafted(path) as draft:
            with _standing_still(home, store), tempfile.TemporaryDirectory(prefix="tunegraph-") as scratch:
                told("Reading the graph")
                graph = Path(scratch) / GRAPH
                _dump(store, graph)
                members = {GRAPH: graph, **dict(_files(home))}
                told(f"Writing {len(members):,} files")
                manifest = _manifest(store, members)
                write_archive(draft, manifest, members)
            told("Checking the archive")
            for _ in verified(draft):
                pass
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"The backup cannot be written to {path}: {error}") from error
    return manifest


@contextmanager
def _standing_still(home: Path, store: KnowledgeStore) -> Iterator[None]:
    """Keep ingestions from taking effect for the length of a block."""
    table = RunTable(home)
    with ExitStack() as held:
        for name in sorted({*(manifest.source for manifest in table.manifests()), *store.sources()}):
            if "/" not in name:  # else nothing here ingests it: its lock would be a file in another folder
                held.enter_context(table.locked(name))
        if isinstance(store, RdfStore):
            held.enter_context(store.transaction())
        before = store.fingerprint()
        yield
        if store.fingerprint() != before:
            raise StoreError("The graph changed while it was backed up. Try again.")


def _dump(store: KnowledgeStore, path: Path) -> None:
    if isinstance(store, RdfStore):
        store.dump(path)
        return
    with RdfStore() as embedded:
        embedded.add(all_items(store))
        embedded.keep_vocabulary()
        embedded.dump(path)


def _files(home: Path) -> Iterator[tuple[str, Path]]:
    """Yield the files to keep: name within the archive, and path; drafts of writers that died stay out."""
    for folder in FOLDERS:
        for path in sorted((home / folder).rglob("*")):
            if path.is_file() and not path.is_symlink() and not path.name.startswith("."):
                yield f"{FILES}/{path.relative_to(home).as_posix()}", path


def _manifest(store: KnowledgeStore, members: Mapping[str, Path]) -> BackupManifest:
    from kg.versions import own_version

    notes = {name: store.note(name) for name in NOTES} if isinstance(store, RdfStore) else {}
    return BackupManifest(
        format=FORMAT,
        layout=LAYOUT,
        tunegraph=own_version(),
        created=datetime.now(UTC).replace(microsecond=0),
        fingerprint=store.fingerprint(),
        sources=FrozenMapping[str, str](store.sources()),
        counts=FrozenMapping[str, int](store.counts()),
        notes=FrozenMapping[str, str]({name: text for name, text in notes.items() if text is not None}),
        files=FrozenMapping[str, Member]({name: member_of(path) for name, path in members.items()}),
    )


def free_bytes(folder: Path) -> int:
    """Return the space that is left on the disk of a folder, or of the nearest one above it that there is."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage: Any = shutil.disk_usage(folder)
    return int(usage.free)
