"""``tunegraph tune``."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kg.errors import InputError
from ui.request import Request

if TYPE_CHECKING:
    import optuna

    from ingest.report import IngestReport
    from kg.tables import Table
    from recommender.proposal import Proposal
    from recommender.task import TuningTask
    from recommender.validation.loop import Validated
    from recommender.validation.verdict import Verdict
    from ui.compose import Progress, Tunegraph


@dataclass(frozen=True)
class Shared:
    """Where the study is kept, and whether anything is learnt from it."""

    storage: str | None = None
    """URL. None: in memory."""
    name: str | None = None
    """None: Optuna makes one up."""
    learn: bool = False


def tune_command(
    data: str,
    target: str | None,
    request: Request,
    as_json: bool,
    proposal_file: Path | None,
    shared: Shared,
    home: Path | None,
) -> int:
    """Recommend (or take the proposal given), run the study, print what it found. Returns the exit code.

    Raises:
        InputError: The options, the table or the proposal cannot be used.
    """
    from recommender.tuning import objective_for, optimise, proposal_of
    from recommender.validation.verdict import Verdict
    from ui.cli.screen import progress_on, refuse
    from ui.compose import Settings, Tunegraph

    learned = None
    with progress_on(sys.stderr) as progress:
        tunegraph = Tunegraph(Settings.from_environment(home), progress=progress)
        if proposal_file is None:
            table, study = _recommended(data, target, request, shared, tunegraph, progress)
        else:
            table, found = _given(proposal_file, data, target, request, tunegraph, progress)
            study = _study_of(found, request, shared, tunegraph)
        if not isinstance(study, Verdict):
            proposal = proposal_of(study)
            several = request.n_workers if request.n_workers > 1 else None
            optimise(study, objective_for(table, None, proposal), proposal, progress=progress, n_workers=several)
            learned = tunegraph.learn_from(study, progress=progress) if shared.learn else None
    if isinstance(study, Verdict):
        return refuse(study, as_json=as_json)
    return _print_result(study, proposal, learned, as_json)


def _recommended(
    data: str, target: str | None, request: Request, shared: Shared, tunegraph: Tunegraph, progress: Progress
) -> tuple[Table, optuna.Study | Verdict]:
    """Return the table, and its study: what another worker has begun, or else what is recommended now."""
    progress(f"Reading {data}")
    table, task = tunegraph.read(data, target, request)
    if (study := _joined(task, request, shared, tunegraph)) is not None:
        progress(f"Joining the study {study.study_name!r}")
        return table, study
    found = tunegraph.recommend(task, request, table=table, progress=progress)
    try:
        return table, _study_of(found, request, shared, tunegraph)
    except InputError:
        # Another worker may have begun the study meanwhile.
        if (study := _joined(task, request, shared, tunegraph)) is None:
            raise
        return table, study


def _joined(task: TuningTask, request: Request, shared: Shared, tunegraph: Tunegraph) -> optuna.Study | None:
    if shared.storage is None or shared.name is None:
        return None
    return tunegraph.joined_study(task, storage=shared.storage, study_name=shared.name, seed=request.seed)


def _study_of(found: Validated, request: Request, shared: Shared, tunegraph: Tunegraph) -> optuna.Study | Verdict:
    """Return the study, or the verdict where there is nothing to run."""
    if found.proposal is None:
        return found.verdict
    return tunegraph.study(found.proposal, storage=shared.storage, study_name=shared.name, seed=request.seed)


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


def _print_result(study: optuna.Study, proposal: Proposal, learned: IngestReport | None, as_json: bool) -> int:
    from recommender.tuning import result_of

    result = result_of(study, proposal)
    if as_json:
        if learned is not None:
            result["learned"] = learned.model_dump(mode="json")
        print(json.dumps(result, indent=2))
        return 0 if result["best_score"] is not None else 1
    _print_found(result)
    if learned is not None:
        print(learned.to_text())
    return 0 if result["best_score"] is not None else 1


def _print_found(result: Mapping[str, Any]) -> None:
    from ui.view import value_text

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
