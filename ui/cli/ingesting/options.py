"""The option that all of ``tunegraph ingest`` have, and what they all do at the end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeAlias

import typer

if TYPE_CHECKING:
    from ingest.sources.base import Source
    from ui.compose import Progress, Tunegraph

DryRun = Annotated[bool, typer.Option("--dry-run", help="Read and check; write nothing.")]

#: Given the composition root and what to tell of progress: the sources, and the folder that their files are below.
Sources: TypeAlias = "Callable[[Tunegraph, Progress], tuple[Iterable[Source], Path]]"


def ingest_and_print(found: Sources, *, dry_run: bool, as_json: bool, home: Path | None) -> int:
    """Ingest what `found` gives, print the report, and return the exit code: 1 where a source could not be read."""
    from ui.cli.screen import progress_on
    from ui.compose import Settings, Tunegraph

    with progress_on(sys.stderr) as progress:
        tunegraph = Tunegraph(Settings.from_environment(home), progress=progress)
        sources, folder = found(tunegraph, progress)
        report = tunegraph.ingest(sources, folder, dry_run=dry_run, progress=progress)
    print(report.to_json() if as_json else report.to_text())
    return 1 if any(source.problem for source in report.sources) else 0
