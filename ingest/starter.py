"""The starter graph that ships with Tunegraph: all sources, ingested and distilled, as one compressed file.

    python -m ingest.starter ../shared/data

The same data folder and the same day give the same bytes.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from ingest.report import IngestReport
from ingest.run import RAW, ingest
from ingest.sources.registry import SOURCES, sources
from ingest.sources.shipped_papers import paper_sources
from kg.errors import InputError, StoreError, TunegraphError
from kg.rdf_store import RdfStore

#: Where the starter graph lies in the package.
STARTER = Path(__file__).resolve().parents[1] / "kg" / "starter" / "starter.nq.xz"
#: The day that the shipped starter's provenance names: when the sources were read.
AS_OF = date(2026, 11, 21)
#: Bytes that the starter may have in the wheel.
MAX_BYTES = 8_000_000


@dataclass(frozen=True)
class StarterReport:
    """What a build gave."""

    ingested: IngestReport
    """What was read, set aside and rejected, source by source."""
    counts: dict[str, int]
    """Data sets, runs and pieces of evidence of each kind in the graph."""
    size: int
    """Bytes of the file."""


def build_starter(
    data_folder: Path,
    output: Path = STARTER,
    *,
    as_of: date = AS_OF,
    names: Iterable[str] | None = None,
    progress: Callable[[str], None] | None = None,
) -> StarterReport:
    """Ingest and distil the sources in `data_folder`, and write the graph to `output`.

    Args:
        data_folder: The folder of source tables.
        output: The file to write; it is replaced only by a complete build.
        as_of: The day to put into provenance, with which the ingestions are said to begin.
        names: Names of the sources; all by default, and the papers.
        progress: Called with what is being done.

    Raises:
        InputError: A source cannot be read.
        StoreError: The result is too large to ship.
    """
    say = progress or (lambda _: None)
    with TemporaryDirectory(prefix="tunegraph-starter-") as folder, RdfStore() as store:
        home = Path(folder)
        reports = [ingest(sources(names), Path(data_folder), home, store=store, retrieved=as_of, progress=say)]
        if names is None:
            papers = paper_sources(Path(data_folder), home / RAW)
            reports.append(ingest(papers, home / RAW, home, store=store, retrieved=as_of, progress=say))
        report = IngestReport(sources=tuple(source for one in reports for source in one.sources))
        _check_complete(report)
        say("Writing the graph")
        written = home / "starter.nq.xz"
        store.dump(written)
        size = written.stat().st_size
        if size > MAX_BYTES:
            raise StoreError(f"The starter graph has {size:,} bytes, more than the {MAX_BYTES:,} that may ship.")
        output.parent.mkdir(parents=True, exist_ok=True)
        replacement = output.with_name(output.name + ".new")
        replacement.write_bytes(written.read_bytes())
        replacement.replace(output)
        return StarterReport(ingested=report, counts=store.counts(), size=size)


def main(arguments: list[str] | None = None) -> int:
    """Build the starter graph from the command line; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m ingest.starter", description="Rebuild the starter graph.")
    parser.add_argument("data", type=Path, help="the folder of source tables")
    parser.add_argument("--output", type=Path, default=STARTER, help="the file to write (default: the shipped one)")
    parser.add_argument("--as-of", type=date.fromisoformat, default=AS_OF, help=f"day of reading (default: {AS_OF})")
    parser.add_argument("--source", action="append", choices=SOURCES, help="only this source (may be repeated)")
    given = parser.parse_args(arguments)
    try:
        built = build_starter(given.data, given.output, as_of=given.as_of, names=given.source, progress=_write)
    except TunegraphError as error:
        _write(f"Error: {error}")
        return 2
    _write(built.ingested.to_text())
    _write(", ".join(f"{n:,} {kind}" for kind, n in built.counts.items()))
    _write(f"{given.output}: {built.size:,} bytes")
    return 0


def _check_complete(report: IngestReport) -> None:
    problems = [f"{source.source}: {source.problem}" for source in report.sources if source.problem]
    if problems:
        raise InputError("; ".join(problems), where="data folder", allowed="a folder with all sources of the starter")


def _write(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    sys.exit(main())
