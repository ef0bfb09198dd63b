"""What a verdict holds: values that JSON can, and runs that may stand as trials."""

import pytest

from recommender.validation.verdict import Outcome, TestRun, Verdict, plain_value


@pytest.mark.parametrize(
    ("value", "held"),
    [
        (None, None),
        (True, True),
        (3, 3),
        (0.5, 0.5),
        ("x", "x"),
        (2**63 - 1, 2**63 - 1),
        (2**63, str(2**63)),
        (float("inf"), "inf"),
        (float("nan"), "nan"),
        ([1, 2], "[1, 2]"),
        ("x" * 100, "x" * 100),
        ("x" * 101, "x" * 97 + "..."),
    ],
)
def test_a_value_is_held_as_it_is_or_as_a_short_text(value, held):
    found = plain_value(value)
    assert found == held
    assert type(found) is type(held)


def fitted(**changes):
    fields = {"role": "random", "label": "0", "configuration": {}, "status": "done", "rows": 9, "folds": 2}
    return TestRun(**{**fields, "scores": (0.5, 0.6), "seconds": (0.1, 0.1), "comparable": True, **changes})


@pytest.mark.parametrize(
    ("changes", "stands"),
    [
        ({}, True),
        ({"role": "dummy"}, False),
        ({"comparable": False}, False),
        ({"scores": (0.5,)}, False),
        ({"status": "timeout"}, False),
    ],
)
def test_only_whole_runs_on_the_studys_own_folds_stand_as_trials(changes, stands):
    run = fitted(**changes)
    assert Verdict(outcome=Outcome.PASS, stages=(), test_runs=(run,)).first_trials == ((run,) if stands else ())


def test_what_passed_or_was_repaired_may_be_shown():
    shown = {outcome for outcome in Outcome if Verdict(outcome=outcome, stages=()).may_be_shown}
    assert shown == {Outcome.PASS, Outcome.REPAIRED}
