"""``tunegraph ingest amlb RESULTS.csv``: results of the AutoML benchmark."""

from __future__ import annotations

import tempfile
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
    results: Annotated[list[Path], typer.Argument(help="Files that the benchmark wrote: scores/results.csv.")],
    name: Annotated[str, typer.Option(help="What to call it, where the file's name says nothing.")] = "",
    dry_run: DryRun = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Read results of the AutoML benchmark: what each framework scored within its budget."""
    from ingest.sources.amlb import keep
    from kg.errors import InputError

    if name and len(results) > 1:
        raise InputError(f"{len(results)} files cannot have one name.", where="--name", allowed="one file at a time")

    with tempfile.TemporaryDirectory(prefix="tunegraph-") as scratch:

        def found(tunegraph: Tunegraph, _: Progress) -> tuple[Iterable[Source], Path]:
            raw = Path(scratch) if dry_run else tunegraph.settings.home / "raw"
            return [keep(path, raw, name=name) for path in results], raw

        code = ingest_and_print(found, dry_run=dry_run, as_json=as_json, home=home)
    raise typer.Exit(code)
