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
class Given:
    """What is to be tuned on, and what to run if it is not asked for."""

    data: str
    """Path of the table."""
    target: str | None = None
    """The column to predict; None: as the proposal says, else as guessed."""
    proposal: Path | None = None
    """A proposal as JSON; None: one is recommended."""


@dataclass(frozen=True)
class Shared:
    """Where the study is kept, and whether anything is learnt from it."""

    storage: str | None = None
    """URL. None: in memory."""
    name: str | None = None
    """None: Optuna makes one up."""
    learn: bool = False


def tune_command(given: Given, request: Request, shared: Shared, *, as_json: bool, home: Path | None) -> int:
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
        table, study = _Start(tunegraph, request, shared, progress).of(given)
        if not isinstance(study, Verdict):
            proposal = proposal_of(study)
            several = request.n_workers if request.n_workers > 1 else None
            optimise(study, objective_for(table, None, proposal), proposal, progress=progress, n_workers=several)
            learned = tunegraph.learn_from(study, progress=progress) if shared.learn else None
    if isinstance(study, Verdict):
        return refuse(study, as_json=as_json)
    return _print_result(study, proposal, learned, as_json=as_json)


@dataclass(frozen=True)
class _Start:
    """How a study is come by."""

    tunegraph: Tunegraph
    request: Request
    shared: Shared
    progress: Progress

    def of(self, given: Given) -> tuple[Table, optuna.Study | Verdict]:
        """Return the table and its study, or the verdict where there is nothing to run."""
        if given.proposal is None:
            return self._recommended(given)
        table, found = self._judged(given.proposal, given)
        return table, self._study_of(found)

    def _recommended(self, given: Given) -> tuple[Table, optuna.Study | Verdict]:
        """Return the table, and its study: what another worker has begun, or else what is recommended now."""
        self.progress(f"Reading {given.data}")
        table, task = self.tunegraph.read(given.data, given.target, self.request)
        if (study := self._joined(task)) is not None:
            self.progress(f"Joining the study {study.study_name!r}")
            return table, study
        found = self.tunegraph.recommend(task, self.request, table=table, progress=self.progress)
        try:
            return table, self._study_of(found)
        except InputError:
            # Another worker may have begun the study meanwhile.
            if (study := self._joined(task)) is None:
                raise
            return table, study

    def _joined(self, task: TuningTask) -> optuna.Study | None:
        storage, name = self.shared.storage, self.shared.name
        if storage is None or name is None:
            return None
        return self.tunegraph.joined_study(task, storage=storage, study_name=name, seed=self.request.seed)

    def _study_of(self, found: Validated) -> optuna.Study | Verdict:
        if found.proposal is None:
            return found.verdict
        shared, seed = self.shared, self.request.seed
        return self.tunegraph.study(found.proposal, storage=shared.storage, study_name=shared.name, seed=seed)

    def _judged(self, path: Path, given: Given) -> tuple[Table, Validated]:
        """Return the table and the proposal in `path`, if it fits that table and this installation; nothing is fitted.

        Its values need not follow from the evidence: who gives a proposal may have changed it, and answers for that.
        A proposal that passes stays as it was written, so that its study can be gone on with under the same name.
        """
        from recommender.validation.loop import Validated
        from recommender.validation.verdict import Outcome
        from ui.cli.files import read_draft, read_proposal, target_in

        text, draft = read_draft(path)
        written = read_proposal(path)
        unfitted = self.request.replace(test_run=False)
        self.progress(f"Reading {given.data}")
        table = self.tunegraph.read_table(given.data, given.target or target_in(draft), unfitted)
        judged, verdict = self.tunegraph.judge(
            text, table=table, request=unfitted, progress=self.progress, grounded=False
        )
        if not verdict.may_be_shown or judged is None:
            return table, Validated(None, verdict)
        # The new verdict holds seconds, and these differ from one run to the next.
        kept = written if verdict.outcome is Outcome.PASS else judged.replace(verdict=written.verdict)
        return table, Validated(kept, verdict)


def _print_result(study: optuna.Study, proposal: Proposal, learned: IngestReport | None, *, as_json: bool) -> int:
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
        # Optuna's number, by which the study and its report know the trial: what waits has numbers, too.
        print(f"Best {metric}: {best:.5g} (trial number {result['best_trial']}; {result['n_trials']} were run)")
        for name, value in result["best_configuration"].items():
            print(f"  {name} = {value_text(value)}")
        print(f"Stopped because: {result['stop_reason']}")
    for kind, number in (("pruned", result["n_pruned"]), ("failed", result["n_failed"])):
        if number:
            print(f"Trials {kind}: {number}")
    for reason, number in result["failures"].items():
        print(f"  {number} x {reason}")
