"""The interface of a source: where it comes from, and how its records are read.

A new source is one module with one class, and one line in `ingest.sources.registry`.
"""

from __future__ import annotations

import hashlib
from abc import ABC, abstractmethod
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from ingest.records import Page
from kg.model import Provenance, Standing


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
