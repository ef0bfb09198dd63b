"""Faults of stage 2: what the installed library, the task or the data cannot take."""

from __future__ import annotations

from typing import Any

from benchmarks.faults.planting import Json, Plot, fault

#: Shares: numbers between 0 and 1 in every library that has them.
FRACTIONS = ("subsample", "colsample_bytree", "colsample_bylevel", "rsm", "max_features", "max_samples", "rate_drop")
#: Numbers that may be negative; all others that are searched may not.
_SIGNED = ("coef0",)
#: Learner -> parameters that other libraries have for the like.
_FOREIGN: dict[str, tuple[str, ...]] = {
    "random_forest": ("num_leaves", "ntree", "depth", "mtry"),
    "extra_trees": ("num_leaves", "ntree"),
    "decision_tree": ("cp", "minbucket", "n_estimators"),
    "svm": ("cost", "sigma", "n_neighbors", "nu_value"),
    "xgboost": ("num_leaves", "l2_leaf_reg", "border_count", "min_samples_leaf"),
    "catboost": ("num_leaves_max", "min_child_weight", "lambda_l1", "min_samples_split"),
    "lightgbm": ("depth", "l2_leaf_reg", "gamma", "min_samples_leaf"),
    "knn": ("k", "C", "distance_power"),
    "logistic_regression": ("lambda_", "kernel", "alpha", "gamma"),
    "gradient_boosting": ("num_boost_round", "reg_lambda", "depth", "border_count"),
    "hist_gradient_boosting": ("n_estimators", "subsample", "num_leaves"),
    "adaboost": ("max_leaf_nodes_", "subsample"),
    "mlp": ("dropout", "n_layers", "embedding_size"),
    "elastic_net": ("C", "lambda_", "solver"),
    "sgd": ("C", "momentum"),
}
#: Learner -> parameters that its library had in another release.
_FORMER: dict[str, tuple[str, ...]] = {
    "random_forest": ("min_impurity_split", "compute_importances"),
    "extra_trees": ("min_impurity_split",),
    "decision_tree": ("presort", "min_impurity_split"),
    "gradient_boosting": ("presort", "min_impurity_split"),
    "adaboost": ("algorithm", "base_estimator"),
    "logistic_regression": ("multi_class_", "penalties"),
    "xgboost": ("silent", "use_label_encoder", "ntree_limit"),
    "lightgbm": ("silent", "max_position"),
    "catboost": ("calc_feature_importance", "ctr_border_count"),
    "sgd": ("n_iter",),
    "hist_gradient_boosting": ("loss_name", "max_iterations"),
}
#: Learner -> parameter and a value that another release of the library took, for both kinds of task.
_FORMER_VALUES: dict[str, tuple[tuple[str, Any], ...]] = {
    "random_forest": (("max_features", "auto"), ("criterion", "mse")),
    "extra_trees": (("max_features", "auto"), ("criterion", "mae")),
    "decision_tree": (("max_features", "auto"), ("criterion", "mse")),
    "gradient_boosting": (("loss", "deviance"), ("loss", "ls"), ("max_features", "auto")),
    "logistic_regression": (("solver", "newton"), ("class_weight", "auto")),
    "svm": (("class_weight", "auto"), ("gamma", "auto_deprecated")),
    "sgd": (("loss", "log"),),
    "knn": (("metric", "wminkowski"),),
}
#: Learner -> parent, its value, a child that has no effect or is refused beside it, and a range for the child.
_PAIRS: dict[str, tuple[tuple[str, Any, str, Json], ...]] = {
    "random_forest": (("bootstrap", False, "max_samples", {"kind": "float", "low": 0.3, "high": 0.9}),),
    "extra_trees": (("bootstrap", False, "max_samples", {"kind": "float", "low": 0.3, "high": 0.9}),),
    "catboost": (
        ("grow_policy", "SymmetricTree", "min_data_in_leaf", {"kind": "int", "low": 1, "high": 50}),
        ("grow_policy", "SymmetricTree", "max_leaves", {"kind": "int", "low": 8, "high": 64}),
        ("bootstrap_type", "Bernoulli", "bagging_temperature", {"kind": "float", "low": 0.0, "high": 2.0}),
        ("bootstrap_type", "Bayesian", "subsample", {"kind": "float", "low": 0.5, "high": 0.9}),
    ),
    "xgboost": (
        ("booster", "gbtree", "rate_drop", {"kind": "float", "low": 0.1, "high": 0.5}),
        ("booster", "gbtree", "skip_drop", {"kind": "float", "low": 0.1, "high": 0.5}),
        ("booster", "gblinear", "max_depth", {"kind": "int", "low": 2, "high": 8}),
    ),
    "lightgbm": (
        ("boosting_type", "gbdt", "drop_rate", {"kind": "float", "low": 0.1, "high": 0.5}),
        ("subsample_freq", 0, "subsample", {"kind": "float", "low": 0.5, "high": 0.9}),
    ),
    "svm": (
        ("kernel", "linear", "gamma", {"kind": "float", "low": 0.01, "high": 1.0}),
        ("kernel", "rbf", "degree", {"kind": "int", "low": 2, "high": 5}),
    ),
    "knn": (("metric", "cosine", "p", {"kind": "categorical", "choices": [1, 2]}),),
    "logistic_regression": (
        ("solver", "lbfgs", "l1_ratio", {"kind": "float", "low": 0.1, "high": 1.0}),
        ("solver", "newton-cg", "l1_ratio", {"kind": "categorical", "choices": [0.5, 1.0]}),
    ),
}


