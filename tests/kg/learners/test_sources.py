"""Names and values of the sources become canonical ones, and nothing unknown gets through."""

from __future__ import annotations

import ast
import json
import math
import tomllib

import pandas as pd
import pytest

from kg.errors import RecordError
from kg.learners.registry import (
    canonical_configuration,
    canonical_name,
    canonical_value,
    learner_named,
    learners,
    resolve,
    vocabulary,
)
from kg.learners.sources import last_step
from kg.model import Configuration, TaskType

RF_FLOW = (
    "sklearn.pipeline.Pipeline(columntransformer=sklearn.compose.ColumnTransformer(numeric=sklearn.pipeline.Pipeline("
    "imputer=sklearn.preprocessing.imputation.Imputer)),randomforestclassifier=sklearn.ensemble.forest.RandomForestClassifier)(3)"
)
ADA_FLOW = (
    "sklearn.pipeline.Pipeline(imputer=sklearn.impute.SimpleImputer,adaboostclassifier=sklearn.ensemble.weight_boosting."
    "AdaBoostClassifier(base_estimator=sklearn.tree.tree.DecisionTreeClassifier))(1)"
)


class TestResolve:
    @pytest.mark.parametrize(
        ("family", "source_name", "learner"),
        [
            ("openml-sklearn", RF_FLOW, "random_forest"),
            ("openml-sklearn", ADA_FLOW, "adaboost"),
            ("openml-sklearn", "6969", "random_forest"),
            ("openml-sklearn", "6970", "adaboost"),
            ("openml-sklearn", "8784", "svm"),
            ("openml-sklearn", "sklearn.svm._classes.SVC(2)", "svm"),
            ("openml-sklearn", "sklearn.tree._classes.DecisionTreeClassifier", "decision_tree"),
            ("pmlb", "GradientBoostingClassifier", "gradient_boosting"),
            ("pmlb", "KNeighborsClassifier", "knn"),
            ("yahpo", "rbv2_xgboost", "xgboost"),
            ("yahpo", "rbv2_rpart", "rpart"),
            ("mlr", "classif.ranger", "random_forest"),
            ("mlr", "regr.glmnet", "elastic_net"),
            ("lcbench", "lcbench", "shaped_mlp"),
            ("tabr", "lightgbm_", "lightgbm"),
            ("flaml", "extra_tree", "extra_trees"),
            ("tabrepo", "CAT", "catboost"),
            ("openml", RF_FLOW, "random_forest"),
            ("openml", "mlr.classif.svm.preproc(4)", "svm"),
            ("openml", "weka.Logistic(2)", "logistic_regression"),
        ],
    )
    def test_a_name_of_a_source(self, family, source_name, learner):
        assert resolve(family, source_name).name == learner

    @pytest.mark.parametrize(
        ("family", "source_name"),
        [
            ("openml-sklearn", "weka.J48(1)"),
            ("openml-sklearn", "sklearn.ensemble.bagging.BaggingClassifier(base_estimator=sklearn.svm.classes.SVC)"),
            ("openml-sklearn", RF_FLOW.replace("RandomForestClassifier)", "RandomForestClassifier,last=a.Other)")),
            ("no-such-family", "6969"),
            ("tabr", "ft_transformer"),
            ("pmlb", "SVC; drop table"),
            ("openml", "weka.J48(1)"),
            ("openml", "mlr.classif.svm.tuned(4)"),
            ("openml-sklearn", ADA_FLOW.replace("sklearn.tree.tree.DecisionTreeClassifier", "sklearn.svm.classes.SVC")),
        ],
    )
    def test_what_is_not_a_learner_of_ours_is_none(self, family, source_name):
        assert resolve(family, source_name) is None

    @pytest.mark.parametrize(
        ("name", "words"),
        [
            (RF_FLOW, "openml-sklearn"),
            ("mlr.classif.ranger(8)", "openml-mlr"),
            ("mlr3.regr.rpart(1)", "openml-mlr"),
            ("mlr.classif.ksvm(1)", "openml-kernlab"),
            ("weka.J48(1)", "openml-weka"),
        ],
    )
    def test_openml_speaks_several_languages(self, name, words):
        assert vocabulary("openml", name) == words

    def test_other_sources_speak_one(self):
        assert vocabulary("mlr", "classif.ranger") == "mlr"

    def test_no_name_is_claimed_by_two_learners(self):
        claimed = [
            (family, name) for spec in learners() for family, alias in spec.sources.items() for name in alias.names
        ]
        assert len(set(claimed)) == len(claimed)

    def test_the_last_step_of_a_pipeline_in_a_pipeline(self):
        assert last_step("sklearn.pipeline.Pipeline(a=x.Y,b=sklearn.pipeline.Pipeline(c=u.V(w=z.Z),d=m.N))(7)") == "m.N"
        assert (
            last_step("x.Grid(estimator=sklearn.pipeline.Pipeline(a=x.Y))")
            == "x.Grid(estimator=sklearn.pipeline.Pipeline(a=x.Y))"
        )


