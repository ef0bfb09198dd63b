"""``tunegraph forget SOURCE...``: takes sources out of the graph, the run table, and all else that was kept of them."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from ui.cli.options import Home, Json


def command(
    source: Annotated[
        list[str],
        typer.Argument(help="Names of sources, or patterns: 'paper:*'. tunegraph query sources lists them."),
    ],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Say what would go; take nothing out.")] = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Take sources out again: evidence, runs, passages, raw files that were fetched."""
    from ui.cli.screen import progress_on
    from ui.compose import Settings, Tunegraph

    with progress_on(sys.stderr) as progress:
        tunegraph = Tunegraph(Settings.from_environment(home), progress=progress)
        report = tunegraph.forget(source, dry_run=dry_run, progress=progress)
    print(report.to_json() if as_json else report.to_text())
