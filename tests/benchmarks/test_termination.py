"""Replays of stopping rules: stops are those of the product's rules, and settings are chosen on other traces."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.termination.__main__ import markdown, measured
from benchmarks.termination.replay import (
    Outcome,
    chosen_elsewhere,
    expected_improvement,
    minimum_regret,
    outcome,
    regret_bound,
    shipped,
    stagnation,
)
from benchmarks.termination.traces import TracedStudy


def trace(n=60, last_gain=10):
    """Trials near a hill's top; the best is trial `last_gain`, and what is expected falls tenfold each five trials."""
    points = np.random.default_rng(last_gain).random((n, 2))
    regrets = 0.5 + ((points - 0.4) ** 2).sum(axis=1)
    regrets[last_gain] = 0.0
    return TracedStudy("one", points, 0.9 - 0.1 * regrets, regrets, 10.0 ** -(np.arange(n) / 5))


def test_a_rule_ends_the_trace_where_the_product_would_stop():
    found = outcome(stagnation((5, 20)), [trace(last_gain=2)])
    assert found.trials.tolist() == [[8.0, 23.0]]
    assert found.given_up.tolist() == [[0.0, 0.0]]


def test_what_comes_after_the_stop_is_given_up():
    found = outcome(stagnation((5,)), [trace(last_gain=59)])
    assert found.given_up[0, 0] > 0.4


def test_little_must_be_expected_five_times_on_end():
    found = outcome(expected_improvement((1e-3,), trials=5), [trace()])
    assert found.trials[0, 0] == 21
    patient = outcome(expected_improvement((1e-3,), trials=1, patience=12), [trace(last_gain=9), trace(last_gain=2)])
    assert patient.trials.tolist() == [[22.0], [17.0]]  # twelve without a gain; little expected


@pytest.mark.parametrize("family", [regret_bound((5.0, 1e-9)), minimum_regret((0.99, 1e-9))])
def test_rules_with_a_process_stop_sooner_the_more_counts_as_nothing(family):
    found = outcome(family, [trace()])
    assert found.trials[0, 0] < found.trials[0, 1] == 60


def test_a_setting_is_chosen_on_the_other_traces():
    family = Outcome(np.array([[1.0, 9.0]] * 3), np.array([[0.0, 0.0], [0.0, 0.0], [0.6, 0.0]]))
    reference = Outcome(np.array([[9.0]] * 3), np.array([[0.1]] * 3))
    trials, given_up = chosen_elsewhere(family, reference)
    assert trials.tolist() == [9.0, 9.0, 1.0]
    assert given_up.tolist() == [0.0, 0.0, 0.6]


def test_the_shipped_rule_is_that_of_the_proposals():
    assert shipped("adaboost").settings == ("0.001", "0.001, or 30 trials")
    assert shipped("shaped_mlp").settings == ("3e-05", "3e-05, or 30 trials")
    found = outcome(shipped("adaboost"), [trace(last_gain=2)])
    assert found.trials.tolist() == [[21.0, 21.0]]  # five trials on end below a thousandth; fifteen without a gain


def test_beside_the_shipped_rule_thirty_trials_without_a_gain_end_a_study():
    hopeful = replace(trace(60, 2), hopes=np.full(60, 0.5))
    assert outcome(shipped("adaboost"), [hopeful]).trials.tolist() == [[60.0, 33.0]]


def test_the_table_tells_each_setting_and_the_choice():
    figures = measured([trace(40, 5), trace(40, 9)], "adaboost")
    text = markdown([{"suite": "AdaBoost", "kind": "pool", **figures}])
    assert "## AdaBoost, pool" in text
    assert "| AdaBoost, pool | 2 | 38.0 / 0.000 | 23.0 / 0.000 d -15.0" in text
    assert text.count("**elsewhere**") == 6