class TestConfigurations:
    def test_step_prefixes_go_and_imputation_is_no_hyperparameter(self):
        raw = {
            "adaboostclassifier__algorithm": "SAMME",
            "adaboostclassifier__base_estimator__max_depth": "9",
            "adaboostclassifier__learning_rate": "0.25",
            "columntransformer__numeric__imputer__strategy": "mean",
        }
        found = canonical_configuration(learner_named("adaboost"), "openml-sklearn", raw)
        assert found == Configuration({"learning_rate": 0.25, "estimator__max_depth": 9, "algorithm": "SAMME"})

    def test_missing_and_inactive_values_are_left_out(self):
        raw = {"svc__kernel": "rbf", "svc__C": 1, "svc__degree": "?", "svc__coef0": 0.5, "svc__gamma": math.nan}
        found = canonical_configuration(learner_named("svm"), "openml-sklearn", raw)
        assert found == Configuration({"C": 1.0, "kernel": "rbf"})

    def test_whole_numbers_that_were_written_as_floats(self):
        found = canonical_configuration(
            learner_named("svm"), "openml-sklearn", {"svc__kernel": "poly", "svc__degree": "3.0"}
        )
        assert isinstance(found["degree"], int)

    def test_none_is_a_value(self):
        found = canonical_configuration(learner_named("random_forest"), "openml-sklearn", {"rf__max_depth": "None"})
        assert found == Configuration({"max_depth": None})

    def test_what_a_source_implies_is_said(self):
        raw = {"penalty": "l1", "C": 0.5, "dual": "false", "fit_intercept": "true"}
        found = canonical_configuration(learner_named("logistic_regression"), "pmlb", raw)
        assert found == Configuration(
            {"C": 0.5, "solver": "liblinear", "l1_ratio": 1.0, "fit_intercept": True, "dual": False}
        )

    def test_units_and_words_of_a_source_are_translated(self):
        svm = canonical_configuration(learner_named("svm"), "mlr", {"kernel": "radial", "cost": 4, "gamma": 0.5})
        assert svm == Configuration({"C": 4.0, "kernel": "rbf", "gamma": 0.5})
        assert canonical_value(learner_named("lightgbm"), "flaml", "log_max_bin", 8) == 255

    def test_bagging_without_a_frequency_does_nothing(self):
        spec = learner_named("lightgbm")
        assert canonical_configuration(spec, "tabr", {"bagging_fraction": 0.7, "num_leaves": 8}).root == {
            "num_leaves": 8
        }
        assert canonical_configuration(spec, "tabr", {"bagging_fraction": 0.7, "bagging_freq": 1})["subsample"] == 0.7

    def test_a_removed_hyperparameter_is_kept_as_evidence(self):
        found = canonical_configuration(learner_named("adaboost"), "openml-sklearn", {"ada__algorithm": "SAMME.R"})
        assert found == Configuration({"algorithm": "SAMME.R"})

    def test_words_of_a_source_are_said_in_ours(self):
        spec = learner_named("random_forest")
        raw = {"criterion": '"mse"', "max_features": "auto", "n_estimators": "warn"}
        assert canonical_configuration(spec, "openml-sklearn", raw) == Configuration(
            {"n_estimators": 10, "max_features": "sqrt", "criterion": "squared_error"}
        )

    @pytest.mark.parametrize("name", ["min_impurity_split", "randomforestclassifier__min_impurity_split"])
    @pytest.mark.parametrize("value", ["null", None, "1e-07", 0])
    def test_what_has_no_counterpart_may_have_a_value_that_changes_nothing(self, name, value):
        found = canonical_configuration(learner_named("random_forest"), "openml-sklearn", {name: value})
        assert found == Configuration({})

    def test_every_word_stands_for_a_legal_value(self):
        for spec in learners():
            for family, alias in spec.sources.items():
                for name, words in alias.words.items():
                    for word in words:
                        value = canonical_value(spec, family, name, word)
                        known = spec[canonical_name(spec, family, name)]
                        assert any(known.is_legal(value, task_type) for task_type in known.task_types), (family, word)

    @pytest.mark.parametrize("value", [0.2, "0.2", True, "gini", [1], {"a": 1}])
    def test_and_is_refused_at_another_value(self, value):
        with pytest.raises(RecordError, match=r"^min_impurity_split without counterpart in random_forest: "):
            canonical_configuration(learner_named("random_forest"), "openml-sklearn", {"min_impurity_split": value})

    @pytest.mark.parametrize(
        ("learner", "family", "raw", "reason"),
        [
            ("svm", "openml-sklearn", {"svc__nu": 0.5}, "unknown hyper-parameter 'svc__nu'"),
            ("svm", "openml-sklearn", {"svc__C": -1}, "illegal value -1.0 of C"),
            ("svm", "openml-sklearn", {"svc__C": [1, 2]}, "C: cannot read"),
            ("svm", "mlr", {"kernel": "laplace"}, "kernel: cannot read 'laplace'"),
            ("random_forest", "openml-sklearn", {"rf__min_samples_split": "1"}, "illegal value 1 of min_samples_split"),
            ("elastic_net", "flaml", {"C": 1}, "unknown hyper-parameter 'C'"),
        ],
    )
    def test_a_bad_record_says_what_is_wrong(self, learner, family, raw, reason):
        with pytest.raises(RecordError, match=reason):
            canonical_configuration(learner_named(learner), family, raw)

    def test_the_task_type_is_found_from_the_values(self):
        spec = learner_named("random_forest")
        assert canonical_configuration(spec, "openml-sklearn", {"criterion": "poisson"})["criterion"] == "poisson"
        with pytest.raises(RecordError, match="poisson"):
            canonical_configuration(spec, "openml-sklearn", {"criterion": "poisson"}, task_type=TaskType.CLASSIFICATION)
        with pytest.raises(RecordError, match="illegal value 'poisson'"):
            canonical_configuration(spec, "openml-sklearn", {"criterion": "poisson", "class_weight": "balanced"})

    def test_an_ignored_name_is_none_and_has_no_value(self):
        spec = learner_named("xgboost")
        assert canonical_name(spec, "yahpo", "repl") is None
        with pytest.raises(RecordError, match="no counterpart"):
            canonical_value(spec, "yahpo", "repl", 10)


