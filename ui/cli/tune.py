"""``tunegraph tune``."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from ui.request import Request

if TYPE_CHECKING:
    import optuna

    from kg.tables import Table
    from recommender.proposal import Proposal
    from recommender.validation.loop import Validated
    from ui.compose import Progress, Tunegraph


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
    from recommender.tuning import objective_for, optimise
    from ui.cli.screen import progress_on, refuse
    from ui.compose import Settings, Tunegraph

    with progress_on(sys.stderr) as progress:
        tunegraph = Tunegraph(Settings.from_environment(home), progress=progress)
        if proposal_file is None:
            progress(f"Reading {data}")
            table, task = tunegraph.read(data, target, request)
            found = tunegraph.recommend(task, request, table=table, progress=progress)
        else:
            table, found = _given(proposal_file, data, target, request, tunegraph, progress)
        if found.proposal is not None:
            study = tunegraph.study(found.proposal, storage=storage, study_name=study_name, seed=request.seed)
            optimise(study, objective_for(table, None, found.proposal), found.proposal, progress=progress)
    if found.proposal is None:
        return refuse(found.verdict, as_json=as_json)
    return _print_result(study, found.proposal, as_json)


def _given(
    path: Path, data: str, target: str | None, request: Request, tunegraph: Tunegraph, progress: Progress
) -> tuple[Table, Validated]:
    """Return the table and the proposal in `path`, if it fits that table and this installation; nothing is fitted.

    Its values need not follow from the evidence: who gives a proposal may have changed it, and answers for that.
    A proposal that passes stays as it was written, so that its study can be gone on with under the same name.
    """
    from recommender.validation.loop import Validated
    from recommender.validation.verdict import Outcome
    from ui.cli.files import read_draft, read_proposal, target_in

    text, draft = read_draft(path)
    given = read_proposal(path)
    progress(f"Reading {data}")
    table = tunegraph.read_table(data, target or target_in(draft), request)
    unfitted = request.replace(test_run=False)
    judged, verdict = tunegraph.judge(text, table=table, request=unfitted, progress=progress, grounded=False)
    if not verdict.may_be_shown or judged is None:
        return table, Validated(None, verdict)
    # The new verdict holds seconds, and these differ from one run to the next.
    kept = given if verdict.outcome is Outcome.PASS else judged.replace(verdict=given.verdict)
    return table, Validated(kept, verdict)


def _print_result(study: optuna.Study, proposal: Proposal, as_json: bool) -> int:
    from recommender.tuning import result_of
    from ui.view import value_text

    result = result_of(study, proposal)
    if as_json:
        print(json.dumps(result, indent=2))
        return 0 if result["best_score"] is not None else 1
    if result["best_score"] is None:
        print(f"No trial of {result['n_trials']} succeeded: {result['stop_reason']}")
    else:
        best, metric = result["best_score"], result["metric"]
        print(f"Best {metric}: {best:.5g} (trial {result['best_trial'] + 1} of {result['n_trials']})")
        for name, value in result["best_configuration"].items():
            print(f"  {name} = {value_text(value)}")
        print(f"Stopped because: {result['stop_reason']}")
    for kind, number in (("pruned", result["n_pruned"]), ("failed", result["n_failed"])):
        if number:
            print(f"Trials {kind}: {number}")
    for reason, number in result["failures"].items():
        print(f"  {number} x {reason}")
    return 0 if result["best_score"] is not None else 1
