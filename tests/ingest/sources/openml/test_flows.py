"""Flows of OpenML, as scikit-learn, mlr and WEKA name them, become learners of the registry or say why not."""

from __future__ import annotations

import json
import warnings
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.openml.dialects import Table
from ingest.sources.openml.flows import FlowReading, component_of, decoded, read_flow, read_setup
from kg.errors import RecordError
from kg.learners.building import assemble
from kg.learners.registry import canonical_configuration, learner_named, learners
from kg.model import Configuration, TaskType
from kg.model.space import Parameter
from tests.ingest.sources.openml.mirrors import parameters

NS = {"oml": "http://openml.org/openml"}
FOREST = "sklearn.ensemble.forest.RandomForestClassifier"
TREE = "sklearn.tree.tree.DecisionTreeClassifier"
BOOSTED = f"sklearn.ensemble.weight_boosting.AdaBoostClassifier(base_estimator={TREE})"
HISTOGRAMS = "sklearn.ensemble._hist_gradient_boosting.gradient_boosting.HistGradientBoostingClassifier"
STUDY_14 = (
    "sklearn.pipeline.Pipeline(imputation=openmlstudy14.preprocessing.ConditionalImputer,hotencoding=sklearn."
    "preprocessing.data.OneHotEncoder,variencethreshold=sklearn.feature_selection.variance_threshold.VarianceThreshold,"
    f"classifier={FOREST})(1)"
)
NESTED = (
    "sklearn.pipeline.Pipeline(columntransformer=sklearn.compose._column_transformer.ColumnTransformer(numeric=sklearn."
    "pipeline.Pipeline(imputer=sklearn.preprocessing.imputation.Imputer,standardscaler=sklearn.preprocessing.data."
    f"StandardScaler),nominal=sklearn.preprocessing._encoders.OneHotEncoder),adaboostclassifier={BOOSTED})(2)"
)


def canonical(flow: str, settings: dict[str, Any], table: Table | None = None) -> dict[str, Any]:
    """Return the canonical configuration of settings of a flow's learner, written as OpenML has them."""
    reading = read_flow(flow)
    raw = read_setup(reading, parameters(flow, settings, as_json=False), table)
    return dict(canonical_configuration(learner_named(reading.learner), reading.vocabulary, raw).items())


