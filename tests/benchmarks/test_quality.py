"""The benchmark's own arithmetic: what it reports is what it says it reports."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.quality.methods import KS, expected_best, random_regrets
from benchmarks.quality.report import markdown, summary
from benchmarks.quality.warm_starts import BASELINE, Outcome, bootstrap


@given(st.lists(st.floats(0, 10), min_size=1, max_size=7), st.integers(1, 7))
def test_random_search_is_the_mean_over_all_ways_to_draw(regrets, k):
    ways = [min(drawn) for drawn in combinations(regrets, min(k, len(regrets)))]
    assert expected_best(np.array(regrets), k) == pytest.approx(np.mean(ways), abs=1e-9)


def test_random_search_over_more_rows_than_there_are_finds_the_best():
    found = random_regrets(np.linspace(0, 2, 20))
    assert found[0] == pytest.approx(1.0)
    assert found[KS.index(25)] == 0


def test_the_interval_holds_the_mean_and_narrows_with_more_data_sets():
    values = np.random.default_rng(1).normal(1.0, 0.3, (200, 1))
    low, high = bootstrap(values)
    few_low, few_high = bootstrap(values[:20])
    assert low[0] < values.mean() < high[0]
    assert high[0] - low[0] < few_high[0] - few_low[0]


def outcomes():
    generator = np.random.default_rng(0)
    base = generator.uniform(0.2, 0.6, (30, len(KS)))
    return [Outcome("pool", BASELINE, base), Outcome("pool", "ours", base - 0.1)]


def test_differences_are_paired_by_data_set():
    _, ours = summary(outcomes())
    assert ours["difference"] == pytest.approx([-0.1] * len(KS))
    assert ours["difference_low"] == pytest.approx(ours["difference_high"])


def test_the_table_marks_differences_whose_interval_excludes_nothing():
    suite = {
        "n_datasets": 30,
        "rows": [400, 500],
        "with_meta_features": 30,
        "with_landmarkers": 20,
        "model_fit": 0.9,
        "answer_fit": 0.91,
        "results": summary(outcomes()),
        "also": {"Patience": [{"patience": 30, "given up": 0.0123}]},
    }
    text = markdown({"date": "2026-01-01", "suites": {"RandomForest": suite}})
    assert "d -0.100*" in text
    assert "| 30 | 0.012 |" in text
