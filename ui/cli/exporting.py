"""``tunegraph export RUNS.nq``: all runs as ML-Schema, for other tools."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.options import Home, Json


def command(
    output: Annotated[Path, typer.Argument(help="File of N-Quads to write; .gz packs it.")],
    source: Annotated[str | None, typer.Option(help="Only the runs of this source.", show_default=False)] = None,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Write all runs of the run table as ML-Schema in N-Quads, those that no evidence cites included.

    On Spark where TUNEGRAPH_ENGINE says so. The graph itself is copied by backup and copy.
    """
    from ui.cli.screen import progress_on
    from ui.compose import Settings
    from ui.exporting import export_to

    with progress_on(sys.stderr) as progress:
        report = export_to(output, Settings.from_environment(home), source=source, progress=progress)
    print(report.model_dump_json() if as_json else f"{output}: {report.to_text()}")
