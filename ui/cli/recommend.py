"""``tunegraph recommend``."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import InputError
from ui.request import Request, read_meta_features

if TYPE_CHECKING:
    from recommender.proposal import Proposal
    from recommender.validation.verdict import Verdict


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
    from ui.cli.screen import progress_on
    from ui.compose import Settings, Tunegraph

    if (data is None) == (meta_features is None):
        raise InputError("Give a table or --meta-features, one of them.", where="DATA", allowed="a file")
    if output.export is not None and data is None:
        raise InputError("A script needs a table to read.", where="--export", allowed="together with DATA only")
    tunegraph = Tunegraph(Settings.from_environment(home))
    with progress_on(sys.stderr) as progress:
        if meta_features is not None:
            task = tunegraph.task_of(read_meta_features(meta_features), request)
            validated = tunegraph.recommend(task, request, progress=progress)
        else:
            progress(f"Reading {data}")
            table, task = tunegraph.read(str(data), target, request)
            validated = tunegraph.recommend(task, request, table=table, progress=progress)
    if validated.proposal is None:
        return _refuse(validated.verdict, output)
    return _answer(validated.proposal, str(data), output)


def _refuse(verdict: Verdict, output: Output) -> int:
    """Say that nothing sound was found, and why: an abstention."""
    from ui.cli.screen import print_verdict

    if output.as_json:
        print(json.dumps({"advice": {"value": "abstain"}, "verdict": json.loads(verdict.model_dump_json())}, indent=2))
    else:
        print("No recommendation: nothing that was proposed passed the checks.")
        print_verdict(verdict)
    return 1


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
            f"Cannot write: {error.strerror}.", where="--export", allowed="a path that can be written"
        ) from error
