"""Faults of stages 4 and 5: what cannot be meant, or cannot be paid."""

from __future__ import annotations

from typing import Any

from benchmarks.faults.planting import Plot, fault


def _fidelity(plot: Plot, **fields: Any) -> None:
    known = {"parameter": "training_fraction", "kind": "training_fraction", "min": 0.1, "max": 1.0, "eta": 3}
    plot.put("fidelity", {**known, **fields})


def _stop(plot: Plot, *rules: Any, combine: str = "any") -> None:
    plot.put("termination", {"rules": list(rules), "combine": combine})


@fault("sanity", "absurd_budget")
def absurd_budget(plot: Plot) -> None:
    """A budget that nobody has."""
    name, value = plot.pick(
        [("n_trials", 10**7), ("wall_clock_s", 1e9), ("n_workers", 10**6), ("per_trial_s", 1e-6), ("n_trials", 10**5)]
    )
    plot.value("budget")[name] = value


@fault("sanity", "unit_slip")
def minutes_for_seconds(plot: Plot) -> None:
    """The user's seconds in minutes, hours or milliseconds."""
    given = plot.task["constraints"]["wall_clock_s"]
    plot.needs(given is not None)
    wall = plot.pick([given / 60, given / 3600, given * 1000, given * 60])
    budget = plot.value("budget")
    budget.update(wall_clock_s=wall, per_trial_s=min(wall, budget["per_trial_s"]))


@fault("sanity", "contradiction")
def trial_longer_than_the_whole(plot: Plot) -> None:
    """One trial may take longer than all together."""
    budget = plot.value("budget")
    budget["per_trial_s"] = budget["wall_clock_s"] * plot.rng.uniform(2, 50)


@fault("sanity", "empty_space")
def empty_space(plot: Plot) -> None:
    """A space with nothing to search."""
    plot.needs(plot.value("advice") == "tune")
    plot.space.update(parameters=[], conditions=[], forbidden=[])
    plot.put("warm_starts", [])


@fault("sanity", "one_point")
def space_of_one_point(plot: Plot) -> None:
    """A space with a single point."""
    plot.needs(plot.value("advice") == "tune")
    parameter = plot.numeric()
    plot.forget(*(p["name"] for p in plot.parameters if p is not parameter))
    parameter.update(high=parameter["low"], prior=None)
    plot.space["conditions"] = []
    plot.put("warm_starts", [])


@fault("sanity", "astronomic_space")
def astronomic_range(plot: Plot) -> None:
    """A range without end."""
    wide = ("C", "reg_alpha", "reg_lambda", "l2_leaf_reg", "alpha", "gamma", "min_child_weight", "n_estimators", "tol")
    found = [p for p in plot.parameters if p["kind"] in ("int", "float") and p["name"] in wide]
    parameter = plot.pick(found)
    if parameter["kind"] == "int":
        parameter.update(low=1, high=10**9, log=False, prior=None)
    else:
        parameter.update(low=1e-30, high=1e30, log=True, prior=None)


@fault("sanity", "fidelity_min_not_below_max")
def fidelity_without_a_range(plot: Plot) -> None:
    """A fidelity whose least value is at or above its greatest."""
    top = plot.pick([1.0, 0.5, 0.1])
    _fidelity(plot, min=top * plot.pick([1, 2]) if top < 1 else 1.0, max=top)


@fault("sanity", "unit_slip")
def fidelity_in_percent(plot: Plot) -> None:
    """A share of the rows in percent."""
    _fidelity(plot, min=plot.pick([1.0, 5.0, 10.0]), max=100.0)


@fault("sanity", "not_a_fidelity")
def fidelity_on_what_is_none(plot: Plot) -> None:
    """A fidelity on a parameter that is none."""
    name = plot.pick(["min_samples_leaf", "C", "learning_rate", "criterion", "random_state", "regularisation"])
    _fidelity(plot, parameter=name, kind=plot.pick(["epochs", "estimators"]), min=1, max=81)


@fault("sanity", "no_rungs")
def fidelity_without_rungs(plot: Plot) -> None:
    """A fidelity between whose ends no rung fits."""
    least = plot.pick([0.5, 0.6, 0.9])
    _fidelity(plot, min=least, max=1.0, eta=plot.pick([3, 4]))


@fault("sanity", "beyond_folds")
def fidelity_beyond_the_folds(plot: Plot) -> None:
    """More folds at full fidelity than there are."""
    folds = plot.value("protocol")["folds"]
    _fidelity(plot, parameter="folds", kind="folds", min=1, max=folds + plot.rng.randint(1, 40))


@fault("sanity", "pruner_without_fidelity")
def pruner_without_rungs(plot: Plot) -> None:
    """A pruner that compares trials at rungs, where there are none."""
    plot.needs(plot.value("fidelity") is None)
    plot.value("pruner")["name"] = plot.pick(["hyperband", "successive_halving"])


@fault("sanity", "fires_at_once")
def stops_at_once(plot: Plot) -> None:
    """A stopping rule that fires at the first trials."""
    _stop(
        plot,
        plot.pick(
            [
                {"kind": "max_trials", "n_trials": 1},
                {"kind": "stagnation", "patience": 1, "tolerance": 0.0},
                {"kind": "stagnation", "patience": 2, "tolerance": 0.0},
                {"kind": "wall_clock", "seconds": 0.05},
            ]
        ),
    )