class TestFlows:
    @pytest.mark.parametrize(
        ("name", "learner", "path"),
        [
            (f"{FOREST}(16)", "random_forest", ""),
            ("sklearn.ensemble._forest.RandomForestRegressor(3)", "random_forest", ""),
            ("sklearn.ensemble.RandomForestClassifier(1)", "random_forest", ""),
            (STUDY_14, "random_forest", "classifier"),
            (NESTED, "adaboost", "adaboostclassifier"),
            (f"sklearn.pipeline.Pipeline(a=sklearn.pipeline.Pipeline(b={FOREST}))(1)", "random_forest", "a__b"),
            ("sklearn.pipeline.Pipeline(clf=xgboost.sklearn.XGBClassifier)(1)", "xgboost", "clf"),
            ("mlr.classif.ranger(8)", "random_forest", ""),
            ("mlr.classif.svm.preproc(2)", "svm", ""),
            ("mlr.classif.rpart.imputed.dummied(2)", "rpart", ""),
            ("mlr.classif.glmnet(4)", "logistic_regression", ""),
            ("mlr.regr.glmnet(1)", "elastic_net", ""),
            ("mlr.classif.ksvm(5)", "svm", ""),
            ("mlr3.classif.xgboost(1)", "xgboost", ""),
            ("weka.RandomForest(6)", "random_forest", ""),
            ("weka.SMO_PolyKernel(4)", "svm", ""),
            ("weka.IBk(8)", "knn", ""),
            ("weka.Logistic(3)", "logistic_regression", ""),
            ("weka.AdaBoostM1_DecisionStump(2)", "adaboost", ""),
        ],
    )
    def test_a_flow_has_the_learner_at_its_end(self, name, learner, path):
        found = read_flow(name)
        assert (found.learner, found.path, found.problem) == (learner, path, "")

    @pytest.mark.parametrize(
        ("name", "problem"),
        [
            ("weka.J48(1)", "no learner with the same hyper-parameters"),
            ("weka.AdaBoostM1_J48(1)", "no learner with the same"),
            ("mlr.classif.kknn(1)", "no learner with the same"),
            ("mlr.classif.svm.tuned(1)", "chosen within the run"),
            (f"sklearn.model_selection._search.RandomizedSearchCV(estimator={FOREST})(1)", "chosen within the run"),
            (
                f"sklearn.pipeline.Pipeline(p=a.Imputer,s=sklearn.grid_search.GridSearchCV(estimator={FOREST}))(1)",
                "chosen",
            ),
            (f"sklearn.pipeline.Pipeline(pca=sklearn.decomposition.pca.PCA,f={FOREST})(1)", "preprocessing by PCA"),
            (f"imblearn.pipeline.Pipeline(s=imblearn.over_sampling.SMOTE,f={FOREST})(1)", "preprocessing by SMOTE"),
            (
                f"sklearn.pipeline.Pipeline(s=sklearn.feature_selection.SelectKBest(score=x.chi2),f={FOREST})(1)",
                "SelectKBest",
            ),
            (
                "sklearn.ensemble.weight_boosting.AdaBoostClassifier(base_estimator=sklearn.svm.classes.SVC)",
                "AdaBoostClassifier of SVC",
            ),
            (
                f"sklearn.ensemble.bagging.BaggingClassifier(base_estimator={TREE})(1)",
                "BaggingClassifier of DecisionTreeClassifier",
            ),
            ("sklearn.pipeline.Pipeline(" * 200, "nested too deeply"),
            ("", "no learner"),
        ],
    )
    def test_what_cannot_be_taken_for_a_run_of_a_learner_says_why(self, name, problem):
        found = read_flow(name)
        assert found.learner == ""
        assert problem in found.problem

    @given(st.text(alphabet="ab.(),=_1 ", max_size=60))
    def test_no_name_breaks_the_reading(self, name):
        found = read_flow(f"sklearn.pipeline.Pipeline({name}")
        assert bool(found.learner) != bool(found.problem)

    def test_components_know_where_they_are(self):
        places = {path: part.cls for path, part in component_of(NESTED.removesuffix("(2)")).walk()}
        assert places["columntransformer__numeric__standardscaler"] == "StandardScaler"
        assert places["adaboostclassifier__base_estimator"] == "DecisionTreeClassifier"


