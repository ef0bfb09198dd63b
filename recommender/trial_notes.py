"""Names of the user attributes in which a study's trials say what they are and what came of them."""

from __future__ import annotations

#: Why a trial failed; its whole configuration, with what is fixed; the score of each fold.
REASON, CONFIGURATION, FOLD_SCORES = "tunegraph:reason", "tunegraph:configuration", "tunegraph:fold_scores"
#: Processor seconds of its fits.
CPU_SECONDS = "tunegraph:cpu_seconds"
#: Of a trial that was no trial of its own (a test run, the first rounds of another's fits): what it was, what its folds
#: took, and that it is beside the budget.
ORIGIN, SECONDS, EXTRA = "tunegraph:origin", "tunegraph:seconds", "tunegraph:beside_budget"
#: Of a trial that was ended for its time: the seconds that it was allowed.
ALLOWED_S = "tunegraph:allowed_s"
#: Of a trial that was enqueued: the evidence that it is tried on, and why, for people.
CITATIONS, RATIONALE = "tunegraph:citations", "tunegraph:rationale"
#: Of a failed trial: it says nothing of its configuration, for its worker died or came too late.
LOST = "tunegraph:lost"
#: Of a trial whose ensembles do better with fewer rounds: the score with these.
EARLIER = "tunegraph:score_with_fewer_rounds"
#: Of a trial that is the first rounds of another one's ensembles: the number of that one, which paid for it.
PART_OF = "tunegraph:part_of"