def add(plot: Plot, parameter: Json) -> None:
    """Add a parameter to the space, and a value of it to every warm start."""
    defaults: Json = {"log": False, "prior": None} if parameter["kind"] in ("int", "float") else {"prior": None}
    plot.parameters.append({**defaults, **parameter})
    for start in plot.starts:
        start[parameter["name"]] = parameter["low"] if "low" in parameter else parameter["choices"][0]


@fault("learner", "unknown_learner")
def invented_learner(plot: Plot) -> None:
    """A learner that does not exist."""
    plot.put("learner", plot.pick(["quantum_forest", "gpt_boost", "deep_svm", "autotree"]))


@fault("learner", "wrong_task")
def learner_of_the_other_task(plot: Plot) -> None:
    """A learner that is not for this kind of task."""
    plot.put("learner", "elastic_net" if plot.is_classification else "logistic_regression")


@fault("learner", "unknown_parameter")
def invented_parameter(plot: Plot) -> None:
    """A hyper-parameter that no library has, searched or fixed."""
    name = plot.pick(["max_deepness", "learning_speed", "tree_quality", "n_magic"])
    if plot.rng.random() < 0.5:
        add(plot, {"name": name, "kind": "int", "low": 1, "high": 9})
    else:
        plot.value("fixed")[name] = 3


@fault("learner", "unknown_parameter")
def parameter_of_another_library(plot: Plot) -> None:
    """A hyper-parameter that another library has."""
    name = plot.pick(_FOREIGN.get(plot.learner, ()))
    add(plot, {"name": name, "kind": "float", "low": 1.0, "high": 9.0})


@fault("learner", "unknown_parameter", "removed_parameter", "wrong_task")
def parameter_of_another_version(plot: Plot) -> None:
    """A hyper-parameter that another release of the library has."""
    name = plot.pick(_FORMER.get(plot.learner, ()))
    if plot.rng.random() < 0.5:
        add(plot, {"name": name, "kind": "categorical", "choices": [True, False]})
    else:
        plot.value("fixed")[name] = 1


@fault("learner", "out_of_domain", "removed_parameter", "wrong_type")
def value_of_another_version(plot: Plot) -> None:
    """A value that another release of the library takes."""
    name, value = plot.pick(_FORMER_VALUES.get(plot.learner, ()))
    plot.forget(name)
    if plot.rng.random() < 0.5:
        plot.value("fixed")[name] = value
    else:
        plot.parameters.append({"name": name, "kind": "constant", "value": value, "prior": None})


@fault("learner", "wrong_type", "out_of_domain")
def wrong_kind_of_parameter(plot: Plot) -> None:
    """Words for a number, or real numbers where the library counts."""
    parameter = plot.numeric(kind=plot.pick(["int", "float"]))
    name, kind = parameter["name"], parameter["kind"]
    plot.forget(name)
    if kind == "int":
        add(plot, {"name": name, "kind": "float", "low": 2.5, "high": 9.5})
    else:
        add(plot, {"name": name, "kind": "categorical", "choices": ["low", "medium", "high"]})


