"""A configuration becomes an estimator, and an unsound one does not."""

from __future__ import annotations

import pytest

from kg.errors import InputError
from kg.learners.registry import estimator, learner_named
from kg.model import Configuration, TaskType

CLASSIFICATION, REGRESSION = TaskType.CLASSIFICATION, TaskType.REGRESSION


def built(learner, configuration, task=CLASSIFICATION, **options):
    return estimator(learner_named(learner), task, configuration, **{"seed": 3, **options})


def test_hyperparameters_seed_and_threads_arrive():
    forest = built("random_forest", Configuration({"n_estimators": 7, "max_features": 0.5}), n_threads=2)
    assert (forest.n_estimators, forest.max_features, forest.random_state, forest.n_jobs) == (7, 0.5, 3, 2)


def test_the_class_is_the_task_types():
    assert type(built("svm", {})).__name__ == "SVC"
    assert type(built("svm", {}, REGRESSION)).__name__ == "SVR"


def test_adaboost_boosts_trees_of_the_depth_asked_for(tables):
    model = built("adaboost", {"estimator__max_depth": 4, "n_estimators": 3}).fit(*tables[CLASSIFICATION])
    assert {tree.max_depth for tree in model.estimators_} == {4}


def test_layers_are_made_of_their_number_and_width():
    assert built("mlp", {"n_hidden_layers": 3, "hidden_layer_width": 20}).hidden_layer_sizes == (20, 20, 20)
    assert built("mlp", {"n_hidden_layers": 2}).hidden_layer_sizes == (100, 100)


def test_what_has_no_effect_is_not_passed_on():
    assert built("svm", {"kernel": "linear", "gamma": 0.25}).gamma == "scale"
    assert built("random_forest", {"bootstrap": False, "max_samples": None}).max_samples is None


def test_a_number_has_the_type_that_the_library_wants():
    assert isinstance(built("svm", {"kernel": "poly", "degree": 3.0}).degree, int)


def test_an_old_configuration_is_built_where_the_library_behaves_so():
    assert built("adaboost", {"algorithm": "SAMME"}).n_estimators == 50
    with pytest.raises(InputError, match="algorithm"):
        built("adaboost", {"algorithm": "SAMME.R"})


@pytest.mark.parametrize(
    ("learner", "configuration", "where"),
    [
        ("random_forest", {"n_estimators": 0}, "n_estimators"),
        ("random_forest", {"max_dpeth": 3}, "max_dpeth"),
        ("random_forest", {"bootstrap": False, "max_samples": 0.5}, "max_samples"),
        ("lightgbm", {"num_leafs": 3}, "num_leafs"),
        ("xgboost", {"__class__": "os.system"}, "__class__"),
    ],
)
def test_what_is_not_legal_is_refused_with_its_name(learner, configuration, where):
    with pytest.raises(InputError) as caught:
        built(learner, configuration)
    assert caught.value.where == where


def test_a_learner_known_by_its_evidence_only_cannot_be_built():
    with pytest.raises(InputError, match="evidence only"):
        built("rpart", {})


def test_a_learner_is_not_built_for_a_task_it_is_not_for():
    with pytest.raises(InputError, match="classification"):
        built("logistic_regression", {}, REGRESSION)


def test_a_missing_library_is_told_with_the_extra_that_brings_it(monkeypatch):
    from kg.learners import building

    def missing(name):
        raise ModuleNotFoundError(f"No module named {name!r}")

    monkeypatch.setattr(building, "import_module", missing)
    with pytest.raises(InputError, match=r"tunegraph\[boost\]"):
        built("xgboost", {})
