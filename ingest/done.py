"""What has been ingested, and from which content: by this a source that has not changed is recognised.

<home>/ingested/<source>.json
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
from kg.iris import digest
from kg.model import Iri
from kg.model.base import FrozenMapping, Value
from kg.run_files import write_atomically


class Done(Value):
    """A source that has been ingested."""

    content: str
    """Digest of its files and of the code that read them."""
    facts: str
    """Digest of what was known of its data sets when its runs were judged."""
    datasets: tuple[Iri, ...] = ()
    """The data sets that have runs in it."""
    described: FrozenMapping[Iri, DatasetFacts] = FrozenMapping({})
    """What it says itself of data sets."""
    sample: tuple[Iri, ...] = ()
    """Some of its graph items: where the graph lacks one, it is another graph."""
    report: SourceReport
    """What was said of it."""

    def unchanged_report(self) -> SourceReport:
        """Return the report of an ingestion that found everything in place."""
        rows = self.report.added + self.report.updated + self.report.unchanged
        return self.report.replace(added=0, updated=0, removed=0, unchanged=rows, items_unchanged=True)


def content_of(source: Source, folder: Path) -> str:
    """Return a digest of all that decides what becomes of the records: the files, and the code that reads them."""
    own = sys.modules[type(source).__module__].__file__ or ""
    return digest(source.name, source.version, source.digest(folder), _code(), hashlib.sha256(_bytes(own)).hexdigest())


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
    names = sorted(path.stem for path in (home / "ingested").glob("*.json"))
    return (done for name in names if (done := read_done(home, name)) is not None)


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


@lru_cache(maxsize=1)
def _code() -> str:
    """Return a digest of what decides on a record: sources, quality rules, and the learner registry."""
    here = Path(__file__).parent
    learners = Path(kg.learners.__file__).parent
    files = [*here.glob("*.py"), *here.glob("sources/**/*.py"), *here.glob("data/**/*.*"), *here.glob("spaces/**/*.*")]
    files += [Path(kg.model.metrics.__file__), *learners.rglob("*.py"), *learners.rglob("*.yaml")]
    total = hashlib.sha256()
    for path in sorted(path for path in files if path.is_file()):
        total.update(path.name.encode() + b"\0" + _bytes(str(path)))
    return total.hexdigest()


def _bytes(path: str) -> bytes:
    return Path(path).read_bytes() if path else b""
