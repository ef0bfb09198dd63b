"""What texts call learners and hyper-parameters."""

import pytest

from ingest.claims.naming import (
    group_of,
    hyperparameter_of,
    is_known_parameter,
    learner_of,
    mentions_in,
    other_names,
    usual_name,
)


@pytest.mark.parametrize(
    ("name", "learner"),
    [
        ("XGBoost", "xgboost"),
        ("XGBoost (H2O AutoML)", "xgboost"),
        ("random forests", "random_forest"),
        ("Support Vector Machines", "svm"),
        ("sklearn.svm.SVC", "svm"),
        ("ranger", "random_forest"),
        ("CatBoost", "catboost"),
    ],
)
def test_the_registry_is_asked_for_a_learner(name, learner):
    assert learner_of(name).name == learner


@pytest.mark.parametrize("name", ["BERT", "Hyperband", "SGD", "nonsense"])
def test_what_the_registry_lacks_is_no_learner(name):
    assert learner_of(name) is None


@pytest.mark.parametrize(
    ("learner", "name", "canonical"),
    [
        ("xgboost", "eta", "learning_rate"),
        ("xgboost", "xgboost.nrounds", "n_estimators"),
        ("xgboost", "number of trees", "n_estimators"),
        ("svm", "cost", "C"),
        ("random_forest", "num.trees", "n_estimators"),
        ("svm", "clf__C", "C"),
        ("svm", "number of trees", None),
    ],
)
def test_the_registry_is_asked_for_a_hyperparameter(learner, name, canonical):
    assert hyperparameter_of(learner, name) == canonical


def test_methods_are_found_as_whole_words_in_order():
    found = [mention.name for mention in mentions_in("TPESampler, TPE and XGBoost, not TPES or a sac")]
    assert found == ["TPESampler", "TPE", "XGBoost"]


def test_a_class_of_a_library_is_a_method_by_the_end_of_its_name():
    assert [m.name for m in mentions_in("use HyperbandSearchCV here")] == ["HyperbandSearchCV"]


def test_a_method_has_a_usual_name_a_group_and_other_names():
    assert (usual_name("TPESampler"), group_of("TPESampler"), group_of("nonsense")) == ("TPE", "optimisers", None)
    assert "BO" in other_names("Bayesian optimization")


@pytest.mark.parametrize(
    ("name", "known"),
    [("num_train_epochs", True), ("train_batch_size", True), ("learning-rate", True), ("data_dir", False)],
)
def test_a_known_setting_is_known_within_a_longer_name(name, known):
    assert is_known_parameter(name) is known
