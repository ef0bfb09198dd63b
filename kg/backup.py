"""Backups: one file with the graph, the run table, the passages and the notes of what was ingested.

    manifest.json             what the archive holds: version, sources, and the digest of every file
    graph.nq.xz               the graph (`kg.rdf_archive`), whatever store it was in
    files/runs/...            the folders of the home, as they are

It is a plain tar file: what is in it is compressed already. Raw files that were fetched, caches and studies stay out:
the first two can be made anew, and a running study changes all the time.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import shutil
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Any, Final

from pydantic import Field, ValidationError

from kg.copying import all_items
from kg.errors import InputError, StoreError
from kg.migrations import LAYOUT
from kg.model.base import FrozenMapping, Value
from kg.rdf_store import RdfStore
from kg.runs import RunTable
from kg.store import KnowledgeStore

#: Version of the archive.
FORMAT: Final = 1
#: Folders of the home that are kept.
FOLDERS: Final = ("runs", "quarantine", "passages", "ingested", "rejected")
MANIFEST: Final = "manifest.json"
GRAPH: Final = "graph.nq.xz"
#: What the folders of the home are below, within the archive.
FILES: Final = "files"
#: Notes that the embedded store keeps about itself and that belong to the user's graph.
NOTES: Final = ("starter",)

#: A manifest is small; what is larger is none.
_MOST_MANIFEST_BYTES: Final = 64_000_000


class Member(Value):
    """One file of an archive."""

    size: int = Field(ge=0)
    """Bytes."""
    sha256: str


class BackupManifest(Value):
    """What an archive holds."""

    format: int
    """Version of the archive."""
    layout: int
    """Version of the graph's layout (`kg.migrations`)."""
    tunegraph: str
    """The version of Tunegraph that wrote it."""
    created: datetime
    fingerprint: str
    """Of the graph."""
    sources: FrozenMapping[str, str]
    """Source -> fingerprint of what the graph has of it."""
    counts: FrozenMapping[str, int]
    """Kind -> items."""
    notes: FrozenMapping[str, str] = FrozenMapping({})
    files: FrozenMapping[str, Member]
    """Path within the archive -> size and digest."""

    def to_text(self) -> str:
        """Return what it holds, for people."""
        size = sum(member.size for member in self.files.values()) / 1e6
        kinds = ", ".join(f"{n:,} {kind}" for kind, n in self.counts.items() if n)
        when = f"{self.created:%Y-%m-%d %H:%M} UTC"
        return (
            f"{len(self.files):,} files, {size:,.1f} MB, written by tunegraph {self.tunegraph} on {when}\n"
            f"Graph: {len(self.sources)} sources ({kinds or 'empty'}); fingerprint {self.fingerprint}"
        )


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
    draft = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with _standing_still(home, store), tempfile.TemporaryDirectory(prefix="tunegraph-") as scratch:
            told("Reading the graph")
            graph = Path(scratch) / GRAPH
            _dump(store, graph)
            members = {GRAPH: graph, **dict(_files(home))}
            told(f"Writing {len(members):,} files")
            manifest = _manifest(store, members)
            _write(draft, manifest, members)
        told("Checking the archive")
        for _ in verified(draft):
            pass
        draft.replace(path)
    except OSError as error:
        if isinstance(error, StoreError):
            raise
        raise StoreError(f"The backup cannot be written to {path}: {error}") from error
    finally:
        draft.unlink(missing_ok=True)
    return manifest


def read_manifest(path: Path) -> BackupManifest:
    """Return what an archive says that it holds.

    Raises:
        InputError: There is no such file, or it is no archive of ours.
        StoreError: A later version wrote it.
    """
    if not path.is_file():
        raise InputError("There is no such file.", where=str(path), allowed="a file that tunegraph backup wrote")
    allowed = "a file that tunegraph backup wrote"
    try:
        with tarfile.open(path, "r:") as archive:
            first = archive.next()
            file = archive.extractfile(first) if first is not None and first.name == MANIFEST else None
            if first is None or file is None or first.size > _MOST_MANIFEST_BYTES:
                raise InputError("It has no manifest.", where=str(path), allowed=allowed)
            content = json.loads(file.read())
            found = content.get("format") if isinstance(content, dict) else None
            if isinstance(found, int) and found > FORMAT:
                raise StoreError(f"{path} is of a later version of Tunegraph: pip install --upgrade tunegraph.")
            return BackupManifest.model_validate(content)
    except (tarfile.TarError, ValidationError, json.JSONDecodeError, UnicodeDecodeError, OSError) as error:
        if isinstance(error, StoreError):
            raise
        raise InputError(f"It is no backup: {error}", where=str(path), allowed=allowed) from error


