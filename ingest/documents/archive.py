"""Archives of a paper's sources, taken apart with distrust: ZIP, TAR, and single files in gzip.

Refused are names that lead outside, links, devices, too many members, and what is much larger than it looks.
"""

from __future__ import annotations

import gzip
import os
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from ingest.documents.limits import DEFAULT_LIMITS, DocumentError, Limits

#: Most files in an archive.
MOST_MEMBERS = 2_000
#: Times that an archive's content may be larger than the archive; text seldom is more than ten.
MOST_RATIO = 200
#: Content that is never too large for its archive.
_SMALL = 10 * 1024**2
_ENDINGS = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz", ".gz")
_STEP = 1 << 16


class ArchiveError(DocumentError):
    """An archive that is broken, too large, or reaches outside its folder."""


def is_archive(path: Path) -> bool:
    """Say whether a file is an archive, by its name."""
    return path.name.lower().endswith(_ENDINGS)


def extract(path: Path, folder: Path, limits: Limits = DEFAULT_LIMITS) -> list[Path]:
    """Write the files of an archive below `folder`, and return them.

    Args:
        path: The archive.
        folder: An empty folder.
        limits: How large it may be.

    Raises:
        ArchiveError: It is broken, too large, or has members that are no plain files within.
    """
    size = path.stat().st_size
    if size > limits.file_bytes:
        raise ArchiveError(f"{size:,} bytes are too many.", where=path.name, allowed=f"{limits.file_bytes:,}")
    room = _Room(path.name, min(4 * limits.file_bytes, max(_SMALL, MOST_RATIO * size)))
    try:
        with path.open("rb") as handle:
            head = handle.read(4)
        if head.startswith(b"PK"):
            return list(_unzip(path, folder, room))
        return list(_untar(path, folder, room))
    except (
        zipfile.BadZipFile,
        tarfile.TarError,
        zlib.error,
        EOFError,
        OSError,
        ValueError,
        NotImplementedError,
    ) as error:
        if isinstance(error, ArchiveError):
            raise
        raise ArchiveError(f"The archive is broken: {error}", where=path.name) from error
    except RuntimeError as error:  # zipfile says so of members with a password.
        raise ArchiveError(f"The archive cannot be opened: {error}", where=path.name) from error


@dataclass
class _Room:
    """What an archive may still take."""

    name: str
    left: int
    members: int = 0

    def member(self, name: str) -> PurePosixPath:
        """Take a member in, and return where it belongs."""
        self.members += 1
        if self.members > MOST_MEMBERS:
            raise ArchiveError("It has too many members.", where=self.name, allowed=f"{MOST_MEMBERS:,}")
        path = PurePosixPath(name.replace("\\", "/"))
        has_drive = re.match(r"[A-Za-z]:", name) is not None or (os.name == "nt" and ":" in name)
        is_outside = path.is_absolute() or ".." in path.parts or has_drive or "\0" in name or not path.parts
        if is_outside or len(name) > 500:
            raise ArchiveError(f"The member {name[:100]!r} leads outside.", where=self.name)
        return path

    def take(self, size: int) -> None:
        """Take so many bytes."""
        self.left -= size
        if self.left < 0:
            raise ArchiveError("Its content is too large for it: it may be a bomb.", where=self.name)


def _unzip(path: Path, folder: Path, room: _Room) -> Iterator[Path]:
    with zipfile.ZipFile(path) as archive:
        for member in archive.infolist():
            target = room.member(member.filename)
            mode = member.external_attr >> 16
            if mode and not (stat.S_ISREG(mode) or stat.S_ISDIR(mode) or stat.S_IFMT(mode) == 0):
                raise ArchiveError(f"The member {member.filename[:100]!r} is no plain file.", where=room.name)
            if not member.is_dir():
                with archive.open(member) as content:
                    yield _write(content, folder / target, room)


def _untar(path: Path, folder: Path, room: _Room) -> Iterator[Path]:
    """Take apart a TAR; what is none is taken as a single file in gzip."""
    try:
        archive = tarfile.open(path, "r:*")  # noqa: SIM115 - it may be no TAR at all
    except tarfile.ReadError:
        if path.suffix.lower() != ".gz":
            raise
        with gzip.open(path) as single:
            yield _write(single, folder / _inner_name(path.name), room)
        return
    with archive:
        for member in archive:
            target = room.member(member.name) if member.name not in (".", "./") else PurePosixPath()
            if member.isdir():
                continue
            if not member.isreg():
                raise ArchiveError(f"The member {member.name[:100]!r} is no plain file.", where=room.name)
            content = archive.extractfile(member)
            if content is not None:
                with content:
                    yield _write(content, folder / target, room)


#: What a file in gzip may say of itself by the rest of its name; else it is LaTeX, as arXiv gives it out.
_INNER_ENDINGS = (".tex", ".latex", ".pdf", ".html", ".htm", ".md", ".rst", ".txt", ".ipynb")


def _inner_name(name: str) -> str:
    """Return the name of a single file in gzip: ``paper.md`` of ``paper.md.gz``, ``2301.04567.tex`` of an arXiv id."""
    stem = stem_of(name)
    return stem if stem.lower().endswith(_INNER_ENDINGS) else f"{stem}.tex"


def stem_of(name: str) -> str:
    """Return the name of an archive without its ending; other points in it belong to the name (``2301.04567``)."""
    ending = max((end for end in _ENDINGS if name.lower().endswith(end)), key=len, default="")
    return name[: len(name) - len(ending)]


def _write(content: IO[bytes] | gzip.GzipFile, target: Path, room: _Room) -> Path:
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as handle:
        while part := content.read(_STEP):
            room.take(len(part))
            handle.write(part)
    return target
