"""The child's side of a test run, without a process: what it fits, what it refuses, and what it says of it."""

import errno
import os
import pickle
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from recommender.validation import trial_runner
from recommender.validation.jobs import DUMMY, SAMPLE_FILE, Sample
from recommender.validation.trial_runner import Runner

HERE = "tests.recommender.validation.hostile"


def sample(rows=60, **changes):
    rng = np.random.default_rng(0)
    fields = {
        "features": pd.DataFrame(rng.normal(size=(rows, 2)), columns=list("ab")),
        "target": np.arange(rows) % 2,
        "order": np.arange(rows)[::-1].copy(),
        "column_kinds": {"a": "numeric", "b": "numeric"},
        "task_type": "classification",
        "metric": "accuracy",
        "n_classes": 2,
    }
    return Sample(**{**fields, **changes})


@pytest.fixture
def run(monkeypatch):
    """Return a function that runs a job and gives what was said of it."""
    monkeypatch.setattr(trial_runner, "_cap_processor", lambda _: None)

    def given(data, learner=DUMMY, allowed=(), **changes):
        said = []
        job = {"id": 1, "learner": learner, "configuration": {}, "rows": 60, "folds": 3, "limit_s": 5.0, "seed": 0}
        Runner(data, said.append, allowed=frozenset(allowed)).run({**job, "train_fraction": 1.0, **changes})
        return said

    return given


class TestJobs:
    def test_are_told_fold_by_fold_and_then_done(self, run):
        *folds, end = run(sample())
        assert [fold["fold"] for fold in folds] == [0, 1, 2]
        assert all(0.3 <= fold["score"] <= 0.7 and fold["seconds"] > 0 for fold in folds)
        assert end == {"id": 1, "end": "done"}

    def test_of_a_constant_regression_predict_the_mean(self, run):
        data = sample(task_type="regression", metric="rmse", target=np.arange(60.0), n_classes=0)
        assert all(said["score"] > 10 for said in run(data)[:-1])

    def test_whose_score_is_no_number_are_an_error(self, run, monkeypatch):
        monkeypatch.setattr("recommender.scoring.score", lambda *_: float("nan"))
        (end,) = run(sample())
        assert (end["end"], end["detail"]) == ("error", "ValueError: the score of fold 0 is nan")

    @pytest.mark.parametrize(
        ("error", "end"),
        [
            (MemoryError("no more"), "memory"),
            (ImportError("_forest.so: failed to map segment from shared object"), "memory"),
            (OSError(errno.ENOMEM, os.strerror(errno.ENOMEM)), "memory"),
            (RuntimeError("std::bad_alloc"), "memory"),
            (ImportError("No module named 'xgboost'"), "error"),
        ],
    )
    def test_without_memory_are_told_as_such(self, run, monkeypatch, error, end):
        def score(*_):
            raise error

        monkeypatch.setattr("recommender.scoring.score", score)
        assert [said["end"] for said in run(sample())] == [end]

    def test_name_a_learner_of_the_registry_or_what_was_allowed_at_the_start(self, run):
        path = f"{HERE}:harmless"
        assert run(sample(), path, allowed=[path])[-1]["end"] == "done"
        (end,) = run(sample(), path, allowed=[f"{HERE}:endless"])
        assert end["detail"] == f"ValueError: '{path}' is no learner of the registry"
        assert run(sample(), "decision_tree")[-1]["end"] == "done"


def folds(data, **changes):
    """Return the rows of each training and test fold."""
    job = {"rows": 60, "folds": 3, "seed": 0, "train_fraction": 1.0, **changes}
    return [(set(train), set(test)) for train, test in Runner(data, lambda _: None)._folds(job)]


class TestRows:
    def test_of_a_part_are_the_first_of_the_order(self):
        for train, test in folds(sample(), rows=30):
            assert train | test == set(range(30, 60))
            assert not train & test

    def test_of_all_are_all(self):
        assert all(train | test == set(range(60)) for train, test in folds(sample(), rows=1000))

    def test_of_a_fold_are_cut_to_the_fraction_and_hold_every_class(self):
        rare = sample(target=np.array([0] * 57 + [1] * 3))
        for train, test in folds(rare, train_fraction=0.1):
            assert 4 <= len(train) <= 5
            assert len(test) == 20
            assert {rare.target[row] for row in train} == {0, 1}

    def test_of_many_small_classes_are_shared_out_without_strata(self):
        crowd = sample(target=np.repeat(np.arange(30), 2), n_classes=30)
        found = folds(crowd)
        assert [len(test) for _, test in found] == [20, 20, 20]
        assert all(train | test == set(range(60)) and not train & test for train, test in found)

    def test_of_a_regression_are_cut_with_no_thought_of_classes(self):
        numbers = sample(task_type="regression", metric="rmse", target=np.arange(60.0), n_classes=0)
        assert all(len(train) == 4 for train, _ in folds(numbers, train_fraction=0.1))

    def test_of_the_whole_fraction_stay_in_their_order(self):
        job = {"rows": 30, "folds": 3, "seed": 0, "train_fraction": 1.0}
        for train, _ in Runner(sample(), lambda _: None)._folds(job):
            assert list(train) == sorted(train, reverse=True)

    def test_of_the_whole_fraction_are_all_of_the_fold(self):
        assert all(len(train) == 40 for train, _ in folds(sample()))


class TestSamples:
    def test_are_read_from_the_folder_of_the_process(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        (tmp_path / SAMPLE_FILE).write_bytes(pickle.dumps(sample()))
        assert trial_runner._load_sample().rows == 60

    def test_are_nothing_else(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        data = sample()
        other = SimpleNamespace(task_type=data.task_type, features=data.features, target=data.target)
        (tmp_path / SAMPLE_FILE).write_bytes(pickle.dumps(other))
        with pytest.raises(TypeError, match="holds a SimpleNamespace, not a Sample"):
            trial_runner._load_sample()
