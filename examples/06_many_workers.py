"""Share one study among many workers: here processes that Dask starts, and a journal file that all of them can see."""

import tempfile
from pathlib import Path

from dask.distributed import Client, LocalCluster  # pip install '.[distributed]'

from tunegraph import Proposal, autoconfigure, configure_study, objective_for, optimise, proposal_of

TABLE, TARGET, NAME = Path(__file__).parent / "data" / "breast_cancer.csv", "diagnosis", "tumours"


def work(text: str, storage: str) -> int:
    """Run trials until the budget that all workers share is spent; return how many this one ran."""
    proposal = Proposal.from_json(text)
    study = configure_study(proposal, storage=storage, study_name=NAME)
    told: list[str] = []
    optimise(study, objective_for(TABLE, TARGET, proposal), proposal, n_workers=1, progress=told.append)
    return len(told)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        storage = f"journal:///{folder}/study.log"  # on several machines: postgresql+psycopg://user@host/studies
        options = {"learner": "decision_tree", "n_trials": 12, "n_workers": 2, "test_run": False}
        study = autoconfigure(TABLE, TARGET, storage=storage, study_name=NAME, **options)
        proposal = proposal_of(study).to_json()
        with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as dask, Client(dask) as client:
            futures = [client.submit(work, proposal, storage, pure=False) for _ in range(2)]
            print(f"Trials a worker: {client.gather(futures)}")
        print(f"Best accuracy {study.best_value:.4f} of {len(study.trials)} trials")
