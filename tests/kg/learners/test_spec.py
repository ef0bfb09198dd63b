"""The two spaces of a learner: what is searched is legal, and what is said of defaults and releases holds."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.learners import installed
from kg.learners.hyperparameter import HyperParameter, LegalNumbers
from kg.learners.registry import estimator, learner_named, learners, legal_faults, parameter_faults
from kg.learners.spec import Dependency
from kg.model import Condition, TaskType

CLASSIFICATION, REGRESSION = TaskType.CLASSIFICATION, TaskType.REGRESSION
SPACES = [(s, t) for s in learners() for t in (s.implementations or (CLASSIFICATION,))]


def name_of(value):
    return str(getattr(value, "name", value))


def drawn(space, rng):
    """A point of the space, drawn at random."""
    point = {}
    for parameter in space.ordered():
        if space.is_active(parameter.name, point):
            if parameter.kind == "categorical":
                point[parameter.name] = rng.choice(parameter.choices)
            elif parameter.kind == "int":
                point[parameter.name] = rng.choice(
                    (parameter.low, parameter.high, rng.randint(parameter.low, parameter.high))
                )
            else:
                point[parameter.name] = rng.choice(
                    (parameter.low, parameter.high, rng.uniform(parameter.low, parameter.high))
                )
    return point


@pytest.mark.parametrize(("spec", "task"), SPACES, ids=name_of)
class TestSearchSpace:
    def test_every_parameter_is_legal(self, spec, task):
        for parameter in spec.space(task).parameters:
            assert not parameter_faults(spec, parameter, task)

    def test_every_point_is_legal(self, spec, task):
        rng, space = random.Random(0), spec.space(task)
        for _ in range(200):
            point = drawn(space, rng)
            assert not space.faults(point)
            assert not legal_faults(spec, point, task)

    def test_a_default_that_is_a_number_is_inside_or_something_stands_for_it(self, spec, task):
        space = spec.space(task)
        for name, value in spec.default(task).items():
            assert space[name].contains(value) or spec[name].stand_in is not None, name

    def test_the_default_point_is_a_point(self, spec, task):
        for n_columns in (None, 1, 7, 5000):
            assert not spec.space(task).faults(spec.default_point(task, n_columns=n_columns))

    def test_the_default_is_legal(self, spec, task):
        assert not legal_faults(spec, spec.default(task), task)


@pytest.mark.parametrize(("spec", "task"), [(s, t) for s, t in SPACES if s.implementations], ids=name_of)
def test_the_default_and_random_points_can_be_built(spec, task):
    rng = random.Random(1)
    estimator(spec, task, spec.default(task), seed=0)
    estimator(spec, task, spec.default_point(task), seed=0)
    for _ in range(5):
        estimator(spec, task, drawn(spec.space(task), rng), seed=0)


@pytest.mark.parametrize("name", ["catboost", "lightgbm", "xgboost", "logistic_regression"])
def test_random_points_of_three_classes_fit(name, tables):
    """Conditions on the number of classes (CatBoost's bootstrap, liblinear) do not show with two."""
    features, _ = tables[CLASSIFICATION]
    target, rng, spec = np.arange(120) % 3, random.Random(2), learner_named(name)
    cheap = {"n_estimators": 4, "iterations": 4}
    for _ in range(6):
        point = {n: cheap.get(n, v) for n, v in drawn(spec.space(CLASSIFICATION), rng).items()}
        predicted = estimator(spec, CLASSIFICATION, point, seed=0).fit(features, target).predict(features)
        assert set(np.ravel(predicted)) <= {0, 1, 2}


class TestConditionsOfTheSpace:
    def test_a_child_is_searched_under_the_values_that_its_parent_can_take(self):
        conditions = learner_named("lightgbm").space(CLASSIFICATION).conditions
        assert Condition(child="subsample", parent="subsample_freq", values=(1,)) in conditions

    def test_a_child_whose_parent_is_not_searched_stays_only_where_the_default_allows_it(self):
        spec = learner_named("random_forest")
        searched = spec["max_samples"].replace(search={"kind": "float", "name": "max_samples", "low": 0.1, "high": 1.0})
        fixed = [h.replace(search=None) if h.name == "bootstrap" else h for h in spec.hyperparameters]
        hyperparameters = tuple(searched if h.name == "max_samples" else h for h in fixed)
        assert "max_samples" in spec.replace(hyperparameters=hyperparameters).space(CLASSIFICATION)
        without = tuple(h.replace(default=False) if h.name == "bootstrap" else h for h in hyperparameters)
        assert "max_samples" not in spec.replace(hyperparameters=without).space(CLASSIFICATION)

    def test_the_condition_of_a_published_space_binds_the_search_but_not_the_library(self):
        spec = learner_named("xgboost")
        linear = {"booster": "gblinear", "learning_rate": 0.4}
        assert not spec.space(CLASSIFICATION).is_active("learning_rate", linear)
        assert not legal_faults(spec, linear, CLASSIFICATION)

    def test_an_inactive_parent_makes_its_children_inactive(self):
        spec = learner_named("mlp")
        effective = spec.effective({"solver": "adam", "learning_rate": "invscaling"}, CLASSIFICATION)
        assert not spec.is_active("power_t", effective)
        assert spec.is_active("power_t", {**effective, "solver": "sgd"})

    def test_a_dependency_needs_values_or_exceptions(self):
        with pytest.raises(ValueError, match="either"):
            Dependency(child="a", parent="b")


class TestReleases:
    @pytest.fixture
    def release(self, monkeypatch):
        return lambda version: monkeypatch.setattr(installed, "version_of", lambda _: version)

    def test_what_was_removed_is_gone_but_in_the_historical_space(self, release):
        release("1.9.1")
        spec = learner_named("adaboost")
        assert "algorithm" not in {h.name for h in spec.available(CLASSIFICATION)}
        assert "algorithm" in spec.space(CLASSIFICATION, historical=True)

    def test_what_was_removed_is_there_in_an_older_release(self, release):
        release("1.5.2")
        assert "algorithm" in {h.name for h in learner_named("adaboost").available(CLASSIFICATION)}

    def test_what_came_later_is_missing_in_an_older_release(self, release):
        release("1.7.2")
        available = {h.name for h in learner_named("logistic_regression").available(CLASSIFICATION)}
        assert "penalty" in available
        assert "l1_ratio" not in available

    def test_without_the_library_its_newest_release_counts(self, release):
        release(None)
        available = {h.name for h in learner_named("logistic_regression").available(CLASSIFICATION)}
        assert "l1_ratio" in available
        assert "penalty" not in available

    def test_an_old_configuration_is_still_possible_where_the_library_behaves_so(self):
        spec = learner_named("adaboost")
        old = {"n_estimators": 90, "algorithm": "SAMME"}
        assert spec.still_possible(old, CLASSIFICATION) == spec.still_possible({"n_estimators": 90}, CLASSIFICATION)
        assert spec.still_possible({**old, "algorithm": "SAMME.R"}, CLASSIFICATION) is None

    @pytest.mark.parametrize(
        ("version", "numbers"),
        [
            ("1.10.2rc1", (1, 10, 2)),
            ("3.2.0", (3, 2, 0)),
            ("2.0.0+cpu", (2, 0, 0)),
            ("1.6", (1, 6)),
            ("1.7.dev0", (1, 7)),
        ],
    )
    def test_release_numbers(self, version, numbers):
        assert installed.release(version) == numbers

    def test_the_second_distribution_counts_where_the_first_is_missing(self):
        assert installed.version_of(("no-such-distribution", "pydantic")) is not None
        assert installed.version_of(("no-such-distribution",)) is None


class TestPoint:
    def test_it_completes_clips_and_drops(self):
        spec = learner_named("svm")
        point = spec.point({"kernel": "poly", "gamma": 1e9, "degree": 4, "max_iter": 10}, CLASSIFICATION)
        assert (point["kernel"], point["gamma"], point["degree"]) == (
            "poly",
            spec.space(CLASSIFICATION)["gamma"].high,
            4,
        )
        assert "max_iter" not in point

    def test_a_default_that_depends_on_the_table(self):
        assert learner_named("random_forest").default_point(CLASSIFICATION, n_columns=16)["max_features"] == 0.25
        assert learner_named("svm").default_point(CLASSIFICATION, n_columns=8)["gamma"] == 0.125

    @given(
        st.dictionaries(
            st.sampled_from(learner_named("xgboost").space(CLASSIFICATION).names),
            st.floats(-1e6, 1e6) | st.integers() | st.sampled_from(["dart", "gblinear", "x", None, True]),
        )
    )
    def test_whatever_comes_in_a_point_comes_out(self, configuration):
        spec = learner_named("xgboost")
        point = spec.point(configuration, CLASSIFICATION)
        assert not spec.space(CLASSIFICATION).faults(point)
        assert spec.point(point, CLASSIFICATION) == point


class TestHyperParameter:
    FEATURES = HyperParameter(
        name="max_features",
        numbers=(LegalNumbers(type="int", low=1), LegalNumbers(type="float", low=0, high=1, low_open=True)),
        values=("sqrt",),
    )

    @pytest.mark.parametrize("value", [1, 30, 1.0, 0.3, "sqrt"])
    def test_legal(self, value):
        assert self.FEATURES.is_legal(value, CLASSIFICATION)

    @pytest.mark.parametrize("value", [0, 0.0, 1.5, -1, True, None, "log2", float("nan"), float("inf")])
    def test_illegal(self, value):
        assert not self.FEATURES.is_legal(value, CLASSIFICATION)

    def test_the_domain_in_words(self):
        assert self.FEATURES.allowed(CLASSIFICATION) == "int in [1, inf) or float in (0, 1] or one of 'sqrt'"

    def test_a_number_takes_the_type_of_the_library_where_there_is_one(self):
        whole, real = (HyperParameter(name="x", numbers=(LegalNumbers(type=t),)) for t in ("int", "float"))
        assert isinstance(whole.coerced(3.0), int)
        assert whole.coerced(3.5) == 3.5
        assert isinstance(real.coerced(3), float)
        assert real.coerced(10**400) == 10**400
        assert whole.coerced(True) is True
        assert isinstance(self.FEATURES.coerced(1.0), float)
        assert isinstance(self.FEATURES.coerced(1), int)

    def test_a_default_without_a_stand_in_is_an_error(self):
        bare = HyperParameter(name="x", default="auto", search={"kind": "float", "low": 0.1, "high": 1.0})
        with pytest.raises(ValueError, match="auto"):
            bare.stand_in_for(REGRESSION, 5)
