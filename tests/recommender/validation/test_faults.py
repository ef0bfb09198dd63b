"""What pydantic says of a draft becomes one finding a field, which says what would have been right."""

import pytest

from recommender.validation.faults import MAX_FINDINGS, describe, guessed_types, locate, raw_json
from recommender.validation.stage import failed, repaired
from recommender.validation.stages.schema import parse
from tests.recommender.validation.gate_cases import draft


def found(change):
    spoilt = draft()
    change(spoilt)
    return {f.field: f for f in parse(spoilt)[1]}


@pytest.mark.parametrize(
    ("field", "name", "value", "allowed"),
    [
        ("budget", "n_trials", 0, ">= 1"),
        ("budget", "wall_clock_s", -5.0, "> 0"),
        ("protocol", "folds", 1, ">= 2"),
        ("sampler", "name", "astrology", "'tpe'"),
    ],
)
def test_what_would_have_been_right_is_said(field, name, value, allowed):
    (finding,) = found(lambda spoilt: spoilt[field]["value"].update({name: value})).values()
    assert finding.field == f"{field}.value.{name}"
    assert allowed in finding.allowed


def test_no_more_than_some_are_listed():
    def spoil(spoilt):
        spoilt["warm_starts"]["value"] = [{"max_depth": None, "criterion": []}] * (2 * MAX_FINDINGS)

    assert len(found(spoil)) == MAX_FINDINGS


def test_values_that_were_read_as_another_type_are_found_wherever_they_are():
    raw = {"a": [1, {"b": True}], "c": "x", "d": [[0]]}
    read = {"a": [1, {"b": 1}], "c": "x", "d": [[False]], "more": 1}
    found = [(f.field, f.code) for f in guessed_types(raw, read)]
    assert sorted(found) == [("a.1.b", "wrong_type"), ("d.0.0", "wrong_type")]


@pytest.mark.parametrize(("text", "value"), [("{}", {}), ("{", None), ("[" * 100_000, None), (b"\xff", None)])
def test_what_is_no_json_is_nothing(text, value):
    assert raw_json(text) == value


def test_the_first_failures_are_told_in_one_line():
    many = [failed(f"f{n}", "bad", "Bad.") for n in range(4)]
    assert describe(many[:2]) == "f0: Bad.; f1: Bad."
    assert describe(many, limit=2) == "f0: Bad.; f1: Bad.; and 2 more"
    assert describe([repaired("a", "b", "c"), many[0]]).startswith("f0: Bad.")


def test_a_place_beyond_the_end_of_a_list_is_passed_over():
    assert locate(("warm_starts", 1, "C"), {"warm_starts": [{"C": 1}, {"C": 2}]}) == ("warm_starts.1.C", 2)
    assert locate(("warm_starts", 2), {"warm_starts": [1, 2]}) == ("warm_starts", [1, 2])
