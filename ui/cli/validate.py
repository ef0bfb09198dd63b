"""``tunegraph validate``."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from ui.request import Request


def validate_command(
    path: Path, data: str | None, target: str | None, request: Request, *, as_json: bool, home: Path | None
) -> int:
    """Judge a proposal and print the verdict. Returns 0 where it may be shown, 1 where not.

    Raises:
        InputError: The file cannot be read or is no JSON object, the table cannot be used, or a target has none.
    """
    from ui.cli.files import check_target, read_draft, target_in
    from ui.cli.screen import print_verdict, progress_on
    from ui.compose import Settings, Tunegraph

    check_target(target, data)
    text, draft = read_draft(path)
    table = None
    with progress_on(sys.stderr) as progress:
        tunegraph = Tunegraph(Settings.from_environment(home), progress=progress)
        if data is not None:
            progress(f"Reading {data}")
            table = tunegraph.read_table(data, target or target_in(draft), request)
        proposal, verdict = tunegraph.judge(text, table=table, request=request, progress=progress)
    if as_json:
        shown = None if proposal is None else json.loads(proposal.to_json())
        print(json.dumps({"verdict": json.loads(verdict.model_dump_json()), "proposal": shown}, indent=2))
    else:
        print_verdict(verdict)
    return 0 if verdict.may_be_shown else 1
