"""Changing the gate's code: every way is found, each mutant has one change, and fates hold as long as the code does."""

import json

import pytest

from benchmarks import mutation, mutation_fates, mutation_mirrors
from benchmarks.mutants import BOUNDARIES, CHECKS, Mutant, mutants
from benchmarks.mutation_fates import Fate, Notes
from benchmarks.mutation_mirrors import TESTS, modules
from benchmarks.mutation_report import summary, table

MODULE = """
from typing import TYPE_CHECKING
if TYPE_CHECKING:
    import os

def faults(number):
    if number < 0:
        yield "negative"
    elif number > 9:
        yield from ("large", "very large")

def collected(number):
    findings, total = [], 0
    findings += faults(number)
    total += 1
    return findings
"""


def taken(folder, kind=CHECKS):
    (folder / "m.py").write_text(MODULE)
    return {mutant.text: mutant for mutant in mutants(folder, "m.py", kind)}


def result(mutant, number):
    space: dict[str, object] = {}
    exec(mutant.source, space)  # the module above, but for a line
    return space["collected"](number)


def test_every_check_is_taken_out_once(tmp_path):
    assert {(m.text, m.where) for m in taken(tmp_path).values()} == {
        ("if number < 0:", "faults"),
        ('yield "negative"', "faults"),
        ("elif number > 9:", "faults"),
        ('yield from ("large", "very large")', "faults"),
        ("findings += faults(number)", "collected"),
    }


def test_each_mutant_lacks_one_check_and_has_the_others(tmp_path):
    found = taken(tmp_path)
    assert result(found["if number < 0:"], -1) == []
    assert result(found["if number < 0:"], 10) == ["large", "very large"]
    assert result(found['yield "negative"'], -1) == []
    assert result(found["elif number > 9:"], 10) == []
    assert result(found["elif number > 9:"], -1) == ["negative"]
    assert result(found["findings += faults(number)"], -1) == []


def test_every_limit_is_moved_once(tmp_path):
    found = taken(tmp_path, BOUNDARIES)
    assert set(found) == {"if number < 0:", "elif number > 9:"}
    assert result(found["if number < 0:"], 0) == ["negative"]
    assert result(found["if number < 0:"], 9) == []
    assert result(found["elif number > 9:"], 9) == ["large", "very large"]


def test_every_module_has_tests_that_are_there():
    paths = modules(mutation.ROOT)
    assert len(paths) > 30
    for path in paths:
        tests = mutation_mirrors.tests_of(path)
        assert tests
        assert all((mutation.ROOT / test).is_file() for test in tests), path


def fate(line, text, red):
    return Fate(Mutant("m.py", "faults", line, text, ""), red, 1.0)


def test_what_nobody_can_see_is_told_apart_with_the_reason(monkeypatch):
    monkeypatch.setattr(mutation_fates, "EQUIVALENT", {("m.py", "faults", "if a:"): "only quicker"})
    found = summary([fate(1, "if a:", ""), fate(2, "if b:", ""), fate(3, "if c:", "test_m.py::test_c")])
    assert [found[name] for name in ("mutants", "caught", "equivalent", "survived")] == [3, 1, 1, 1]
    assert found["survivors"] == ["m.py:2 faults: if b:"]
    assert found["equivalents"] == [{"where": "m.py:1 faults: if a:", "why": "only quicker"}]
    page = table({CHECKS: found})
    assert "| m.py | 3 | 1 | 1 | 1 |" in page
    assert "only quicker" in page


class TestNotes:
    @pytest.fixture
    def root(self, tmp_path, monkeypatch):
        """A checkout of one module and two files of tests."""
        (tmp_path / TESTS).mkdir(parents=True)
        for name in ("tests/conftest.py", "tests/recommender/conftest.py", "test_a.py", "test_b.py"):
            (tmp_path / name).write_text("")
        (tmp_path / "m.py").write_text("x = 1")
        monkeypatch.setattr(mutation_fates, "tests_of", lambda _: ["test_a.py", "test_b.py"])
        return tmp_path

    @pytest.mark.parametrize(
        ("red", "changed", "holds"),
        [
            ("test_a.py::test", "test_b.py", True),
            ("test_a.py::test", "test_a.py", False),
            ("test_a.py::test", "m.py", False),
            ("test_a.py::test", f"{TESTS}/conftest.py", False),
            ("", "test_b.py", False),
            ("timeout", "test_b.py", False),
        ],
    )
    def test_a_fate_holds_as_long_as_nothing_changes_that_it_hangs_on(self, root, red, changed, holds):
        known = fate(1, "if a:", red)
        file = root / "fates.jsonl"
        Notes(root, file).keep(known)
        assert Notes(root, file).fate(known.mutant) == known
        (root / changed).write_text("x = 2")
        assert Notes(root, file).fate(known.mutant) == (known if holds else None)

    def test_the_line_that_a_killed_run_did_not_finish_is_passed_over(self, root):
        file = root / "fates.jsonl"
        Notes(root, file).keep(fate(1, "if a:", ""))
        with file.open("a") as stream:
            stream.write(json.dumps({"key": "0", "path": "m.py"})[:-3])
        assert Notes(root, file).fate(fate(1, "if a:", "").mutant) is not None
