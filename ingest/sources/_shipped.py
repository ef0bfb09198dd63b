"""What sources have in common whose files ship with the package, whatever the data folder is."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from pathlib import Path
from typing import ClassVar

from ingest.sources.base import Source


class ShippedSource(Source):
    """A source whose files are YAML below ``ingest/data``."""

    folder: ClassVar[str]
    """Below the package ``ingest``, such as ``data/spaces``."""

    def paths(self, folder: Path) -> tuple[Path, ...]:
        """Return the files: they ship with the package, whatever `folder` is."""
        del folder
        shipped = files("ingest").joinpath(self.folder)
        return tuple(sorted(Path(str(entry)) for entry in shipped.iterdir() if entry.name.endswith(".yaml")))

    def digest(self, folder: Path) -> str:
        """Return a digest of the files' content."""
        total = hashlib.sha256()
        for path in self.paths(folder):
            total.update(path.name.encode() + b"\0" + path.read_bytes())
        return total.hexdigest()[:16]
