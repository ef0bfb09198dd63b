"""Get an Optuna study that is ready to run, and run it within the budget that was recommended."""

from pathlib import Path

import pandas as pd

from tunegraph import autoconfigure, objective_for, optimise, proposal_of

frame = pd.read_csv(Path(__file__).parent / "data" / "breast_cancer.csv")

study = autoconfigure(frame, "diagnosis", learner="decision_tree", n_trials=10, time_s=60, test_run_seconds=2)
objective = objective_for(frame, "diagnosis", study)

# Plain Optuna from here on. Warm starts come first:
study.optimize(objective, n_trials=3)

# Or let the proposal say when to stop: its budget and its termination rules.
optimise(study, objective, proposal_of(study))

print(f"Best accuracy {study.best_value:.4f} of {len(study.trials)} trials, with {study.best_params}")
print(f"Stopped because: {study.user_attrs['tunegraph:stop_reason']}")
