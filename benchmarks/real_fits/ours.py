"""Tunegraph as a contestant, and Optuna's TPE in the wide space of the learner's library with the same objective.

``python -m benchmarks.real_fits.ours FOLDER tunegraph|tpe_wide SECONDS SEED THREADS [HOME]``: files as for `peers`.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any, cast

import numpy as np
import optuna
import pandas as pd

from benchmarks.llm.held_out import HeldOut
from kg.learners.registry import learner_named
from kg.model import Configuration, Dataset, Iri, TaskType
from kg.store import KnowledgeStore
from kg.tables import Table, prepare_table
from recommender.defaults import default_values
from recommender.objective import objective_for
from recommender.pipeline import build_pipeline
from recommender.proposal import Budget, Proposal, Sampler, Termination, WallClock
from recommender.scoring import class_probabilities
from recommender.task import Constraints, TuningTask
from recommender.trial_notes import CONFIGURATION
from recommender.tuning import configure_study, optimise, result_of
from ui.compose import Settings, Tunegraph
from ui.request import Request

#: Most seconds, and share of all, that the gate's test runs may take.
TEST_RUN_SECONDS, TEST_RUN_SHARE = 15.0, 0.25
#: What TPE tunes where nothing is known: the boosting that most people begin with.
WIDE_LEARNER = "xgboost"


def main(folder: str, contestant: str, seconds: str, seed: str, threads: str, home: str = "") -> None:
    place = Path(folder)
    about = json.loads((place / "about.json").read_text())
    text = dict.fromkeys(about["categories"], str)
    train, test = (pd.read_csv(place / f"{name}.csv", dtype=text) for name in ("train", "test"))
    table, unseen = _tables(train, test, about)
    started = time.monotonic()
    tuned = {"tunegraph": tunegraph, "tpe_wide": tpe_wide}[contestant]
    proposal, study = tuned(table, about, float(seconds), int(seed), int(threads), Path(home))
    model = _refitted(table, proposal, study, int(threads))
    spent = time.monotonic() - started
    predicted = model.predict(unseen) if about["task_type"] == "regression" else None
    if predicted is None:
        predicted = class_probabilities(model, unseen, about["n_classes"])
    pd.DataFrame(np.asarray(predicted)).to_csv(place / f"{contestant}.csv", header=False, index=False)
    found = result_of(study, proposal)
    chosen = {
        "learner": proposal.learner.value,
        "configuration": found["best_configuration"],
        "n_trials": found["n_trials"],
        "stop_reason": found["stop_reason"],
        "nearest": [proposal.neighbours[0].name, proposal.neighbours[0].distance] if proposal.neighbours else None,
    }
    (place / f"{contestant}.json").write_text(json.dumps({"seconds": spent, "chosen": json.dumps(chosen)}))


def tunegraph(
    table: Table, about: Any, seconds: float, seed: int, threads: int, home: Path
) -> tuple[Proposal, optuna.Study]:
    """Recommend and tune, the table's own data set left out of the graph.

    What reading the graph and the test runs take is taken off the study's time.
    """
    began = time.monotonic()
    recommender = Tunegraph(Settings(home=home))
    gone = same_data_set(about["name"], recommender.store.datasets())
    recommender.store = cast("KnowledgeStore", HeldOut(recommender.store, gone))
    request = Request(
        metric=about["metric"],
        time_s=seconds,
        seed=seed,
        test_run_seconds=min(TEST_RUN_SECONDS, TEST_RUN_SHARE * seconds),
        task_type=table.task_type,
    )
    _, task = recommender.read(table.frame, table.target_name, request)
    found = recommender.recommend(task, request, table=table)
    if found.proposal is None:
        raise SystemExit(f"nothing passed the gate: {found.verdict.outcome}")
    proposal = _within(found.proposal, seconds - (time.monotonic() - began))
    study = recommender.study(proposal, seed=seed)
    optimise(study, objective_for(table, None, proposal, n_threads=threads), proposal)
    return proposal, study


def same_data_set(name: str, datasets: Iterable[Dataset]) -> frozenset[Iri]:
    """Return the data sets that have the name of a table, in whatever letters, versions and other names included."""
    named = [one for one in datasets if _letters(one.name) == _letters(name)]
    return frozenset(iri for one in named for iri in (one.iri, *one.same_as))


def _letters(name: str) -> str:
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def tpe_wide(
    table: Table, about: Any, seconds: float, seed: int, threads: int, home: Path
) -> tuple[Proposal, optuna.Study]:
    """Optuna's TPE as it comes, in all that the library lets one search, for all of the time."""
    del home
    spec = learner_named(WIDE_LEARNER)
    task = TuningTask(
        task_type=table.task_type,
        metric=about["metric"],
        n_rows=table.n_rows,
        n_columns=len(table.usable),
        constraints=Constraints(wall_clock_s=seconds),
        seed=seed,
    )
    space = spec.space(table.task_type)
    budget = Budget(n_trials=100_000, wall_clock_s=seconds, per_trial_s=seconds, binding="wall_clock_s")
    values = {
        **default_values(spec, task),
        "sampler": Sampler(name="tpe", n_startup_trials=10, multivariate=False),
        "warm_starts": (),
        "search_space": space,
        "budget": budget,
        "termination": Termination(rules=(WallClock(seconds=seconds),)),
    }
    proposal = Proposal.model_validate({"task": task, **{name: {"value": value} for name, value in values.items()}})
    study = configure_study(proposal, seed=seed)
    optimise(study, objective_for(table, None, proposal, n_threads=threads), proposal)
    return proposal, study


def _within(proposal: Proposal, seconds: float) -> Proposal:
    """Return the proposal with what is left of the time."""
    budget = proposal.budget.value.replace(wall_clock_s=max(1.0, seconds))
    return proposal.replace(budget=proposal.budget.replace(value=budget))


def _tables(train: pd.DataFrame, test: pd.DataFrame, about: Any) -> tuple[Table, pd.DataFrame]:
    """Return the table to learn from and the features to predict, columns of the same kinds."""
    whole = prepare_table(pd.concat([train, test.assign(target=train["target"].iloc[0])]), "target", about["task_type"])
    head = replace(whole, features=whole.features.iloc[: len(train)], target=whole.target.iloc[: len(train)])
    return head, whole.features.iloc[len(train) :]


def _refitted(table: Table, proposal: Proposal, study: optuna.Study, threads: int) -> Any:
    """Return the best configuration, fitted on all training rows; the library's default where no trial succeeded."""
    complete = [trial for trial in study.trials if trial.state is optuna.trial.TrialState.COMPLETE]
    configuration = study.best_trial.user_attrs[CONFIGURATION] if complete else {}
    model = build_pipeline(
        learner_named(proposal.learner.value),
        table.task_type,
        table.kinds,
        Configuration(configuration),
        seed=proposal.task.seed,
        n_threads=threads,
        probabilities=table.task_type is TaskType.CLASSIFICATION,
    )
    return model.fit(table.features, table.encoded_target)


if __name__ == "__main__":
    main(*sys.argv[1:])