@fault("learner", "out_of_domain")
def range_outside_the_domain(plot: Plot) -> None:
    """A range of which the library takes no value."""
    parameter = plot.pick([p for p in plot.parameters if p["kind"] in ("int", "float") and p["name"] not in _SIGNED])
    parameter.update(log=False, prior=None, low=-20 if parameter["kind"] == "int" else -20.0)
    parameter["high"] = -5 if parameter["kind"] == "int" else -5.0


@fault("learner", "out_of_domain")
def range_beyond_the_domain(plot: Plot) -> None:
    """A range of which the library takes a part."""
    found = [p for p in plot.parameters if p["kind"] in ("int", "float") and p["name"] not in _SIGNED]
    fractions = [p for p in found if p["name"] in FRACTIONS and p["kind"] == "float"]
    if fractions:
        plot.pick(fractions)["high"] = plot.pick([1.5, 2.0, 10.0])
        return
    parameter = plot.pick(found)
    parameter.update(log=False, prior=None, low=-5 if parameter["kind"] == "int" else -5.0)


@fault("learner", "out_of_domain")
def percent_for_a_fraction(plot: Plot) -> None:
    """A share given in percent."""
    parameter = plot.pick([p for p in plot.parameters if p["name"] in FRACTIONS and p["kind"] == "float"])
    parameter.update(low=max(5.0, 100 * parameter["low"]), high=100 * parameter["high"], prior=None)
    for start in plot.starts:
        if isinstance(start.get(parameter["name"]), float):
            start[parameter["name"]] *= 100


@fault("learner", "out_of_domain", "wrong_type")
def invented_choice(plot: Plot) -> None:
    """A choice that the library does not know, beside others or alone."""
    parameter = plot.pick([p for p in plot.parameters if p["kind"] == "categorical"])
    wrong = plot.pick(["magic", "best", "auto_tuned"])
    kept = parameter["choices"] if plot.rng.random() < 0.5 else []
    parameter.update(choices=[*kept, wrong], prior=None)


@fault("learner", "out_of_domain", "wrong_type")
def fixed_outside_the_domain(plot: Plot) -> None:
    """A fixed value that the library refuses."""
    found = [p for p in plot.parameters if p["kind"] in ("int", "float") and p["name"] not in _SIGNED]
    parameter = plot.pick(found)
    plot.forget(parameter["name"])
    plot.value("fixed")[parameter["name"]] = plot.pick([-7, "seven"])


@fault("learner", "fixed_and_searched")
def fixed_and_searched(plot: Plot) -> None:
    """A parameter that is fixed and searched."""
    parameter = plot.numeric()
    plot.value("fixed")[parameter["name"]] = parameter["low"]


@fault("learner", "inactive", "forbidden", "outside_space")
def inactive_child_set(plot: Plot) -> None:
    """A warm start that sets what its parent leaves without effect."""
    by_name = {p["name"]: p for p in plot.parameters}
    places = [
        (start, by_name[c["child"]])
        for start in plot.starts
        for c in plot.space["conditions"]
        if c["child"] not in start and start.get(c["parent"]) not in c["values"]
    ]
    start, child = plot.pick(places)
    start[child["name"]] = child["low"] if "low" in child else child.get("choices", [child.get("value")])[0]


@fault("learner", "inactive", "forbidden")
def forbidden_pair(plot: Plot) -> None:
    """A space that searches what has no effect, or is refused, beside a value that it sets."""
    parent, value, child, domain = plot.pick(_PAIRS.get(plot.learner, ()))
    plot.forget(parent, child)
    plot.parameters.append({"name": parent, "kind": "constant", "value": value, "prior": None})
    add(plot, {"name": child, **domain})


@fault("learner", "inactive", "forbidden")
def forbidden_pair_fixed(plot: Plot) -> None:
    """Fixed values of which one leaves the other without effect, or refuses it."""
    parent, value, child, domain = plot.pick(_PAIRS.get(plot.learner, ()))
    plot.forget(parent, child)
    plot.value("fixed").update({parent: value, child: domain["high"] if "high" in domain else domain["choices"][0]})