class TestScikitLearnSettings:
    def test_only_the_learners_components_count_and_have_their_place_in_the_name(self):
        given_ = [
            *parameters("sklearn.preprocessing.imputation.Imputer", {"strategy": "median", "axis": 0}),
            *parameters(BOOSTED, {"n_estimators": 300, "algorithm": "SAMME.R", "random_state": 1}),
            *parameters(TREE, {"max_depth": 4, "criterion": "gini", "min_samples_leaf": 1}),
        ]
        found = read_setup(read_flow(NESTED), given_)
        assert found["base_estimator__max_depth"] == 4
        assert "strategy" not in found
        assert canonical_configuration(learner_named("adaboost"), "openml-sklearn", found) == Configuration(
            {"n_estimators": 300, "estimator__max_depth": 4, "algorithm": "SAMME.R"}
        )

    def test_prefixed_names_of_the_whole_flow_are_the_same_settings(self):
        root = NESTED.removesuffix("(2)")
        prefixed = parameters(root, {"adaboostclassifier__base_estimator__max_depth": 4})
        assert read_setup(read_flow(NESTED), prefixed) == {"base_estimator__max_depth": 4}

    def test_a_component_may_be_named_by_its_class_alone(self):
        assert read_setup(read_flow(NESTED), parameters(BOOSTED.partition("(")[0], {"algorithm": "SAMME"})) == {
            "algorithm": "SAMME"
        }

    @pytest.mark.parametrize("component", ["sklearn.svm.classes.SVC", ""])
    def test_a_setting_that_cannot_be_placed_is_not_passed_over(self, component):
        with pytest.raises(RecordError, match="setting of a component that the flow has not: C of"):
            read_setup(read_flow(NESTED), [{"flow_name": component, "name": "C", "value": "1.0"}])

    def test_a_reference_to_a_component_is_no_setting(self):
        reference = {"oml-python:serialized_object": "component_reference", "value": {"key": "base_estimator"}}
        assert read_setup(read_flow(NESTED), parameters(BOOSTED, {"base_estimator": reference})) == {}

    def test_a_variance_threshold_above_zero_selects_columns(self):
        threshold = "sklearn.feature_selection.variance_threshold.VarianceThreshold"
        assert read_setup(read_flow(STUDY_14), parameters(threshold, {"threshold": 0.0})) == {}
        with pytest.raises(RecordError, match="preprocessing by VarianceThreshold: threshold is"):
            read_setup(read_flow(STUDY_14), parameters(threshold, {"threshold": 0.1}))

    @pytest.mark.parametrize(
        ("text", "value"),
        [
            ('"entropy"', "entropy"),
            ("entropy", "entropy"),
            ("null", None),
            ("true", True),
            ("0.25", 0.25),
            ("1e-05", 1e-5),
            ("np.float64(0.5)", "0.5"),
            ("\"np.str_('gini')\"", "gini"),
            ("np.True_", "True"),
            ("None", "None"),
            ("[100, 50]", [100, 50]),
            (7, 7),
        ],
    )
    def test_values_are_json_or_the_words_of_older_clients(self, text, value):
        assert decoded(text) == value

    @pytest.mark.parametrize(
        ("flow", "settings", "expected"),
        [
            (
                FOREST,
                {"max_features": '"auto"', "n_estimators": '"warn"'},
                {"n_estimators": 10, "max_features": "sqrt"},
            ),
            (
                FOREST.replace("Classifier", "Regressor"),
                {"max_features": '"auto"', "criterion": '"mse"'},
                {"max_features": None, "criterion": "squared_error"},
            ),
            (FOREST, {"min_impurity_split": "1e-07", "monotonic_cst": "null"}, {}),
            ("sklearn.svm._classes.SVC", {"gamma": '"auto_deprecated"', "C": "2"}, {"C": 2.0, "gamma": "auto"}),
            (
                "sklearn.linear_model.logistic.LogisticRegression",
                {"solver": '"warn"', "penalty": '"l1"', "l1_ratio": "null"},
                {"solver": "liblinear", "l1_ratio": 1.0},
            ),
            (
                "sklearn.linear_model._logistic.LogisticRegression",
                {"solver": '"saga"', "penalty": '"elasticnet"', "l1_ratio": "0.3"},
                {"solver": "saga", "l1_ratio": 0.3},
            ),
            (
                "sklearn.linear_model._logistic.LogisticRegression",
                {"solver": '"lbfgs"', "penalty": '"l2"', "l1_ratio": "null"},
                {"solver": "lbfgs"},
            ),
            (
                "sklearn.linear_model.stochastic_gradient.SGDClassifier",
                {"n_iter": "5", "loss": '"log"', "eta0": "0.0", "penalty": '"none"'},
                {"loss": "log_loss", "penalty": None, "max_iter": 5, "tol": None},
            ),
            (
                "sklearn.linear_model.stochastic_gradient.SGDClassifier",
                {"n_iter": "null", "max_iter": "null", "tol": "null"},
                {"max_iter": 5, "tol": None},
            ),
            (HISTOGRAMS, {"loss": '"auto"', "n_iter_no_change": "null"}, {"loss": "log_loss", "early_stopping": False}),
            (
                "sklearn.ensemble.gradient_boosting.GradientBoostingClassifier",
                {"loss": '"deviance"', "init": "null", "criterion": '"friedman_mse"'},
                {"loss": "log_loss"},
            ),
            (
                "sklearn.neural_network.multilayer_perceptron.MLPClassifier",
                {"hidden_layer_sizes": "[64, 64]"},
                {"n_hidden_layers": 2, "hidden_layer_width": 64},
            ),
            (
                "sklearn.neural_network._multilayer_perceptron.MLPClassifier",
                {"hidden_layer_sizes": "100"},
                {"n_hidden_layers": 1, "hidden_layer_width": 100},
            ),
            (
                "sklearn.ensemble._weight_boosting.AdaBoostClassifier",
                {"base_estimator": '"deprecated"', "estimator": "null", "algorithm": '"deprecated"'},
                {"algorithm": "SAMME"},
            ),
            (
                "xgboost.sklearn.XGBClassifier",
                {"max_depth": "4", "learning_rate": "null", "missing": "NaN"},
                {"max_depth": 4},
            ),
        ],
    )
    def test_what_older_and_newer_releases_wrote_means_the_same(self, flow, settings, expected):
        assert canonical(f"{flow}(1)", settings) == expected

    @pytest.mark.parametrize(
        ("flow", "settings", "reason"),
        [
            (FOREST, {"min_impurity_split": "0.3"}, "min_impurity_split without counterpart"),
            (BOOSTED, {"base_estimator__criterion": '"entropy"'}, "criterion without counterpart"),
            (FOREST, {"max_features": '{"oml-python:serialized_object": "function", "value": "x"}'}, "cannot read"),
            (FOREST, {"n_estimators": "0"}, "illegal value 0 of n_estimators"),
            (
                "sklearn.neural_network._multilayer_perceptron.MLPClassifier",
                {"hidden_layer_sizes": "[64, 8]"},
                "different widths",
            ),
            ("sklearn.linear_model.LogisticRegression", {"penalty": '"none"'}, "none at all"),
            ("sklearn.svm.classes.SVC", {"kernel": '"precomputed"'}, "illegal value 'precomputed'"),
        ],
    )
    def test_what_means_something_else_is_refused_with_its_reason(self, flow, settings, reason):
        with pytest.raises(RecordError, match=reason):
            canonical(f"{flow}(1)", settings)


