"""Make an own study evidence: the next recommendation for a like table rests on it, and cites it."""

from pathlib import Path

import pandas as pd

from tunegraph import Tunegraph, autoconfigure, learn_from, objective_for, recommend

frame = pd.read_csv(Path(__file__).parent / "data" / "breast_cancer.csv")

study = autoconfigure(frame, "diagnosis", learner="decision_tree", n_trials=20, test_run=False, study_name="tumours")
study.optimize(objective_for(frame, "diagnosis", study), n_trials=20)

# Writes to the graph on this machine; nothing leaves it.
(learnt,) = learn_from(study).sources
print(f"Learnt from {learnt.source}: {learnt.added} items")

proposal = recommend(frame, "diagnosis", learner="decision_tree", test_run=False)

graph = Tunegraph().store
for field in ("warm_starts", "search_space", "prediction"):
    cited = [graph.get(iri) for iri in getattr(proposal, field).citations]
    own = [item for item in cited if item.provenance.source == learnt.source]
    print(f"{field}: {len(cited)} citations, {len(own)} of them of the own study")

# `tunegraph forget 'study:tumours*'` takes it out again, completely.
