"""Workers of a shared study, as a program: ``shared_study.py PROPOSAL URL NAME LOG SECONDS-OF-A-TRIAL WORKERS``.

Each is a process of its own, forked when all is imported, so that they are at it at the same moment. They write a line
to LOG before and after each trial: the process, the trial's number, and what it tries. Prints how they ended.
"""

import json
import os
import sys
import time
from pathlib import Path

import optuna

from recommender.proposal import Proposal
from recommender.spaces import suggest
from recommender.storage import open_storage
from recommender.tuning import configure_study, optimise
from recommender.workers import Liveness

LIVENESS = Liveness(beat_s=0.2, grace_s=3.0, poll_s=0.1)


def work(proposal: Proposal, url: str, name: str, log: Path, seconds: float) -> None:
    def tell(event: str, trial: optuna.Trial) -> None:
        with log.open("a") as file:
            file.write(json.dumps([event, os.getpid(), trial.number, trial.params]) + "\n")

    def objective(trial: optuna.Trial) -> float:
        point = suggest(trial, proposal.search_space.value)
        tell("begun", trial)
        time.sleep(seconds)
        tell("done", trial)
        return float(point["max_depth"]) / 16

    study = configure_study(proposal, storage=url, study_name=name)
    optimise(study, objective, proposal, liveness=LIVENESS)


def main(path: str, url: str, name: str, log: str, seconds: str, n_workers: str) -> None:
    proposal = Proposal.from_json(Path(path).read_text())
    open_storage("sqlite://")  # loads what a database needs
    children = []
    for _ in range(int(n_workers)):
        if (child := os.fork()) == 0:
            work(proposal, url, name, Path(log), float(seconds))
            os._exit(0)
        children.append(child)
    json.dump([os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children], sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
