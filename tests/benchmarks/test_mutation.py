"""Taking checks out: every way is found, each mutant lacks one, and every module has tests that mirror it."""

import pytest

from benchmarks import mutation
from benchmarks.mutation import Fate, Mutant, modules, mutants, summary

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


@pytest.fixture
def taken(tmp_path, monkeypatch):
    (tmp_path / "m.py").write_text(MODULE)
    monkeypatch.setattr(mutation, "ROOT", tmp_path)
    return {mutant.text: mutant for mutant in mutants("m.py")}


def result(mutant, number):
    space: dict[str, object] = {}
    exec(mutant.source, space)  # the module above, less a line
    return space["collected"](number)


def test_every_check_is_taken_out_once(taken):
    assert set(taken) == {
        "if number < 0:",
        'yield "negative"',
        "elif number > 9:",
        'yield from ("large", "very large")',
        "findings += faults(number)",
    }


def test_each_mutant_lacks_one_check_and_has_the_others(taken):
    assert result(taken["if number < 0:"], -1) == []
    assert result(taken["if number < 0:"], 10) == ["large", "very large"]
    assert result(taken['yield "negative"'], -1) == []
    assert result(taken["elif number > 9:"], 10) == []
    assert result(taken["elif number > 9:"], -1) == ["negative"]
    assert result(taken["findings += faults(number)"], -1) == []


def test_every_module_has_tests_that_are_there():
    assert len(modules()) > 30
    for path in modules():
        assert mutation.tests_of(path)
        assert all((mutation.ROOT / test).is_file() for test in mutation.tests_of(path)), path


def test_what_nobody_can_see_is_told_apart_with_the_reason(monkeypatch):
    monkeypatch.setattr(mutation, "EQUIVALENT", {("m.py", "if a:"): "only quicker"})
    fates = [
        Fate(Mutant("m.py", n, text, ""), survived, 1.0)
        for n, text, survived in ((1, "if a:", True), (2, "if b:", True), (3, "if c:", False))
    ]
    found = summary(fates, 3.0)
    assert (found["mutants"], found["found"]) == (3, 1)
    assert found["survived"] == ["m.py:2: if b:"]
    assert found["equivalent"] == [{"where": "m.py: if a:", "why": "only quicker"}]