@fault("learner", "missing_condition", "inactive")
def missing_condition(plot: Plot) -> None:
    """A space that has lost its conditions: children are searched under every value of their parent."""
    plot.needs(plot.space["conditions"])
    plot.space["conditions"] = []
    by_name = {p["name"]: p for p in plot.parameters}
    for start in plot.starts:
        for name in by_name.keys() - start.keys():
            child = by_name[name]
            start[name] = child["low"] if "low" in child else child.get("choices", [child.get("value")])[0]


@fault("learner", "outside_space")
def start_outside_its_space(plot: Plot) -> None:
    """A warm start beyond the range that is searched."""
    parameter = plot.numeric()
    start = plot.pick([s for s in plot.starts if parameter["name"] in s])
    start[parameter["name"]] = parameter["high"] * 3 + 1


@fault("learner", "outside_space")
def incomplete_start(plot: Plot) -> None:
    """A warm start that leaves out a parameter that is searched."""
    children = {c["child"] for c in plot.space["conditions"]}
    start = plot.pick([s for s in plot.starts if s])
    name = plot.pick([p["name"] for p in plot.parameters if p["kind"] != "constant" and p["name"] in start])
    plot.needs(name not in children)
    del start[name]


@fault("learner", "no_warm_start_left")
def starts_of_another_learner(plot: Plot) -> None:
    """Warm starts that are configurations of another learner."""
    plot.needs(plot.starts)
    plot.put("warm_starts", [{"hidden_layers": n, "dropout": 0.1 * n} for n in range(1, len(plot.starts) + 1)])


@fault("learner", "metric_unfit")
def metric_of_the_other_task(plot: Plot) -> None:
    """A metric that is not for this kind of task."""
    _measure(plot, plot.pick(["rmse", "r2"] if plot.is_classification else ["accuracy", "roc_auc", "log_loss"]))


@fault("learner", "metric_unfit")
def metric_of_two_classes(plot: Plot) -> None:
    """A metric for two classes where there are more."""
    plot.needs((plot.task["n_classes"] or 2) > 2)
    _measure(plot, "average_precision")


@fault("learner", "metric_unfit")
def classes_denied(plot: Plot) -> None:
    """A metric for two classes, with a task that does not say how many the table has."""
    plot.needs((plot.task["n_classes"] or 2) > 2)
    plot.task["n_classes"] = plot.pick([None, 2])
    _measure(plot, "average_precision")


@fault("learner", "unknown_metric")
def invented_metric(plot: Plot) -> None:
    """A metric that does not exist."""
    name = plot.pick(["vibes", "f1_ultra", "kaggle_score"])
    plot.put("metric", name)


@fault("learner", "metric_not_asked_for", "metric_mismatch")
def another_metric_than_asked_for(plot: Plot) -> None:
    """A metric that the user did not ask for, in the study or in the prediction."""
    names = ["accuracy", "log_loss", "balanced_accuracy"] if plot.is_classification else ["rmse", "mae", "r2"]
    name = plot.pick([n for n in names if n != plot.task["metric"]])
    if plot.rng.random() < 0.5:
        plot.put("metric", name)
    plot.value("prediction")["metric"] = name


@fault("learner", "too_many_folds")
def more_folds_than_rows(plot: Plot) -> None:
    """More folds than the table has rows."""
    plot.value("protocol")["folds"] = plot.task["n_rows"] + plot.rng.randint(1, 50)


@fault("learner", "one_class_fold")
def fold_without_a_class(plot: Plot) -> None:
    """Folds that are not stratified, so that training folds may lack a rare class."""
    rarest = plot.task["meta_features"].get("MinorityClassSize")
    plot.needs(plot.is_classification and rarest is not None and rarest < 2 * plot.value("protocol")["folds"])
    plot.value("protocol").update(stratified=False, shuffle=True)


@fault("learner", "stratified_regression")
def strata_without_classes(plot: Plot) -> None:
    """Stratified folds of a regression."""
    plot.needs(not plot.is_classification)
    plot.value("protocol")["stratified"] = True


def _measure(plot: Plot, name: str) -> None:
    plot.put("metric", name)
    plot.task["metric"] = name
    plot.value("prediction")["metric"] = name
