"""The benchmark of the graph's stores asks ten questions that there are, and tells what came of them."""

import time

import pytest

from benchmarks.graph_asked import Respondent, TooSlowError, patience
from benchmarks.graph_scale import TEN, growth, quantile, to_text
from benchmarks.graph_turns import asked_in_turn
from kg.questions import questions


def row(size, times, *, series="runs", store="oxigraph", given_up=()):
    figures = {"load_s": 1.25, "disk_mb": 3.0, "peak_mb": 200, "given_up": list(given_up)}
    graph = {"runs": size + 4, "scores": 2 * size, "evidence": 7, "items": 9, "quads": 1000}
    rows = dict.fromkeys(times, 5)
    return {"series": series, "size": size, "store": store, "times_ms": times, "rows": rows, **graph, **figures}


def test_there_are_ten_questions_and_each_is_told_what_it_asks_for():
    assert len(TEN) == 10
    for name, told in TEN.items():
        parameters = questions()[name].parameters
        assert {p.name for p in parameters if not p.optional} <= set(told) <= {p.name for p in parameters}


def test_quantiles_are_of_all_answers_or_of_one_question():
    asked = row(10, {"a": [1.0, 2.0, 3.0], "b": [5.0, 5.0]})
    assert quantile(asked, 0.5) == 3.0
    assert quantile(asked, 0.5, "a") == 2.0


def test_a_question_that_was_given_up_leaves_no_quantile_of_all():
    asked = row(10, {"a": [1.0, 2.0]}, given_up=["b"])
    assert quantile(asked, 0.95) is None
    assert quantile(asked, 0.5, "a") == 1.5
    assert quantile(asked, 0.5, "b") is None


def test_growth_is_from_the_smallest_size_to_the_largest():
    rows = [row(10, {"a": [1.0, 1.0]}), row(1000, {"a": [3.0, 3.0]}), row(100, {"a": [9.0, 9.0]})]
    assert growth(rows, "runs", "oxigraph") == 3.0
    assert growth(rows[:1], "runs", "oxigraph") is None
    assert growth(rows, "runs", "rdflib") is None


def test_a_question_that_takes_too_long_is_not_asked_again(monkeypatch):
    monkeypatch.setattr("benchmarks.graph_asked.PATIENCE_S", 0.05)
    asked = []

    def answer(name, given):
        asked.append(name)
        time.sleep(1 if name == "slow" else 0)
        return 2

    respondent = Respondent(answer)
    replies = [respondent.reply(name, {}) for name in ("slow", "fast", "slow", "fast")]
    assert asked == ["slow", "fast", "fast", "fast"], "what comes first is asked once untimed"
    assert replies[0] == replies[2] == {"given_up": True}
    assert replies[1]["rows"] == 2
    assert replies[1]["ms"] >= 0


class Store:
    """Answers after so many milliseconds, and keeps who was asked."""

    def __init__(self, ms, order):
        self.ms, self.order = ms, order

    def ask(self, name, given):
        self.order.append(self.ms)
        return {"given_up": True} if name == "slow" and self.ms > 2 else {"ms": self.ms, "rows": given["n"]}


def test_sizes_are_asked_in_turn_and_each_is_first_equally_often():
    order = []
    asked = [("fast", {"n": 1}), ("slow", {"n": 5}), ("fast", {"n": 2})]
    found = asked_in_turn([Store(1, order), Store(2, order), Store(3, order)], asked)
    assert order == [1, 2, 3, 2, 3, 1, 3, 1, 2]
    assert found[0] == {"times_ms": {"fast": [1, 1], "slow": [1]}, "rows": {"fast": 3, "slow": 5}, "given_up": []}
    assert found[2] == {"times_ms": {"fast": [3, 3]}, "rows": {"fast": 3}, "given_up": ["slow"]}


def test_patience_ends_with_its_block():
    with pytest.raises(TooSlowError), patience(0.02):
        time.sleep(1)
    with patience(0.02):
        pass
    time.sleep(0.03)


def test_the_page_has_a_line_a_store_and_size():
    rows = [row(10, {"what_matters": [1.0, 1.0]}), row(1000, {"what_matters": [1.2, 1.2]})]
    found = {"rows": rows, "date": "2026-01-01", "machine": "m", "cores": 2, "load": 0.1, "asked": 2}
    text = to_text(found)
    headline = "with more runs on the same data sets, 14 to 1,004: 1.20 times on Oxigraph (ours), on disk.**"
    assert f"**The p95 of the ten questions grows by: {headline}" in text
    assert "| 1,004 | 2,000 | 7 | 9 | 1,000 |" in text
    assert "| Oxigraph (ours), on disk | 1,004 | 1.25 | 3 | 200 | 1.2 | 1.2 | 1.2 |" in text
    assert "| what_matters | 5, 5 | 1, 1.2 |" in text
