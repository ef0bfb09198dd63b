"""``tunegraph backup``, ``restore`` and ``doctor``: keeping an installation safe and sound."""

from __future__ import annotations

import sys
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from ui.cli.options import Home, Json

Archive = Annotated[Path, typer.Argument(help="The backup: a tar file.")]


def backup(
    file: Archive,
    force: Annotated[bool, typer.Option("--force", help="Replace a file that is there.")] = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Write graph, runs, passages and notes of ingestions to one file, checked by digest."""
    from kg.backup import write_backup
    from ui.cli.screen import progress_on
    from ui.compose import Settings, Tunegraph

    settings = Settings.from_environment(home)
    with progress_on(sys.stderr) as progress:
        store = Tunegraph(settings, progress=progress).store
        manifest = write_backup(settings.home, store, file, force=force, progress=progress)
    print(manifest.model_dump_json(indent=2, exclude={"files"}) if as_json else manifest.to_text())


def restore(
    file: Archive,
    force: Annotated[bool, typer.Option("--force", help="Replace what is there.")] = False,
    as_json: Json = False,
    home: Home = None,
) -> None:
    """Make graph and home what they were at a backup: all of it, or nothing changes."""
    from kg.restore import restore_backup
    from kg.stores import open_graph
    from ui.cli.screen import progress_on
    from ui.compose import Settings

    settings = Settings.from_environment(home)
    # The graph below the home is opened as it is: the starter need not be made only to be replaced.
    where = settings.graph or str(settings.home)
    with progress_on(sys.stderr) as progress, closing(open_graph(where, settings.home, new=True)) as store:
        manifest = restore_backup(file, settings.home, store, force=force, progress=progress)
    print(manifest.model_dump_json(indent=2, exclude={"files"}) if as_json else manifest.to_text())


def doctor(as_json: Json = False, home: Home = None) -> None:
    """Say what works, what does not, and what to do about it; exit 1 where something is broken."""
    from ui.compose import Settings
    from ui.doctor import examine

    diagnosis = examine(Settings.from_environment(home))
    print(diagnosis.model_dump_json(indent=2) if as_json else diagnosis.to_text())
    raise typer.Exit(0 if diagnosis.is_sound else 1)
