"""Faults of stages 6 and 7: what only shows when something is fitted."""

from __future__ import annotations

from typing import Any

from benchmarks.faults.planting import Plot, fault

#: Learner -> parameter and a range in which nearly every point is useless, on a table of some hundred rows.
_USELESS: dict[str, tuple[str, Any, Any, bool]] = {
    "random_forest": ("min_samples_leaf", 1, 100_000, False),
    "extra_trees": ("min_samples_leaf", 1, 100_000, False),
    "decision_tree": ("min_samples_leaf", 1, 100_000, False),
    "lightgbm": ("min_child_samples", 1, 100_000, False),
}
#: Learners of trees whose leaves may be asked to hold so many rows that there is but one.
_ONE_LEAF = ("random_forest", "extra_trees", "decision_tree", "gradient_boosting")
#: Learner -> settings that make any start bad.
_BAD: dict[str, dict[str, Any]] = {
    "svm": {"kernel": "sigmoid", "C": 0.0001, "gamma": 0.00001, "coef0": 0.0},
    "xgboost": {"booster": "gbtree", "n_estimators": 7, "learning_rate": 0.0001},
    "lightgbm": {"n_estimators": 16, "learning_rate": 0.001},
    "logistic_regression": {"C": 0.0001},
}


@fault("worth", "fires_at_once", needs_fit=True)
def target_that_the_default_reaches(plot: Plot) -> None:
    """A target that the library's default reaches at once."""
    targets = {"accuracy": 0.02, "balanced_accuracy": 0.02, "roc_auc": 0.52, "r2": 0.02}
    share = plot.task["meta_features"].get("MajorityClassPercentage", 0) / 100
    metric, classes = plot.task["metric"], plot.task["n_classes"] or 2
    plot.needs(metric in targets)
    base = {"accuracy": share, "balanced_accuracy": 1 / classes}.get(metric, 0.0)
    plot.put("termination", {"rules": [{"kind": "target_reached", "score": base + targets[metric]}], "combine": "any"})


@fault("test_run/worth", "space_too_wide", "no_better_than_dummy", needs_fit=True)
def space_of_useless_points(plot: Plot) -> None:
    """A space so wide that its points are hardly better than a constant prediction."""
    # XGBoost's space has a linear booster, which the sizes of leaves leave as good as it was.
    plot.needs(plot.learner in _USELESS)
    name, low, high, log = _USELESS[plot.learner]
    parameter = next((p for p in plot.parameters if p["name"] == name), None)
    plot.needs(parameter is not None)
    if parameter is not None:
        parameter.update(low=low, high=high, log=log, prior=None)
    plot.put("warm_starts", [])


@fault("worth", "worse_than_default", "no_better_than_dummy", needs_fit=True)
def starts_worse_than_the_default(plot: Plot) -> None:
    """Warm starts that are far worse than the library's default."""
    bad = _BAD.get(plot.learner)
    if plot.learner in _ONE_LEAF:  # leaves of 64 rows are no fault: easy tables do not notice
        rows = plot.task["n_rows"]
        leaf = next((p for p in plot.parameters if p["name"] == "min_samples_leaf"), None)
        plot.needs(leaf is not None and rows)
        if leaf is not None:
            leaf.update(high=max(rows, leaf["high"]), prior=None)
        bad = {"min_samples_leaf": max(2, rows // 2)}
    plot.needs(bad and plot.starts)
    children = {c["child"]: c for c in plot.space["conditions"]}
    start = {**plot.starts[0], **(bad or {})}
    start = {
        n: v for n, v in start.items() if n not in children or start.get(children[n]["parent"]) in children[n]["values"]
    }
    plot.put("warm_starts", [start])


@fault("worth", "prediction_missed", needs_fit=True)
def prediction_beside_the_truth(plot: Plot) -> None:
    """A predicted interval that is far from what the first trial scores."""
    metric = plot.task["metric"]
    plot.needs(metric in ("accuracy", "balanced_accuracy", "roc_auc"))
    chance = {"roc_auc": 0.5}.get(metric, 1 / (plot.task["n_classes"] or 2))
    low = plot.pick([0.9999, chance / 4])
    scores = {"k": 1, "low": low, "expected": low + 0.00002, "high": low + 0.00005}
    plot.value("prediction")["scores"] = [scores]


@fault("test_run/worth", "trial_too_slow", "no_trial_fits", "per_trial_too_short", needs_fit=True)
def time_that_holds_no_trial(plot: Plot) -> None:
    """Less time than one trial takes here."""
    plot.needs(plot.learner in ("random_forest", "extra_trees", "gradient_boosting"))
    plot.value("budget").update(wall_clock_s=0.11, per_trial_s=0.11)
    plot.task["constraints"]["wall_clock_s"] = None


@fault("sanity/test_run", "absurd_cost", "out_of_memory", "crash", "fit_fails", needs_fit=True)
def more_memory_than_there_is(plot: Plot) -> None:
    """Configurations that need more memory than there is."""
    plot.needs(plot.learner == "mlp")
    for parameter in plot.parameters:
        if parameter["name"] == "hidden_layer_width":
            parameter.update(low=1_000_000, high=9_000_000, prior=None)
        if parameter["name"] == "n_hidden_layers":
            parameter.update(low=2, high=4, prior=None)
    plot.put("warm_starts", [])


@fault("sanity/test_run", "absurd_cost", "trial_too_slow", needs_fit=True)
def more_time_than_there_is(plot: Plot) -> None:
    """Configurations that take longer than a trial may."""
    plot.needs(plot.learner in ("random_forest", "extra_trees"))
    plot.parameters.append({"name": "n_estimators", "kind": "int", "low": 50_000, "high": 900_000, "log": False})
    plot.value("budget").update(per_trial_s=0.9)
    plot.put("warm_starts", [])


@fault("test_run", "fit_fails", needs_fit=True)
def learner_that_cannot_take_the_data(plot: Plot) -> None:
    """A solver for two classes, where there are more."""
    plot.needs(plot.learner == "logistic_regression" and (plot.task["n_classes"] or 2) > 2)
    plot.forget("solver", "l1_ratio")
    plot.value("fixed")["solver"] = "liblinear"


@fault("worth", "fidelity_does_not_rank", needs_fit=True)
def fidelity_that_does_not_rank(plot: Plot) -> None:
    """A fidelity of a handful of rows, which orders nothing."""
    plot.needs((plot.task["n_rows"] or 0) < 800)
    share = max(0.01, 8 / plot.task["n_rows"])
    fidelity = {"parameter": "training_fraction", "kind": "training_fraction", "min": share, "max": 1.0, "eta": 3}
    plot.put("fidelity", fidelity)
