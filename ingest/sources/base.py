"""The interface of a source: where it comes from, and how its records are read.

A new source is one module with one class, and one line in `ingest.sources.registry`.
"""

from __future__ import annotations

import hashlib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ingest.records import Page
from kg.errors import InputError
from kg.iris import digest
from kg.model import Provenance, Standing

#: What a source may be called: the name is part of file names, and must lead nowhere else.
_NAME = re.compile(r"[^\W_][\w.+@:-]{0,119}")


def instance_name(kind: str, name: str) -> str:
    """Return a name for one of many like sources: `name` as it is where it is fit, else made so and told apart.

    >>> instance_name("study", "churn-2"), instance_name("paper", "../a b")
    ('study:churn-2', 'paper:-a-b-ff6f7da8')
    """
    plain = re.sub(r"[^\w+@-]+", "-", name)[:80] if not re.fullmatch(r"[\w+@-][\w.+@-]{0,79}", name) else name
    return f"{kind}:{plain}" if plain == name else f"{kind}:{plain}-{digest(name)[:8]}"


def checked_name(name: str) -> str:
    """Return the name of a source, where it is one.

    Raises:
        InputError: It could name a file elsewhere.
    """
    if not _NAME.fullmatch(name):
        allowed = "letters, digits and . _ + @ : - (`instance_name` makes one), at most 120"
        raise InputError(f"{name!r} is no name of a source.", where="source", allowed=allowed)
    return name


class Source(ABC):
    """One place that evidence comes from."""

    name: str
    """Name of the source, such as ``openml-pimp``; where there are many alike, each sets its own (``paper:<name>``)."""
    title: str
    """For people."""
    licence: str
    """SPDX identifier, or words where there is none."""
    url: str
    version: str = ""
    """Commit or release of the snapshot."""
    standing: Standing = Standing.MEASURED
    family: str = ""
    """The registry's name of the source's vocabulary (`kg.learners`), such as ``openml-sklearn``."""
    files: tuple[str, ...]
    """Glob patterns of what is read, below the data folder, such as ``openml-pimp/*.arff``."""
    raw_folder: str = ""
    """Folder below the data folder that is this source's alone, if any: where its raw files were fetched, all of it is
    deleted when the source is forgotten. Otherwise, only `files` are."""

    @abstractmethod
    def read(self, folder: Path, *, retrieved: date) -> Iterator[Page]:
        """Yield the records, page by page, always in the same order and the same pages.

        Args:
            folder: The data folder; `files` are below it.
            retrieved: The day to put into the provenance of items.

        Raises:
            InputError: A file is not what this source reads.
        """

    def paths(self, folder: Path) -> tuple[Path, ...]:
        """Return the files that are there, sorted."""
        return tuple(sorted({path for pattern in self.files for path in folder.glob(pattern) if path.is_file()}))

    def digest(self, folder: Path) -> str:
        """Return a digest of the content of the files: the same content, the same digest, wherever it lies."""
        total = hashlib.sha256()
        for path in self.paths(folder):
            total.update(path.relative_to(folder).as_posix().encode() + b"\0")
            with path.open("rb") as handle:
                total.update(hashlib.file_digest(handle, "sha256").digest())
        return total.hexdigest()[:16]

    def provenance(self, retrieved: date, locator: str = "") -> Provenance:
        """Return the provenance of a record of this source."""
        return Provenance(
            source=self.name,
            licence=self.licence,
            url=self.url,
            version=self.version,
            retrieved=retrieved,
            locator=locator,
        )
