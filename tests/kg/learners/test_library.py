"""Every entry of the registry against the library that is installed: names, defaults, legal domains, dependencies."""

from __future__ import annotations

import json
import re
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from kg.learners.building import assemble
from kg.learners.registry import is_installed, learner_named, learners, legal_faults
from kg.model import TaskType, same_value

# A closed bound is tried as it is, an open one by this much inside; outside is this much (of a float) or 1 (of an int).
INSIDE, OUTSIDE = 1e-6, 1e-3
#: Shares of the rows: with 120 of them, a smaller one is legal and empty.
ROW_SHARES = {"subsample": 0.1, "validation_fraction": 0.1}

#: Refused by ending the process: not to be tried in this one.
CRASHES = {("catboost", "min_data_in_leaf")}

ENTRIES = [(spec, task) for task in TaskType for spec in learners(task, installed_only=True)]
PARAMETERS = [(spec, task, h) for spec, task in ENTRIES for h in spec.available(task)]
DEPENDENCIES = [
    (spec, task, d)
    for spec, task in ENTRIES
    for d in spec.conditions
    if {d.child, d.parent} <= {h.name for h in spec.available(task)}
]


def name_of(value):
    return getattr(value, "name", None) or (f"{value.child}|{value.parent}" if hasattr(value, "child") else str(value))


def inside(name, numbers):
    """The edges of a legal range, as values."""
    step = 1 if numbers.type == "int" else ROW_SHARES.get(name, INSIDE)
    low = None if numbers.low is None else numbers.low + step * numbers.low_open
    high = None if numbers.high is None else numbers.high - step * numbers.high_open
    kind = int if numbers.type == "int" else float
    return [kind(edge) for edge in (low, high) if edge is not None] or [kind(0)]


def outside(hyperparameter, task):
    """Values just beyond the edges."""
    found = []
    for numbers in hyperparameter.numbers:
        step, kind = (1, int) if numbers.type == "int" else (OUTSIDE, float)
        if numbers.low is not None:
            found.append(kind(numbers.low - step * (not numbers.low_open)))
        if numbers.high is not None:
            found.append(kind(numbers.high + step * (not numbers.high_open)))
    return [value for value in found if not hyperparameter.is_legal(value, task)]


def legal_examples(hyperparameter, task):
    edges = [edge for numbers in hyperparameter.numbers for edge in inside(hyperparameter.name, numbers)]
    search = hyperparameter.search_for(task)
    if search is not None:
        edges += list(search.choices) if search.kind == "categorical" else [search.low, search.high]
    return list(dict.fromkeys([*edges, *hyperparameter.legal_values(task)]))


def activating(spec, task, name):
    """Settings under which `name` has an effect."""
    settings = {}
    for d in spec.conditions:
        if d.child == name:
            choices = d.values or [v for v in legal_examples(spec[d.parent], task) if d.holds(v)]
            default = spec[d.parent].default_for(task)
            settings[d.parent] = default if d.holds(default) else choices[0]
            settings |= activating(spec, task, d.parent)
    return settings


def constructor_names(spec, task):
    """The names that the library knows."""
    if spec.distribution == "catboost":
        import inspect

        return set(inspect.signature(type(assemble(spec, task, {}, seed=0)).__init__).parameters)
    if spec.distribution == "lightgbm":
        import lightgbm.basic

        aliases = lightgbm.basic._ConfigAliases._get_all_param_aliases()
        return {n for main, others in aliases.items() for n in (main, *others)} | {"class_weight"}
    names = set(assemble(spec, task, {}, seed=0).get_params(deep=True))
    if spec.distribution == "xgboost":
        names |= set(xgboost_configuration(task))
    return names


def xgboost_configuration(task, booster="dart"):
    """What XGBoost itself says it was trained with: name -> text."""
    import xgboost

    kind = xgboost.XGBClassifier if task is TaskType.CLASSIFICATION else xgboost.XGBRegressor
    model = kind(n_estimators=1, booster=booster).fit(np.arange(10).reshape(-1, 1), np.arange(10) % 2)
    found = {}

    def walk(node):
        for key, value in node.items():
            if isinstance(value, dict):
                walk(value)
            else:
                found[key] = value

    walk(json.loads(model.get_booster().save_config())["learner"])
    return found