def verified(path: Path, into: Path | None = None) -> Iterator[str]:
    """Check the files of an archive one by one, and write each below `into` if that is given; yield their names.

    Raises:
        InputError: It is no archive of ours.
        StoreError: A file is missing, too many, or has another content than the manifest says.
    """
    manifest, seen = read_manifest(path), set()
    try:
        with tarfile.open(path, "r:") as archive:
            for member in archive:
                if member.name == MANIFEST:
                    continue
                _check_member(path, member, manifest)
                _check_content(path, archive, member, manifest.files[member.name], into)
                seen.add(member.name)
                yield member.name
    except (tarfile.TarError, EOFError) as error:
        raise StoreError(f"{path} is damaged: {error}") from error
    if missing := manifest.files.keys() - seen:
        raise StoreError(f"{path} is damaged: {min(missing)} and {len(missing) - 1} other files are missing.")


def _check_member(path: Path, member: tarfile.TarInfo, manifest: BackupManifest) -> None:
    parts = PurePosixPath(member.name).parts
    ours = member.name == GRAPH or (len(parts) > 2 and parts[0] == FILES and parts[1] in FOLDERS)
    if not ours or ".." in parts or not member.isfile() or member.name not in manifest.files:
        raise StoreError(f"{path} is damaged: {member.name!r} has no place in a backup.")


def _check_content(
    path: Path, archive: tarfile.TarFile, member: tarfile.TarInfo, said: Member, into: Path | None
) -> None:
    source = archive.extractfile(member)
    if source is None or member.size != said.size:
        raise StoreError(f"{path} is damaged: {member.name} has {member.size} bytes, not {said.size}.")
    digest = hashlib.sha256()
    with ExitStack() as opened:
        target = None
        if into is not None:
            place = into / member.name
            place.parent.mkdir(parents=True, exist_ok=True)
            target = opened.enter_context(place.open("wb"))
        while chunk := source.read(1 << 20):
            digest.update(chunk)
            if target is not None:
                target.write(chunk)
    if digest.hexdigest() != said.sha256:
        raise StoreError(f"{path} is damaged: {member.name} is not what was backed up.")


@contextmanager
def _standing_still(home: Path, store: KnowledgeStore) -> Iterator[None]:
    """Keep ingestions from taking effect for the length of a block."""
    table = RunTable(home)
    with ExitStack() as held:
        for name in sorted({*(manifest.source for manifest in table.manifests()), *store.sources()}):
            if "/" not in name:
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
        files=FrozenMapping[str, Member]({name: _member(path) for name, path in members.items()}),
    )


def _member(path: Path) -> Member:
    with path.open("rb") as file:
        return Member(size=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def _write(path: Path, manifest: BackupManifest, members: Mapping[str, Path]) -> None:
    with path.open("wb") as file:
        with tarfile.open(fileobj=file, mode="w:", format=tarfile.PAX_FORMAT) as archive:
            content = manifest.model_dump_json(indent=1).encode()
            archive.addfile(_info(MANIFEST, len(content), manifest), io.BytesIO(content))
            for name, member in members.items():
                with member.open("rb") as source:
                    archive.addfile(_info(name, manifest.files[name].size, manifest), source)
        file.flush()
        os.fsync(file.fileno())


def _info(name: str, size: int, manifest: BackupManifest) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode, info.mtime = size, 0o600, int(manifest.created.timestamp())
    return info


def free_bytes(folder: Path) -> int:
    """Return the space that is left on the disk of a folder, or of the nearest one above it that there is."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    usage: Any = shutil.disk_usage(folder)
    return int(usage.free)
