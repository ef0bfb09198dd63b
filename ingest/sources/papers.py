"""Papers, guides and documentation: what they claim, and their passages. One document is one source.

<folder>/papers/<slug>/source.json    name, licence and address of the document
<folder>/papers/<slug>/...            its file, or those of its LaTeX sources
"""

from __future__ import annotations

import hashlib
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

import ingest.claims
import ingest.documents
from ingest.claims import RULES, ClaimExtractor, found_in
from ingest.documents.finding import Found, known
from ingest.documents.isolation import DocumentReader
from ingest.documents.licences import UNKNOWN
from ingest.documents.limits import DEFAULT_LIMITS, Limits
from ingest.documents.passages import passages_of
from ingest.records import Items, Page, Rejected, Texts
from ingest.sources.base import Source, instance_name
from kg.atomic_files import write_atomically
from kg.errors import InputError
from kg.iris import digest
from kg.model import Claim, Standing
from kg.model.base import Value

#: Folder of the raw files of all papers, below the data folder.
FOLDER = "papers"
_DESCRIPTION = "source.json"
_LATEX = (".tex", ".latex")
#: Files of a LaTeX document that are kept with it; what has more is a folder of many documents.
_MOST_PARTS = 500


class PaperDescription(Value):
    """What is known of a document beside its text."""

    document: str
    """What claims and passages call it."""
    file: str
    """The file to read, below the folder of the document."""
    licence: str = UNKNOWN
    url: str


class PaperSource(Source):
    """One document.

    Args:
        slug: Its short name, which is its folder's.
        description: What is known of it.
        limits: How much of it is read.
        extractor: Finds its claims.
    """

    standing = Standing.CLAIMED

    def __init__(
        self,
        slug: str,
        description: PaperDescription,
        *,
        limits: Limits = DEFAULT_LIMITS,
        extractor: ClaimExtractor = RULES,
    ) -> None:
        self.name = instance_name("paper", slug)
        self.title = description.document
        self.licence = description.licence
        self.url = description.url
        self.raw_folder = f"{FOLDER}/{slug}"
        self.files = (f"{self.raw_folder}/**/*",)
        self._description = description
        self._limits = limits
        self._extractor = extractor

    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the claims of the document, then its passages.

        Raises:
            DocumentError: It cannot be read.
        """
        described = self._description
        with DocumentReader(self._limits) as reader:
            read = reader.read(folder / self.raw_folder / described.file, name=described.document)
        document = known(read, licence=described.licence, url=described.url)
        provenance = self.provenance(retrieved)
        claims = found_in(document, provenance=provenance, extractor=self._extractor)
        unread = [Rejected(locator=document.name, reason=reason, detail=detail) for reason, detail in read.problems]
        dropped = [Rejected(locator=document.name, reason=reason, detail=detail) for reason, detail in claims.dropped]
        yield Items(described.file, claims.claims, (*unread, *dropped), _unmapped(claims.claims))
        yield Texts(described.file, passages_of(document, provenance))

    def digest(self, folder: Path) -> str:
        """Return a digest of the files, of who finds the claims, and of the code that reads documents."""
        return digest(super().digest(folder), _readers(), self._extractor.name)


def keep(found: Found, folder: Path, *, extractor: ClaimExtractor = RULES) -> PaperSource:
    """Copy a document to where it is read from, and return it as a source; nothing is written where nothing changed.

    Args:
        found: The document. Where another one is kept under its short name, it gets a digest of its address behind it.
        folder: The data folder (``<home>/raw``).
        extractor: Finds its claims.

    Raises:
        InputError: It cannot be copied.
    """
    url = found.url or found.path.absolute().as_uri()
    try:
        slug = _free_slug(found, folder / FOLDER, url)
        target = folder / FOLDER / slug
        parts = _parts(found.path)
        kept = {target / name: path.read_bytes() for name, path in parts.items()}
        main = next(name for name, path in parts.items() if path == found.path)
        description = PaperDescription(document=found.name, file=main, licence=found.licence, url=url)
        kept[target / _DESCRIPTION] = description.model_dump_json(indent=2).encode()
        for path in target.rglob("*"):
            if path.is_file() and path not in kept:
                path.unlink()
        for path, content in kept.items():
            if not path.is_file() or path.read_bytes() != content:
                write_atomically(path, content)
    except OSError as error:
        raise InputError(f"It cannot be kept: {error}", where=found.name) from error
    return PaperSource(slug, description, extractor=extractor)


def _free_slug(found: Found, folder: Path, url: str) -> str:
    """Return the short name of a document; with a digest where another document, from elsewhere, has that name."""
    kept = folder / found.slug / _DESCRIPTION
    if not kept.is_file():
        return found.slug
    try:
        other = PaperDescription.model_validate_json(kept.read_bytes())
    except ValidationError:
        return found.slug  # what lies there is no document
    file = kept.parent / other.file
    is_same = other.url == url or not file.is_file() or file.read_bytes() == found.path.read_bytes()
    return found.slug if is_same else f"{found.slug}-{digest(url)[:6]}"


def _parts(path: Path) -> dict[str, Path]:
    """Return the files of a document by their names below its folder: itself, and the parts of a LaTeX one."""
    content = path.read_bytes() if path.suffix.lower() in _LATEX else b""
    if not re.search(rb"\\(?:input|include|subfile|(?:sub)?import)\s*[{\s]", content):
        return {path.name: path}
    beside = sorted(part for part in path.parent.rglob("*") if part.suffix.lower() in _LATEX and not part.is_symlink())
    return {part.relative_to(path.parent).as_posix(): part for part in beside[:_MOST_PARTS]} | {path.name: path}


def _unmapped(claims: tuple[Claim, ...]) -> Counter[str]:
    """Return the learners and methods that the registry does not know, and how many claims name them."""
    return Counter(claim.algorithm_name for claim in claims if claim.learner is None and claim.algorithm_name)


@lru_cache(maxsize=1)
def _readers() -> str:
    """Return a digest of the code that decides what is found in a document."""
    total = hashlib.sha256()
    for package in (ingest.documents, ingest.claims):
        folder = Path(package.__file__ or "").parent
        for path in sorted(folder.rglob("*")):
            if path.suffix in (".py", ".yaml", ".json"):
                total.update(path.name.encode() + b"\0" + path.read_bytes())
    return total.hexdigest()[:16]
