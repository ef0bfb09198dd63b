"""``tunegraph recommend``."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError
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
    from ui.cli.screen import print_proposal, progress_on
    from ui.compose import Settings, Tunegraph

    if (data is None) == (meta_features is None):
        raise InputError("Give a table or --meta-features, one of them.", where="DATA", allowed="a file")
    if output.export is not None and data is None:
        raise InputError("A script needs a table to read.", where="--export", allowed="together with DATA only")
    tunegraph = Tunegraph(Settings.from_environment(home))
    with progress_on(sys.stderr) as progress:
        if meta_features is not None:
            task = tunegraph.task_of(read_meta_features(meta_features), request)
            proposal = tunegraph.recommend(task, request, progress=progress)
        else:
            if target is None:
                raise InputError("Which column is to be predicted?", where="--target", allowed="the name of a column")
            progress(f"Reading {data}")
            table, task = tunegraph.read(str(data), target, request)
            proposal = tunegraph.recommend(task, request, table=table, progress=progress)
    if output.export is not None:
        export(proposal, str(data), str(target), output.export)
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
            f"Cannot write: {error.strerror}.", where="--export", allowed="a path that can be written"
        ) from error
