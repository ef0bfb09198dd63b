"""What is wrong with a configuration or a range is found, named and explained."""

from __future__ import annotations

import math

import pytest

from kg.learners.registry import FaultCode, learner_named, legal_faults, legal_part, parameter_faults, value_fault
from kg.model import (
    CategoricalParameter,
    ConstantParameter,
    FloatParameter,
    IntParameter,
    TaskType,
)

CLASSIFICATION, REGRESSION = TaskType.CLASSIFICATION, TaskType.REGRESSION


def codes(learner, configuration, task=CLASSIFICATION):
    return [(f.parameter, f.code.value) for f in legal_faults(learner_named(learner), configuration, task)]


@pytest.mark.parametrize(
    ("learner", "configuration", "expected"),
    [
        ("random_forest", {"max_dpeth": 3}, [("max_dpeth", "unknown_parameter")]),
        ("random_forest", {"min_samples_split": 1}, [("min_samples_split", "out_of_domain")]),
        ("random_forest", {"min_samples_split": "two"}, [("min_samples_split", "wrong_type")]),
        ("random_forest", {"max_features": 30.0}, [("max_features", "out_of_domain")]),
        ("random_forest", {"bootstrap": 1}, [("bootstrap", "wrong_type")]),
        ("random_forest", {"max_samples": 0.5, "bootstrap": False}, [("max_samples", "forbidden")]),
        ("random_forest", {"max_samples": None, "bootstrap": False}, [("max_samples", "inactive")]),
        ("adaboost", {"algorithm": "SAMME"}, [("algorithm", "removed_parameter")]),
        ("adaboost", {"loss": "linear"}, [("loss", "wrong_task")]),
        ("svm", {"kernel": "linear", "gamma": 0.1}, [("gamma", "inactive")]),
        ("svm", {"C": math.inf}, [("C", "out_of_domain")]),
        ("xgboost", {"rate_drop": 0.1}, [("rate_drop", "inactive")]),
        ("xgboost", {"subsample": 50.0}, [("subsample", "out_of_domain")]),
        ("catboost", {"min_data_in_leaf": 5, "grow_policy": "SymmetricTree"}, [("min_data_in_leaf", "inactive")]),
        ("catboost", {"subsample": 0.5, "bootstrap_type": "Bayesian"}, [("subsample", "forbidden")]),
        ("logistic_regression", {"l1_ratio": 1.0, "solver": "lbfgs"}, [("l1_ratio", "forbidden")]),
        ("logistic_regression", {"penalty": "l1"}, [("penalty", "removed_parameter")]),
        ("sgd", {"alpha": 0.0}, [("alpha, learning_rate", "forbidden")]),
        ("svm", {"kernel": "poly", "degree": 2, "C": 3}, []),
        ("svm", {}, []),
    ],
)
def test_each_kind_of_fault_has_its_code(learner, configuration, expected):
    assert codes(learner, configuration) == expected


def test_all_faults_are_told_at_once():
    assert len(codes("random_forest", {"a": 1, "b": 2, "min_samples_leaf": 0})) == 3


def test_a_forbidden_combination_that_only_defaults_make_is_told_where_it_is_touched():
    assert codes("sgd", {"alpha": 0.0}, REGRESSION) == []
    assert codes("sgd", {"alpha": 0.0, "learning_rate": "optimal"}, REGRESSION) == [
        ("alpha, learning_rate", "forbidden")
    ]


class TestMessages:
    def test_what_is_allowed_is_said(self):
        fault = value_fault(learner_named("random_forest"), "max_features", 2.5, CLASSIFICATION)
        assert fault.allowed == "int in [1, inf) or float in (0, 1] or one of 'sqrt', 'log2', None"
        assert "2.5" in fault.message

    def test_the_source_of_a_foreign_name_is_said(self):
        spec = learner_named("lightgbm")
        assert "tabr calls 'colsample_bytree' so" in value_fault(spec, "feature_fraction", 0.5, CLASSIFICATION).message
        assert "CatBoost has" in value_fault(spec, "l2_leaf_reg", 0.5, CLASSIFICATION).message

    def test_the_releases_of_a_removed_name_are_said(self):
        assert "until 1.6" in value_fault(learner_named("adaboost"), "algorithm", "SAMME", CLASSIFICATION).message

    def test_a_value_that_json_cannot_hold_becomes_text(self):
        assert value_fault(learner_named("svm"), "C", math.nan, CLASSIFICATION).value == "nan"


class TestRanges:
    @pytest.mark.parametrize(
        ("parameter", "expected"),
        [
            (FloatParameter(name="max_features", low=0.1, high=1.0), []),
            (FloatParameter(name="max_features", low=0.0, high=1.5), ["out_of_domain", "out_of_domain"]),
            (IntParameter(name="max_features", low=1, high=9), []),
            (FloatParameter(name="n_estimators", low=1, high=9), ["wrong_type"]),
            (FloatParameter(name="bootstrap", low=0, high=1), ["wrong_type"]),
            (IntParameter(name="min_samples_split", low=1, high=9), ["out_of_domain"]),
            (CategoricalParameter(name="criterion", choices=("gini", "chi2")), ["out_of_domain"]),
            (CategoricalParameter(name="n_estimators", choices=(1, True)), ["wrong_type"]),
            (ConstantParameter(name="max_depth", value=None), []),
            (ConstantParameter(name="max_depth", value=10**400), []),
            (ConstantParameter(name="max_samples", value=-(10**400)), ["out_of_domain"]),
            (ConstantParameter(name="depth", value=3), ["unknown_parameter"]),
            (IntParameter(name="depth", low=1, high=3), ["unknown_parameter"]),
        ],
        ids=lambda value: str(value)[:70],
    )
    def test_both_ends_and_every_choice_are_looked_at(self, parameter, expected):
        faults = parameter_faults(learner_named("random_forest"), parameter, CLASSIFICATION)
        assert [f.code.value for f in faults] == expected

    def test_whole_numbers_may_be_searched_where_real_ones_are_legal(self):
        assert not parameter_faults(
            learner_named("xgboost"), IntParameter(name="min_child_weight", low=1, high=9), CLASSIFICATION
        )

    def test_the_legal_part_of_a_range(self):
        spec = learner_named("random_forest")
        assert legal_part(spec["min_samples_split"], -3, 40, kind="int") == (2, 40)
        low, high = legal_part(spec["max_features"], -1.0, 7.0, kind="float")
        assert 0 < low < 1e-300
        assert high == 1.0
        assert legal_part(spec["min_samples_split"], -3, 1, kind="int") is None
        assert legal_part(spec["bootstrap"], 0, 1, kind="float") is None


def test_the_codes_are_stable():
    assert {code.value for code in FaultCode} == {
        "unknown_parameter",
        "removed_parameter",
        "wrong_task",
        "wrong_type",
        "out_of_domain",
        "inactive",
        "forbidden",
    }
