"""Ranges beyond an open bound begin where the registry does; conditions are put into words and added where needed."""

import pytest

from kg.learners.registry import learner_named
from kg.model import (
    CategoricalParameter,
    Condition,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    SearchSpace,
    TaskType,
)
from recommender.validation.legalising import legal_parameter, legal_space

CLASSIFICATION = TaskType.CLASSIFICATION


def clipped(learner, parameter):
    return legal_parameter(learner_named(learner), parameter, CLASSIFICATION)[0]


def legal(learner, *parameters, fixed=None, conditions=()):
    space = SearchSpace(parameters=parameters, conditions=conditions)
    return legal_space(learner_named(learner), space, CLASSIFICATION, fixed or {})


class TestOpenBounds:
    def test_a_range_begins_where_the_registry_does(self):
        wide = learner_named("svm")["C"].search_for(CLASSIFICATION)
        kept = clipped("svm", FloatParameter(name="C", low=-1, high=10))
        assert (kept.low, kept.high) == (wide.low, 10)

    def test_a_range_below_all_that_the_registry_tries_keeps_what_is_legal(self):
        kept = clipped("svm", FloatParameter(name="C", low=-1, high=1e-12))
        assert 0 < kept.low <= kept.high == 1e-12


class TestConditions:
    KERNEL = CategoricalParameter(name="kernel", choices=("linear", "rbf", "poly"))
    GAMMA = FloatParameter(name="gamma", low=0.01, high=1)

    def test_that_are_missing_are_added_and_say_what_the_parent_must_be(self):
        checked = legal("svm", self.KERNEL, self.GAMMA)
        (finding,) = checked.findings
        assert (finding.code, finding.allowed) == ("missing_condition", "'rbf' or 'poly' or 'sigmoid'")
        assert checked.space.conditions == (Condition(child="gamma", parent="kernel", values=("rbf", "poly")),)

    def test_that_say_what_the_parent_must_not_be_are_told_as_that(self):
        (finding,) = legal(
            "lightgbm",
            ConstantParameter(name="subsample_freq", value=0),
            FloatParameter(name="subsample", low=0.5, high=1),
        ).findings
        assert (finding.code, finding.allowed) == ("inactive", "other than 0")

    def test_that_are_stricter_than_the_librarys_stand(self):
        own = Condition(child="gamma", parent="kernel", values=("rbf",))
        assert legal("svm", self.KERNEL, self.GAMMA, conditions=(own,)).findings == ()

    def test_that_are_looser_do_not(self):
        own = Condition(child="gamma", parent="kernel", values=("rbf", "linear"))
        assert [f.code for f in legal("svm", self.KERNEL, self.GAMMA, conditions=(own,)).findings] == [
            "missing_condition"
        ]

    @pytest.mark.parametrize("high", [30, 500])
    def test_on_a_parent_that_is_always_as_it_must_be_need_not_be_said(self, high):
        """A range of many values is not looked through: that none of them is the one that matters is not known."""
        checked = legal(
            "lightgbm",
            IntParameter(name="subsample_freq", low=1, high=high),
            FloatParameter(name="subsample", low=0.5, high=1),
        )
        assert checked.findings == ()
        assert checked.space.conditions == ()


def test_choices_that_are_left_keep_their_share_of_the_prior():
    parameter = CategoricalParameter(name="kernel", choices=("rbf", "magic", "poly"), prior=(0.2, 0.5, 0.3))
    kept = clipped("svm", parameter)
    assert kept.choices == ("rbf", "poly")
    assert kept.prior == pytest.approx((0.4, 0.6))
    nothing = clipped("svm", parameter.replace(prior=(0.0, 1.0, 0.0)))
    assert nothing.prior is None