def library_defaults(spec, task, table):
    """The library's own account of its defaults: name -> value (of XGBoost and LightGBM, as text)."""
    model = assemble(spec, task, {}, seed=0)
    if spec.distribution == "scikit-learn":
        return model.get_params(deep=True)
    if spec.distribution == "xgboost":
        known = {"n_estimators": type(model)().get_num_boosting_rounds(), "booster": "gbtree"}
        return xgboost_configuration(task) | known
    if spec.distribution == "lightgbm":
        text = model.fit(*table).booster_.model_to_string()
        stored = dict(re.findall(r"^\[(\w+): (.*)\]$", text, flags=re.MULTILINE))
        return stored | type(model)().get_params()
    # Some defaults show only where they have an effect; others the library derives from the data, and None is ours.
    revealing = {"iterations": 2, "bootstrap_type": "Bayesian", "grow_policy": "Lossguide"}
    revealed = assemble(spec, task, revealing, seed=0).fit(*table).get_all_params()
    found = revealed | model.fit(*table).get_all_params()
    derived = {"learning_rate", "bootstrap_type", "subsample", "leaf_estimation_iterations", "auto_class_weights"}
    stated = {n: v for n, v in found.items() if n not in derived} | {"max_leaves": revealed["max_leaves"]}
    return dict.fromkeys(constructor_names(spec, task)) | stated


@pytest.mark.parametrize(("spec", "task"), ENTRIES, ids=name_of)
def test_every_hyperparameter_exists_in_the_library(spec, task):
    wanted = {h.composed_into or h.name for h in spec.available(task)}
    assert wanted <= constructor_names(spec, task)


@pytest.mark.parametrize(("spec", "task"), ENTRIES, ids=name_of)
def test_every_default_is_the_librarys(spec, task, tables):
    actual = library_defaults(spec, task, tables[task])
    for h in spec.available(task):
        if not h.composed_into:
            assert as_text(actual[h.name]) == as_text(h.default_for(task)), h.name


def as_text(value):
    """Numbers and booleans as the libraries' own text has them, so that 1, 1.0, "1" and True as "1" can be told."""
    if isinstance(value, bool):
        return str(int(value))
    try:
        return f"{float(value):.6g}"
    except (TypeError, ValueError):
        return str(value)


def test_the_default_of_composed_layers_is_the_librarys():
    from sklearn.neural_network import MLPClassifier

    built = assemble(learner_named("mlp"), TaskType.CLASSIFICATION, {}, seed=0)
    assert built.hidden_layer_sizes == MLPClassifier().hidden_layer_sizes


def test_the_default_tree_of_adaboost_is_the_librarys(tables):
    for task in TaskType:
        built = assemble(learner_named("adaboost"), task, {"n_estimators": 2}, seed=0).fit(*tables[task])
        untouched = type(built)(n_estimators=2, random_state=0).fit(*tables[task])
        assert [t.max_depth for t in built.estimators_] == [t.max_depth for t in untouched.estimators_]
        assert np.array_equal(built.predict(tables[task][0]), untouched.predict(tables[task][0]))


@pytest.mark.parametrize(("spec", "task", "hyperparameter"), PARAMETERS, ids=name_of)
def test_values_at_the_edges_of_the_legal_domain_fit(spec, task, hyperparameter, fitted):
    settings = activating(spec, task, hyperparameter.name)
    examples = [
        v for v in legal_examples(hyperparameter, task) if usable(spec, task, {**settings, hyperparameter.name: v})
    ]
    assert examples
    for value in examples:
        fitted(spec, task, {**settings, hyperparameter.name: value})


def usable(spec, task, configuration):
    """Whether a legal value stands in no forbidden combination and is not too dear to fit here."""
    too_many = {"n_estimators", "max_iter", "iterations", "n_hidden_layers", "hidden_layer_width", "n_neighbors"}
    dear = any(n in too_many and not isinstance(v, str) and v is not None and v > 100 for n, v in configuration.items())
    return not dear and not legal_faults(spec, configuration, task)


@pytest.mark.parametrize(("spec", "task", "hyperparameter"), PARAMETERS, ids=name_of)
def test_values_outside_the_legal_domain_are_refused(spec, task, hyperparameter, fitted):
    settings = activating(spec, task, hyperparameter.name)
    wrong = [*outside(hyperparameter, task), "no such value"]
    for value in wrong:
        assert legal_faults(spec, {**settings, hyperparameter.name: value}, task)
    if (spec.name, hyperparameter.name) in CRASHES:
        return
    taken = [value for value in wrong if is_taken(fitted, spec, task, {**settings, hyperparameter.name: value})]
    if hyperparameter.checked_by == "library":
        assert not taken
    else:
        assert taken, "the library refuses these by now: checked_by is library"


def is_taken(fitted, spec, task, configuration):
    try:
        fitted(spec, task, configuration)
    except refusals():
        return False
    return True


