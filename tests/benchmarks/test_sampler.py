"""The sampler's benchmark tries each run once, and misleads where it says so."""

from types import SimpleNamespace

import numpy as np
import pytest

from benchmarks.quality.methods import Fold
from benchmarks.sampler import pool as benchmark
from benchmarks.sampler.__main__ import PROTOCOLS, kept_rows, markdown
from benchmarks.sampler.pool import distorted_order, negated, process_order, shuffled


@pytest.fixture
def fold(monkeypatch):
    """A target with 60 runs in two dimensions; twelve sources that say what it says, but for a shift."""
    generator = np.random.default_rng(0)
    points = generator.random((60, 2))
    regrets = 2 * np.linalg.norm(points - 0.4, axis=1)
    functions = np.stack([np.minimum(regrets + 0.1 * points[:, 0] * j / 12, 2) for j in range(13)], axis=1)
    pool = SimpleNamespace(points=points, gains=-regrets, scores=-regrets, regrets=regrets)
    suite = SimpleNamespace(
        pools=[pool] * 13,
        predicted=[functions] * 13,
        length_scales=np.full(2, 0.5),
        models=[SimpleNamespace(best=0.9, median=0.0)] * 13,
        held_out=[np.arange(13) == t for t in range(13)],
    )
    monkeypatch.setattr(benchmark, "by_meta_features", lambda: lambda fold: np.full(12, 1 / 12))
    monkeypatch.setattr(benchmark, "order_of", lambda portfolio, fold: [7, 8, 9])
    return Fold(suite, 0)


def test_each_run_is_tried_once_after_the_warm_starts(fold):
    order = process_order(fold, n_starts=2)
    assert order[:2] == [7, 8]
    assert len(set(order)) == len(order) == 50


def test_with_sources_that_are_right_the_second_trial_is_among_the_best(fold):
    order = process_order(fold, n_starts=1)
    assert fold.pool.regrets[order[:3]].min() <= np.sort(fold.pool.regrets)[2]


@pytest.mark.parametrize("distort", [negated, shuffled])
def test_misled_from_the_first_trial_it_still_finds_the_best(fold, distort):
    order = distorted_order(fold, distort)
    assert fold.pool.regrets[order].min() == fold.pool.regrets.min()


def test_negating_starts_at_the_worst(fold):
    assert fold.pool.regrets[distorted_order(fold, negated)[0]] > np.quantile(fold.pool.regrets, 0.9)


def test_the_table_has_a_part_for_each_protocol():
    figures = {
        name: [0.1] * 5 for name in ("mean", "median", "low", "high", "difference", "difference_low", "difference_high")
    }
    rows = [{"protocol": p, "method": m, **figures} for p, methods in PROTOCOLS.items() for m in methods]
    text = markdown([{"suite": "RandomForest", "results": rows}])
    assert all(f"| {protocol} |" in text for protocol in PROTOCOLS)
    assert "0.100 (0.100) [0.100, 0.100] d +0.100*" in text


def test_a_row_of_another_day_says_so():
    figures = {name: [0.1] * 5 for name in ("mean", "median", "low", "high")}
    figures |= {name: [0.1] * 5 for name in ("difference", "difference_low", "difference_high")}
    kept = {"date": "2026-01-02", "results": [{"protocol": "pool", "method": "random", **figures}]}
    rows = [{**kept_rows(kept)[0], "method": "portfolio", "date": "2026-03-04"}, *kept_rows(kept)]
    text = markdown([{"suite": "rpart", "date": "2026-03-04", "machine": "Linux", "cores": 2, "results": rows}])
    assert "Measured 2026-03-04, Linux, 2 cores." in text
    assert "| portfolio |" in text
    assert "| random (2026-01-02) |" in text
