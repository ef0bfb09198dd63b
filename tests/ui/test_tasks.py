"""What is asked, and what is known of the data, become the task that is tuned."""

import pytest

from kg.errors import InputError
from kg.model import MetaFeatures, TaskType
from kg.tables import prepare_table
from ui.request import Request
from ui.tasks import class_counts, described_task, task_of

QUALITIES = {"NumberOfInstances": 1000, "NumberOfFeatures": 9, "NumberOfClasses": 3}


def test_a_description_without_rows_of_a_table_is_a_task():
    task = task_of(QUALITIES, Request(time_s=60, n_trials=20, learner="rf"))
    assert (task.task_type, task.n_rows, task.n_columns, task.n_classes) == (TaskType.CLASSIFICATION, 1000, 8, 3)
    assert (task.constraints.wall_clock_s, task.constraints.n_trials) == (60, 20)
    assert task.constraints.learners == ("random_forest",)


def test_rare_classes_of_a_description_choose_the_metric():
    rare = task_of({**QUALITIES, "NumberOfClasses": 2, "MinorityClassPercentage": 3}, Request())
    even = task_of({**QUALITIES, "NumberOfClasses": 2, "MinorityClassPercentage": 48}, Request())
    assert rare.metric != even.metric
    assert rare.metric_reason != even.metric_reason


def test_classes_of_unknown_shares_are_taken_for_equally_frequent():
    assert class_counts(MetaFeatures({"NumberOfInstances": 90, "NumberOfClasses": 3})) == (30, 30, 30)
    assert class_counts(MetaFeatures({"NumberOfClasses": 3})) == ()


@pytest.mark.parametrize(
    ("qualities", "where"),
    [
        ({"NumberOfInstances": 1000}, "--task-type"),
        ({**QUALITIES, "NumberOfInstances": 19}, "NumberOfInstances"),
        ({**QUALITIES, "NumberOfFeatures": 1}, "NumberOfFeatures"),
        ({"NumberOfClasses": 2}, "meta-features"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused_with_what_is_allowed(qualities, where):
    with pytest.raises(InputError) as error:
        task_of(qualities, Request())
    assert error.value.where == where
    assert error.value.allowed


def test_one_class_is_no_classification():
    with pytest.raises(InputError, match="no number of classes"):
        task_of({**QUALITIES, "NumberOfClasses": 1}, Request(task_type=TaskType.CLASSIFICATION))


def test_a_learner_that_cannot_do_the_task_is_refused():
    with pytest.raises(InputError, match="cannot do regression"):
        task_of({"NumberOfInstances": 500}, Request(task_type=TaskType.REGRESSION, learner="logistic_regression"))


def test_a_table_is_described(mixed_table):
    task = described_task(mixed_table, Request(seed=3))
    assert (task.n_rows, task.target) == (len(mixed_table.target), "goal")
    assert task.meta_features["NumberOfInstances"] == len(mixed_table.target)
    assert task.seed == 3


@pytest.fixture
def mixed_table():
    import numpy as np
    import pandas as pd

    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"a": rng.normal(size=60), "b": rng.choice(["x", "y"], size=60), "goal": [0, 1] * 30})
    return prepare_table(frame, "goal", name="mixed")