def refusals():
    """What the libraries raise where they refuse a value or a table."""
    from catboost import CatBoostError
    from lightgbm.basic import LightGBMError

    return (ValueError, TypeError, OverflowError, LightGBMError, CatBoostError)  # XGBoost's is a ValueError


@pytest.mark.skipif(not is_installed(learner_named("catboost")), reason="CatBoost is not installed")
def test_catboost_dies_of_an_empty_leaf_so_the_registry_must_refuse_it():
    code = (
        "import catboost, numpy as np; m = catboost.CatBoostRegressor(iterations=2, grow_policy='Depthwise', "
        "min_data_in_leaf=0, thread_count=1, verbose=False, allow_writing_files=False); "
        "m.fit(np.random.default_rng(0).normal(size=(99, 3)), np.arange(99))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, check=False).returncode != 0
    assert legal_faults(learner_named("catboost"), {"min_data_in_leaf": 0}, TaskType.REGRESSION)


@pytest.mark.parametrize(("spec", "task", "dependency"), DEPENDENCIES, ids=name_of)
def test_an_inactive_hyperparameter_changes_nothing_or_is_refused(spec, task, dependency, fitted):
    parent, child, refusals = spec[dependency.parent], spec[dependency.child], []
    for off in (v for v in legal_examples(parent, task) if not dependency.holds(v)):
        settings = {**activating(spec, task, parent.name), parent.name: off}
        settings |= {n: v for n, v in rescue(spec, settings).items() if n != child.name}
        others = [v for v in legal_examples(child, task) if not same_value(v, child.default_for(task))]
        base = fitted(spec, task, settings)
        for value in others[:4]:
            refused = not is_taken(fitted, spec, task, {**settings, child.name: value})
            assert refused or np.array_equal(base, fitted(spec, task, {**settings, child.name: value})), (off, value)
            refusals.append(refused)
    assert any(refusals) is dependency.refused


def rescue(spec, settings):
    """What must be set beside `settings` so that they are no forbidden combination themselves."""
    if spec.name == "lightgbm" and settings.get("boosting_type") == "rf":
        return {"subsample_freq": 1, "subsample": 0.5}
    return {}


FORBIDDEN = [
    (spec, task, f)
    for spec, task in ENTRIES
    for f in spec.forbidden
    if set(f.clauses) <= {h.name for h in spec.available(task)}
]


@pytest.mark.parametrize(("spec", "task", "forbidden"), FORBIDDEN, ids=name_of)
def test_forbidden_combinations_are_refused_by_the_library(spec, task, forbidden, fitted):
    for settings in combinations(forbidden):
        assert not is_taken(fitted, spec, task, settings), settings
        assert any(f.code == "forbidden" for f in legal_faults(spec, settings, task))


def combinations(forbidden):
    found = [{}]
    for name, values in forbidden.clauses.items():
        found = [{**settings, name: value} for settings in found for value in values]
    return found


@pytest.mark.parametrize(("spec", "task"), ENTRIES, ids=name_of)
class TestNeeds:
    """What the registry says a learner needs of the data is what it needs."""

    def model(self, spec, task):
        return assemble(spec, task, {spec.fidelity.parameter: 4} if spec.fidelity else {}, seed=0)

    def test_missing_values(self, spec, task, tables):
        features, target = tables[task]
        holed = np.where(np.arange(features.size).reshape(features.shape) % 11 == 0, np.nan, features)
        assert self.fits(spec, task, holed, target) is not spec.needs.imputed

    def test_columns_of_type_category(self, spec, task, tables):
        features, target = tables[task]
        frame = pd.DataFrame(features).add_prefix("c").assign(kind=pd.Categorical(list("abc") * (len(target) // 3)))
        assert self.fits(spec, task, frame, target) is not spec.needs.encoded

    def test_classes_in_words(self, spec, task, tables):
        features, target = tables[task]
        if task is TaskType.CLASSIFICATION:
            assert self.fits(spec, task, features, np.array(["no", "yes"])[target]) is not spec.needs.target_encoded

    def fits(self, spec, task, features, target):
        try:
            self.model(spec, task).fit(features, target).predict(features)
        except refusals():
            return False
        return True


@pytest.mark.parametrize(("spec", "task"), ENTRIES, ids=name_of)
def test_seed_and_threads_are_the_librarys_names(spec, task, tables):
    model = assemble(spec, task, {spec.fidelity.parameter: 4} if spec.fidelity else {}, seed=7, n_threads=1)
    parameters = model.get_params()
    if spec.seed_parameter:
        assert parameters[spec.seed_parameter] == 7
    if spec.threads_parameter:
        assert parameters[spec.threads_parameter] == 1
