"""Which documents there are below a path, and what is known of each before it is read."""

from __future__ import annotations

import hashlib
import os
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from ingest.documents.archive import is_archive, stem_of
from ingest.documents.bundle import begins_document
from ingest.documents.licences import UNKNOWN, is_licence_file, licence_beside
from ingest.documents.limits import DocumentError
from ingest.documents.model import Document
from ingest.documents.parsing import FORMATS
from kg.errors import InputError

#: Most documents below one folder.
MOST_DOCUMENTS = 20_000
_SKIPPED_FOLDERS = frozenset({"__pycache__", "node_modules", "site-packages"})


@dataclass(frozen=True)
class Found:
    """A document that was found, not read yet."""

    path: Path
    """The file; of LaTeX with several files, the folder."""
    name: str
    """What claims and passages call it: its path below what was given, or its file name."""
    slug: str
    """A short name of small letters, digits and hyphens, which no other document of the same search has."""
    licence: str = UNKNOWN
    url: str = ""


def found_below(path: Path, *, licence: str = "", url: str = "") -> list[Found]:
    """Return the documents at or below `path`, sorted by name.

    Args:
        path: A file, an archive of LaTeX sources, or a folder, which is searched through. Hidden files and folders,
            links, and files of other formats are passed over; so are parts of a LaTeX document beside its main file.
        licence: Of all of them. Default: the licence file beside or above each.
        url: Where they come from; for a folder, what their names are added to.

    Raises:
        InputError: There is no such path, or no document.
    """
    if not path.exists():
        raise InputError(
            "There is no such file or folder.", where=str(path), allowed="a file or folder, URL or arXiv id"
        )
    files = [path] if path.is_file() else list(_documents(path))
    if path.is_file() and not _is_document(path):
        raise DocumentError(f"{path.suffix or 'No ending'!r} is no format.", where=path.name, allowed=_formats())
    if not files:
        raise InputError("It holds no document.", where=str(path), allowed=_formats())
    root = path if path.is_dir() else path.parent
    found = []
    licences: dict[Path, str] = {}
    for file in files:
        name = file.relative_to(root).as_posix()
        address = f"{url.rstrip('/')}/{name}" if url and path.is_dir() else url
        own = licence or licence_beside(file, root, licences) or UNKNOWN
        found.append(Found(path=file, name=name, slug=slug_of(file), licence=own, url=address))
    return _told_apart(found)


def known(document: Document, *, licence: str, url: str) -> Document:
    """Return a document with licence and address, where it does not say them itself."""
    return document.replace(licence=document.licence or licence or UNKNOWN, url=document.url or url)


def slug_of(path: Path) -> str:
    """Return a short name of a file: that of its folder and its own."""
    stem = stem_of(path.name) if is_archive(path) else path.stem
    parts = [path.absolute().parent.name, stem]
    return slug("-".join(parts))


def slug(text: str) -> str:
    """Return `text` in small letters, digits and hyphens, at most 80 of them."""
    plain = re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")
    return plain[:80].strip("-") or hashlib.sha256(text.encode()).hexdigest()[:12]


def _told_apart(found: list[Found]) -> list[Found]:
    """Return documents whose short names differ: a digest of the name goes behind those that are alike."""
    having = Counter(document.slug for document in found)
    return [document if having[document.slug] == 1 else _with_digest(document) for document in found]


def _with_digest(document: Found) -> Found:
    return replace(document, slug=f"{document.slug}-{hashlib.sha256(document.name.encode()).hexdigest()[:6]}")


def _documents(folder: Path) -> Iterator[Path]:
    count = 0
    for here, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith(".") and name not in _SKIPPED_FOLDERS)
        paths = [Path(here) / name for name in sorted(names) if not name.startswith(".")]
        parts = _latex_parts(paths)
        for path in paths:
            if path.is_symlink() or not path.is_file() or not _is_document(path) or path in parts:
                continue
            count += 1
            if count > MOST_DOCUMENTS:
                raise InputError("It holds too many documents.", where=str(folder), allowed=f"{MOST_DOCUMENTS:,}")
            yield path


def _latex_parts(paths: list[Path]) -> frozenset[Path]:
    """Return the LaTeX files that are parts of a document beside them: those that begin none."""
    sources = [path for path in paths if path.suffix.lower() in (".tex", ".latex")]
    mains = [path for path in sources if begins_document(path)]
    return frozenset(sources) - frozenset(mains) if mains else frozenset()


def _is_document(path: Path) -> bool:
    if is_licence_file(path) or path.name.lower().startswith(("licence-", "license-", "notice", "requirements")):
        return False
    return path.suffix.lower() in FORMATS or is_archive(path)


def _formats() -> str:
    return ", ".join((*FORMATS, ".zip", ".tar.gz"))