TABLE = Table(training_rows=900.0, columns=20.0, classes=2.0)


class TestMlrSettings:
    @pytest.mark.parametrize(
        ("flow", "settings", "expected"),
        [
            (
                "mlr.classif.ranger(8)",
                {"num.trees": "84", "mtry": "5", "replace": "TRUE", "sample.fraction": "0.33", "min.node.size": "1"},
                {
                    "n_estimators": 84,
                    "max_features": 0.25,
                    "bootstrap": True,
                    "max_samples": 0.33,
                    "min_samples_split": 2,
                },
            ),
            ("mlr.classif.ranger(8)", {}, {"n_estimators": 500, "max_features": "sqrt", "bootstrap": True}),
            (
                "mlr.classif.ranger(8)",
                {"replace": "FALSE", "sample.fraction": "1", "mtry": "NULL"},
                {"n_estimators": 500, "max_features": "sqrt", "bootstrap": False},
            ),
            (
                "mlr.classif.svm.preproc(1)",
                {"cost": "4", "kernel": "radial", "gamma": "0.5"},
                {"C": 4.0, "kernel": "rbf", "gamma": 0.5},
            ),
            (
                "mlr.classif.svm(1)",
                {"kernel": "polynomial", "degree": "3"},
                {"kernel": "poly", "degree": 3, "gamma": "auto"},
            ),
            ("mlr.classif.ksvm(1)", {"C": "2", "sigma": "0.1"}, {"C": 2.0, "kernel": "rbf", "gamma": 0.1}),
            (
                "mlr.classif.ksvm(1)",
                {"kernel": "polydot", "degree": "2"},
                {"kernel": "poly", "gamma": 1.0, "degree": 2, "coef0": 1.0},
            ),
            ("mlr.classif.rpart(1)", {"cp": "0.01", "minsplit": "5", "xval": "0"}, {"cp": 0.01, "minsplit": 5}),
            (
                "mlr.classif.glmnet(1)",
                {"alpha": "0.3", "lambda": "0.01"},
                {"C": 1 / 9, "solver": "saga", "l1_ratio": 0.3},
            ),
            (
                "mlr.classif.xgboost(6)",
                {"nrounds": "99", "eta": "0.1", "nthread": "1"},
                {"n_estimators": 99, "learning_rate": 0.1},
            ),
            ("mlr.classif.knn(1)", {"k": "7"}, {"n_neighbors": 7, "weights": "uniform", "p": 2.0}),
        ],
    )
    def test_settings_and_rs_defaults(self, flow, settings, expected):
        assert canonical(flow, settings, TABLE) == pytest.approx(expected)

    @pytest.mark.parametrize(
        ("flow", "settings", "reason"),
        [
            (
                "mlr.classif.ranger(8)",
                {"replace": "FALSE", "sample.fraction": "0.8"},
                "sample.fraction without counterpart",
            ),
            ("mlr.classif.ranger(8)", {"replace": "FALSE"}, "sample.fraction without counterpart"),
            ("mlr.classif.ranger(8)", {"splitrule": "extratrees"}, "splitrule without counterpart"),
            ("mlr.classif.ranger(8)", {"mtry": "30"}, "illegal value 1.5 of max_features"),
            ("mlr.classif.svm(1)", {"cost": "-3.2"}, "illegal value -3.2 of C"),
            ("mlr.classif.svm(1)", {"type": "nu-classification"}, "type without counterpart"),
            ("mlr.classif.ksvm(1)", {"C": "1"}, "sigma without counterpart"),
            ("mlr.classif.svm.preproc(1)", {"ppc.pca": "TRUE"}, "preprocessing by ppc.pca"),
            ("mlr.classif.glmnet(1)", {"lambda": "0"}, "no penalty"),
        ],
    )
    def test_what_has_no_counterpart(self, flow, settings, reason):
        with pytest.raises(RecordError, match=reason):
            canonical(flow, settings, TABLE)

    def test_counts_stay_counts_where_the_table_is_not_known(self):
        assert canonical("mlr.classif.ranger(8)", {"mtry": "5"})["max_features"] == 5
        with pytest.raises(RecordError, match="number of rows is not known"):
            canonical("mlr.classif.glmnet(1)", {"lambda": "0.1"})


