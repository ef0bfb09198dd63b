"""``tunegraph recommend``."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError
from ui.cli.files import check_target
from ui.request import Request, read_meta_features

if TYPE_CHECKING:
    from recommender.proposal import Proposal


@dataclass(frozen=True)
class Output:
    """What to do with the answer."""

    as_json: bool = False
    export: Path | None = None


def recommend_command(
    data: str | None,
    target: str | None,
    meta_features: str | None,
    request: Request,
    *,
    output: Output,
    home: Path | None,
) -> int:
    """Recommend and print. Returns the exit code.

    Raises:
        InputError: The options or the table cannot be used.
    """
    from ui.cli.screen import progress_on, refuse
    from ui.compose import Settings, Tunegraph

    _check_source(data, target, meta_features)
    if output.export is not None:
        check_export(output.export, data)
    with progress_on(sys.stderr) as progress:
        tunegraph = Tunegraph(Settings.from_environment(home), progress=progress)
        if meta_features is not None:
            task = tunegraph.task_of(read_meta_features(meta_features), request)
            validated = tunegraph.recommend(task, request, progress=progress, heard=progress.hear)
        else:
            progress(f"Reading {data}")
            table, task = tunegraph.read(str(data), target, request)
            validated = tunegraph.recommend(task, request, table=table, progress=progress, heard=progress.hear)
    if validated.proposal is None:
        return refuse(validated.verdict, as_json=output.as_json)
    return _answer(validated.proposal, str(data), output)


def _check_source(data: str | None, target: str | None, meta_features: str | None) -> None:
    if data is None and meta_features is None:
        raise InputError("There is nothing to recommend for.", where="DATA", allowed="a table, or --meta-features FILE")
    if data is not None and meta_features is not None:
        raise InputError("A table is described by itself.", where="--meta-features", allowed="without DATA only")
    check_target(target, data)


def check_export(path: Path, data: str | None) -> None:
    """Refuse a path that no script can be written to, before anything is computed.

    Raises:
        InputError: It is a folder, lies below a file, or may not be written; or there is no table.
    """
    if data is None:
        raise InputError("A script needs a table to read.", where="--export", allowed="together with DATA only")
    if path.is_dir():
        raise InputError(f"{str(path)!r} is a folder.", where="--export", allowed="a path that can be written")
    above = next(folder for folder in (path, *path.absolute().parents) if folder.exists())
    if above != path and not above.is_dir():
        raise InputError(f"{str(above)!r} is no folder.", where="--export", allowed="a path that can be written")
    if not os.access(above, os.W_OK):
        raise InputError(f"{str(above)!r} may not be written.", where="--export", allowed="a path that can be written")


def _answer(proposal: Proposal, data: str, output: Output) -> int:
    from ui.cli.screen import print_proposal

    if output.export is not None:
        export(proposal, data, proposal.task.target, output.export)
    if output.as_json:
        print(proposal.to_json(indent=2))
    else:
        print_proposal(proposal)
        if output.export is not None:
            print(f"\nWrote {output.export}: run it with python {output.export}")
    return 0


def export(proposal: Proposal, data: str, target: str, path: Path) -> None:
    """Write the study script.

    Raises:
        InputError: The folder cannot be made or written.
    """
    from recommender.export import export_script

    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(export_script(proposal, data, target), encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"Cannot write {str(path)!r}: {error.strerror}.", where="--export", allowed="a path that can be written"
        ) from error
