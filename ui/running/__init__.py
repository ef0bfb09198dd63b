"""Studies that run on their own: a process each, that outlives the page, the session and the server that began it.

    studies = Studies(home)
    record = studies.start(proposal, table, tunegraph=tunegraph)
    studies.status(record.name).state          # running
    progress_of(studies.study(record.name), proposal)

All that is known of a study is in ``<home>/studies/<name>/``: the table, the proposal, Optuna's storage, and the notes
of who runs it. So any page of this home finds it again, and taking the folder away takes all of it away.
"""

from ui.running.record import State, Status, StudyRecord
from ui.running.studies import Studies
from ui.running.watching import Point, Progress, progress_of

__all__ = ["Point", "Progress", "State", "Status", "Studies", "StudyRecord", "progress_of"]
