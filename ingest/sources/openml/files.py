"""Reading the mirror's files: one that cannot be read is noted, and the rest goes on; setups are found by their id."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from ingest.records import Rejected

# As `mirror` writes it; the quotes within a text of JSON are escaped.
_SETUP_ID = re.compile(rb'"setup_id":\s*(\d{1,18})(?!\d)')


def is_id(value: object) -> bool:
    """Say whether `value` is an id of OpenML's: a whole number above zero."""
    return type(value) is int and 0 < value < 10**18


def mapping(value: object) -> dict[str, Any]:
    """Return `value` where it is a JSON object, else an empty one."""
    return value if isinstance(value, dict) else {}


@dataclass
class Files:
    """The files of a mirror, and what is wrong with some of them.

    Args:
        folder: ``<home>/raw/openml``.
    """

    folder: Path
    faults: dict[str, Rejected] = field(default_factory=dict)
    """Path below the folder -> why it cannot be used; each once."""

    def record(self, path: Path) -> dict[str, Any]:
        """Return the JSON object in a file; empty, and noted, where there is none."""
        content = self._json(path)
        found: dict[str, Any] = content if isinstance(content, dict) else self._fault(path, "no JSON object", {})
        return found

    def records(self, kind: str, *ids: str) -> Iterator[dict[str, Any]]:
        """Yield the objects of the files of one kind (``tasks``), by number; those without one of `ids` are noted."""
        paths = (path for path in (self.folder / kind).glob("*.json") if path.stem.isdecimal())
        for path in sorted(paths, key=lambda path: int(path.stem)):
            record = self.record(path)
            if missing := [name for name in ids if not is_id(record.get(name))]:
                self._fault(path, f"no {' and '.join(missing)}", None)
            else:
                yield record

    def rows(self, path: Path) -> list[dict[str, Any]]:
        """Return the evaluations of a page."""
        rows = self.record(path).get("rows")
        found: list[dict[str, Any]] = rows if isinstance(rows, list) else self._fault(path, "no list of rows", [])
        return found

    def setups_in(self, path: Path) -> dict[int, dict[str, Any]]:
        """Return the setups of a chunk by id."""
        content = self._json(path)
        if not isinstance(content, list):
            self._fault(path, "no list of setups", None)
            return {}
        return {one["setup_id"]: one for one in content if isinstance(one, dict) and is_id(one.get("setup_id"))}

    def name(self, path: Path) -> str:
        """Return the path below the folder of raw files."""
        return path.relative_to(self.folder.parent).as_posix()

    def _json(self, path: Path) -> Any:
        try:
            return json.loads(path.read_bytes())
        except (ValueError, RecursionError) as error:
            return self._fault(path, str(error), None)

    def _fault(self, path: Path, detail: str, otherwise: Any) -> Any:
        self.faults.setdefault(self.name(path), Rejected(self.name(path), "unreadable file", detail))
        return otherwise


class Setups:
    """The setups of a mirror by id: which file has which is kept in memory, the setups are not.

    Args:
        files: The mirror's files.
    """

    def __init__(self, files: Files) -> None:
        self._files = files
        self._paths = sorted((files.folder / "setups").glob("*.json"))
        found = [np.array(_SETUP_ID.findall(path.read_bytes()), dtype=np.int64) for path in self._paths]
        ids = np.concatenate([np.empty(0, dtype=np.int64), *found])
        chunk = np.repeat(np.arange(len(found)), [len(part) for part in found])
        order = np.argsort(ids, kind="stable")
        self._ids, self._chunk = ids[order], chunk[order]

    def of(self, ids: Iterable[int]) -> Iterator[tuple[int, dict[str, Any]]]:
        """Yield those of `ids` that there are, chunk by chunk: no more than one chunk is in memory."""
        wanted = np.unique(np.fromiter(ids, dtype=np.int64))
        at = np.searchsorted(self._ids, wanted)
        known = at < len(self._ids)
        known[known] = self._ids[at[known]] == wanted[known]
        wanted, chunks = wanted[known], self._chunk[at[known]]
        for chunk in np.unique(chunks).tolist():
            setups = self._files.setups_in(self._paths[chunk])
            yield from ((i, setups[i]) for i in wanted[chunks == chunk].tolist() if i in setups)