class TestWekaSettings:
    @pytest.mark.parametrize(
        ("flow", "settings", "expected"),
        [
            (
                "weka.RandomForest(6)",
                {"-I": "50", "K": "0", "depth": "0", "S": "1", "num-slots": "1"},
                {
                    "n_estimators": 50,
                    "max_features": 0.25,
                    "bootstrap": True,
                    "criterion": "entropy",
                    "max_depth": None,
                },
            ),
            ("weka.IBk(1)", {"K": "3", "I": "true", "A": "x"}, {"n_neighbors": 3, "weights": "distance", "p": 2.0}),
            ("weka.Logistic(1)", {"R": "0.01", "M": "-1"}, {"C": 50.0, "solver": "lbfgs"}),
            (
                "weka.AdaBoostM1_DecisionStump(1)",
                {"I": "10", "P": "100", "S": "1", "W": "weka.classifiers.trees.DecisionStump"},
                {"n_estimators": 10, "learning_rate": 1.0, "estimator__max_depth": 1, "algorithm": "SAMME"},
            ),
            ("weka.SMO_PolyKernel(1)", {"C": "2.0", "L": "0.001"}, {"C": 2.0, "kernel": "linear", "tol": 0.001}),
        ],
    )
    def test_option_letters_and_flags(self, flow, settings, expected):
        assert canonical(flow, settings, TABLE) == pytest.approx(expected)

    def test_a_kernel_is_a_flow_of_its_own_whose_letters_mean_other_things(self):
        reading = read_flow("weka.SMO_PolyKernel(1)")
        given_ = [
            *parameters("weka.SMO_PolyKernel", {"C": "2.0"}, as_json=False),
            *parameters("weka.PolyKernel", {"C": "250007", "E": "3.0", "L": "true"}, as_json=False),
        ]
        found = canonical_configuration(learner_named("svm"), reading.vocabulary, read_setup(reading, given_))
        assert dict(found.items()) == {"C": 2.0, "kernel": "poly", "gamma": 1.0, "degree": 3, "coef0": 1.0}

    @pytest.mark.parametrize(
        ("flow", "settings", "table", "reason"),
        [
            ("weka.AdaBoostM1_DecisionStump(1)", {"I": "10"}, Table(columns=4, classes=3), "more than two classes"),
            ("weka.AdaBoostM1_DecisionStump(1)", {"Q": "true"}, TABLE, "Q without counterpart"),
            ("weka.IBk(1)", {"F": "true"}, TABLE, "F without counterpart"),
            ("weka.IBk(1)", {"X": "true"}, TABLE, "X without counterpart"),
            ("weka.RandomForest(6)", {"K": "0"}, Table(), "number of columns is not known"),
            ("weka.Logistic(1)", {"R": "0"}, TABLE, "C: cannot read '0'"),
        ],
    )
    def test_what_has_no_counterpart(self, flow, settings, table, reason):
        with pytest.raises(RecordError, match=reason):
            canonical(flow, settings, table)


