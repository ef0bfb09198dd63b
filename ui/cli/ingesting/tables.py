"""``tunegraph ingest tables FOLDER``: published tables of runs, each source in its own folder."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from ui.cli.ingesting.options import DryRun, ingest_and_print
from ui.cli.options import Home, Json

if TYPE_CHECKING:
    from ingest.sources.base import Source
    from ui.compose import Progress, Tunegraph


def command(
    folder: Annotated[Path, typer.Argument(help="The folder that holds the sources' folders.")],
    source: Annotated[list[str] | None, typer.Option(help="Only this source; may be given again.")] = None,
    dry_run: DryRun = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Read a folder of published run tables."""
    from ingest.sources.registry import sources
    from kg.errors import InputError

    if not folder.is_dir():
        raise InputError("There is no such folder.", where=str(folder), allowed="a folder of source tables")

    def found(_: Tunegraph, __: Progress) -> tuple[Iterable[Source], Path]:
        return sources(source or None), folder

    raise typer.Exit(ingest_and_print(found, dry_run=dry_run, as_json=as_json, home=home))
