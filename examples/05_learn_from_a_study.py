"""Make any study of yours evidence: the next recommendation for a like table rests on it, and cites it."""

from pathlib import Path

import optuna
import pandas as pd
from sklearn.model_selection import cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from tunegraph import Tunegraph, learn_from, recommend

frame = pd.read_csv(Path(__file__).parent / "data" / "breast_cancer.csv")
features, target = frame.drop(columns="diagnosis"), frame["diagnosis"]


def objective(trial: optuna.Trial) -> float:
    """Score a support vector machine."""
    model = SVC(C=trial.suggest_float("C", 1e-3, 1e3, log=True), gamma=trial.suggest_float("gamma", 1e-5, 1, log=True))
    return cross_val_score(make_pipeline(StandardScaler(), model), features, target, cv=3).mean()


study = optuna.create_study(direction="maximize", study_name="tumours", sampler=optuna.samplers.RandomSampler(seed=0))
study.optimize(objective, n_trials=20)

# Writes to the graph on this machine; nothing leaves it. `tunegraph forget 'study:tumours*'` takes it out again.
(learnt,) = learn_from(study, data=frame, target="diagnosis", learner="svm", metric="accuracy").sources
print(f"Learnt from {learnt.source}: {learnt.added} runs")

proposal = recommend(frame, "diagnosis", learner="svm", test_run=False)
graph = Tunegraph().store
for field in ("warm_starts", "search_space", "prediction"):
    cited = [graph.get(iri) for iri in getattr(proposal, field).citations]
    own = [item for item in cited if item.provenance.source == learnt.source]
    print(f"{field}: {len(cited)} citations, {len(own)} of them of the own study")
