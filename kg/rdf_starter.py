"""The user's graph: made from the starter graph that ships with the distribution, and kept up with it.

A source that the user has ingested anew is theirs: a newer starter does not replace it.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from contextlib import ExitStack
from importlib import resources
from pathlib import Path
from typing import Any, Final

from kg.errors import StoreError
from kg.home import graph_path, home_folder
from kg.migrations import migrate
from kg.rdf_archive import items_of, read_archive
from kg.rdf_store import RdfStore

#: Name of the archive within `kg.starter`.
STARTER_FILE: Final = "starter.nq.xz"
_NOTE: Final = "starter"
_log = logging.getLogger(__name__)


def starter_path() -> Path | None:
    """Return the file of the starter graph; None where the distribution was built without it."""
    path = Path(str(resources.files("kg.starter").joinpath(STARTER_FILE)))
    return path if path.is_file() else None


def open_store(
    folder: Path | None = None, *, starter: Path | None = None, progress: Callable[[str], None] | None = None
) -> RdfStore:
    """Open the user's graph; make it from the starter graph at first use, and renew it when the starter is another.

    Several processes may do so at once: one does the work, the others wait for it.

    Args:
        folder: The user's home; by default `kg.home.home_folder`.
        starter: The starter graph; by default the one that ships.
        progress: Told when the graph is made or renewed, which takes some seconds.

    Raises:
        StoreError: The graph or the starter cannot be read, the graph cannot be written, or a later version wrote it.
    """
    archive = starter_path() if starter is None else starter
    with ExitStack() as opened:
        store = opened.enter_context(RdfStore(graph_path(home_folder() if folder is None else folder)))
        migrate(store)
        if archive is not None and _installed(store).get("digest") != _digest(archive):
            if progress is not None:
                progress("Making the graph from what ships with Tunegraph (once)")
            install_starter(store, archive)
        opened.pop_all()
    return store


def install_starter(store: RdfStore, archive: Path) -> tuple[str, ...]:
    """Bring the sources of `archive` into `store`, in one transaction.

    What an older starter brought and this one lacks is taken out. Sources that differ from what a starter brought
    were ingested by the user: they stay, and so do single items that are there from other sources. Sources that a
    starter brought and that are not there any more were taken out by the user: they stay out.

    Returns:
        The sources that were left as the user has them.

    Raises:
        StoreError: The archive cannot be read, or the store cannot be written.
    """
    with store.transaction():
        before, digest = _installed(store), _digest(archive)
        if before.get("digest") == digest:
            return ()
        brought, there = before.get("sources", {}), store.sources()
        forgotten = {*before.get("forgotten", ()), *brought} - there.keys()
        if not there and not forgotten:
            store.load(archive)
            kept: tuple[str, ...] = ()
        else:
            kept = _merge(store, archive, brought, forgotten)
        store.keep_vocabulary()
        shipped = {name: sum_ for name, sum_ in store.sources().items() if name not in kept}
        note = {"digest": digest, "sources": shipped, "forgotten": sorted(forgotten)}
        store.keep_note(_NOTE, json.dumps(note, sort_keys=True))
    if kept:
        _log.info("The starter graph is another one; left as ingested here: %s", ", ".join(kept))
    return kept


def _merge(store: RdfStore, archive: Path, brought: dict[str, str], forgotten: set[str]) -> tuple[str, ...]:
    there = store.sources()
    theirs = {name for name, sum_ in there.items() if brought.get(name) != sum_}
    for name in there:
        if name not in theirs:
            store.remove_source(name)
    items = items_of(read_archive(archive))
    left_out = theirs | forgotten
    store.add(item for item in items if item.provenance.source not in left_out and not store.has(item.iri))
    return tuple(sorted(theirs))


def _installed(store: RdfStore) -> dict[str, Any]:
    note = store.note(_NOTE)
    found: dict[str, Any] = json.loads(note) if note else {}
    return found


def _digest(archive: Path) -> str:
    try:
        with archive.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise StoreError(f"The starter graph cannot be read: {error}") from error
