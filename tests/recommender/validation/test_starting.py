"""Fixed values and warm starts: what the library takes and uses is kept, as a point of the space."""

import pytest

from kg.learners.registry import learner_named
from kg.model import CategoricalParameter, Configuration, ConstantParameter, FloatParameter, IntParameter, SearchSpace
from recommender.validation.repairs import replace_value
from recommender.validation.starting import legal_fixed, legal_starts
from tests.recommender.validation.gate_cases import propose

SPACE = SearchSpace(
    parameters=(
        FloatParameter(name="C", low=0.1, high=9),
        CategoricalParameter(name="kernel", choices=("rbf", "linear")),
    )
)


def svm(space=SPACE, fixed=None, starts=()):
    proposal = replace_value(propose("svm"), "search_space", space)
    proposal = replace_value(proposal, "fixed", Configuration(fixed or {}))
    return replace_value(proposal, "warm_starts", tuple(Configuration(start) for start in starts))


def fixed(proposal):
    kept, findings = legal_fixed(proposal, learner_named("svm"))
    return dict(kept.items()), [(f.field, f.code, str(f.outcome)) for f in findings]


def started(proposal):
    kept, findings = legal_starts(proposal, learner_named("svm"))
    starts = [dict(start.items()) for start in kept.warm_starts.value]
    return starts, [(f.field, f.code, str(f.outcome)) for f in findings]


class TestFixed:
    def test_values_that_are_searched_contradict_the_space_but_for_its_constants(self):
        assert fixed(svm(fixed={"C": 1.0})) == ({}, [("fixed.C", "fixed_and_searched", "failed")])
        constant = SearchSpace(parameters=(*SPACE.parameters, ConstantParameter(name="tol", value=0.01)))
        assert fixed(svm(constant, {"tol": 0.01})) == ({"tol": 0.01}, [])
        assert fixed(svm(constant, {"tol": 0.02})) == ({}, [("fixed.tol", "fixed_and_searched", "failed")])

    def test_values_that_the_library_refuses_are_told(self):
        assert fixed(svm(fixed={"tol": -1.0}))[1] == [("fixed.tol", "out_of_domain", "failed")]

    def test_values_that_no_point_uses_are_left_out_but_for_defaults(self):
        linear = SearchSpace(parameters=(SPACE["C"],))
        assert fixed(svm(linear, {"kernel": "linear", "degree": 5})) == (
            {"kernel": "linear"},
            [("fixed.degree", "inactive", "repaired")],
        )
        assert fixed(svm(linear, {"kernel": "linear", "degree": 3}))[1] == []
        assert fixed(svm(fixed={"degree": 5}))[1] == [], "a kernel that is searched may come to use it"


class TestStarts:
    def test_that_are_points_stay_as_they_are(self):
        starts = [{"C": 1.0, "kernel": "rbf"}, {"C": 2.0, "kernel": "linear"}]
        proposal = svm(starts=starts)
        assert legal_starts(proposal, learner_named("svm"))[0] is proposal
        assert started(proposal) == (starts, [])

    @pytest.mark.parametrize(
        ("start", "code"),
        [
            ({"C": 1.0, "kernel": "rbf"}, "duplicate"),
            ({"C": 99.0, "kernel": "rbf"}, "outside_space"),
            ({"C": 2.0}, "outside_space"),
        ],
    )
    def test_that_cannot_be_tried_are_left_out(self, start, code):
        first = {"C": 1.0, "kernel": "rbf"}
        assert started(svm(starts=[first, start])) == ([first], [("warm_starts.1", code, "repaired")])

    def test_of_which_none_is_left_are_a_fault_and_none_at_all_are_not(self):
        assert started(svm(starts=[{"C": 99.0, "kernel": "rbf"}]))[1][-1] == (
            "warm_starts",
            "no_warm_start_left",
            "failed",
        )
        assert started(svm()) == ([], [])

    def test_that_repeat_what_is_fixed_are_points_all_the_same(self):
        start = {"C": 1.0, "kernel": "rbf"}
        assert started(svm(fixed={"tol": 0.01}, starts=[{**start, "tol": 0.01}]))[1] == []
        other = started(svm(fixed={"tol": 0.01}, starts=[start, {**start, "C": 2.0, "tol": 0.02}]))
        assert other == ([start], [("warm_starts.1", "outside_space", "repaired")])

    def test_whose_whole_numbers_have_a_fraction_are_given_the_librarys_type_and_told(self):
        space = SearchSpace(parameters=(IntParameter(name="degree", low=2, high=5),))
        kept, found = legal_starts(svm(space, {"kernel": "poly"}, [{"degree": 3.0}]), learner_named("svm"))
        assert repr(kept.warm_starts.value[0]["degree"]) == "3"
        assert [(f.code, str(f.outcome)) for f in found] == [("wrong_type", "repaired")]
