"""Scores along the fidelity in the benchmark: an interval counts as held where the target's own runs lie in it."""

from benchmarks.along import markdown
from benchmarks.headlines import along


def row(score, *, suite="XGBoost", level=0.1):
    return {
        "suite": suite,
        "dataset": "adult",
        "parameter": "training_fraction",
        "level": level,
        "sources": 80,
        "score": score,
        "foretold": [0.5, 0.7, 0.9],
        "given_full": [0.6, 0.65, 0.7],
    }


def test_coverage_width_and_error_are_told_for_each_level():
    text = markdown([row(0.8), row(0.95), row(0.62, level=0.3)])
    assert "| XGBoost | training_fraction 0.1 | 2 | 50.0% | 0.400 | 0.175 | 0.0% | 0.100 | 0.225 |" in text
    assert "| XGBoost | training_fraction 0.3 | 1 | 100.0% | 0.400 | 0.080 | 100.0% | 0.100 | 0.030 |" in text
    assert "- XGBoost, all levels: 66.7% covered before any trial, 33.3% given the score in full." in text


def test_suites_are_told_apart_where_their_levels_have_the_same_value():
    text = markdown([row(0.8), row(0.95, suite="rpart")])
    assert "| XGBoost | training_fraction 0.1 | 1 | 100.0% |" in text
    assert "| rpart | training_fraction 0.1 | 1 | 0.0% |" in text


def test_the_page_of_benchmarks_tells_what_held(tmp_path):
    import json

    assert along(tmp_path) is None
    (tmp_path / "along.json").write_text(json.dumps({"rows": [row(0.8), row(0.62)]}))
    assert along(tmp_path).startswith(
        "90 % intervals at lower fidelities hold 100% of scores before any trial, 50% given"
    )
