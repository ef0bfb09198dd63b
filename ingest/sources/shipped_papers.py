"""The papers and guides whose claims ship with the starter graph: ``ingest/data/papers.csv`` lists them.

Their texts do not ship; a claim carries the words that it quotes, and the address where the whole can be read.
"""

from __future__ import annotations

import csv
from importlib.resources import files
from pathlib import Path

from ingest.documents.finding import Found, slug_of
from ingest.sources.papers import FOLDER, PaperSource, keep
from kg.errors import InputError
from kg.model.base import Value


class ShippedPaper(Value):
    """A document that the starter graph quotes."""

    document: str
    """Path below the folder of papers, which is also its name."""
    title: str
    repository: str
    version: str
    """Commit of the repository."""
    path: str
    """Path in the repository."""
    licence: str
    """SPDX identifier."""

    @property
    def url(self) -> str:
        """Where exactly this version can be read."""
        return f"{self.repository}/blob/{self.version}/{self.path}"


def shipped_papers() -> tuple[ShippedPaper, ...]:
    """Return the documents, in the order of the file."""
    text = files("ingest").joinpath("data/papers.csv").read_text("utf-8")
    return tuple(ShippedPaper.model_validate(row) for row in csv.DictReader(text.splitlines()))


def paper_sources(data_folder: Path, raw: Path) -> tuple[PaperSource, ...]:
    """Return the documents as sources, copied to where they are read from.

    Args:
        data_folder: The data folder; the documents are below its folder ``papers``.
        raw: The folder that they are copied to.

    Raises:
        InputError: One of them is not there.
    """
    found = []
    for paper in shipped_papers():
        path = data_folder / FOLDER / paper.document
        if not path.is_file():
            raise InputError("The document is not there.", where=str(path), allowed="all of ingest/data/papers.csv")
        found.append(Found(path, paper.document, slug_of(path), paper.licence, paper.url))
    return tuple(keep(document, raw) for document in found)
