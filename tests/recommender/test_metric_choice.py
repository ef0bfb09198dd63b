"""The metric: what the user names, else what suits the target."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.errors import InputError, UnknownNameError
from kg.model import METRICS, TaskType
from recommender.metric_choice import choose_metric

CLASSIFICATION, REGRESSION = TaskType.CLASSIFICATION, TaskType.REGRESSION


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((), "accuracy"),
        ((50, 50), "accuracy"),
        ((10, 90), "accuracy"),
        ((9, 91), "average_precision"),
        ((40, 30, 30), "accuracy"),
        ((5, 50, 45), "balanced_accuracy"),
    ],
)
def test_the_metric_suits_the_classes(counts, expected):
    assert choose_metric(CLASSIFICATION, counts).metric.name == expected


def test_the_reason_says_how_rare_the_rare_class_is():
    assert choose_metric(CLASSIFICATION, (2, 98)).reason.startswith("Only 2.0% of the rows are of the rarer class")
    assert "smallest of the 3 classes has 1.0%" in choose_metric(CLASSIFICATION, (1, 50, 49)).reason


def test_a_regression_is_scored_in_the_unit_of_its_target():
    assert choose_metric(REGRESSION).metric.name == "rmse"


def test_the_user_has_the_last_word_under_any_name():
    found = choose_metric(CLASSIFICATION, (1, 99), named="AUC")
    assert (found.metric.name, found.reason) == ("roc_auc", "You asked for it.")


@pytest.mark.parametrize(
    ("task_type", "counts", "named", "error", "words"),
    [
        (CLASSIFICATION, (5, 5), "acuracy", UnknownNameError, "Did you mean 'accuracy'"),
        (CLASSIFICATION, (5, 5), "rmse", InputError, "is for regression, but the task is classification"),
        (REGRESSION, (), "f1", InputError, "Allowed: rmse, mae, r2"),
        (CLASSIFICATION, (5, 5, 5), "average_precision", InputError, "needs two classes, and the target has 3"),
    ],
)
def test_a_metric_that_does_not_fit_is_refused(task_type, counts, named, error, words):
    with pytest.raises(error, match=words):
        choose_metric(task_type, counts, named=named)


@given(st.lists(st.integers(0, 10**6), max_size=20))
def test_every_target_gets_a_metric_that_can_be_named_for_it(counts):
    chosen = choose_metric(CLASSIFICATION, counts).metric
    assert chosen in METRICS.values()
    assert choose_metric(CLASSIFICATION, counts, named=chosen.name).metric == chosen
