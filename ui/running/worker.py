"""The process that runs a study: ``python -m ui.running.worker FOLDER``. It needs no graph and no page.

It ends when the budget is spent, a rule says stop, or the file ``stop`` is in the folder; and says how in
``ended.json``. Whatever kills it leaves a study that the next process goes on with.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import TunegraphError
from recommender.workers import Liveness
from ui.running.record import ENDED, PROPOSAL, STOP, STOPPED, STORAGE, Ended, StudyRecord, record_in, write

if TYPE_CHECKING:
    import optuna

#: Nobody else runs trials of the study, so that one which is not heard of is soon known to be lost.
LIVENESS = Liveness(beat_s=2.0, grace_s=15.0, silent_grace_s=30.0)


def storage_url(folder: Path) -> str:
    """Return the URL of the storage of the study in `folder`."""
    return f"sqlite:///{folder / STORAGE}"


def main(arguments: Sequence[str]) -> int:
    """Run the study in the folder given; return the exit code."""
    folder = Path(arguments[0])
    record = record_in(folder)
    if record is None:
        return 2
    try:
        reason, problem = run(folder, record), ""
    except (TunegraphError, MemoryError) as error:
        reason, problem = "", str(error) or type(error).__name__
    write(folder / ENDED, Ended(pid=os.getpid(), reason=reason, problem=problem))
    return 1 if problem else 0


def run(folder: Path, record: StudyRecord) -> str:
    """Run the study until it stops; return why it did.

    Raises:
        TunegraphError: The table, the proposal or the storage cannot be used.
    """
    from kg.tables import prepare_table
    from recommender.proposal import Proposal
    from recommender.studies import STOP_REASON, configure_study
    from recommender.tuning import objective_for, optimise

    proposal = Proposal.from_json((folder / PROPOSAL).read_text(encoding="utf-8"))
    study = configure_study(proposal, storage=storage_url(folder), study_name=record.name, seed=record.seed)
    table = prepare_table(folder / record.table, record.target, proposal.task.task_type)
    objective = objective_for(table, None, proposal)
    optimise(study, objective, proposal, progress=_stopping(study, folder / STOP), liveness=LIVENESS)
    return str(study.user_attrs.get(STOP_REASON, ""))


def _stopping(study: optuna.Study, asked: Path) -> Callable[[str], None]:
    """Return what is told after each trial: it stops the study where a person asked for it."""
    from recommender.studies import STOP_REASON

    def told(_: str) -> None:
        if asked.exists() and not study.user_attrs.get(STOP_REASON):
            study.set_user_attr(STOP_REASON, STOPPED)
            study.stop()

    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
