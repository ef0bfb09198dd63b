"""Finding learners, and what finding them costs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from kg.errors import UnknownNameError
from kg.learners.registry import installed_version, is_installed, learner_named, learners
from kg.model import TaskType

ALL = {
    *("random_forest", "extra_trees", "adaboost", "gradient_boosting", "hist_gradient_boosting", "decision_tree"),
    *("svm", "logistic_regression", "elastic_net", "sgd", "knn", "mlp", "xgboost", "lightgbm", "catboost"),
    *("rpart", "shaped_mlp"),
}


def test_the_learners():
    assert {spec.name for spec in learners()} == ALL


@pytest.mark.parametrize("name", ["random_forest", "RandomForestClassifier", "Random Forest", "rf", "RANDOM-FOREST"])
def test_a_learner_is_found_under_any_of_its_names(name):
    assert learner_named(name).name == "random_forest"


def test_no_name_is_shared():
    from kg.iris import plain_name

    names = [plain_name(n) for spec in learners() for n in {plain_name(m) for m in (spec.name, *spec.aliases)}]
    assert len(set(names)) == len(names)


def test_an_unknown_name_is_answered_with_the_close_one():
    with pytest.raises(UnknownNameError, match="Did you mean 'xgboost'"):
        learner_named("xgbost")
    with pytest.raises(UnknownNameError):
        learner_named("")


def test_only_what_can_be_built_is_offered_for_a_task():
    offered = {spec.name for spec in learners(TaskType.REGRESSION)}
    assert "elastic_net" in offered
    assert not {"logistic_regression", "rpart", "shaped_mlp"} & offered


def test_a_learner_known_by_its_evidence_only_is_not_installed():
    assert not is_installed(learner_named("rpart"))
    assert installed_version(learner_named("rpart")) is None
    assert learner_named("rpart") not in learners(installed_only=True)


def test_the_installed_release_is_told():
    import sklearn

    assert installed_version(learner_named("svm")) == sklearn.__version__


def test_another_distribution_of_the_same_library_counts(monkeypatch):
    from kg.learners import registry

    monkeypatch.setattr(registry, "version_of", lambda names: "9.9" if "xgboost-cpu" in names else None)
    assert is_installed(learner_named("xgboost"))
    assert not is_installed(learner_named("lightgbm"))


def test_looking_up_learners_imports_no_heavy_library():
    code = (
        "import sys; from kg.learners.registry import learners, is_installed; from kg.model import TaskType;"
        "[(is_installed(s), s.space(TaskType.CLASSIFICATION)) for s in learners()];"
        "heavy = {'sklearn', 'numpy', 'pandas', 'scipy', 'xgboost', 'lightgbm', 'catboost', 'optuna', 'rdflib'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