@fault("sanity", "never_fires")
def never_stops(plot: Plot) -> None:
    """A stopping rule that cannot fire within the budget."""
    budget = plot.value("budget")
    never: list[Any] = [
        {"kind": "stagnation", "patience": budget["n_trials"] * 10, "tolerance": 0.0},
        {"kind": "max_trials", "n_trials": budget["n_trials"] + 5000},
        {"kind": "wall_clock", "seconds": budget["wall_clock_s"] * 9},
    ]
    way = plot.pick(["alone", "beside", "together"])
    last = {"kind": "max_trials", "n_trials": budget["n_trials"]}
    if way == "alone":
        _stop(plot, plot.pick(never))
    else:
        _stop(plot, plot.pick(never), last, combine="any" if way == "beside" else "all")


@fault("sanity", "target_reached_at_once", "unreachable_target")
def target_in_the_wrong_direction(plot: Plot) -> None:
    """A target on the wrong side: as bad as a constant prediction, or impossible."""
    targets = {
        "accuracy": (0.1, 0.02),
        "balanced_accuracy": (0.05, 0.0),
        "roc_auc": (0.5, 0.2),
        "log_loss": (50.0, 9.0),
        "r2": (-1.0, 0.0),
        "rmse": (-1.0, -10.0),
        "mae": (-1.0, -10.0),
    }
    score = plot.pick(targets.get(plot.task["metric"], ()))
    _stop(plot, {"kind": "target_reached", "score": score})


@fault("sanity", "unit_slip", "unreachable_target")
def target_in_percent(plot: Plot) -> None:
    """A target in percent of a metric that has none."""
    plot.needs(plot.task["metric"] in ("accuracy", "balanced_accuracy", "roc_auc", "f1", "f1_macro"))
    _stop(plot, {"kind": "target_reached", "score": plot.rng.uniform(60, 99)})


@fault("sanity", "unit_slip")
def tolerance_in_percent(plot: Plot) -> None:
    """A tolerance in percent, so that nothing counts as a gain."""
    plot.needs(plot.task["metric"] in ("accuracy", "balanced_accuracy", "roc_auc"))
    patience = min(10, plot.value("budget")["n_trials"] - 1)
    plot.needs(patience >= 3)
    _stop(plot, {"kind": "stagnation", "patience": patience, "tolerance": plot.pick([0.5, 1.0, 5.0])})


@fault("sanity", "unit_slip", "impossible_score")
def prediction_that_cannot_be(plot: Plot) -> None:
    """A predicted score that the metric cannot have, such as a percentage."""
    wrong = {
        "accuracy": (81.0, 87.0, 92.0),
        "balanced_accuracy": (0.8, 0.9, 1.2),
        "roc_auc": (71.0, 82.0, 90.0),
        "log_loss": (-0.4, -0.2, -0.1),
        "rmse": (-3.0, -2.0, 1.0),
        "mae": (-3.0, -2.0, 1.0),
        "r2": (0.9, 1.1, 1.3),
    }.get(plot.task["metric"])
    plot.needs(wrong)
    low, expected, high = wrong or (0, 0, 0)
    plot.value("prediction")["scores"] = [{"k": 1, "low": low, "expected": expected, "high": high}]


@fault("sanity", "interval_disordered")
def prediction_outside_its_interval(plot: Plot) -> None:
    """A predicted score that is not within its own interval."""
    scores = plot.pick([(0.6, 0.9, 0.7), (0.8, 0.7, 0.9), (0.9, 0.8, 0.7)])
    low, expected, high = scores
    plot.value("prediction")["scores"] = [{"k": 1, "low": low, "expected": expected, "high": high}]


@fault("sanity", "prediction_gets_worse")
def prediction_that_gets_worse(plot: Plot) -> None:
    """A score that is predicted to get worse with more trials."""
    pair = (0.8, 0.7) if plot.task["metric"] in ("accuracy", "balanced_accuracy", "roc_auc", "r2") else (0.3, 0.4)
    plot.value("prediction")["scores"] = [
        {"k": k, "low": score - 0.05, "expected": score, "high": score + 0.05}
        for k, score in zip((1, 5), pair, strict=True)
    ]


@fault("sanity", "beyond_budget")
def prediction_beyond_the_budget(plot: Plot) -> None:
    """A score predicted for more trials than there are."""
    k = plot.value("budget")["n_trials"] + plot.rng.randint(1, 500)
    plot.value("prediction")["scores"] = [{"k": k, "low": 0.4, "expected": 0.5, "high": 0.6}]


@fault("cost", "over_limit")
def more_than_the_user_allows(plot: Plot) -> None:
    """More time or workers than the user allows."""
    given, budget = plot.task["constraints"], plot.value("budget")
    plot.needs(given["wall_clock_s"] is not None)
    if plot.rng.random() < 0.5:
        budget["wall_clock_s"] = given["wall_clock_s"] * plot.rng.uniform(1.5, 20)
    else:
        budget["n_workers"] = given["n_workers"] + plot.rng.randint(1, 15)


@fault("learner/cost", "wrong_task", "no_trial_fits")
def budget_that_holds_no_trial(plot: Plot) -> None:
    """Less time in all than one trial takes on a table of this size."""
    plot.needs(plot.learner in ("xgboost", "rpart"))
    plot.task["n_rows"] = 2_000_000
    plot.task["n_columns"] = 100
    budget = plot.value("budget")
    budget.update(wall_clock_s=1.0, per_trial_s=1.0)
    plot.task["constraints"]["wall_clock_s"] = 1.0
