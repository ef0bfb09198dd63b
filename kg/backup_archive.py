"""The archive that a backup is: what it holds, how it is written, and how each of its files is checked.

    manifest.json             what the archive holds: version, sources, and the digest of every file
    graph.nq.xz               the graph (`kg.rdf_archive`), whatever store it was in
    files/runs/...            the folders of the home, as they are

It is a plain tar file: what is in it is compressed already.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Final

from pydantic import Field, ValidationError

from kg.errors import InputError, StoreError
from kg.model.base import FrozenMapping, Value

#: Version of the archive.
FORMAT: Final = 1
#: Folders of the home that are kept.
FOLDERS: Final = ("runs", "quarantine", "passages", "ingested", "rejected")
#: The first file of an archive.
MANIFEST: Final = "manifest.json"
GRAPH: Final = "graph.nq.xz"
#: What the folders of the home are below, within the archive.
FILES: Final = "files"

#: A manifest has some hundred bytes a file; what is larger than this is none, and is not read into memory.
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


def member_of(path: Path) -> Member:
    """Return size and digest of a file."""
    with path.open("rb") as file:
        return Member(size=path.stat().st_size, sha256=hashlib.file_digest(file, "sha256").hexdigest())


def write_archive(path: Path, manifest: BackupManifest, members: Mapping[str, Path]) -> None:
    """Write an archive to `path`: the manifest first, then the files that it names, as they are now.

    Args:
        path: The archive.
        manifest: What it holds.
        members: Path within the archive -> file.

    Raises:
        OSError: A file cannot be read, is shorter than the manifest says, or the archive cannot be written.
    """
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

    Args:
        path: The archive.
        into: Folder to unpack to; None only checks.

    Raises:
        InputError: It is no archive of ours.
        StoreError: A file is missing, too many, or has another content than the manifest says.
        OSError: A file cannot be written below `into`.
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
