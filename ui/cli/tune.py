"""``tunegraph tune``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ui.request import Request

if TYPE_CHECKING:
    import optuna

    from recommender.proposal import Proposal


def tune_command(
    data: str,
    target: str | None,
    request: Request,
    as_json: bool,
    proposal_file: Path | None,
    storage: str | None,
    study_name: str | None,
    home: Path | None,
) -> int:
    """Recommend (or take the proposal given), run the study, print what it found. Returns the exit code.

    Raises:
        InputError: The options, the table or the proposal cannot be used.
    """
    from recommender.objective import objective_for
    from recommender.proposal import Proposal
    from recommender.tuning import configure_study, optimise
    from ui.cli.files import read_text
    from ui.cli.screen import print_verdict, progress_on
    from ui.compose import Settings, Tunegraph

    tunegraph = Tunegraph(Settings.from_environment(home))
    with progress_on(sys.stderr) as progress:
        progress(f"Reading {data}")
        table, task = tunegraph.read(data, target, request)
        if proposal_file is not None:
            proposal = Proposal.from_json(read_text(proposal_file))
        else:
            found = tunegraph.recommend(task, request, table=table, progress=progress)
            if found.proposal is None:
                print_verdict(found.verdict)
                return 1
            proposal = found.proposal
        study = configure_study(proposal, storage=storage, study_name=study_name, seed=request.seed)
        objective = objective_for(table, None, proposal)
        optimise(study, objective, proposal, progress=progress)
    return _print_result(study, proposal, as_json)


def _print_result(study: optuna.Study, proposal: Proposal, as_json: bool) -> int:
    from recommender.tuning import result_of

    result = result_of(study, proposal)
    if as_json:
        print(json.dumps(result, indent=2))
        return 0 if result["best_score"] is not None else 1
    if result["best_score"] is None:
        print(f"No trial succeeded: {result['stop_reason']}")
        return 1
    print(f"Best {result['metric']}: {result['best_score']:.5g} (trial {result['best_trial']} of {result['n_trials']})")
    print(f"Stopped because: {result['stop_reason']}")
    for name, value in result["best_configuration"].items():
        print(f"  {name} = {value!r}")
    return 0