def _points(parameter: Parameter) -> st.SearchStrategy[Any]:
    """Draw values of one parameter of a search space."""
    if parameter.kind == "int":
        return st.integers(parameter.low, parameter.high)
    if parameter.kind == "float":
        return st.floats(parameter.low, parameter.high)
    return st.sampled_from(parameter.choices) if parameter.kind == "categorical" else st.just(parameter.value)


IN_OPENML = [spec for spec in learners() if "openml-sklearn" in spec.sources and spec.implementations]


@st.composite
def configurations(draw: st.DrawFn) -> tuple[str, TaskType, Configuration]:
    """Draw a learner, a task type and a point of its search space; what has no effect is left out."""
    spec = draw(st.sampled_from(IN_OPENML))
    task_type = draw(st.sampled_from(sorted(spec.implementations)))
    values = {p.name: draw(_points(p)) for p in spec.space(task_type).parameters}
    effective = spec.effective(values, task_type)
    return spec.name, task_type, Configuration({n: v for n, v in values.items() if spec.is_active(n, effective)})


def _setup_of(flow: Any) -> list[dict[str, Any]]:
    """Return the parameters of a flow made by openml-python, and of its components, as a setup lists them."""
    own = [{"flow_name": flow.name, "name": name, "value": value} for name, value in flow.parameters.items()]
    return own + [parameter for part in flow.components.values() for parameter in _setup_of(part)]