def arff(path):
    """The rows of an ARFF file of the run tables."""
    lines = path.read_text().splitlines()
    names = [line.split()[1] for line in lines if line.upper().startswith("@ATTRIBUTE")]
    start = next(i for i, line in enumerate(lines) if line.upper().startswith("@DATA")) + 1
    return pd.DataFrame([line.split(",") for line in lines[start:] if line], columns=names, dtype=str)


@pytest.mark.shared
class TestRunTables:
    """Every hyper-parameter column of the evidence maps, and so does a sample of its rows."""

    @pytest.mark.parametrize(
        ("file", "learner", "expected"),
        [
            (
                "openml-pimp/random_forest.arff",
                "random_forest",
                {"bootstrap", "criterion", "max_features", "min_samples_leaf", "min_samples_split", "n_estimators"},
            ),
            (
                "openml-pimp/adaboost.arff",
                "adaboost",
                {"algorithm", "learning_rate", "estimator__max_depth", "n_estimators"},
            ),
            (
                "sklearn-bot/svc__predictive_accuracy.arff",
                "svm",
                {"C", "coef0", "degree", "gamma", "kernel", "max_iter", "shrinking", "tol"},
            ),
        ],
    )
    def test_openml_runs(self, shared_data, file, learner, expected):
        rows, spec = arff(shared_data / file), learner_named(learner)
        columns = [c for c in rows if c not in {"task_id", "predictive_accuracy", "area_under_roc_curve"}]
        named = {canonical_name(spec, "openml-sklearn", column) for column in columns} - {None}
        assert expected <= named
        space = spec.space(TaskType.CLASSIFICATION, historical=True)
        for raw in rows[columns].sample(300, random_state=0).to_dict("records"):
            found = canonical_configuration(spec, "openml-sklearn", raw)
            searched = {name: value for name, value in found.items() if name in space}
            assert not space.faults(searched), raw

    def test_pmlb_runs(self, shared_data):
        table = pd.read_csv(shared_data / "pmlb-knowledgebase/sklearn-benchmark5-data-knowledgebase.tsv.gz", sep="\t")
        for algorithm, rows in table.groupby("algorithm"):
            spec = resolve("pmlb", algorithm)
            distinct = [ast.literal_eval(text) for text in rows["parameters"].drop_duplicates()]
            found = [canonical_configuration(spec, "pmlb", raw, task_type=TaskType.CLASSIFICATION) for raw in distinct]
            assert len(found) == len(distinct)

    @pytest.mark.parametrize(("name", "learner"), [("rbv2_xgboost", "xgboost"), ("rbv2_rpart", "rpart")])
    def test_surrogate_runs_are_points_of_the_space(self, shared_data, name, learner):
        rows = pd.read_csv(shared_data / f"yahpo-derived/{name}.csv.gz").drop_duplicates("config_id")
        measured = {"config_id", "task_id", "trainsize", "acc", "bac", "auc", "brier", "f1", "logloss"}
        columns = [c for c in rows if c not in {*measured, "timetrain", "timepredict", "memory"}]
        spec = resolve("yahpo", name)
        assert spec.name == learner
        for raw in rows[columns].to_dict("records"):
            assert not spec.space(TaskType.CLASSIFICATION).faults(canonical_configuration(spec, "yahpo", raw))

    def test_learning_curves(self, shared_data):
        rows = pd.read_csv(shared_data / "yahpo-derived/lcbench_curves.csv.gz").drop_duplicates("config_id")
        known = [
            h["name"]
            for h in json.loads((shared_data / "yahpo-derived/lcbench_config_space.json").read_text())[
                "hyperparameters"
            ]
        ]
        spec = learner_named("shaped_mlp")
        for raw in rows[known].to_dict("records"):
            found = dict(canonical_configuration(spec, "lcbench", raw).items())
            assert found.pop("epochs") == raw["epoch"]
            assert not spec.space(TaskType.CLASSIFICATION).faults(found)

    @pytest.mark.parametrize("model", ["xgboost_", "lightgbm_", "catboost_"])
    def test_published_studies(self, shared_data, model):
        files = sorted((shared_data / "tabr-optuna-studies/exp" / model).rglob("*-tuning.toml"))
        assert files
        spec = resolve("tabr", model)
        for file in files:
            for name in tomllib.loads(file.read_text())["space"]["model"]:
                canonical_name(spec, "tabr", name)

    @pytest.mark.parametrize("name", ["catboost", "knn", "lightgbm", "lr", "rf", "xgboost", "xt"])
    def test_published_configurations(self, shared_data, name):
        for entry in json.loads((shared_data / f"tabrepo/configs_{name}.json").read_text()).values():
            spec = resolve("tabrepo", entry["model_type"])
            canonical_configuration(spec, "tabrepo", entry["hyperparameters"])
