"""Brings a backup back: all of it or nothing.

Every file is checked before anything changes. Then the folders of the home are put in place by renames, and the graph
by one transaction; an error on the way puts back what was there. A process that is killed in between leaves the note
``RESTORING`` in the home: doing the same restore again completes it.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import Final

from kg.atomic_files import write_atomically
from kg.backup import free_bytes
from kg.backup_archive import FILES, FOLDERS, GRAPH, BackupManifest, read_manifest, verified
from kg.copying import copy_graph
from kg.errors import InputError, StoreError
from kg.migrations import LAYOUT
from kg.rdf_store import RdfStore
from kg.store import KnowledgeStore

#: File in the home that says that a restore is under way, and of which archive.
UNDER_WAY: Final = "RESTORING"
#: Room on the disk that a restore asks for, in sizes of the archive: its files are unpacked beside those that they
#: replace, and as much again is left for the graph, which is larger as a database than as an archive.
_ROOM: Final = 2


def restore_backup(
    path: Path,
    home: Path,
    store: KnowledgeStore,
    *,
    force: bool = False,
    progress: Callable[[str], None] | None = None,
) -> BackupManifest:
    """Make graph and home what they were when a backup was written.

    Args:
        path: The archive.
        home: The user's home; other folders in it than `kg.backup_archive.FOLDERS` stay as they are.
        store: The graph; it may be another kind of store than it was then.
        force: Whether what is there may be replaced.
        progress: Told what is being done.

    Raises:
        InputError: It is no backup, or there is something already, and `force` is false.
        StoreError: The archive is damaged or of a later version, or something cannot be written. Then all is as it was;
            but in a graph on a server, the sources that were restored by then stay (restoring again completes it).
    """
    manifest = read_manifest(path)
    _check(path, home, store, manifest, force=force)
    try:
        _restore(path, home, store, manifest, progress or (lambda _: None))
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"{path} cannot be restored to {home}: {error}") from error
    return manifest


def _restore(
    path: Path, home: Path, store: KnowledgeStore, manifest: BackupManifest, told: Callable[[str], None]
) -> None:
    home.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=home) as scratch:
        told("Checking the archive")
        for _ in verified(path, Path(scratch)):
            pass
        told("Reading its graph")
        with RdfStore() as kept:
            kept.load(Path(scratch) / GRAPH)
            if kept.fingerprint() != manifest.fingerprint:
                raise StoreError(f"{path} is damaged: its graph is not the one that its manifest names.")
            write_atomically(home / UNDER_WAY, f"{path.absolute()}\n".encode())
            with _in_place(home, Path(scratch)):
                told("Restoring the graph")
                _restore_graph(kept, store, manifest)
        (home / UNDER_WAY).unlink()


def is_under_way(home: Path) -> str | None:
    """Return the archive whose restore was begun and not ended, if there is one."""
    note = home / UNDER_WAY
    return note.read_text(encoding="utf-8").strip() if note.is_file() else None


def _check(path: Path, home: Path, store: KnowledgeStore, manifest: BackupManifest, *, force: bool) -> None:
    if manifest.layout > LAYOUT:
        raise StoreError(f"{path} is of a later version of Tunegraph: pip install --upgrade tunegraph.")
    if manifest.layout < LAYOUT:
        raise StoreError(
            f"{path} has a graph of layout {manifest.layout}; this version reads {LAYOUT}. Restore it with Tunegraph "
            f"{manifest.tunegraph}, then update: the graph is brought forward when it is opened."
        )
    there = [name for name in FOLDERS if _holds(home / name)]
    if store.sources():
        there.append("graph")
    if there and not force:
        raise InputError(f"There is something already: {', '.join(there)}.", where=str(home), allowed="--force")
    needed, free = _ROOM * sum(member.size for member in manifest.files.values()), free_bytes(home)
    if free < needed:
        raise StoreError(f"The disk of {home} has {free / 1e6:,.0f} MB left; restoring takes {needed / 1e6:,.0f} MB.")


def _holds(folder: Path) -> bool:
    return folder.is_dir() and any(path.is_file() for path in folder.rglob("*"))


@contextmanager
def _in_place(home: Path, scratch: Path) -> Iterator[None]:
    """Put the folders in place for a block, and put back what was there where it fails."""
    moved: list[str] = []
    try:
        for name in FOLDERS:
            old, new = scratch / "before" / name, scratch / FILES / name
            old.parent.mkdir(exist_ok=True)
            if (home / name).exists():
                (home / name).rename(old)
            moved.append(name)
            if new.exists():
                new.rename(home / name)
        yield
    except BaseException:  # an interrupt, too, must not leave half of each
        for name in moved:
            if (home / name).exists():
                shutil.rmtree(home / name)
            if (scratch / "before" / name).exists():
                (scratch / "before" / name).rename(home / name)
        (home / UNDER_WAY).unlink(missing_ok=True)
        raise


def _restore_graph(kept: RdfStore, store: KnowledgeStore, manifest: BackupManifest) -> None:
    # A server has room for one source at a time, not for a whole graph, in a transaction; there it is source by source.
    with store.transaction() if isinstance(store, RdfStore) else nullcontext():
        copy_graph(kept, store, replace=True)
        if isinstance(store, RdfStore):
            store.keep_vocabulary()
            for name, text in manifest.notes.items():
                store.keep_note(name, text)
