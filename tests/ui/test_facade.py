"""What a Python program calls."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import tunegraph
from kg.errors import EvidenceError, InputError, TableError
from recommender.tuning import proposal_of
from tunegraph import Proposal, Request, autoconfigure, objective_for, recommend


@pytest.fixture(scope="module")
def frame(table: Path) -> pd.DataFrame:
    return pd.read_csv(table)


def test_a_study_is_ready_to_run_in_one_call(frame: pd.DataFrame, starter_home: Path) -> None:
    study = autoconfigure(frame, "diagnosis", home=starter_home, learner="decision_tree", time_s=60, test_run=False)
    study.optimize(objective_for(frame, "diagnosis", study), n_trials=2)
    assert study.best_value > 0.5
    assert proposal_of(study).learner.value == "decision_tree"


def test_a_proposal_is_recommended_for_a_frame(frame: pd.DataFrame, starter_home: Path) -> None:
    told: list[str] = []
    found = recommend(
        frame, "diagnosis", home=starter_home, progress=told.append, learner="decision_tree", test_run=False
    )
    assert isinstance(found, Proposal)
    assert found.verdict is not None
    assert found.verdict.may_be_shown
    assert "Composing from the graph" in told


def test_the_objective_takes_a_proposal_too(frame: pd.DataFrame, proposal: Proposal, starter_home: Path) -> None:
    study = tunegraph.configure_study(proposal, seed=0)
    study.optimize(objective_for(frame, "diagnosis", proposal), n_trials=1)
    assert len(study.trials[0].user_attrs) > 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"metric": "rmse"}, "'rmse' is for regression"),
        ({"metric": "happiness"}, "There is no metric 'happiness'"),
        ({"learner": "oracle"}, "There is no learner 'oracle'"),
        ({"time_s": -1}, "time_s: -1 cannot be used"),
        ({"trials": 5}, "There is no option 'trials'"),
    ],
)
def test_bad_options_are_refused_before_the_graph_is_made(
    options: dict[str, object], message: str, frame: pd.DataFrame, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as error:
        recommend(frame, "diagnosis", home=tmp_path / "home", **options)
    assert message in str(error.value)
    assert not (tmp_path / "home").exists()


def test_infinite_values_are_refused_by_column(frame: pd.DataFrame, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="Infinite values in: 'mean_radius'"):
        recommend(frame.assign(mean_radius=np.inf), "diagnosis", home=tmp_path)


def test_a_learner_that_cannot_be_run_here_is_no_recommendation(frame: pd.DataFrame, starter_home: Path) -> None:
    with pytest.raises(EvidenceError, match="known by its evidence only"):
        recommend(frame, "diagnosis", home=starter_home, learner="rpart", test_run=False)


def test_the_front_door_opens_what_it_names() -> None:
    assert Request(n_trials=3).n_trials == 3
    assert all(getattr(tunegraph, name) is not None for name in tunegraph.__all__)
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = tunegraph.nothing


def test_importing_the_front_door_loads_nothing_heavy() -> None:
    code = "import sys, tunegraph; print([m for m in ('numpy', 'pandas', 'optuna', 'sklearn') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
