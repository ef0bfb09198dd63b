"""The space of a source is what varies in its runs, within the bounds that were tried."""

from ingest.distil.spaces import MOST_CHOICES, Seen, searched_space
from kg.learners.registry import learner_named
from kg.model import CategoricalParameter, FloatParameter, IntParameter, TaskType

CLASSIFICATION = TaskType.CLASSIFICATION


def space(values, learner=None):
    seen = {name: Seen.of(of_name) for name, of_name in values.items()}
    return searched_space(seen, learner_named(learner) if learner else None, CLASSIFICATION)


def test_what_does_not_vary_is_left_out():
    assert space({"n_estimators": [100], "max_features": [0.1, 0.9]}).names == ("max_features",)
    assert space({}).parameters == ()


def test_bounds_are_those_tried_and_scales_are_those_of_the_registry():
    forest = space({"min_samples_leaf": [1, 20, 7], "max_features": [0.2, 0.9]}, "random_forest")
    leaf, features = forest["min_samples_leaf"], forest["max_features"]
    assert isinstance(leaf, IntParameter)
    assert (leaf.low, leaf.high) == (1, 20)
    assert isinstance(features, FloatParameter)
    assert (features.low, features.high) == (0.2, 0.9)
    assert space({"learning_rate": [0.01, 2.0]}, "adaboost")["learning_rate"].log


def test_a_learner_that_the_registry_lacks_has_logarithmic_scales_where_values_span_a_factor_of_100():
    unknown = space({"wide": [0.001, 0.5], "narrow": [0.1, 0.5], "zero": [0.0, 100.0]})
    assert [p.log for p in unknown.parameters] == [False, True, False]
    assert unknown.names == ("narrow", "wide", "zero")


def test_whole_numbers_are_integers_unless_the_registry_says_otherwise():
    assert isinstance(space({"C": [1.0, 10.0]}, "svm")["C"], FloatParameter)
    assert isinstance(space({"depth": [1.0, 10.0]})["depth"], IntParameter)


def test_few_values_that_are_not_all_numbers_are_choices_numbers_first():
    mixed = space({"max_features": ["sqrt", 0.5, None, 0.1], "bootstrap": [True, False]})
    assert mixed["max_features"].choices == (0.1, 0.5, "sqrt", None)
    assert mixed["bootstrap"].choices == (False, True)


def test_beside_many_numbers_a_word_is_no_choice():
    values = ["sqrt", *(i / 100 for i in range(1, MOST_CHOICES + 10))]
    assert isinstance(space({"max_features": values})["max_features"], FloatParameter)
    assert isinstance(space({"max_features": values[:10]})["max_features"], CategoricalParameter)


def test_conditions_name_the_parents_values_that_were_tried():
    svm = space({"kernel": ["rbf", "poly"], "degree": [2, 3], "gamma": [0.1, 1.0]}, "svm")
    assert [(c.child, c.parent, c.values) for c in svm.conditions] == [("degree", "kernel", ("poly",))]


def test_a_condition_on_what_does_not_vary_is_left_out():
    assert space({"kernel": ["poly"], "degree": [2, 3]}, "svm").conditions == ()


def test_what_the_library_has_dropped_is_still_part_of_the_space():
    old = space({"algorithm": ["SAMME", "SAMME.R"], "n_estimators": [50, 500]}, "adaboost")
    assert old["algorithm"].choices == ("SAMME", "SAMME.R")


def test_among_very_many_words_there_is_neither_a_range_nor_a_choice():
    assert space({"layers": [f"{i}x{i}" for i in range(MOST_CHOICES + 1)], "C": [1.0, 2.5]}).names == ("C",)


def test_one_and_one_point_zero_are_one_value_and_true_is_another():
    assert len(Seen.of([1, 1.0, True, 1]).choices) == 2
    assert space({"verbose": [1, 1.0]}).names == ()
