"""What has been ingested, and from which content: by this a source that has not changed is recognised.

<home>/ingested/<source>.json

The note is withdrawn before anything of a source takes effect and written when all has: where an ingestion was killed
in between, the next one does it again.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path

from pydantic import ValidationError

import kg.learners
import kg.model.metrics
from ingest.quality_survey import UNKNOWN, DatasetFacts
from ingest.records import Rejected
from ingest.report import SourceReport
from ingest.sources.base import Source
from kg.atomic_files import write_atomically
from kg.iris import digest
from kg.model import Iri
from kg.model.base import FrozenMapping, Value
from kg.passages import PassageTable
from kg.runs import RunTable
from kg.store import KnowledgeStore


class Done(Value):
    """A source that has been ingested."""

    content: str = ""
    """Digest of its files and of the code that read them; empty while it is being ingested or forgotten."""
    facts: str = ""
    """Digest of what was known of its data sets when its runs were judged."""
    datasets: tuple[Iri, ...] = ()
    """The data sets that have runs in it."""
    described: FrozenMapping[Iri, DatasetFacts] = FrozenMapping({})
    """What it says itself of data sets."""
    graph: str | None = None
    """Fingerprint of what the graph has of it; None where there was no graph."""
    elsewhere: tuple[Iri, ...] = ()
    """What it says that another source had said first: where the graph lacks one, it is this source's to say now."""
    raw: tuple[str, ...] = ()
    """Its raw files and folders below the home, where they are there: they go with it."""
    report: SourceReport
    """What was said of it."""

    def holds_in(self, home: Path, store: KnowledgeStore | None) -> bool:
        """Say whether run table, passages and graph (where there is one) have what they had when this was noted."""
        table = RunTable(home)
        manifest = table.manifest(self.report.source)
        files = [home / file.path for file in (manifest.runs if manifest is not None else ())]
        passages = PassageTable(home).path(self.report.source).is_file()
        if bool(manifest) != bool(self.datasets) or passages != self.has_passages:
            return False
        return all(path.is_file() for path in files) and self._is_in(store)

    @property
    def has_passages(self) -> bool:
        """Whether it has passages."""
        counts = self.report.items.get("passage")
        return counts is not None and counts.total > 0

    def _is_in(self, store: KnowledgeStore | None) -> bool:
        if store is None:
            return True
        same = self.graph == store.sources().get(self.report.source, "")
        return same and all(store.has(iri) for iri in self.elsewhere)


def content_of(source: Source, files: str) -> str:
    """Return a digest of all that decides what becomes of the records.

    Args:
        source: The source, whose code counts.
        files: `Source.digest` of its files.
    """
    own = sys.modules[type(source).__module__].__file__ or ""
    return digest(source.name, source.version, files, _code(), hashlib.sha256(_bytes(own)).hexdigest())


def facts_of(datasets: Iterable[Iri], facts: Mapping[Iri, DatasetFacts]) -> str:
    """Return a digest of what is known of `datasets`."""
    return digest([[iri, facts.get(iri, UNKNOWN).model_dump()] for iri in sorted(datasets)])


def read_done(home: Path, source: str) -> Done | None:
    """Return what was noted of `source`; None where it was not ingested, or by a release that noted other things."""
    try:
        return Done.model_validate_json(_path(home, source).read_bytes())
    except (FileNotFoundError, ValidationError):
        return None


def all_done(home: Path) -> Iterator[Done]:
    """Yield what was noted of every source, by name."""
    names = sorted(path.name.removesuffix(".json") for path in (home / "ingested").glob("*.json"))
    return (done for name in names if (done := read_done(home, name)) is not None)


def withdraw(home: Path, source: str, *, raw: Iterable[str] = ()) -> Done:
    """Note that what is there of `source` may not be whole; what was known of its raw files stays known, and return it.

    Args:
        home: Where the notes are.
        source: Name of the source.
        raw: Raw files and folders that it has beside those that are noted.
    """
    old = read_done(home, source) or Done(report=SourceReport(source=source))
    note = old.replace(content="", raw=tuple(sorted({*old.raw, *raw})))
    write_atomically(_path(home, source), note.model_dump_json().encode())
    return note


def drop_done(home: Path, source: str) -> None:
    """Delete the note of `source`."""
    _path(home, source).unlink(missing_ok=True)


def write_done(home: Path, source: str, done: Done, rejected: Iterable[Rejected]) -> None:
    """Note that `source` is ingested, and keep its rejected records in ``<home>/rejected/<source>.jsonl``."""
    lines = "".join(
        json.dumps({"locator": r.locator, "reason": r.reason, "detail": r.detail}, ensure_ascii=False) + "\n"
        for r in rejected
    )
    write_atomically(home / "rejected" / f"{source}.jsonl", lines.encode())
    write_atomically(_path(home, source), done.model_dump_json().encode())


def _path(home: Path, source: str) -> Path:
    return home / "ingested" / f"{source}.json"


#: Files of this package that decide on records: code, and the tables that it reads.
_DECIDES = {".py", ".yaml", ".json", ".csv", ".toml"}


@lru_cache(maxsize=1)
def _code() -> str:
    """Return a digest of what decides on a record: sources, quality rules, distilling, and the learner registry."""
    here = Path(__file__).parent
    learners = Path(kg.learners.__file__).parent
    files = [path for path in here.rglob("*") if path.suffix in _DECIDES]
    files += [Path(kg.model.metrics.__file__), *learners.rglob("*.py"), *learners.rglob("*.yaml")]
    total = hashlib.sha256()
    for path in sorted(path for path in files if path.is_file()):
        total.update(path.name.encode() + b"\0" + _bytes(str(path)))
    return total.hexdigest()


def _bytes(path: str) -> bytes:
    return Path(path).read_bytes() if path else b""