class TestTheWayToOpenmlAndBack:
    @settings(max_examples=60, deadline=None)
    @given(configurations(), st.booleans())
    def test_what_openml_python_writes_of_a_configuration_is_read_as_that_configuration(self, drawn, in_pipeline):
        extension = pytest.importorskip("openml.extensions.sklearn").SklearnExtension()
        from sklearn.impute import SimpleImputer
        from sklearn.pipeline import Pipeline

        learner, task_type, configuration = drawn
        model = assemble(learner_named(learner), task_type, dict(configuration.items()), seed=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            steps = [("imputer", SimpleImputer()), ("model", model)]
            flow = extension.model_to_flow(Pipeline(steps) if in_pipeline else model)
        reading = read_flow(f"{flow.name}(1)")
        found = canonical_configuration(
            learner_named(learner), reading.vocabulary, read_setup(reading, _setup_of(flow)), task_type=task_type
        )
        assert {name: found[name] for name in configuration} == dict(configuration.items())

    @given(
        st.floats(1e-4, 1e3),
        st.floats(1e-5, 1e2),
        st.sampled_from(["radial", "sigmoid"]),
        st.integers(1, 20),
        st.booleans(),
    )
    def test_rs_text_of_numbers_and_booleans_is_read_exactly(self, cost, gamma, kernel, mtry, replace):
        svm = canonical("mlr.classif.svm(1)", {"cost": repr(cost), "gamma": repr(gamma), "kernel": kernel})
        assert (svm["C"], svm["gamma"]) == (cost, gamma)
        texts = {"mtry": str(mtry), "replace": str(replace).upper(), "sample.fraction": "1"}
        forest = canonical("mlr.classif.ranger(1)", texts, TABLE)
        assert (forest["max_features"], forest["bootstrap"]) == (mtry / 20, replace)


def _recorded_flow(path: Path) -> tuple[FlowReading, list[dict[str, Any]]]:
    """Return a recorded flow, and a setup of its defaults."""
    root = ET.parse(path).getroot()

    def setup(flow: ET.Element) -> list[dict[str, Any]]:
        name = flow.findtext("oml:name", namespaces=NS)
        own = [
            {
                "flow_name": name,
                "name": parameter.findtext("oml:name", namespaces=NS),
                "value": parameter.findtext("oml:default_value", namespaces=NS),
            }
            for parameter in flow.findall("oml:parameter", NS)
        ]
        parts = flow.findall("oml:component/oml:flow", NS)
        return own + [parameter for part in parts for parameter in setup(part)]

    version = root.findtext("oml:version", default="1", namespaces=NS)
    return read_flow(f"{root.findtext('oml:name', namespaces=NS)}({version})"), setup(root)


@pytest.mark.shared
class TestRecordedFlows:
    @pytest.mark.parametrize(
        ("file", "learner", "some"),
        [
            ("examples/cache/org/openml/test/flows/6671/flow.xml", "knn", {"n_neighbors": 5, "weights": "uniform"}),
            ("examples/cache/org/openml/test/flows/12211/flow.xml", "random_forest", {"criterion": "entropy"}),
            ("examples/30_extended/myrun/flow.xml", "random_forest", {"bootstrap": True, "max_depth": None}),
            ("examples/sklearn/cache/org/openml/test/flows/12214/flow.xml", "decision_tree", {"criterion": "gini"}),
        ],
    )
    def test_flows_that_scikit_learn_made(self, shared_data, file, learner, some):
        reading, setup = _recorded_flow(shared_data / "openml-python-xml" / file)
        found = canonical_configuration(learner_named(learner), reading.vocabulary, read_setup(reading, setup))
        assert reading.learner == learner
        assert {name: found[name] for name in some} == some

    @pytest.mark.parametrize("number", [3, 100, 4024, 6742])
    def test_weka_flows_without_a_counterpart(self, shared_data, number):
        mocks = shared_data / "openml-python-xml/tests/files/mock_responses/flows"
        reading, _ = _recorded_flow(mocks / f"flow_{number}.xml")
        assert reading.vocabulary == "openml-weka"
        assert reading.problem

    def test_a_recorded_setup(self, shared_data):
        cache = shared_data / "openml-python-xml/examples/cache/org/openml/test"
        root = ET.parse(cache / "setups/3482/description.xml").getroot()
        fields = ("flow_name", "full_name", "name", "value")
        setup = [{f: p.findtext(f"oml:{f}", namespaces=NS) for f in fields} for p in root.findall("oml:parameter", NS)]
        reading, _ = _recorded_flow(cache / "flows/12211/flow.xml")
        found = canonical_configuration(learner_named("random_forest"), "openml-sklearn", read_setup(reading, setup))
        assert (found["max_features"], found["n_estimators"], found["criterion"]) == (0.2, 16, "entropy")


@pytest.mark.shared
def test_real_runs_of_mlr_map_but_for_samples_without_replacement(shared_data):
    """MLCopilot's file holds 2,885 runs of OpenML's mlr bot (HPO-B) with their configurations."""
    solutions = json.loads((shared_data / "mlcopilot/solutions.json").read_text())
    refused: dict[str, int] = {}
    for solution in solutions:
        learner, _, number = solution["schema"].rpartition("-")
        config = solution["modules"][1]["module"]["config"]
        texts = {name: str(value).upper() if isinstance(value, bool) else str(value) for name, value in config.items()}
        try:
            canonical(f"mlr.classif.{learner.replace('-', '.')}({number})", texts, Table(1e4, 2e3, 2))
        except RecordError as error:
            reason = str(error).partition(":")[0]
            refused[reason] = refused.get(reason, 0) + 1
    assert len(solutions) == 2885
    assert refused == {"sample.fraction without counterpart in random_forest": 593}
